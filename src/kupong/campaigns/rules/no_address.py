from kupong.campaigns.rules.exclusion import Exclusion

NO_ADDRESS = Exclusion("no_address", r"t.address !~ '^[^@\s]+@[^@\s]+$'")
