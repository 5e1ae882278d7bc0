"""The operations on records: one set for every kind of record that people know by its number."""

from typing import Annotated, Any, Literal

import msgspec

from kupong.catalog.service import categories, products
from kupong.coupons.discounts import discounts, set_status
from kupong.coupons.service import activate, coupons, deactivate, void
from kupong.coupons.shapes import CouponRecord
from kupong.customers.service import customers
from kupong.discounts.service import price_groups
from kupong.discounts.shapes import DiscountRecord
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.queries import estimated_rows
from kupong.organisation.records import Page, Records, Replaced
from kupong.organisation.refusals import Refusals, refuse
from kupong.organisation.service import affiliations, channels
from kupong.web.api.cursors import read_cursor, write_cursor
from kupong.web.api.operations import TRUSTED, Call, Operation, Outcome, Reply


class ListQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`after` is the `next` of the page before."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    after: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None
    count: Literal["estimate"] | None = None


def operations() -> list[Operation]:
    """Every collection, and the steps in the life of discounts and coupons."""
    found: list[Operation] = []
    for path, name, records, readable in (
        ("price-groups", "price group", price_groups, True),
        ("affiliations", "affiliation", affiliations, True),
        ("channels", "channel", channels, True),
        ("categories", "category", categories, True),
        ("products", "product", products, True),
        ("customers", "customer", customers, True),
        ("discounts", "discount", discounts, False),
        ("coupons", "coupon", coupons, False),
    ):
        found += Collection(path, name, records).operations(readable)
    return found + _steps()


class Collection:
    """The operations on one kind of record."""

    def __init__(self, path: str, name: str, records: Records[Any, Any]) -> None:
        self.path, self.name, self.records = path, name, records

    def operations(self, readable: bool) -> list[Operation]:
        """`readable`: a channel may read them, for it needs them to sell."""
        reading: dict[str, Any] = {"roles": TRUSTED} if readable else {}
        draft, record = self.records.draft, self.records.record
        one = f"/{self.path}/{{number}}"
        listed: Any = Page[record]  # type: ignore[valid-type]  # built from the table above
        return [
            self._one("GET", f"/{self.path}", "list", "List", self._list,
                      answers={200: listed}, query=ListQuery, **reading),
            self._one("POST", f"/{self.path}", "create", "Create", self._create,
                      answers={201: record}, body=draft, changes=True),
            self._one("GET", one, "get", "Read", self._get, answers={200: record}, **reading),
            self._one("PUT", one, "replace", "Create or replace", self._replace,
                      answers={200: record, 201: record}, body=draft, refuses=frozenset({409})),
            self._one("PATCH", one, "change", "Change", self._change,
                      answers={200: record}, body=self.records.patch, refuses=frozenset({409})),
        ]  # fmt: skip

    def _one(
        self, method: str, path: str, verb: str, said: str, use_case: Any, **rest: Any
    ) -> Operation:
        plural = self.path.replace("-", " ")
        what = plural if verb == "list" else f"a {self.name}".replace("a a", "an a")
        noun = self.path if verb == "list" else self.name
        return Operation(
            method=method,
            path=path,
            name=_operation_id(f"{verb} {noun}"),
            summary=f"{said} {what}",
            group=plural,
            use_case=use_case,
            **rest,
        )

    def _list(self, call: Call) -> Outcome:
        after = read_cursor(call.query.after) if call.query.after else None
        if call.query.after and after is None:
            return refuse(Reason.INVALID, "after")
        page = self.records.page(call.company_id, after, call.query.limit)
        page.next = write_cursor(page.next)
        if call.query.count:
            page.count = estimated_rows(self.records.model._meta.db_table, call.company_id)
        return Reply(page)

    def _create(self, call: Call) -> Outcome:
        return replied(self.records.create(call.company_id, call.body), 201)

    def _get(self, call: Call) -> Outcome:
        record = self.records.find(call.company_id, call.path["number"])
        return Refused(Reason.NOT_FOUND) if record is None else Reply(record)

    def _replace(self, call: Call) -> Outcome:
        done = self.records.replace(call.company_id, call.path["number"], call.body)
        if isinstance(done, Replaced):
            return Reply(done.record, 201 if done.created else 200)
        return done

    def _change(self, call: Call) -> Outcome:
        return replied(self.records.change(call.company_id, call.path["number"], call.body))


def _steps() -> list[Operation]:
    return [
        _step("discounts", "enable", "Put a discount into force", DiscountRecord,
              lambda call: set_status(call.company_id, call.path["number"], "enabled")),
        _step("discounts", "disable", "Take a discount out of force", DiscountRecord,
              lambda call: set_status(call.company_id, call.path["number"], "disabled")),
        _step("coupons", "activate", "Let a coupon be used", CouponRecord,
              lambda call: activate(call.company_id, call.path["number"])),
        _step("coupons", "deactivate", "Stop a coupon", CouponRecord,
              lambda call: deactivate(call.company_id, call.path["number"])),
        _step("coupons", "void", "Withdraw a coupon for good", CouponRecord,
              lambda call: void(call.company_id, call.path["number"])),
    ]  # fmt: skip


def _step(path: str, verb: str, summary: str, record: Any, use_case: Any) -> Operation:
    return Operation(
        method="POST",
        path=f"/{path}/{{number}}/{verb}",
        name=_operation_id(f"{verb} {path[:-1]}"),
        summary=summary,
        group=path,
        answers={200: record},
        use_case=lambda call: replied(use_case(call)),
        changes=True,
    )


def replied(done: Any, status: int = 200) -> Outcome:
    return done if isinstance(done, Refusals) else Reply(done, status)


def _operation_id(words: str) -> str:
    first, *rest = words.replace("-", " ").split()
    return first + "".join(word.capitalize() for word in rest)
