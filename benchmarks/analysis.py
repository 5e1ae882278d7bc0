"""Measures the analysis of a large delivery: every customer gets a message with a code of their own.

    .venv/bin/python benchmarks/analysis.py [RECIPIENTS]

The database is an embedded one in a new directory, with the settings of a real installation; it is removed
at the end. The first analysis gives the codes, the second recycles them and gives the same ones again.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from kupong.boot import configuration
from kupong.boot.database import connect_django, database

CUSTOMERS = """
INSERT INTO customers_customer (company_id, number, first_name, name, email, email_opt_out, language)
SELECT %s, n::text, 'First', 'Last', 'c' || n || '@example.com', false, 'en' FROM generate_series(1, %s) AS n
"""
CODES = """
INSERT INTO coupons_couponcode (company_id, number, coupon_id, code, status)
SELECT %s, 'N-' || n, %s, 'CODE-' || n, 'active' FROM generate_series(1, %s) AS n
"""


def main(recipients: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kupong-benchmark-") as directory:
        Path(directory).chmod(0o711)
        chosen = configuration.from_environment({"KUPONG_DATA": directory})
        with database(chosen) as dsn:
            connect_django(dsn)
            company_id = fill(recipients)
            for name in ("first analysis", "analysed again"):
                seconds = analysed(company_id)
                print(f"{name}: {recipients:,} recipients in {seconds:.1f} s")
            report(company_id)


def fill(recipients: int) -> int:
    from django.db import connection

    from kupong.boot.migration import migrate
    from kupong.campaigns import service
    from kupong.campaigns.shapes import DeliveryDraft, Recipients
    from kupong.coupons.models import Coupon
    from kupong.organisation.service import ensure_installation

    migrate()
    company_id = ensure_installation()
    coupon = Coupon.objects.create(
        company_id=company_id, number="K", label="K", kind="individual", status="active"
    )
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMERS, [company_id, recipients])
        cursor.execute(CODES, [company_id, coupon.id, recipients])
        cursor.execute("ANALYZE")
    draft = DeliveryDraft(
        number="D",
        label="D",
        sender="shop@example.com",
        subject="Hello",
        html="{{ coupon.code }}",
        coupon="K",
        recipients=Recipients(all=True),
    )
    service.deliveries.create(company_id, draft)
    return company_id


def analysed(company_id: int) -> float:
    from kupong.campaigns import analysis, service
    from kupong.campaigns.models import Delivery
    from kupong.campaigns.shapes import AnalysisAsked

    now = datetime.now(UTC)
    asked = service.analyse(company_id, "D", now)
    assert isinstance(asked, AnalysisAsked)
    delivery = Delivery.objects.get(company_id=company_id, number="D")
    started = time.monotonic()
    analysis.analyse(company_id, delivery.id, int(asked.job), now)
    return time.monotonic() - started


def report(company_id: int) -> None:
    from kupong.campaigns.queries import delivery_page, pool

    started = time.monotonic()
    page = delivery_page(company_id, "D")
    seconds = time.monotonic() - started
    assert page is not None
    assert page.state == "ready"
    print(f"the delivery read in {seconds:.2f} s: need {page.need}, have {page.have}")
    print(pool(company_id, "K"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
