from kupong.campaigns.rules.exclusion import Exclusion

# By lot, last of all, so that as many as the limit allows go out. The lot of a person follows from the
# delivery's seed: whoever is left out today is left out tomorrow. 0 is without limit.
LIMITED = Exclusion(
    "limited",
    """%(limit)s > 0 AND t.customer_id IN (
        SELECT customer_id FROM analysis_target WHERE cause IS NULL
        ORDER BY md5(%(seed)s::text || ' ' || number), number COLLATE "C" OFFSET %(limit)s)""",
)
