"""How long pricing takes, and how that grows: with the discounts, with the cart, with bundles that overlap.

    .venv/bin/python benchmarks/pricing.py [--without-oscar]

Every figure is the default answer, with the explanation of every discount that reaches the cart. Times are medians
of rounds that take turns; beside them stands how many times the first row of the table they are, which
compares better between machines. Beside it, in the same run, django-oscar prices the same ten lines: in an
environment of its own, which the first run makes in the cache directory, and on a database in memory.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping

import oscar_beside
import pricing_cases as cases

from kupong.pricing.book import PriceBook, compile_book
from kupong.pricing.carts import Cart
from kupong.pricing.discounts import Discount, Settings
from kupong.pricing.engine import price

BUDGET_S = 1.5  # for each row
COUNTS = (1, 10, 100, 500, 10_000)
OSCAR_COUNTS = (1, 100, 500)
INSTANCES = 300

Row = Callable[[], object]


def main(with_oscar: bool) -> None:
    cart = cases.cart_of(10)
    show("10 lines; of the discounts 10 can reach the cart", growing(cart, cases.ten_reach))
    reach_all = growing(cart, cases.all_reach)
    show("10 lines; all discounts can reach the cart", reach_all)
    stacked = growing(cart, cases.all_reach_half_compounded, COUNTS[:-1])
    show("the same, half of the discounts compounded", stacked)
    show("100 discounts, 10 of them reach each line", carts_of_lines())
    show("a book of 10,000 discounts", book_work(cart))
    bundles("on categories, brands and products", cases.shelf_bundles)
    bundles("on random halves of all products", cases.any_bundles)
    if with_oscar:
        beside_oscar(cart)


def quoting(cart: Cart, book: PriceBook) -> Row:
    return lambda: price(cart, book, cases.NOON)


def growing(
    cart: Cart, discounts: Callable[[int], list[Discount]], counts: tuple[int, ...] = COUNTS
) -> dict[str, Row]:
    return {
        f"{count:,} discounts": quoting(cart, compile_book(discounts(count), Settings()))
        for count in sorted(counts, key=lambda count: (count != 10, count))
    }


def carts_of_lines() -> dict[str, Row]:
    book = compile_book(cases.all_reach(10) + cases.elsewhere(90), Settings())
    return {f"{lines} lines": quoting(cases.cart_of(lines), book) for lines in (10, 1, 50, 160)}


def book_work(cart: Cart) -> dict[str, Row]:
    discounts = cases.ten_reach(10_000)
    book = compile_book(discounts, Settings())
    edited = cases.edited(discounts[0])
    return {
        "a quote": quoting(cart, book),
        "first quote after one was edited": lambda: price(
            cart, book.with_changes([edited]), cases.NOON
        ),
        "compiling it": lambda: compile_book(discounts, Settings()),
    }


def show(title: str, rows: Mapping[str, Row]) -> None:
    medians = measured(rows)
    first = next(iter(medians.values()))
    print(f"\n{title}")
    for name, seconds in medians.items():
        print(f"  {name:34} {seconds * 1000:10.3f} ms {seconds / first:9.2f} x", flush=True)


def measured(rows: Mapping[str, Row]) -> dict[str, float]:
    """The median seconds of each; they take turns, so that what the machine does meanwhile meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in rows}
    for work in rows.values():
        work()
    for name, work in rows.items():
        times[name].append(seconds(work))
    open_ones = dict(rows)
    while open_ones:
        for name, work in list(open_ones.items()):
            times[name].append(seconds(work))
            if len(times[name]) >= 5 and sum(times[name]) > BUDGET_S:
                del open_ones[name]
    return {name: statistics.median(taken) for name, taken in times.items()}


def seconds(work: Row) -> float:
    gc.collect(0)
    started = time.process_time()
    work()
    return time.process_time() - started


def bundles(title: str, case: Callable[[int], tuple[Cart, list[Discount]]]) -> None:
    """A different cart and book each time, the same ones in every run."""
    times: list[float] = []
    proven = 0
    for seed in range(INSTANCES):
        cart, discounts = case(seed)
        book = compile_book(discounts, Settings())
        started = time.process_time()
        answer = price(cart, book, cases.NOON)
        times.append(time.process_time() - started)
        proven += answer.proven_optimal
    times.sort()
    median = statistics.median(times)
    rows = {
        "median": median,
        "99th percentile": times[-(-INSTANCES * 99 // 100) - 1],
        "slowest": times[-1],
    }
    print(f"\n30 units, 10 overlapping bundles, {title}: {INSTANCES} random carts")
    for name, taken in rows.items():
        print(f"  {name:34} {taken * 1000:10.3f} ms {taken / median:9.2f} x")
    print(f"  {'proven best':34} {proven / INSTANCES:10.1%}", flush=True)


def beside_oscar(cart: Cart) -> None:
    rows = {
        count: quoting(cart, compile_book(cases.all_reach(count), Settings()))
        for count in OSCAR_COUNTS
    }
    ours = measured({str(count): row for count, row in rows.items()})
    theirs = oscar_beside.seconds_by_rules(OSCAR_COUNTS)
    print(f"\nthe same 10 lines in django-oscar {theirs.version}, all rules reach them")
    for count in OSCAR_COUNTS:
        mine, other = ours[str(count)], theirs.seconds[str(count)]
        print(
            f"  {count:>4} rules: {other * 1000:10.1f} ms, Kupong {mine * 1000:8.3f} ms:"
            f" {other / mine:8.0f} x",
            flush=True,
        )


if __name__ == "__main__":
    main("--without-oscar" not in sys.argv[1:])
