"""Owns the search for the best combination of discounts on units that depend on each other.

Only `pricing.rounds` asks it, through `clusters.solve`. Add what couples units as an automaton, and what it offers
a unit in `couplings.py`.
"""
