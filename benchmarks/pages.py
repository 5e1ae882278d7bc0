"""How long the server takes for each page of the back office, on the data that are there.

    .venv/bin/python benchmarks/pages.py [rounds]

It uses what KUPONG_DATA or DATABASE_URL name, as `kupong demo` has filled it, and makes one sign-in link there.
Every page is asked for in turn, round after round, by a signed-in client in this process: sessions,
middleware, queries and templates count, the network does not. Times are medians; beside them stands how
many times an empty page they are, which compares better between machines. Ends with 1 when a page is over
the limit.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.test import Client
from django.urls import NoReverseMatch, path, reverse

from kupong.boot import configuration
from kupong.boot.database import connect_django, database

LIMIT_MS = 150
ROUNDS = 15


class Page(NamedTuple):
    """`address` makes the page's address of what the data hold; None where they hold nothing for it."""

    name: str
    address: Callable[["Facts"], str | None]


class Facts(NamedTuple):
    """What the pages are asked about: the extremes of the data."""

    largest: str
    widest: str
    most_redeemed: str
    folder: str
    last_code_number: str
    used_code: str
    unused_code: str
    redemption: int
    middle_of_list: int
    most_written: str | None


# A new page takes its place here, by the name of its address; one that does not exist yet is left out.
PAGES = (
    Page("overview", lambda facts: at("overview")),
    Page("coupons", lambda facts: at("coupons")),
    Page("coupons, far down", lambda facts: at("coupons") + f"?after={facts.middle_of_list}"),
    Page("coupons, searched", lambda facts: at("coupons") + "?q=milk&status=active"),
    Page("coupons, a whole code", lambda facts: at("coupons") + f"?q={facts.unused_code}"),
    Page("coupons, a campaign", lambda facts: at("coupons") + f"?folder={facts.folder}"),
    Page("coupon, most codes", lambda facts: at("coupon", facts.largest)),
    Page("coupon, most products", lambda facts: at("coupon", facts.widest)),
    Page("coupon, most redeemed", lambda facts: at("coupon", facts.most_redeemed)),
    Page("codes", lambda facts: at("coupon-codes", facts.largest)),
    Page("codes, by beginning", lambda facts: at("coupon-codes", facts.largest) + "?q=7"),
    Page("codes, by status", lambda facts: at("coupon-codes", facts.largest) + "?status=voided"),
    Page("codes, far down", lambda facts: at("coupon-codes", facts.largest) + f"?first={facts.last_code_number}"),
    Page("redemptions", lambda facts: at("coupon-redemptions", facts.most_redeemed)),
    Page("redemptions, by time", lambda facts: at("coupon-redemptions", facts.most_redeemed) + "?from=2017-11-01"),
    Page("code, redeemed", lambda facts: at("code", facts.used_code)),
    Page("code, not redeemed", lambda facts: at("code", facts.unused_code)),
    Page("redemption", lambda facts: at("redemption", facts.redemption)),
    Page("make a coupon", lambda facts: at("make-coupon")),
    Page("try a cart", lambda facts: at("try-cart")),
    Page("deliveries", lambda facts: at("deliveries")),
    Page("delivery, most messages", lambda facts: facts.most_written and at("delivery", facts.most_written)),
    Page("delivery, refreshed", lambda facts: facts.most_written and at("delivery-progress", facts.most_written)),
    Page("make a delivery", lambda facts: at("make-delivery")),
    Page("deliveries of a coupon", lambda facts: at("coupon-deliveries", facts.largest)),
)  # fmt: skip

_FACTS = """
SELECT (SELECT number FROM coupons_coupon ORDER BY code_count DESC, id LIMIT 1),
    (SELECT c.number FROM coupons_coupon c JOIN (
        SELECT discount_id, count(*) AS lines FROM discounts_discountline GROUP BY 1
    ) l ON l.discount_id = c.discount_id ORDER BY l.lines DESC LIMIT 1),
    (SELECT c.number FROM coupons_coupon c JOIN (
        SELECT coupon_id, count(*) AS uses FROM redemption_ledgerentry GROUP BY 1
    ) u ON u.coupon_id = c.id ORDER BY u.uses DESC LIMIT 1),
    (SELECT folder FROM coupons_coupon ORDER BY code_count DESC, id LIMIT 1),
    (SELECT max(number) FROM coupons_couponcode WHERE coupon_id = (
        SELECT id FROM coupons_coupon ORDER BY code_count DESC, id LIMIT 1)),
    (SELECT c.code FROM coupons_couponcode c JOIN redemption_ledgerentry e ON e.code_id = c.id
        ORDER BY e.use_no DESC LIMIT 1),
    (SELECT c.code FROM coupons_couponcode c WHERE NOT EXISTS (
        SELECT FROM redemption_ledgerentry e WHERE e.code_id = c.id) LIMIT 1),
    (SELECT id FROM redemption_redemption ORDER BY jsonb_array_length(quote -> 'lines') DESC LIMIT 1),
    (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM coupons_coupon),
    (SELECT d.number FROM campaigns_delivery d JOIN (
        SELECT delivery_id, count(*) AS messages FROM campaigns_message GROUP BY 1
    ) m ON m.delivery_id = d.id ORDER BY m.messages DESC LIMIT 1)
"""


def main(rounds: int) -> int:
    with database(configuration.from_environment()) as dsn:
        connect_django(dsn)
        try:
            return report(measured(rounds))
        finally:
            connection.close()


def measured(rounds: int) -> dict[str, list[float]]:
    """The times of each page, and those of the empty one as ""."""
    settings.ROOT_URLCONF = addresses()
    client = signed_in_client()
    empty = reverse("benchmark-empty")
    pages = dict(asked(facts()))
    for address in (empty, *pages.values()):
        milliseconds(client, address)
    times: dict[str, list[float]] = {name: [] for name in ("", *pages)}
    for _ in range(rounds):
        times[""].append(milliseconds(client, empty))
        for name, address in pages.items():
            times[name].append(milliseconds(client, address))
    return times


def addresses() -> Any:
    """Those of the pages, and of one more: what every page costs, which is session, company and frame."""
    from kupong.web import urls
    from kupong.web.backoffice.access import signed_in

    @signed_in
    def empty_page(request: HttpRequest, company: Any) -> HttpResponseBase:
        return render(request, "look/page.html", {"company": company})

    found: Any = ModuleType("addresses")
    found.urlpatterns = [*urls.urlpatterns, path("empty", empty_page, name="benchmark-empty")]
    return found


def signed_in_client() -> Client:
    from kupong.organisation import sign_in

    client = Client()
    client.post(reverse("sign-in-link", args=[sign_in.create_link()]))
    return client


def facts() -> Facts:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS)
        return Facts(*cursor.fetchone())


def asked(found: Facts) -> Iterator[tuple[str, str]]:
    """The pages that exist, and for which the data hold something."""
    for page in PAGES:
        try:
            address = page.address(found)
        except NoReverseMatch:
            print(f"{page.name}: no such page")
            continue
        if address is not None:
            yield page.name, address


def at(name: str, *arguments: Any) -> str:
    return reverse(name, args=arguments)


def milliseconds(client: Client, address: str) -> float:
    start = time.perf_counter()
    answer = client.get(address)
    length = len(answer.content)
    taken = (time.perf_counter() - start) * 1000
    if answer.status_code != 200 or not length:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return taken


def report(times: dict[str, list[float]]) -> int:
    empty = statistics.median(times.pop(""))
    print(f"{codes():,} codes; an empty page: {empty:.1f} ms")
    print(f"{'page':24} {'median ms':>10} {'slowest':>8} {'× empty':>8}")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:24} {median:10.1f} {max(taken):8.1f} {median / empty:8.1f}")
    slow = [name for name, taken in times.items() if statistics.median(taken) > LIMIT_MS]
    print(f"over {LIMIT_MS} ms: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


def codes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(code_count), 0) FROM coupons_coupon")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
