"""Owns money and rounding, refusal reasons, periods of validity and identifiers: values, no I/O.

Every room may import it; it imports the standard library and msgspec only.
Add a refusal reason in `reasons.py`, its texts in `reason_texts.py`.
"""
