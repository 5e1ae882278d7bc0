"""Who is left out of a delivery, in this order; everybody has one cause, the first that holds.

Add an exclusion as a module of its own and a line in `RULES`. `quarantined` has its place between
the opted out and the duplicates; it is counted as nobody until addresses are kept there.
"""

from kupong.campaigns.rules.duplicate import DUPLICATE
from kupong.campaigns.rules.exclusion import Exclusion
from kupong.campaigns.rules.limited import LIMITED
from kupong.campaigns.rules.no_address import NO_ADDRESS
from kupong.campaigns.rules.opted_out import OPTED_OUT

RULES: tuple[Exclusion, ...] = (NO_ADDRESS, OPTED_OUT, DUPLICATE, LIMITED)
CAUSES = ("no_address", "opted_out", "quarantined", "duplicate", "limited")

__all__ = ["CAUSES", "RULES", "Exclusion"]
