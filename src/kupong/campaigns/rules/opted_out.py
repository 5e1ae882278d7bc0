from kupong.campaigns.rules.exclusion import Exclusion

OPTED_OUT = Exclusion("opted_out", "t.opted_out")
