"""What the back office says about deliveries and their messages, in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kupong.campaigns.journal import LogLine
from kupong.campaigns.log_texts import Note
from kupong.campaigns.shapes import DeliveryRecord, Excluded
from kupong.campaigns.states import State
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.refusals import InField, Refusals
from kupong.web.backoffice import words
from kupong.web.backoffice.words import Mark, Tone

STATES: Mapping[State, tuple[Promise, Tone]] = {
    State.DRAFT: (_("Draft"), "quiet"),
    State.ANALYSING: (_("Being analysed"), "warm"),
    State.ANALYSIS_FAILED: (_("Analysis failed"), "bad"),
    State.READY: (_("Ready"), "good"),
    State.WAITING: (_("Waits for its date"), "warm"),
    State.SENDING: (_("Being sent"), "warm"),
    State.PAUSED: (_("Paused"), "warm"),
    State.STOPPING: (_("Being stopped"), "warm"),
    State.STOPPED: (_("Stopped"), "quiet"),
    State.FAILED: (_("Sending failed"), "bad"),
    State.FINISHED: (_("Finished"), "good"),
}
MESSAGES: Mapping[str, tuple[Promise, Tone]] = {
    "pending": (_("To send"), "quiet"),
    "sent": (_("Sent"), "good"),
    "failed": (_("Failed"), "bad"),
    "cancelled": (_("Cancelled"), "warm"),
}
EXCLUDED: Mapping[str, Promise] = {
    "no_address": _("Without an address"),
    "opted_out": _("Opted out"),
    "quarantined": _("Address in quarantine"),
    "duplicate": _("Address used by another recipient"),
    "limited": _("Left out by lot: limited in size"),
}
CAUSES: Mapping[str, Promise] = {
    "refused": _("Refused by the receiving server"),
    "gave_up": _("Given up after several tries"),
    "address": _("Not an address"),
    "template": _("The template cannot be used for this recipient"),
    "voided": _("Its code was voided"),
    "stopped": _("The delivery was stopped"),
}


def state_mark(state: State) -> Mark:
    text, tone = STATES[state]
    return Mark(str(text), tone)


def message_mark(status: str) -> Mark:
    text, tone = MESSAGES[status]
    return Mark(str(text), tone)


def cause_words(cause: str | None) -> str:
    return str(CAUSES.get(cause, cause)) if cause else ""


def excluded_lines(excluded: Excluded) -> list[tuple[str, int]]:
    """Each cause that left somebody out, with how many."""
    counted = [(str(text), getattr(excluded, cause)) for cause, text in EXCLUDED.items()]
    return [(text, count) for text, count in counted if count]


def refusal_words(refused: Refusals) -> str:
    """Every reason, a sentence each; the state that stands in the way as people know it."""
    return words.refusal_words(with_states(refused))


def with_states(refused: Refusals) -> Refusals:
    """The same refusal with the state of the delivery in words."""
    return Refusals(tuple(InField(one.field, _known(one.refused)) for one in refused.problems))


def why_failed(record: DeliveryRecord, log: list[LogLine]) -> list[str]:
    """What the latest analysis, or the mail server, had against it; a shortage is told by its figures."""
    if record.state not in (State.ANALYSIS_FAILED, State.FAILED):
        return []
    started = [place for place, line in enumerate(log) if line.key == Note.ANALYSIS_ASKED]
    latest = log[started[-1] if started else 0 :]
    errors = [line for line in latest if line.level == "error"]
    if record.state == State.FAILED:
        return [line.text for line in errors[-1:]]
    return [line.text for line in errors if line.key != Reason.NOT_ENOUGH_CODES]


def _known(refused: Refused) -> Refused:
    state = refused.detail.get("state")
    if state not in set(State):
        return refused
    text, _tone = STATES[State(state)]
    return Refused(refused.reason, refused.detail | {"state": str(text).lower()})
