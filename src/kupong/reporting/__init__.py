"""Owns figures: what the ledger, the coupons and the jobs add up to. It has no tables and writes nothing.

`web`, `demo` and `boot` may import it; it imports the rooms from `redemption` down.
Add a figure as a shape in `figures.py` and the statement that reads it in `queries.py`.
"""
