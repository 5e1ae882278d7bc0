"""Owns pricing: carts in, priced carts out, every cent and every "no" explained. Pure: no I/O, no clock.

Every room above may import it; it imports `kernel` and msgspec only.
Add a kind of discount as `kinds/<kind>.py` and one line in `KINDS`.
"""
