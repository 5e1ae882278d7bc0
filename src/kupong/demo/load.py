"""Loads the data, step by step. A step is one transaction and leaves its mark in the job row inside it."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import transaction

from kupong.demo import bulk, steps_coupons, steps_master
from kupong.demo.journal import LOAD, finished, locked, note, noted, open_journal
from kupong.demo.progress import Advance, Display
from kupong.demo.source import Source
from kupong.work.models import Job


class Step(NamedTuple):
    """`load` writes `tables` for a company and tells how many rows it wrote, as it goes."""

    name: str
    load: Callable[[int, Source, Advance], None]
    tables: tuple[str, ...]
    total: Callable[[Source], int] | None = None


STEPS = (
    Step("stores", steps_master.stores, ("organisation_channel",)),
    Step("categories", steps_master.categories, ("catalog_category",)),
    Step("products", steps_master.products, ("catalog_product", "catalog_productcategory")),
    Step("households", steps_master.households, ("customers_customer",)),
    Step(
        "discounts",
        steps_coupons.discounts,
        ("discounts_discount", "discounts_discountpricegroup", "discounts_discountline"),
    ),
    Step("coupons", steps_coupons.coupons, ("coupons_coupon", "coupons_usagelimit")),
    Step("codes", steps_coupons.codes, ("coupons_couponcode",), steps_coupons.code_count),
)


def load(company_id: int, source: Source, display: Display) -> None:
    """Do every step that an earlier start has not finished; what was cut short left nothing behind."""
    job = open_journal(company_id, LOAD)
    if finished(job):
        return
    for step in STEPS:
        if step.name not in noted(job):
            job = _take(step, company_id, source, display, job)
    with transaction.atomic():
        job = locked(job)
        note(job, done=len(STEPS), total=len(STEPS), result=noted(job), finished=True)


def _take(step: Step, company_id: int, source: Source, display: Display, job: Job) -> Job:
    total = step.total(source) if step.total else None
    with display.work(step.name, total) as work, transaction.atomic():
        job = locked(job)
        if step.name in noted(job):
            return job
        started = time.monotonic()
        step.load(company_id, source, work.advance)
        # Checked here, so that the time it takes belongs to the step, and not to its commit.
        bulk.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _analyze(step.tables)
        seconds = round(time.monotonic() - started, 3)
        steps = noted(job) | {step.name: {"rows": work.count, "seconds": seconds}}
        note(job, done=len(steps), total=len(STEPS), result=steps)
    return job


def _analyze(tables: Sequence[str]) -> None:
    """The planner should know the new rows before the next step joins them."""
    for table in tables:
        bulk.execute(f"ANALYZE {table}")
