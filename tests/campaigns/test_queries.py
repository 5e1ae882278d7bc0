"""The loop closed: where the codes of a coupon are, what became of a delivery, the story of a code."""

from datetime import timedelta

import pytest

from kupong.campaigns import queries, service
from kupong.campaigns.queries import CodeStory, Issue
from kupong.coupons.models import Coupon
from kupong.discounts.models import Discount
from kupong.organisation.plans import run
from kupong.redemption.models import LedgerEntry
from kupong.redemption.service import django_connection
from kupong.redemption.shapes import RedemptionAnswer
from tests.campaigns.mailing import Mailing, PostOffice, made
from tests.redemption.world import NOON


def story(mailing: Mailing, code: str) -> CodeStory:
    plan = queries.code_story(mailing.company, code, mailing.now)
    found = run(django_connection(), plan)
    assert found is not None
    return found


def redeem(mailing: Mailing, code: str, **fields: object) -> None:
    answer = mailing.world.redeem(code, **fields)
    assert isinstance(answer, RedemptionAnswer), answer


@pytest.fixture
def sent(mailing: Mailing, office: PostOffice) -> Mailing:
    """Three messages with codes that take 10 % off went out; a fourth code is left."""
    mailing.now = NOON - timedelta(days=1)
    mailing.customers(3)
    mailing.codes(Coupon.objects.get(number="SPRING"), 4)
    mailing.delivery()
    mailing.analyse()
    made(service.confirm(mailing.company, "D", mailing.now))
    mailing.send()
    return mailing


def test_a_code_redeemed_at_a_till_shows_on_the_delivery_the_code_and_the_coupon(
    sent: Mailing,
) -> None:
    assert sent.page().redeemed == 0
    redeem(sent, "SPRING-2", customer="2")
    assert sent.page().redeemed == 1
    pool = sent.pool()
    assert (pool.sent, pool.redeemed, pool.available) == (2, 1, 1)
    told = story(sent, "spring-2")
    assert told.page.redeemed_on == NOON
    assert told.issue == Issue(
        issue_state="sent",
        channel="email",
        address="c2@example.com",
        sent_at=sent.now,
        delivery="D",
    )
    # The code itself was made when the test ran, long after this sale.
    events = [event.event for event in told.history if event.event != "issued"]
    assert events == ["assigned", "sent", "redeemed"]
    assigned = next(event for event in told.history if event.event == "assigned")
    assert (assigned.delivery, assigned.address) == ("D", "c2@example.com")
    till = next(event for event in told.history if event.event == "redeemed")
    assert (till.channel, till.customer, till.delivery) == ("HOUSTON", "2", None)


def test_a_code_that_was_never_sent_is_available_and_has_no_address(sent: Mailing) -> None:
    told = story(sent, "SPRING-4")
    assert told.issue == Issue()
    assert [event.event for event in told.history] == ["issued"]
    assert run(django_connection(), queries.code_story(sent.company, "NONE", sent.now)) is None


def test_issues_are_read_for_a_whole_list_of_codes(sent: Mailing) -> None:
    plan = queries.issues(sent.company, ["spring-1", "SPRING-4", "NONE"])
    found = run(django_connection(), plan)
    assert {code: issue.address for code, issue in found.items()} == {"SPRING-1": "c1@example.com"}


def test_a_second_use_of_a_code_counts_its_message_once(sent: Mailing) -> None:
    redeem(sent, "SPRING-1")
    redeem(sent, "SPRING-1")
    redeem(sent, "SPRING-4")
    assert LedgerEntry.objects.count() == 3
    assert sent.page().redeemed == 1


def test_a_shared_code_counts_for_the_recipients_who_used_it_after_they_were_written_to(
    mailing: Mailing, office: PostOffice
) -> None:
    mailing.customers(4)
    mailing.customers(1, 9, email_opt_out=True)
    discount = Discount.objects.get(company_id=mailing.company, number="D10")
    coupon = mailing.world.coupon("ALL", discount, kind="anonymous")
    mailing.world.code(coupon, "HELLO")
    mailing.now = NOON
    redeem(mailing, "HELLO", customer="1", at=NOON - timedelta(days=1))
    mailing.delivery(coupon="ALL")
    mailing.analyse()
    made(service.confirm(mailing.company, "D", mailing.now))
    mailing.send()
    assert mailing.page().redeemed == 0
    for customer in ("2", "2", "3", "9", None):
        redeem(mailing, "HELLO", customer=customer, at=NOON + timedelta(days=1))
    assert mailing.page().redeemed == 2


def test_messages_are_listed_by_key_in_pages(sent: Mailing) -> None:
    listed: list[str] = []
    after = 0
    while True:
        page = queries.messages_page(sent.company, "D", after, 2)
        assert page is not None
        assert len(page.items) <= 2
        listed += [f"{row.recipient} {row.address} {row.status} {row.code}" for row in page.items]
        if page.next is None:
            break
        after = int(page.next)
    assert listed == [f"{n} c{n}@example.com sent SPRING-{n}" for n in (1, 2, 3)]
    assert queries.messages_page(sent.company, "NONE") is None
    assert queries.delivery_page(sent.company, "NONE") is None
    assert queries.pool(sent.company, "NONE") is None
