"""Owns the number-sequence format language, check digits and code generation from given random bytes. Pure.

Every room above may import it; it imports the standard library only.
Add a check digit scheme in `check_digits.py`, a format character in `formats.py`.
"""
