import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kupong.kernel.reasons import Reason
from kupong.organisation import sign_in
from kupong.reporting import queries
from kupong.reporting.figures import Campaign
from kupong.web.backoffice.overview import rates
from kupong.work.models import Job
from tests.reporting.rows import Shop

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
CHART = "/charts/redemptions-per-week-light-wide.svg"
REPLAY = {
    "total": 2102,
    "redeemed": 1400,
    "no_effect": 500,
    "no_basket": 160,
    "refused": {"exhausted": 30, "same_coupon": 12},
    "quoted": 20000,
}


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    """Signed in."""
    client = Client()
    client.post(f"/sign-in/{sign_in.create_link()}")
    return client


def replayed(shop: Shop, result: Any) -> None:
    Job.objects.create(company=shop.company, name=queries.REPLAY_JOB, state="done", result=result)


def text_of(client: Client, language: str = "en") -> str:
    """The words of the page, without its marks and with single spaces."""
    answer = client.get("/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    words = re.sub(r"<[^>]*>", " ", answer.text).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", words)


def test_the_page_shows_the_four_figures(shop: Shop, client: Client) -> None:
    coupon = shop.coupon("A", code_count=800_199)
    shop.coupon("B", status="inactive")
    shop.use(coupon, NOW, amount=123_456)
    shop.use(coupon, NOW - timedelta(days=30), amount=44)
    text = text_of(client)
    assert "Active coupons 1 of 2; valid today: 1" in text
    assert "Codes issued 800,199 redemption rate 0.1%" in text
    assert "Redemptions 2 latest in the week of" in text
    assert "Discount given by coupons USD 1,235.00" in text
    assert "derived" not in text


def test_the_page_reads_in_swedish(shop: Shop, client: Client) -> None:
    shop.use(shop.coupon("A", code_count=800_199), NOW, amount=123_456)
    text = text_of(client, "sv")
    assert "Utgivna koder 800 199 inlösengrad 0,1 %" in text
    assert "Rabatt genom kuponger 1 234,56 USD" in text


def test_another_currency_is_shown_beside_and_never_added(shop: Shop, client: Client) -> None:
    coupon = shop.coupon("A")
    shop.use(coupon, NOW, amount=100)
    shop.use(coupon, NOW, amount=100)
    shop.use(coupon, NOW, amount=999, currency="SEK")
    assert "USD 2.00 SEK 9.99" in text_of(client)


def test_a_new_installation_is_told_what_to_do_first(shop: Shop, client: Client) -> None:
    text = text_of(client)
    assert "There are no coupons yet" in text
    assert "A channel done" in text
    assert "A product done" not in text
    assert "kupong api-key create --role administrator" in text
    assert 'href="/api/docs"' in client.get("/").text


def test_coupons_without_redemptions_have_no_chart(shop: Shop, client: Client) -> None:
    shop.coupon("A")
    text = text_of(client)
    assert "Nothing has been redeemed yet" in text
    assert "Most redeemed coupons" not in text
    assert "<picture>" not in client.get("/").text


def test_the_reconciliation_adds_up_before_the_readers_eyes(shop: Shop, client: Client) -> None:
    shop.coupon("A")
    replayed(shop, REPLAY)
    text = text_of(client)
    assert "The replay adds up" in text
    assert "Redeemed 1,400 66.6%" in text
    assert "Refused: All uses are spent 30 1.4%" in text
    assert "All redemptions in the data 2,102" in text
    assert "In all, 20,000 baskets were priced" in text
    assert "no face value" in text
    counts = re.search(r"Outcome Count Share(.*)All redemptions", text)
    assert counts
    shown = re.findall(r" ([\d,]+) [\d.]+%", counts[1])
    assert sum(int(figure.replace(",", "")) for figure in shown) == 2102


@pytest.mark.parametrize("missing", [7, -7])
def test_a_reconciliation_that_does_not_add_up_says_so(
    shop: Shop, client: Client, missing: int
) -> None:
    shop.coupon("A")
    replayed(shop, REPLAY | {"redeemed": 1400 - missing})
    text = text_of(client)
    assert "The replay does not add up" in text
    assert f"Not accounted for {missing} " in text


@pytest.mark.parametrize("reason", [*Reason, "of_a_later_version"])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_reason_can_be_shown(shop: Shop, client: Client, reason: str, language: str) -> None:
    shop.coupon("A")
    replayed(shop, {"total": 3, "refused": {str(reason): 3}})
    opening = "Nekad: " if language == "sv" else "Refused: "
    assert re.search(opening + r"\S", text_of(client, language))


def test_a_page_does_not_take_more_statements_with_more_rows(shop: Shop, client: Client) -> None:
    coupon = shop.coupon("A")
    shop.use(coupon, NOW)
    replayed(shop, REPLAY)
    with CaptureQueriesContext(connection) as seen:
        client.get("/")
    assert len(seen.captured_queries) <= 10


def test_the_chart_is_drawn_from_the_companys_ledger(shop: Shop, client: Client) -> None:
    shop.use(shop.coupon("A"), NOW)
    other = Shop("2")
    other.use(other.coupon("A"), NOW - timedelta(weeks=40))
    answer = client.get(CHART)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.text.count("uses: 1") == 1


def test_the_chart_is_kept_until_the_data_change(shop: Shop, client: Client) -> None:
    coupon = shop.coupon("A")
    shop.use(coupon, NOW)
    first = client.get(CHART)
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    assert client.get(CHART, headers=known).status_code == 304
    shop.use(coupon, NOW)
    assert client.get(CHART, headers=known).status_code == 200


@pytest.mark.parametrize("name", ["pink-wide", "light-huge"])
def test_there_is_no_chart_of_another_theme_or_size(client: Client, name: str) -> None:
    answer = client.get(f"/charts/redemptions-per-week-{name}.svg")
    assert answer.status_code == 404
    assert "No such page" in answer.text


def test_a_label_cannot_carry_a_script(shop: Shop, client: Client) -> None:
    shop.use(shop.coupon("A", label="<script>alert(1)</script>"), NOW)
    page = client.get("/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_campaigns_stand_by_their_rate_and_lead_to_their_coupons(
    shop: Shop, client: Client
) -> None:
    for number in range(9):
        shop.coupon(f"N{number}", folder=f"Campaign {number} & co", code_count=100)
    best = shop.coupon("BEST", folder="Best", code_count=10)
    shop.use(best, NOW)
    text, page = text_of(client), client.get("/").text
    assert "Campaigns by redemption rate Campaign Codes Redeemed Rate Best 10 1 10.0%" in text
    assert "The other campaigns (3)" in text
    assert 'href="/coupons?folder=Campaign%200%20%26%20co"' in page
    assert 'href="/coupons/BEST"' in page
    assert 'href="/coupons?status=active"' in page


def test_without_folders_there_are_no_campaigns(shop: Shop, client: Client) -> None:
    shop.coupon("A")
    assert "Campaigns by redemption rate" not in text_of(client)


def test_bars_compare_the_rates_with_the_best() -> None:
    campaigns = [Campaign("A", 1, 100, 5), Campaign("B", 1, 100, 1), Campaign("C", 1, 100, 0)]
    assert [float(part) for _, part in rates(campaigns)] == [1.0, 0.2, 0.0]
    assert rates(campaigns[2:]) == [(campaigns[2], 0)]
