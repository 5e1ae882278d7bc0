"""A delivery's pages: its lists, its form, its steps, and what each of them says when it cannot be."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from kupong.campaigns.models import Delivery
from kupong.coupons.models import Coupon
from kupong.discounts.book import forget_books
from kupong.redemption.shapes import RedemptionAnswer
from kupong.web.backoffice.lists import PAGE_SIZE
from tests.campaigns.mailing import Mailing, build, post_office
from tests.redemption.world import build as build_world
from tests.web.backoffice.world import shown, signed_in, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(db: None) -> Mailing:
    forget_books()
    return build(build_world())


@pytest.fixture
def staff(mailing: Mailing) -> Client:
    return signed_in()


def ready(mailing: Mailing, people: int = 3, codes: int = 3, **fields: Any) -> None:
    """A delivery of coupon C to customers 1 …, analysed."""
    mailing.customers(people)
    mailing.coupon("C", codes, label="Ten off")
    mailing.delivery(coupon="C", **fields)
    mailing.analyse()


def posted(client: Client, path: str, language: str = "en", **fields: Any) -> str:
    """What the page says to which a step leads."""
    headers = {"Accept-Language": language}
    answer = client.post(path, fields, headers=headers, follow=True)
    assert answer.redirect_chain, words_of(answer)
    return words_of(answer)


def typed(**fields: str) -> dict[str, str]:
    """The form as a browser sends it."""
    usual = {
        "label": "Spring mail",
        "sender": "Shop <shop@example.com>",
        "subject": "Hello {{ recipient.first_name }}",
        "html": "<p>{{ coupon.code }}</p>\r\n",
        "coupon": "C",
        "whom": "everybody",
        "customers": "",
        "limit": "",
        "contact_date": "",
        "do": "save",
    }
    return usual | fields


# Lists


def test_a_line_says_where_a_delivery_stands(mailing: Mailing, staff: Client) -> None:
    ready(mailing, label="May letters")
    text = shown(staff, "/deliveries")
    assert "May letters D Ten off Ready 3 0 0 0 0 0.0%" in text
    assert "May letters D Ten off Redo 3 0 0 0 0 0,0 %" in shown(staff, "/deliveries", "sv")


def test_a_finished_delivery_stands_with_what_was_sent_failed_and_redeemed(
    mailing: Mailing, staff: Client
) -> None:
    ready(mailing)
    with post_office() as office:
        office.answers["c3@example.com"] = ["550 no such user"]
        send(mailing, staff)
    assert "Finished 0 2 1 0 0 0.0%" in shown(staff, "/deliveries")
    text = shown(staff, "/deliveries/D")
    assert "Finished: 2 sent, 1 failed, 0 cancelled." in text
    assert "c3@example.com Failed C-3 Refused by the receiving server" in text
    assert "550" in text


def send(mailing: Mailing, staff: Client) -> None:
    posted(staff, "/deliveries/D/confirm")
    mailing.send()


@pytest.mark.parametrize(
    ("query", "found"), [("", ["B", "A"]), ("?q=apr", ["A"]), ("?q=b", ["B"]), ("?q=zzz", [])]
)
def test_the_list_is_searched_by_number_and_label(
    mailing: Mailing, staff: Client, query: str, found: list[str]
) -> None:
    mailing.coupon("C", 0)
    mailing.delivery("A", label="April", coupon="C")
    mailing.delivery("B", label="May", coupon=None)
    page = staff.get(f"/deliveries{query}").text
    assert re.findall(r'<a href="/deliveries/(\w)">', page) == found


def test_the_list_goes_on_by_key_and_takes_no_more_statements_with_more_rows(
    mailing: Mailing, staff: Client
) -> None:
    def numbers(path: str) -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as seen:
            page = staff.get(path).text
        return re.findall(r'<a href="/deliveries/(N\d+)">', page), len(seen.captured_queries)

    mailing.delivery("N0", coupon=None)
    _, few = numbers("/deliveries")
    for number in range(1, PAGE_SIZE + 2):
        mailing.delivery(f"N{number}", coupon=None)
    first, many = numbers("/deliveries")
    assert many == few <= 12
    following = re.search(r'href="([^"]+)" rel="next"', staff.get("/deliveries").text)
    assert following
    second, _ = numbers(following[1])
    assert first + second == [f"N{number}" for number in range(PAGE_SIZE + 1, -1, -1)]


def test_a_coupons_tab_shows_its_deliveries_only(mailing: Mailing, staff: Client) -> None:
    ready(mailing, label="With C")
    mailing.delivery("OTHER", label="Without", coupon=None)
    text = shown(staff, "/coupons/C/deliveries")
    assert "With C D Ready 3" in text
    assert "Without" not in text
    assert "No delivery sends out this coupon yet." in shown(staff, "/coupons/SPRING/deliveries")


# The form


def test_a_delivery_is_made_and_analysed_from_the_form(mailing: Mailing, staff: Client) -> None:
    mailing.coupon("C", 3)
    text = posted(staff, "/deliveries/new", **typed(do="analyse", contact_date="2999-05-01T09:30"))
    assert text.startswith("The analysis has started.")
    row = Delivery.objects.get(label="Spring mail")
    assert (row.state, row.target, row.html) == ("analysing", "all", "<p>{{ coupon.code }}</p>\n")
    assert row.contact_date is not None
    assert row.contact_date.isoformat() == "2999-05-01T14:30:00+00:00"  # as the shop's clock has it


def test_the_fields_that_may_be_used_are_listed(mailing: Mailing, staff: Client) -> None:
    text = shown(staff, "/deliveries/new")
    assert "{{ recipient.first_name }} First name" in text
    assert "{{ coupon.code }} The recipient&#x27;s code" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"label": " "}, "Give the delivery a name."),
        ({"sender": "nobody"}, "Write one address, alone or behind a name"),
        ({"coupon": "NONE"}, "There is no coupon with this number."),
        ({"html": "{{ recipient.shoe }}"}, "uses a field that does not exist"),
        ({"subject": "{% if %}"}, "cannot be used"),
        ({"limit": "some"}, "Write a whole number; 0 is without limit."),
        ({"contact_date": "tomorrow"}, "Write a day and a time"),
        ({"whom": "none"}, "Choose whom it goes to."),
        ({"label": "x" * 501}, "At most 500 characters."),
        (
            {"whom": "customers", "customers": "1\nX\n2\nY"},
            "There are no customers with these numbers: X, Y.",
        ),
    ],
)
def test_an_error_stands_in_place_and_nothing_typed_is_lost(
    mailing: Mailing, staff: Client, fields: dict[str, str], words: str
) -> None:
    mailing.customers(2)
    mailing.coupon("C", 1)
    sent = typed(html="<p>Mine</p>") | fields
    answer = staff.post("/deliveries/new", sent)
    assert answer.status_code == 422
    assert words in words_of(answer)
    (field,) = (name for name in fields if name != "whom" or len(fields) == 1)
    assert f'id="{field}-error"' in answer.text
    assert answer.context["typed"] == {
        name: text.strip() if name not in ("html", "customers") else text
        for name, text in sent.items()
        if name != "do"
    }
    assert not Delivery.objects.exists()


def test_what_may_have_been_meant_by_the_coupon_is_offered_and_taken(
    mailing: Mailing, staff: Client
) -> None:
    mailing.coupon("C", 1, label="Ten off")
    answer = staff.post("/deliveries/new", typed(coupon="ten"))
    assert 'value="coupon C"' in answer.text
    answer = staff.post("/deliveries/new", typed(coupon="ten", pick="coupon C"))
    assert (answer.status_code, answer.context["typed"]["coupon"]) == (200, "C")
    assert "Ten off" in words_of(answer)
    assert not Delivery.objects.exists()


def test_editing_shows_what_was_saved_and_keeps_all_that_were_chosen(
    mailing: Mailing, staff: Client
) -> None:
    mailing.coupon("C", 1)
    mailing.customers(150)
    everyone = [str(number) for number in range(1, 151)]
    mailing.delivery(coupon="C", recipients={"customers": everyone})
    form = staff.get("/deliveries/D/edit").context["typed"]
    assert form["customers"].split("\n") == everyone
    text = posted(staff, "/deliveries/D/edit", **typed(**form | {"label": "New name"}))
    assert text.startswith("The delivery is saved. Deliveries New name Draft")
    assert mailing.page().recipient_count == 150


def test_a_delivery_that_is_out_is_not_edited(mailing: Mailing, staff: Client) -> None:
    ready(mailing)
    with post_office():
        posted(staff, "/deliveries/D/confirm")
    answer = staff.get("/deliveries/D/edit", follow=True)
    assert words_of(answer).startswith("That is not possible in this state: being sent.")
    answer = staff.post("/deliveries/D/edit", typed(label="Too late"))
    assert answer.status_code == 422
    assert "That is not possible in this state: being sent." in words_of(answer)
    assert "Too late" in answer.text
    assert mailing.page().label == "Spring mail"


# Steps


def test_a_delivery_is_taken_through_its_life(mailing: Mailing, staff: Client) -> None:
    ready(mailing)
    text = shown(staff, "/deliveries/D/confirm")
    assert "Messages that go out: 3. They leave at once." in text
    assert mailing.page().state == "ready"
    with post_office() as office:
        text = posted(staff, "/deliveries/D/confirm")
        assert text.startswith("The delivery is confirmed.")
        assert "Sent so far: 0 of 3." in text
        text = posted(staff, "/deliveries/D/pause")
        assert text.startswith("The delivery is paused: nothing more goes out for now.")
        text = posted(staff, "/deliveries/D/resume", "sv")
        assert text.startswith("Utskicket fortsätter.")
        mailing.send()
        assert len(office.mails) == 3
    assert "Finished: 3 sent, 0 failed, 0 cancelled." in shown(staff, "/deliveries/D")


def test_stopping_asks_first_and_an_analysis_just_ends(mailing: Mailing, staff: Client) -> None:
    ready(mailing)
    text = shown(staff, "/deliveries/D/stop")
    assert "Messages that are cancelled: 3." in text
    assert mailing.page().state == "ready"
    posted(staff, "/deliveries/D/analyse")
    page = staff.get("/deliveries/D").text
    assert "Stop the analysis" in page
    text = posted(staff, "/deliveries/D/stop")
    assert "Draft" in text
    posted(staff, "/deliveries/D/stop")
    mailing.send()
    text = shown(staff, "/deliveries/D")
    assert "Stopped" in text
    assert "Stop…" not in text


@pytest.mark.parametrize(
    ("name", "language", "words"),
    [
        ("confirm", "en", "That is not possible in this state: draft."),
        ("pause", "en", "That is not possible in this state: draft."),
        ("resume", "sv", "Det går inte i det här läget: utkast."),
    ],
)
def test_a_step_that_the_state_does_not_allow_says_so(
    mailing: Mailing, staff: Client, name: str, language: str, words: str
) -> None:
    mailing.delivery(coupon=None)
    assert posted(staff, f"/deliveries/D/{name}", language).startswith(words)
    assert mailing.page().state == "draft"


def test_analysing_and_stopping_what_is_over_says_so(mailing: Mailing, staff: Client) -> None:
    mailing.delivery(coupon=None)
    Delivery.objects.update(state="stopped")
    for name in ("analyse", "stop"):
        text = posted(staff, f"/deliveries/D/{name}")
        assert text.startswith("That is not possible in this state: stopped.")


@override_settings(EMAIL_HOST="")
def test_without_a_mail_server_nothing_is_confirmed(mailing: Mailing, staff: Client) -> None:
    ready(mailing)
    assert posted(staff, "/deliveries/D/confirm").startswith("Set-up is not complete")
    assert mailing.page().state == "ready"


def test_a_voided_coupon_is_not_sent_out(mailing: Mailing, staff: Client) -> None:
    ready(mailing)
    Coupon.objects.filter(number="C").update(status="voided")
    with post_office():
        text = posted(staff, "/deliveries/D/confirm")
    assert text.startswith("The coupon C has been voided.")
    assert mailing.page().state == "ready"


def test_a_step_is_sent_and_known(mailing: Mailing, staff: Client) -> None:
    mailing.delivery(coupon=None)
    assert staff.get("/deliveries/D/analyse").status_code == 405
    assert staff.post("/deliveries/D/explode").status_code == 404
    for path in ("", "/edit", "/progress", "/confirm", "/stop"):
        assert staff.get(f"/deliveries/NONE{path}").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post("/deliveries/D/analyse").status_code == 403


def test_no_step_reaches_the_delivery_of_another_company(mailing: Mailing, staff: Client) -> None:
    other = build(build_world())
    other.delivery("THEIRS", coupon=None)
    for name in ("analyse", "pause", "resume", "confirm", "stop", "edit"):
        assert staff.post(f"/deliveries/THEIRS/{name}", typed()).status_code == 404
    assert "THEIRS" not in staff.get("/deliveries").text


def test_nobody_sees_deliveries_without_signing_in(mailing: Mailing) -> None:
    for path in ("", "/new", "/D", "/D/edit", "/D/progress", "/D/confirm", "/D/stop"):
        assert Client().get(f"/deliveries{path}").headers["Location"] == "/sign-in"


# Figures, preview and refreshing


def test_a_shortage_is_told_plainly_with_the_ways_out(mailing: Mailing, staff: Client) -> None:
    ready(mailing, people=5, codes=3)
    page = staff.get("/deliveries/D")
    text = words_of(page)
    assert "Need 5, have 3, 2 short. Nothing was reserved." in text
    assert "Limit the delivery to 3 recipients" in text
    assert 'href="/deliveries/D/edit#limit"' in page.text
    assert "Behöver 5, har 3, 2 saknas. Inget reserverades." in shown(staff, "/deliveries/D", "sv")
    assert mailing.pool("C").reserved == 0


def test_every_reason_of_an_analysis_that_failed_is_told(mailing: Mailing, staff: Client) -> None:
    mailing.delivery(coupon=None, sender="")
    mailing.analyse()
    text = shown(staff, "/deliveries/D")
    assert "It cannot be sent like this. Nothing was reserved." in text
    assert "A value is missing: sender." in text
    assert "no coupon is attached" in text


def test_who_is_left_out_is_told_by_cause(mailing: Mailing, staff: Client) -> None:
    mailing.customers(2, 100, email="")
    mailing.customers(1, 200, email_opt_out=True)
    ready(mailing)
    text = shown(staff, "/deliveries/D")
    assert "Left out Without an address 2 Opted out 1" in text
    assert "Codes needed 3 Codes to be had 3 Short 0" in text


def test_messages_lead_to_their_codes_and_go_on_by_key(mailing: Mailing, staff: Client) -> None:
    ready(mailing, people=PAGE_SIZE + 2, codes=PAGE_SIZE + 2)
    first = staff.get("/deliveries/D").text
    assert 'href="/codes/C-1"' in first
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = staff.get(following[1]).text
    assert re.findall(r"c\d+@example.com", second) == ["c51@example.com", "c52@example.com"]


def test_the_preview_shows_the_reserved_code_and_marks_a_sample(
    mailing: Mailing, staff: Client
) -> None:
    mailing.customers(1, 9, email="", first_name="<Eve>")
    ready(mailing, codes=5)
    page = staff.get("/deliveries/D?recipient=2").text
    assert "Hello Name2" in page
    assert '<a class="code" href="/codes/C-2">' in page
    assert "(sample)" not in page
    text = staff.get("/deliveries/D?recipient=9").text
    assert "(sample)" in text
    assert "The code is a sample: it is not reserved for this customer." in text
    assert "<Eve>" not in text
    assert "It refers to something that does not exist: nobody." in shown(
        staff, "/deliveries/D?recipient=nobody"
    )


def test_the_figures_ask_again_until_nothing_moves(mailing: Mailing, staff: Client) -> None:
    ready(mailing)
    assert "every 2s" not in staff.get("/deliveries/D").text
    with post_office():
        posted(staff, "/deliveries/D/confirm")
        assert 'hx-trigger="every 2s"' in staff.get("/deliveries/D").text
        part = staff.get("/deliveries/D/progress")
        assert 'hx-trigger="every 2s"' in part.text
        assert "HX-Trigger" not in part
        mailing.send()
    part = staff.get("/deliveries/D/progress")
    assert "every 2s" not in part.text
    assert part["HX-Trigger"] == "delivery-settled"
    assert "<html" not in part.text


def test_a_redemption_shows_on_the_delivery(mailing: Mailing, staff: Client) -> None:
    mailing.customers(3)
    mailing.codes(Coupon.objects.get(number="SPRING"), 3)
    mailing.delivery()
    mailing.analyse()
    with post_office():
        send(mailing, staff)
    assert isinstance(mailing.world.redeem("SPRING-1"), RedemptionAnswer)
    assert "Redeemed 1 33.3%" in shown(staff, "/deliveries/D")
    assert "Finished 0 3 0 0 1 33.3%" in shown(staff, "/deliveries")
    assert "Finished 0 3 0 0 1 33.3%" in shown(staff, "/coupons/SPRING/deliveries")


def test_the_bar_is_as_long_as_its_parts(mailing: Mailing, staff: Client) -> None:
    ready(mailing, people=4, codes=4)
    with post_office() as office:
        office.answers["c4@example.com"] = ["550 no such user"]
        send(mailing, staff)
    bar = re.findall(
        r'<rect class="stack-(\w+)" x="([\d.]+)%" width="([\d.]+)%"',
        staff.get("/deliveries/D", headers={"Accept-Language": "sv"}).text,
    )
    assert bar[:2] == [("good", "0.00", "75.00"), ("bad", "75.00", "25.00")]
    assert [width for _, _, width in bar[2:]] == ["0.00", "0.00"]


def test_coupons_are_suggested_by_number_and_name(mailing: Mailing, staff: Client) -> None:
    mailing.coupon("C", 0, label="Ten off")
    mailing.coupon("SPRING-TEN", 0, label="Spring")
    assert re.findall(r'data-value="([^"]+)"', staff.get("/suggestions/coupons?q=ten").text) == [
        "SPRING-TEN",
        "C",
    ]
    assert "data-value" not in staff.get("/suggestions/coupons?q=nothing").text
