"""The version of the price book: it grows with every change, in the transaction of the change.

The version's row stays locked until that transaction ends, so that versions become visible in their order.
"""

from django.db import connection


def next_version(company_id: int) -> int:
    """Raise the company's version; the discounts that changed are marked with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO discounts_bookversion AS book (company_id, version) VALUES (%s, 1)"
            " ON CONFLICT (company_id) DO UPDATE SET version = book.version + 1 RETURNING version",
            (company_id,),
        )
        return int(cursor.fetchone()[0])
