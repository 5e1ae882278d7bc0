"""The balance of a pool, whatever happens to it: the six places of its codes add up, and no code is given twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kupong.campaigns import analysis, service
from kupong.campaigns.models import CodeIssue, IssueEvent, Message
from kupong.campaigns.states import State
from kupong.coupons.models import Coupon, CouponCode
from kupong.customers.models import Customer
from kupong.organisation.refusals import Refusals
from kupong.redemption.models import UsageCounter
from tests.campaigns.mailing import Mailing, PostOffice, build
from tests.redemption.world import build as build_world

DELIVERIES = st.sampled_from(["P", "Q"])
CUSTOMERS = 6
CODES = 8


class _RolledBack(Exception):
    pass


class Pool(RuleBasedStateMachine):
    """Two deliveries of one coupon, their people and their codes, and everything that can be done with them."""

    office: PostOffice

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.mailing: Mailing = build(build_world())
        self.people = self.mailing.customers(CUSTOMERS)
        self.coupon = Coupon.objects.get(company_id=self.mailing.company, number="SPRING")
        self.mailing.codes(self.coupon, CODES - 2)
        self.mailing.codes(self.coupon, 2, CODES - 1, holder=self.people[0])
        for number in ("P", "Q"):
            self.mailing.delivery(number)
        self.former: dict[tuple[str, str], str | None] = {}

    def teardown(self) -> None:
        self.transaction.__exit__(_RolledBack, _RolledBack(), None)

    @rule(number=DELIVERIES)
    def analyse(self, number: str) -> None:
        before = self.mailing.codes_by_customer(number)
        asked = self._try(service.analyse, number)
        if isinstance(asked, Refusals):
            return
        row = self.mailing.row(number)
        analysis.analyse(self.mailing.company, row.id, int(asked.job), self.mailing.now)
        after = self.mailing.codes_by_customer(number)
        assert bool(after) == (self.mailing.row(number).state == State.READY)
        good = self._usable()
        assert set(after.values()) <= good
        for customer in after.keys() & before.keys():
            assert after[customer] == before[customer] or before[customer] not in good

    @rule(number=DELIVERIES)
    def edit(self, number: str) -> None:
        self.mailing.edit(number, label="Other")

    @rule(number=DELIVERIES, step=st.sampled_from(["confirm", "pause", "resume", "stop"]))
    def steps(self, number: str, step: str) -> None:
        self._try(getattr(service, step), number)

    @rule(number=DELIVERIES)
    def send(self, number: str) -> None:
        self.mailing.now += timedelta(hours=5)
        self.mailing.send(number)

    @rule(person=st.integers(0, CUSTOMERS - 1), out=st.booleans())
    def opt_out(self, person: int, out: bool) -> None:
        Customer.objects.filter(pk=self.people[person].pk).update(email_opt_out=out)

    @rule(
        person=st.integers(0, CUSTOMERS - 1),
        said=st.sampled_from(["550 no", "451 later", "hang up"]),
    )
    def refuse_next(self, person: int, said: str) -> None:
        self.office.answers[self.people[person].email] = [said]

    @rule(number=st.integers(1, CODES))
    def void(self, number: int) -> None:
        CouponCode.objects.filter(company_id=self.mailing.company, code=f"SPRING-{number}").update(
            status="voided"
        )

    @rule(number=st.integers(1, CODES))
    def redeem(self, number: int) -> None:
        self.mailing.world.redeem(f"SPRING-{number}", customer=self.people[0].number)

    @invariant()
    def the_places_add_up(self) -> None:
        self.mailing.pool()  # adds the six up

    @invariant()
    def a_code_is_live_in_one_message_of_its_recipient(self) -> None:
        live = list(
            CodeIssue.objects.filter(company_id=self.mailing.company).select_related(
                "code", "message"
            )
        )
        assert len({issue.message_id for issue in live}) == len(live)
        for issue in live:
            assert issue.message.code_id == issue.code_id
            assert issue.code.holder_id in (None, issue.message.customer_id)
        fits = {"reserved": "pending", "sent": "sent", "undelivered": "failed"}
        assert all(fits[issue.state] == issue.message.status for issue in live)

    @invariant()
    def history_and_present_agree(self) -> None:
        last: dict[int, str] = {}
        for event in IssueEvent.objects.filter(company_id=self.mailing.company).order_by("id"):
            last[event.code_id] = event.kind
        live = CodeIssue.objects.filter(company_id=self.mailing.company)
        state = {"reserved": "assigned", "sent": "sent", "undelivered": "undelivered"}
        present = {issue.code_id: state[issue.state] for issue in live}
        gone = {"recycled", "released"}
        assert {code: kind for code, kind in last.items() if kind not in gone} == present

    @invariant()
    def every_message_that_carries_a_code_has_it_for_itself(self) -> None:
        codes = Message.objects.filter(company_id=self.mailing.company).exclude(code=None)
        carried = list(codes.values_list("code_id", flat=True))
        assert len(carried) == len(set(carried))

    def _usable(self) -> set[str]:
        """The codes that are active and have never been used."""
        codes = CouponCode.objects.filter(company_id=self.mailing.company, status="active")
        used = UsageCounter.objects.filter(scope="global", uses__gt=0).values_list("code_id")
        return set(codes.exclude(id__in=used).values_list("code", flat=True))

    def _try(self, step: Any, number: str) -> Any:
        return step(self.mailing.company, number, self.mailing.now)


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_the_pool_adds_up_and_no_code_is_given_twice(office: PostOffice) -> None:
    Pool.office = office
    run_state_machine_as_test(
        Pool,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
