from kupong.campaigns.rules.exclusion import Exclusion

# None, or nothing that could be one: no sign of a list, a comment or a name beside it may get to the server.
_PART = r"""[^@\s<>(),;:"\[\]\\]+"""

NO_ADDRESS = Exclusion("no_address", f"t.address !~ '^{_PART}@{_PART}$'")
