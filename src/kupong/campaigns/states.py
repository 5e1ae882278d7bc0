"""The life of a delivery as a table: from, event, to. What is not in it cannot happen."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    ANALYSING = "analysing"
    ANALYSIS_FAILED = "analysis_failed"
    READY = "ready"
    WAITING = "waiting"  # confirmed, the contact date lies ahead
    SENDING = "sending"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"  # the mail server refuses; messages are still pending
    FINISHED = "finished"


class Event(StrEnum):
    EDIT = "edit"
    ANALYSE = "analyse"
    ANALYSED = "analysed"
    FELL_THROUGH = "fell_through"
    CONFIRM = "confirm"
    DUE = "due"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    WOUND_UP = "wound_up"
    GIVE_UP = "give_up"
    DONE = "done"


TRANSITIONS: tuple[tuple[State, Event, State], ...] = (
    (State.DRAFT, Event.EDIT, State.DRAFT),
    (State.ANALYSIS_FAILED, Event.EDIT, State.DRAFT),
    (State.READY, Event.EDIT, State.DRAFT),
    (State.DRAFT, Event.ANALYSE, State.ANALYSING),
    (State.ANALYSIS_FAILED, Event.ANALYSE, State.ANALYSING),
    (State.READY, Event.ANALYSE, State.ANALYSING),
    (State.ANALYSING, Event.ANALYSED, State.READY),
    (State.ANALYSING, Event.FELL_THROUGH, State.ANALYSIS_FAILED),
    (State.READY, Event.CONFIRM, State.WAITING),
    (State.READY, Event.CONFIRM, State.SENDING),
    (State.WAITING, Event.DUE, State.SENDING),
    (State.WAITING, Event.PAUSE, State.PAUSED),
    (State.SENDING, Event.PAUSE, State.PAUSED),
    (State.PAUSED, Event.RESUME, State.WAITING),
    (State.PAUSED, Event.RESUME, State.SENDING),
    (State.FAILED, Event.RESUME, State.SENDING),
    (State.SENDING, Event.GIVE_UP, State.FAILED),
    (State.SENDING, Event.DONE, State.FINISHED),
    # An analysis that is stopped gives its codes back and leaves a draft. Anything else that may hold codes,
    # a draft that was analysed before among them, is stopped for good.
    (State.ANALYSING, Event.STOP, State.DRAFT),
    (State.DRAFT, Event.STOP, State.STOPPING),
    (State.READY, Event.STOP, State.STOPPING),
    (State.WAITING, Event.STOP, State.STOPPING),
    (State.SENDING, Event.STOP, State.STOPPING),
    (State.PAUSED, Event.STOP, State.STOPPING),
    (State.FAILED, Event.STOP, State.STOPPING),
    (State.STOPPING, Event.WOUND_UP, State.STOPPED),
)

# Nothing leads on from these.
FINAL = frozenset({State.STOPPED, State.FINISHED})
# Here a job of ours is on its way; one that got lost is asked for again.
ATTENDED = frozenset({State.ANALYSING, State.WAITING, State.SENDING, State.STOPPING})


def sources(event: Event, to: State) -> list[State]:
    """The states from which the event leads to `to`."""
    return [start for start, happened, end in TRANSITIONS if (happened, end) == (event, to)]


def target(start: State, event: Event) -> State | None:
    """Where the event leads from here: the first row of the table; None when it is not possible."""
    return next((end for begin, what, end in TRANSITIONS if (begin, what) == (start, event)), None)
