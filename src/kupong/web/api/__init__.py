"""Owns the JSON API: its operations, who may call them, its errors, its OpenAPI document and pages.

Only `boot` may import it; it imports the rooms below `web` and `web.look`, no other face.
Add an operation to the table of its module (`selling.py`, `managing.py`, …); the document follows from it.
"""
