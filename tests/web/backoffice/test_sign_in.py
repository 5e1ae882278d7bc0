from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from kupong.organisation import sign_in
from kupong.organisation.models import Company, SignInLink

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(number="1", name="Chain")


def test_a_link_is_redeemed_once(company: Company) -> None:
    token = sign_in.create_link(NOW)
    assert sign_in.redeem_link(token, NOW) == company.id
    assert sign_in.redeem_link(token, NOW) is None
    assert SignInLink.objects.get().used_at == NOW


def test_a_link_works_for_a_day(company: Company) -> None:
    token = sign_in.create_link(NOW)
    assert sign_in.redeem_link(token, NOW + DAY) is None
    assert not sign_in.is_open(token, NOW + DAY)
    assert sign_in.redeem_link(token, NOW + DAY - timedelta(seconds=1)) == company.id


def test_an_unknown_token_opens_nothing(company: Company) -> None:
    token = sign_in.create_link(NOW)
    assert sign_in.redeem_link(token[:-1], NOW) is None
    assert sign_in.redeem_link("", NOW) is None
    assert sign_in.is_open(token, NOW)


def test_looking_at_a_link_does_not_use_it_up(company: Company) -> None:
    token = sign_in.create_link(NOW)
    assert sign_in.is_open(token, NOW)
    assert sign_in.redeem_link(token, NOW) == company.id
    assert not sign_in.is_open(token, NOW)


def test_every_link_is_another_and_its_token_is_not_kept(company: Company) -> None:
    tokens = {sign_in.create_link(NOW) for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}
    kept = b"".join(bytes(link.digest) for link in SignInLink.objects.all())
    assert not any(token.encode() in kept for token in tokens)


def test_an_older_link_goes_on_working_beside_a_newer_one(company: Company) -> None:
    older, newer = sign_in.create_link(NOW), sign_in.create_link(NOW)
    assert sign_in.redeem_link(newer, NOW) == sign_in.redeem_link(older, NOW) == company.id


def test_the_administrator_is_made_once_and_has_no_password(company: Company) -> None:
    assert sign_in.administrator() == sign_in.administrator()
    user = User.objects.get()
    assert (user.username, user.has_usable_password()) == ("administrator", False)


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_signs_in() -> None:
    """The second click comes while the first has taken the link and not yet committed."""
    company = Company.objects.create(number="1", name="Chain")
    token = sign_in.create_link(NOW)
    answers: list[int | None] = []
    clicked = Event()

    def second_click() -> None:
        clicked.set()
        try:
            answers.append(sign_in.redeem_link(token, NOW))
        finally:
            connection.close()

    other = Thread(target=second_click)
    with transaction.atomic():
        assert sign_in.redeem_link(token, NOW) == company.id
        other.start()
        assert clicked.wait(10)
        wait_until_somebody_waits_for_us()
        assert answers == []
    other.join(10)
    assert answers == [None]


def wait_until_somebody_waits_for_us() -> None:
    deadline = monotonic() + 10
    query = "SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute(query)
            if cursor.fetchone():
                return
            sleep(0.01)
    raise AssertionError("nobody waited for the link")


def test_the_page_of_a_link_asks_before_it_uses_it(company: Company, client: Client) -> None:
    path = f"/sign-in/{sign_in.create_link()}"
    for _ in range(2):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == (
            "max-age=0, no-cache, no-store, must-revalidate, private"
        )
    assert client.get("/").status_code == 302


def test_the_button_signs_in_once(company: Company, client: Client) -> None:
    path = f"/sign-in/{sign_in.create_link()}"
    answer = client.post(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    stranger = Client()
    answer = stranger.post(path)
    assert answer.status_code == 410
    assert "kupong sign-in" in answer.text
    assert stranger.get(path).status_code == 410
    assert stranger.get("/").status_code == 302


def test_the_button_needs_the_form_it_was_shown_in(company: Company) -> None:
    token = sign_in.create_link()
    answer = Client(enforce_csrf_checks=True).post(f"/sign-in/{token}")
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert "style=" not in answer.text
    assert "<style" not in answer.text
    assert sign_in.redeem_link(token, datetime.now(UTC)) == company.id


def test_signing_in_changes_the_key_of_the_session(company: Company, client: Client) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.post(f"/sign-in/{sign_in.create_link()}")
    assert client.session.session_key != before
    assert client.session["company"] == company.id


def test_signing_out_takes_a_form_and_ends_the_session(company: Company, client: Client) -> None:
    client.post(f"/sign-in/{sign_in.create_link()}")
    assert client.get("/sign-out").status_code == 405
    assert client.get("/").status_code == 200
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
    assert client.get("/").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/", "/charts/redemptions-per-week-light-wide.svg"])
def test_without_a_session_a_page_sends_to_sign_in(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
    assert "kupong sign-in" in client.get("/sign-in").text


def test_a_session_whose_company_is_gone_is_asked_to_sign_in(
    company: Company, client: Client
) -> None:
    client.post(f"/sign-in/{sign_in.create_link()}")
    session = client.session
    session["company"] = company.id + 1
    session.save()
    assert client.get("/").status_code == 302


def test_who_is_signed_in_is_not_asked_again(company: Company, client: Client) -> None:
    client.post(f"/sign-in/{sign_in.create_link()}")
    assert client.get("/sign-in").headers["Location"] == "/"
