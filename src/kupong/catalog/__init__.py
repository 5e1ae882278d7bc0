"""Owns products, categories and units.

The rooms above it may import it; it imports work and organisation.
Add a table in `models.py`, a use case in `service.py`, a read in `queries.py`.
"""
