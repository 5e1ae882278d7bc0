"""Owns settings, wiring, the command line, the ASGI entry and the embedded PostgreSQL: it knows every room.

No room may import it; it may import all of them.
Add a command as `boot/commands/<command>.py` and name it in `boot/main.py`.
"""
