"""Owns the ledger: quotes, redemptions, usage counters. claims.py is its heart.

The rooms above it may import it; it imports coupons and below, and pricing.
Add a table in `models.py`, a use case in `service.py`, a read in `queries.py`.
"""
