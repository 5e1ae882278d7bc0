"""The operations on the set-up: API keys, the company's parameters, and jobs that run long."""

import msgspec

from kupong.kernel.reasons import Reason, Refused
from kupong.organisation import api_keys
from kupong.organisation.queries import parameters
from kupong.organisation.records import Page
from kupong.organisation.refusals import InField, Refusals, refuse
from kupong.organisation.service import change_parameters
from kupong.organisation.shapes import (
    ApiKeyDraft,
    ApiKeyRecord,
    IssuedKey,
    ParametersPatch,
    ParametersRecord,
)
from kupong.web.api.cursors import is_identity, read_cursor, write_cursor
from kupong.web.api.managing import ListQuery
from kupong.web.api.operations import Call, Operation, Outcome, Reply
from kupong.work.queries import JobRecord, job


class KeysQuery(ListQuery, kw_only=True):
    """`after` is the `next` of the page before."""


def operations() -> list[Operation]:
    return _key_operations() + _rule_operations()


def _key_operations() -> list[Operation]:
    return [
        Operation(
            method="GET",
            path="/api-keys",
            name="listApiKeys",
            summary="List API keys, the revoked ones too",
            group="set-up",
            answers={200: Page[ApiKeyRecord]},
            query=KeysQuery,
            use_case=_list_keys,
        ),
        Operation(
            method="POST",
            path="/api-keys",
            name="createApiKey",
            summary="Make an API key; its text is shown this once",
            group="set-up",
            answers={201: IssuedKey},
            body=ApiKeyDraft,
            changes=True,
            use_case=_create_key,
        ),
        Operation(
            method="DELETE",
            path="/api-keys/{id}",
            name="revokeApiKey",
            summary="Revoke an API key",
            group="set-up",
            answers={200: ApiKeyRecord},
            use_case=_revoke_key,
        ),
    ]


def _rule_operations() -> list[Operation]:
    return [
        Operation(
            method="GET",
            path="/parameters",
            name="getParameters",
            summary="Read the company's rules",
            group="set-up",
            answers={200: ParametersRecord},
            use_case=lambda call: Reply(parameters(call.company_id)),
        ),
        Operation(
            method="PATCH",
            path="/parameters",
            name="changeParameters",
            summary="Change the company's rules",
            group="set-up",
            answers={200: ParametersRecord},
            body=ParametersPatch,
            use_case=_change_parameters,
        ),
        Operation(
            method="GET",
            path="/jobs/{id}",
            name="getJob",
            summary="Watch a piece of long work",
            group="set-up",
            answers={200: JobRecord},
            use_case=_job,
        ),
    ]


def _list_keys(call: Call) -> Outcome:
    after = read_cursor(call.query.after) if call.query.after else None
    if call.query.after and (after is None or not is_identity(after)):
        return refuse(Reason.INVALID, "after")
    page = api_keys.page(call.company_id, after, call.query.limit)
    page.next = write_cursor(page.next)
    if call.query.count:
        page.count = api_keys.count(call.company_id)
    return Reply(page)


def _create_key(call: Call) -> Outcome:
    draft: ApiKeyDraft = call.body
    made = api_keys.issue(call.company_id, draft.role, draft.channel, draft.name)
    if isinstance(made, Refused):
        return Refusals((InField("channel", made),))
    # A repetition is told of the key, but its text is kept nowhere.
    return Reply(made, 201, kept=msgspec.structs.replace(made, key=None))


def _revoke_key(call: Call) -> Outcome:
    identity = call.path["id"]
    revoked = api_keys.revoke(call.company_id, int(identity)) if is_identity(identity) else None
    return Refused(Reason.NOT_FOUND) if revoked is None else Reply(revoked)


def _change_parameters(call: Call) -> Outcome:
    changed = change_parameters(call.company_id, call.body)
    return changed if isinstance(changed, Refusals) else Reply(changed)


def _job(call: Call) -> Outcome:
    identity = call.path["id"]
    found = job(call.company_id, int(identity)) if is_identity(identity) else None
    return Refused(Reason.NOT_FOUND) if found is None else Reply(found)
