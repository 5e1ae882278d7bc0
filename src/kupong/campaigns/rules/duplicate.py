from kupong.campaigns.rules.exclusion import Exclusion

# One message per address; the lowest number stays, where 9 is lower than 10.
DUPLICATE = Exclusion(
    "duplicate",
    """t.customer_id IN (
        SELECT customer_id FROM (
            SELECT customer_id, row_number() OVER (
                PARTITION BY address ORDER BY length(number), number COLLATE "C") AS place
            FROM analysis_target WHERE cause IS NULL) AS same
        WHERE place > 1)""",
)
