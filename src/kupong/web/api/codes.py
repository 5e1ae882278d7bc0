"""The operations on coupon codes: adding, listing, changing, and everything about one."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from kupong.campaigns.queries import Issue, IssueState, StoryEvent, code_story, issues
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
from kupong.redemption.queries import ScopeUses
from kupong.redemption.service import django_connection
from kupong.redemption.standings import Standing, standings
from kupong.web.api.cursors import is_identity, read_cursor, write_cursor
from kupong.web.api.managing import ListQuery
from kupong.web.api.operations import TRUSTED, Call, Operation, Outcome, Reply


class CodeItem(CodeRecord, kw_only=True):
    """A code and how it stands now. `usable` and `reason` are derived, never stored.

    `channel` is the one that carried the code to `address`; of a code that was never sent, that of its first use.
    """

    usable: bool
    reason: Reason | None
    redeemed_on: datetime | None
    channel: str | None
    issue_state: IssueState = "available"
    address: str | None = None
    sent_at: datetime | None = None
    delivery: str | None = None


class CodeStory(CodeItem, kw_only=True):
    """One code with its uses per scope and its history, oldest first (the latest 1,000 uses)."""

    uses: list[ScopeUses]
    history: list[StoryEvent]


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
    codes = [record.code for record in records]
    known: dict[str, Standing] = run(
        django_connection(), standings(call.company_id, codes, call.now)
    )
    issued: dict[str, Issue] = run(django_connection(), issues(call.company_id, codes))
    return [
        CodeItem(
            **msgspec.structs.asdict(record)
            | msgspec.structs.asdict(known[normalise_code(record.code)])
            | _told(issued.get(normalise_code(record.code), Issue()))
        )
        for record in records
    ]


def _told(issue: Issue) -> dict[str, Any]:
    """The facts of an issue; without one the channel is left to the first use."""
    told = msgspec.structs.asdict(issue)
    if issue.channel is None:
        del told["channel"]
    return told


def _story(call: Call) -> Plan[Outcome]:
    story = yield from code_story(call.company_id, call.path["code"], call.now)
    if story is None:
        return Refused(Reason.NOT_FOUND)
    page, history = story.page, story.history
    told = msgspec.structs.asdict(page)
    told |= {"valid_from": bound_text(page.valid_from), "valid_to": bound_text(page.valid_to)}
    told["channel"] = next((event.channel for event in history if event.channel), None)
    told |= _told(story.issue) | {"history": history, "created_at": page.history[0].at}
    return Reply(CodeStory(**told))
