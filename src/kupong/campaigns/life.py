"""Steps from state to state: each is an UPDATE filtered on the old state; zero rows: somebody was first."""

from datetime import datetime, timedelta
from typing import Any

from kupong.campaigns.models import Delivery
from kupong.campaigns.states import Event, State, sources

# A job that has not been heard of for so long is asked for again.
ATTENDED = timedelta(minutes=5)


def step(delivery: Delivery, event: Event, to: State, **changes: Any) -> bool:
    """Take the delivery to `to` if the event leads there from the state it is in; else change nothing.

    `job_no` has to be as it was read: an analysis that was stopped cannot end the one that came after it.
    """
    rows = Delivery.objects.filter(
        company_id=delivery.company_id,
        id=delivery.id,
        job_no=delivery.job_no,
        state__in=sources(event, to),
    )
    return bool(rows.update(state=to, **changes))


def attend(delivery: Delivery, until: datetime) -> None:
    """A job of this delivery will act before `until`."""
    rows = Delivery.objects.filter(company_id=delivery.company_id, id=delivery.id)
    rows.update(attended_until=until)
