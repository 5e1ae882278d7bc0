"""The life of a delivery: every row of the table is walked, and nothing beside it happens."""

from itertools import product

import pytest

from kupong.campaigns.life import step
from kupong.campaigns.models import Delivery
from kupong.campaigns.states import ATTENDED, FINAL, TRANSITIONS, Event, State, sources, target
from tests.campaigns.mailing import Mailing


@pytest.mark.parametrize("event", Event)
def test_a_step_is_taken_exactly_where_the_table_has_it(mailing: Mailing, event: Event) -> None:
    made = mailing.delivery(coupon=None)
    for start, to in product(State, State):
        rows = Delivery.objects.filter(number=made.number)
        rows.update(state=start, to_send=1, short=0)
        taken = step(mailing.row(made.number), event, to)
        assert taken == ((start, event, to) in TRANSITIONS)
        assert mailing.row(made.number).state == (to if taken else start)


def test_every_state_can_be_reached_and_every_one_but_the_last_has_a_way_on() -> None:
    reached, more = {State.DRAFT}, True
    while more:
        found = reached | {to for start, _, to in TRANSITIONS if start in reached}
        more, reached = found != reached, found
    assert reached == set(State)
    assert {start for start, _, _ in TRANSITIONS} == set(State) - FINAL


def test_a_state_that_waits_for_a_job_has_one_asked_for_again() -> None:
    by_people = {Event.EDIT, Event.ANALYSE, Event.CONFIRM, Event.PAUSE, Event.RESUME, Event.STOP}
    waits = {start for start, event, _ in TRANSITIONS if event not in by_people}
    assert waits == ATTENDED


def test_the_table_is_read_in_both_directions() -> None:
    for start, event, to in TRANSITIONS:
        assert start in sources(event, to)
        assert target(start, event) is not None
    assert target(State.FINISHED, Event.STOP) is None
    assert sources(Event.DUE, State.DRAFT) == []
