"""Owns message templates: reading them, the fields they may use, and rendering them safely. Pure.

Every room above the pure ones may import it; it imports the kernel and python-liquid only.
Add a field in `fields.py`, a filter in `sandbox.py`.
"""
