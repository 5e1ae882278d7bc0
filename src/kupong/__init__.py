"""Kupong, the open coupon platform: issue, price, redeem and account for every code.

Rooms and the direction of imports between them: docs/architecture.md.
"""

__version__ = "0.1.0"
