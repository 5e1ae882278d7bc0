"""Owns the search for the best combination of discounts on units that depend on each other.

Only `pricing.stages` asks it. Add a rule that couples units as an automaton, and its options in `options.py`.
"""
