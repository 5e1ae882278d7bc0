"""Owns coupons, their limits, and coupon codes with their life cycle.

The rooms above it may import it; it imports discounts and below.
Add a table in `models.py`, a use case in `service.py`, a read in `queries.py`.
"""
