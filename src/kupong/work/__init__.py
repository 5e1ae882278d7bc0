"""Owns job records with their progress, the outbox and idempotency keys.

The rooms above it may import it; it imports organisation.
Add a table in `models.py`, a use case in `service.py`, a read in `queries.py`.
"""
