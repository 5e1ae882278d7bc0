"""Owns discount records and their lines, and compiles them into the price book.

The rooms above it may import it; it imports customers and below, and pricing.
Add a table in `models.py`, a use case in `service.py`, a read in `queries.py`.
"""
