"""Owns customers, who are also the recipients of messages, and their affiliations.

The rooms above it may import it; it imports catalog and below.
Add a table in `models.py`, a use case in `service.py`, a read in `queries.py`.
"""
