"""The whole year, loaded and replayed in real processes; one is killed in each half, and started again.

Every start is `tests.demo.start` on a database of its own; what it left is compared with `facts`.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.demo.facts import Facts, number
from tests.house.rooms import ROOT

pytestmark = pytest.mark.timeout(900)

EVERY = "500"
# Of the coupons of large campaigns of type A, the one that most households redeemed.
MAILED = number(18, 10000085475)
TOTAL = 2102


class Start(NamedTuple):
    """What one start printed, and its exit code (negative: the signal that ended it)."""

    lines: list[str]
    code: int


class Year(NamedTuple):
    """Five starts: killed while loading, mailing and replaying, to the end, and once more."""

    starts: list[Start]
    mails: Path
    codes_after_kill: int
    sent_after_kill: int
    redeemed_after_kill: int
    before_last: list[tuple[Any, ...]]
    connection: psycopg.Connection[Any]

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, parameters).fetchall()

    def value(self, statement: str, *parameters: object) -> Any:
        ((value,),) = self.rows(statement, *parameters)
        return value


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    server = os.environ.get("DATABASE_URL") or os.environ["KUPONG_DSN"]
    name = f"kupong_year_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            dsn = make_conninfo(server, dbname=name)
            with psycopg.connect(dsn, autocommit=True) as connection:
                yield _live_through(dsn, tmp_path_factory.mktemp("data"), connection)
        finally:
            _drop(admin, name)


def _drop(admin: psycopg.Connection[Any], name: str) -> None:
    """WITH (FORCE) is for superusers: an autovacuum worker may be in it, which nobody else may end.

    Without it the server sends such workers away by itself; only what we left behind has to be ended.
    """
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = current_user",
        [name],
    )
    admin.execute(f"DROP DATABASE {name}")


def _live_through(dsn: str, data: Path, connection: psycopg.Connection[Any]) -> Year:
    killed_loading = _start(dsn, data, kill_at=r"codes +\d{3},000 of")
    _wait_until_alone(connection)
    codes = _count(connection, "coupons_couponcode")
    killed_mailing = _start(dsn, data, kill_at=r"delivery .* of")
    _wait_until_alone(connection)
    sent = _count(connection, "campaigns_message", "status = 'sent'")
    killed_replaying = _start(dsn, data, kill_at=r"replay .* of")
    _wait_until_alone(connection)
    redeemed = _count(connection, "redemption_redemption")
    whole = _start(dsn, data)
    before_last = _footprint(connection)
    again = _start(dsn, data)
    starts = [killed_loading, killed_mailing, killed_replaying, whole, again]
    return Year(starts, data / "mail", codes, sent, redeemed, before_last, connection)


def _start(dsn: str, data: Path, kill_at: str | None = None) -> Start:
    """Run it to its end, or kill -9 it at the first line that matches."""
    settings = {"KUPONG_DSN": dsn, "KUPONG_DATA": str(data)}
    environment = os.environ | settings | {"DJANGO_SETTINGS_MODULE": "kupong.boot.settings"}
    command = [sys.executable, "-m", "tests.demo.start", str(data), EVERY]
    lines = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if kill_at and re.search(kill_at, line):
                process.send_signal(signal.SIGKILL)
    return Start(lines, process.returncode)


def _wait_until_alone(connection: psycopg.Connection[Any]) -> None:
    """The server notices that its client is gone when it next reads from it; its own workers do not count."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 60
    while connection.execute(others).fetchone() != (0,):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _count(connection: psycopg.Connection[Any], table: str, where: str = "true") -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    assert row is not None
    return int(row[0])


def _footprint(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """What would differ if anything had been written: the size of each table, and the job rows whole."""
    tables = (
        "coupons_couponcode redemption_redemption redemption_ledgerentry catalog_product"
        " campaigns_delivery campaigns_message campaigns_issueevent campaigns_deliverylog".split()
    )
    jobs = connection.execute("SELECT id, name, state, result::text, updated_at FROM work_job")
    return [*((table, _count(connection, table)) for table in tables), *jobs.fetchall()]


def _html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_killed_load_leaves_nothing_of_the_step_it_was_in(year: Year) -> None:
    assert year.starts[0].code == -signal.SIGKILL
    assert year.codes_after_kill == 0


def test_the_next_start_goes_on_and_does_no_finished_step_again(year: Year) -> None:
    first, second = (" ".join(start.lines) for start in year.starts[:2])
    assert re.search(r"\bcoupons +2,394 rows", first)
    assert re.search(r"\bcodes +800,199 rows", second)
    assert not re.search(r"\b(stores|products|discounts|coupons) +[\d,]+ rows", second)


def test_a_killed_mailing_goes_on_and_everybody_gets_one_mail_with_the_code_they_hold(
    year: Year, facts: Facts
) -> None:
    assert year.starts[1].code == -signal.SIGKILL
    assert 0 < year.sent_after_kill < 1_133
    assert re.search(r"\bdelivery +1,133 mails", " ".join(year.starts[2].lines))
    held = year.rows(
        "SELECT h.email, c.code FROM coupons_couponcode c JOIN coupons_coupon k ON k.id = c.coupon_id"
        " JOIN customers_customer h ON h.id = c.holder_id WHERE k.number = %s",
        MAILED,
    )
    assert len(held) == len(facts.targeted[18]) == 1_133
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in year.mails.iterdir()]
    got = {str(mail["To"]): _html(mail) for mail in mails}
    assert len(mails) == len(got) == 1_133
    assert all(f">{code}<" in got[email] for email, code in held)


def test_the_delivery_is_finished_and_shows_what_was_redeemed(year: Year, facts: Facts) -> None:
    assert year.rows("SELECT number, state, need, have FROM campaigns_delivery") == [
        ("CAMPAIGN-18", "finished", 1_133, 1_133)
    ]
    assert year.rows("SELECT status, count(*) FROM campaigns_message GROUP BY 1") == [
        ("sent", 1_133)
    ]
    redeemed = year.value(
        "SELECT count(*) FROM campaigns_message m WHERE EXISTS ("
        " SELECT FROM redemption_ledgerentry e WHERE e.code_id = m.code_id AND e.at > m.sent_at)"
    )
    households = {
        one.household for one in facts.redemptions if number(one.campaign, one.upc) == MAILED
    }
    assert 0 < redeemed <= len(households) == 63


def test_a_killed_replay_goes_on_and_redeems_no_order_twice(year: Year, facts: Facts) -> None:
    assert year.starts[2].code == -signal.SIGKILL
    assert 0 < year.redeemed_after_kill < year.value("SELECT count(*) FROM redemption_redemption")
    orders = {str(basket) for baskets in facts.baskets.values() for basket in baskets}
    redeemed = [order for (order,) in year.rows('SELECT "order" FROM redemption_redemption')]
    assert len(redeemed) == len(set(redeemed))
    assert set(redeemed) <= orders


def test_the_last_line_reconciles_all_redemptions(year: Year) -> None:
    whole = year.starts[3]
    assert whole.code == 0
    counted = re.fullmatch(
        r"reconciled 2102 redemptions: (\d+) redeemed, (\d+) no effect, (\d+) no basket, (\d+) refused",
        whole.lines[-1],
    )
    assert counted is not None
    assert sum(map(int, counted.groups())) == TOTAL


def test_one_more_start_says_the_same_and_changes_nothing(year: Year) -> None:
    assert year.starts[4].code == 0
    assert year.starts[4].lines[-1] == year.starts[3].lines[-1]
    assert not [line for line in year.starts[4].lines if " rows " in line or " baskets " in line]
    assert _footprint(year.connection) == year.before_last


def test_the_result_is_kept_for_the_pages(year: Year, facts: Facts) -> None:
    result = year.value("SELECT result FROM work_job WHERE name = 'demo.replay'")
    seconds = result.pop("seconds")
    quoted = result.pop("quoted")
    assert seconds > 0
    assert quoted == 1238 + -(-(155_848 - 1238) // int(EVERY))
    assert result["total"] == TOTAL
    assert result["refused"] == {}
    said = year.starts[3].lines[-1]
    assert f"{result['redeemed']} redeemed, {result['no_effect']} no effect" in said
    assert f"{result['no_basket']} no basket" in said


def test_every_redemption_ends_where_the_data_says(year: Year, facts: Facts) -> None:
    used = {
        (coupon, int(holder), day)
        for coupon, holder, day in year.rows(
            "SELECT k.number, h.number, (e.at AT TIME ZONE 'America/New_York')::date"
            " FROM redemption_ledgerentry e"
            " JOIN coupons_coupon k ON k.id = e.coupon_id JOIN customers_customer h ON h.id = e.customer_id"
        )
    }
    wrong = [
        (one, expected)
        for one, expected in facts.expected.items()
        if expected != "contested"
        and ((number(one.campaign, one.upc), one.household, one.day) in used)
        != (expected == "redeemed")
    ]
    assert wrong == []
    outcomes = list(facts.expected.values())
    assert outcomes.count("contested") <= 5
    redeemed = outcomes.count("redeemed")
    assert redeemed <= len(used) <= redeemed + outcomes.count("contested")
    assert year.value("SELECT count(*) FROM redemption_ledgerentry") == len(used)


def test_the_figures_of_the_reconciliation_are_those_of_the_data(year: Year, facts: Facts) -> None:
    result = year.value("SELECT result FROM work_job WHERE name = 'demo.replay'")
    outcomes = list(facts.expected.values())
    covered = TOTAL - outcomes.count("no_basket") - outcomes.count("no_effect")
    assert result["redeemed"] == year.value("SELECT count(*) FROM redemption_ledgerentry")
    assert result["no_basket"] == outcomes.count("no_basket")
    assert result["no_effect"] == outcomes.count("no_effect") + covered - result["redeemed"]


def test_a_covered_product_lies_in_a_basket_of_the_day_for_1594_redemptions(facts: Facts) -> None:
    covered = [
        one
        for one in facts.redemptions
        if any(
            line.product in facts.covers[one.campaign, one.upc]
            for lines in facts.baskets.get((one.household, one.day), {}).values()
            for line in lines
        )
    ]
    assert len(covered) == 1594


def test_uses_and_ledger_agree_and_no_code_is_used_more_than_twice(year: Year) -> None:
    differing = year.rows(
        "SELECT code_id, uses, entries FROM (SELECT code_id, uses FROM redemption_usagecounter"
        " WHERE scope = 'global') counted FULL JOIN (SELECT code_id, count(*) AS entries"
        " FROM redemption_ledgerentry GROUP BY code_id) entered USING (code_id)"
        " WHERE uses IS DISTINCT FROM entries OR uses > 2"
    )
    assert differing == []


def test_a_sale_holds_every_line_of_its_basket_at_its_amount(year: Year, facts: Facts) -> None:
    """Also lines of quantity 0 or value 0; the quantity of the data stands in the name of the line."""
    sold = dict(
        year.rows("SELECT \"order\", quote -> 'lines' FROM redemption_redemption ORDER BY id")
    )
    baskets = {
        str(basket): lines for of_day in facts.baskets.values() for basket, lines in of_day.items()
    }
    kept = {
        order: [(int(line["id"].split("x")[1]), line["gross"]) for line in lines]
        for order, lines in sold.items()
    }
    assert kept == {
        order: [(line.quantity, line.cents) for line in baskets[order]] for order in sold
    }
    assert any(quantity == 0 for lines in kept.values() for quantity, _ in lines)
    assert any(cents == 0 for lines in kept.values() for _, cents in lines)


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("organisation_channel", 457),
        ("customers_customer", 2_469),
        # 92,331 of the catalogue, and 20 that only baskets and coupons name.
        ("catalog_product", 92_351),
        ("catalog_productcategory", 92_331),
        ("discounts_discount", 1_197),
        ("discounts_discountpricegroup", 1_197),
        # 116,204 rows of the data, of which 4,872 repeat another.
        ("discounts_discountline", 111_332),
        ("coupons_coupon", 1_197),
        ("coupons_usagelimit", 1_197),
        ("coupons_couponcode", 800_199),
    ],
)
def test_everything_is_loaded(year: Year, table: str, rows: int) -> None:
    assert year.value(f"SELECT count(*) FROM {table}") == rows


def test_the_shops_are_tills_in_one_assumed_time_zone(year: Year) -> None:
    assert year.rows(
        "SELECT kind, currency, time_zone, order_completion, count(*) FROM organisation_channel GROUP BY 1, 2, 3, 4"
    ) == [("pos", "USD", "America/New_York", True, 457)]
    assert year.value("SELECT name FROM organisation_company") == "The Complete Journey"


def test_a_category_stands_below_its_parent_all_the_way_up(year: Year) -> None:
    astray = year.rows(
        "SELECT c.number FROM catalog_category c LEFT JOIN catalog_category p ON p.id = c.parent_id"
        " WHERE c.lineage <> coalesce(p.lineage, '{}') || c.number"
    )
    assert astray == []
    depths = year.rows("SELECT cardinality(lineage), count(*) FROM catalog_category GROUP BY 1")
    assert dict(depths)[1] == 32
    assert set(dict(depths)) == {1, 2, 3}


def test_a_product_can_be_read_and_found_in_its_categories(year: Year) -> None:
    rows = year.rows(
        "SELECT p.name, c.lineage, p.unit, p.price FROM catalog_product p"
        " JOIN catalog_productcategory pc ON pc.product_id = p.id JOIN catalog_category c ON c.id = pc.category_id"
        " WHERE p.number = '25671'"
    )
    lineage = ["grocery", "grocery.frzn-ice", "grocery.frzn-ice.ice-crushed-cubed"]
    assert rows == [("Ice - crushed/cubed, 22 LB, national brand", lineage, "ea", None)]


def test_each_coupon_covers_its_products_and_no_other(year: Year, facts: Facts) -> None:
    lines = year.rows(
        "SELECT k.number, p.number::bigint FROM coupons_coupon k"
        " JOIN discounts_discountline l ON l.discount_id = k.discount_id JOIN catalog_product p ON p.id = l.product_id"
    )
    wanted = {
        (number(*pair), product) for pair, covered in facts.covers.items() for product in covered
    }
    assert len(lines) == len(wanted)
    assert set(lines) == wanted


def test_each_coupon_takes_off_the_amount_derived_from_the_data(year: Year, facts: Facts) -> None:
    amounts = year.rows(
        "SELECT DISTINCT d.number, l.amount_off FROM discounts_discount d"
        " JOIN discounts_discountline l ON l.discount_id = d.id"
    )
    assert dict(amounts) == {number(*pair): cents for pair, cents in facts.amounts.items()}
    assert len(amounts) == len(facts.amounts)
    told = "SELECT count(*) FROM coupons_coupon WHERE strpos(description, %s) > 0"
    assumed, derived = year.value(told, "is assumed"), year.value(told, "is derived")
    assert assumed + derived == 1_197
    assert min(assumed, derived) > 300


def test_each_discount_opens_with_a_code_and_adds_up_with_others(year: Year) -> None:
    kinds = year.rows(
        "SELECT kind, mode, status, requires_code, currency, count(*) FROM discounts_discount GROUP BY 1, 2, 3, 4, 5"
    )
    assert kinds == [("simple", "compounded", "enabled", True, "USD", 1_197)]
    groups = year.rows(
        "SELECT DISTINCT g.number FROM discounts_discountpricegroup dg"
        " JOIN organisation_pricegroup g ON g.id = dg.price_group_id"
    )
    assert groups == [("ALL",)]
    version = year.value("SELECT version FROM discounts_bookversion")
    assert year.rows("SELECT DISTINCT revision FROM discounts_discount") == [(version,)]


def test_each_coupon_is_valid_on_the_days_of_its_campaign(year: Year, facts: Facts) -> None:
    loaded = year.rows(
        "SELECT number, valid_from_date, valid_to_date, status, kind, folder FROM coupons_coupon"
    )
    assert {coupon: (start, end) for coupon, start, end, *_ in loaded} == {
        number(*pair): facts.dates[pair[0]] for pair in facts.covers
    }
    assert {tuple(row[3:5]) for row in loaded} == {("active", "individual")}
    assert len({row[5] for row in loaded}) == 27
    limits = year.rows("SELECT scope, uses, count(*) FROM coupons_usagelimit GROUP BY 1, 2")
    assert limits == [("global", 2, 1_197)]


def test_each_household_of_a_campaign_holds_one_code_of_each_coupon(
    year: Year, facts: Facts
) -> None:
    held = year.rows(
        "SELECT k.number, array_agg(h.number::int), min(k.code_count) FROM coupons_couponcode c"
        " JOIN coupons_coupon k ON k.id = c.coupon_id JOIN customers_customer h ON h.id = c.holder_id GROUP BY 1"
    )
    holders = {coupon: sorted(households) for coupon, households, _ in held}
    assert holders == {number(*pair): sorted(facts.targeted[pair[0]]) for pair in facts.covers}
    assert all(len(households) == count for _, households, count in held)


def test_a_code_is_made_on_the_first_day_of_its_campaign(year: Year) -> None:
    astray = year.value(
        "SELECT count(*) FROM coupons_couponcode c JOIN coupons_coupon k ON k.id = c.coupon_id"
        " WHERE (c.created_at AT TIME ZONE 'America/New_York') <> k.valid_from_date::timestamp"
    )
    assert astray == 0


def test_a_code_cannot_be_guessed_nor_misread(year: Year) -> None:
    pattern = "^([2-9A-HJKMNP-TV-Z]{4}-){2}[2-9A-HJKMNP-TV-Z]{4}$"
    assert year.value("SELECT count(*) FROM coupons_couponcode WHERE code !~ %s", pattern) == 0
    # Neighbours have nothing in common: their first characters are spread evenly over the alphabet.
    firsts = year.rows("SELECT left(code, 1), count(*) FROM coupons_couponcode GROUP BY 1")
    assert len(firsts) == 30
    assert all(abs(count - 800_199 / 30) < 1_000 for _, count in firsts)


def test_the_numbers_of_the_codes_are_one_block_of_their_sequence(year: Year) -> None:
    first, last, count = year.rows(
        "SELECT min(number), max(number), count(*) FROM coupons_couponcode"
    )[0]
    digits = [int(re.sub(r"\D", "", text)) for text in (first, last)]
    assert digits[1] - digits[0] + 1 == count
    following = year.value(
        "SELECT next FROM organisation_numbersequence WHERE reference = 'coupon_code'"
    )
    assert following == digits[1] + 1
