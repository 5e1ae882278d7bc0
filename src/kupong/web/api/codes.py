"""The operations on coupon codes: adding, listing, changing, and everything about one."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from kupong.coupons.codes import add_codes, change_code
from kupong.coupons.queries import code_count, codes_page
from kupong.coupons.shapes import MAX_CODES, CodeDraft, CodePatch, CodeRecord, CodeStatus, CodeText
from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.bounds import bound_text
from kupong.organisation.fields import BoundText, FilledText, Number, Text
from kupong.organisation.plans import Plan, run
from kupong.organisation.records import Page
from kupong.organisation.refusals import Refusals, refuse
from kupong.redemption.queries import Event, ScopeUses, code_page
from kupong.redemption.service import django_connection
from kupong.redemption.standings import Standing, standings
from kupong.web.api.cursors import is_identity, read_cursor, write_cursor
from kupong.web.api.managing import ListQuery
from kupong.web.api.operations import TRUSTED, Call, Operation, Outcome, Reply

IssueState = Literal["available", "reserved", "sent", "undelivered"]


class CodeItem(CodeRecord, kw_only=True):
    """A code and how it stands now. `usable` and `reason` are derived, never stored."""

    usable: bool
    reason: Reason | None
    redeemed_on: datetime | None
    channel: str | None
    issue_state: IssueState = "available"
    address: str | None = None


class CodeStory(CodeItem, kw_only=True):
    """One code with its uses per scope and its history, oldest first (the latest 1,000 uses)."""

    uses: list[ScopeUses]
    history: list[Event]


class CodesQuery(ListQuery, kw_only=True):
    """`search` keeps the codes that begin so, whatever their case."""

    search: Annotated[str, msgspec.Meta(max_length=100)] = ""


class CodesDraft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Either `codes`, or the fields of one code."""

    codes: Annotated[tuple[CodeDraft, ...], msgspec.Meta(min_length=1, max_length=MAX_CODES)] | (
        UnsetType
    ) = UNSET
    code: CodeText | UnsetType = UNSET
    barcode: FilledText | UnsetType | None = UNSET
    status: CodeStatus | UnsetType = UNSET
    valid_from: BoundText | UnsetType | None = UNSET
    valid_to: BoundText | UnsetType | None = UNSET
    holder: Number | UnsetType | None = UNSET
    segment: Text | UnsetType = UNSET


class CodesAdded(msgspec.Struct, kw_only=True):
    codes: list[CodeItem]


def operations() -> list[Operation]:
    return [
        Operation(
            method="GET",
            path="/coupons/{number}/codes",
            name="listCodes",
            summary="List the codes of a coupon",
            group="codes",
            answers={200: Page[CodeItem]},
            query=CodesQuery,
            use_case=_list,
        ),
        Operation(
            method="POST",
            path="/coupons/{number}/codes",
            name="addCodes",
            summary="Add one code, or up to 1,000",
            group="codes",
            answers={201: CodesAdded},
            body=CodesDraft,
            changes=True,
            use_case=_add,
        ),
        Operation(
            method="GET",
            path="/codes/{code}",
            name="getCode",
            summary="Everything about one code",
            group="codes",
            answers={200: CodeStory},
            roles=TRUSTED,
            plan=_story,
        ),
        Operation(
            method="PATCH",
            path="/codes/{code}",
            name="changeCode",
            summary="Change status or dates of a code",
            group="codes",
            answers={200: CodeItem},
            body=CodePatch,
            refuses=frozenset({409}),
            use_case=_change,
        ),
    ]


def _list(call: Call) -> Outcome:
    query: CodesQuery = call.query
    after = read_cursor(query.after) if query.after else None
    if query.after and (after is None or not (query.search or is_identity(after))):
        return refuse(Reason.INVALID, "after")
    number = call.path["number"]
    page = codes_page(call.company_id, number, after, query.limit, query.search)
    if page is None:
        return Refused(Reason.NOT_FOUND)
    counted = UNSET if query.count is None else code_count(call.company_id, number)
    return Reply(Page(items=_items(call, page.items), next=write_cursor(page.next), count=counted))


def _add(call: Call) -> Outcome:
    drafts = _drafts(call.body)
    if isinstance(drafts, Refusals):
        return drafts
    added = add_codes(call.company_id, call.path["number"], drafts)
    if isinstance(added, Refusals):
        return added
    return Reply(CodesAdded(codes=_items(call, added)), 201)


def _drafts(body: CodesDraft) -> tuple[CodeDraft, ...] | Refusals:
    given = {
        name: value
        for name in body.__struct_fields__
        if (value := getattr(body, name)) is not UNSET
    }
    several = given.pop("codes", None)
    if several is not None:
        return refuse(Reason.INVALID, min(given)) if given else several
    if "code" not in given:
        return refuse(Reason.MISSING, "codes")
    return (CodeDraft(**given),)


def _change(call: Call) -> Outcome:
    changed = change_code(call.company_id, call.path["code"], call.body)
    return changed if isinstance(changed, Refusals) else Reply(_items(call, [changed])[0])


def _items(call: Call, records: list[CodeRecord]) -> list[CodeItem]:
    plan = standings(call.company_id, [record.code for record in records], call.now)
    known: dict[str, Standing] = run(django_connection(), plan)
    return [
        CodeItem(
            **msgspec.structs.asdict(record),
            **msgspec.structs.asdict(known[normalise_code(record.code)]),
        )
        for record in records
    ]


def _story(call: Call) -> Plan[Outcome]:
    page = yield from code_page(call.company_id, call.path["code"], call.now)
    if page is None:
        return Refused(Reason.NOT_FOUND)
    told = msgspec.structs.asdict(page)
    told |= {"valid_from": bound_text(page.valid_from), "valid_to": bound_text(page.valid_to)}
    first = next((event.channel for event in page.history if event.channel), None)
    return Reply(CodeStory(**told, channel=first, created_at=page.history[0].at))
