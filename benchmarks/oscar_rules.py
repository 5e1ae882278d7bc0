"""Run by oscar_beside.py with django-oscar's own Python: how long it takes to apply N rules to ten lines.

Every rule is a site offer: a percentage off everything when the basket holds one of anything. What is timed is
`Applicator().apply` on a new basket of ten lines, with the offers read from a database in memory: what a
request pays for prices.
"""

import json
import statistics
import sys
import time
from decimal import Decimal

import django
from django.conf import settings

LINES = 10
BUDGET_S = 5.0


def main(counts: list[int]) -> None:
    configure()
    import oscar
    from django.core.management import call_command

    call_command("migrate", verbosity=0, run_syncdb=True)
    products = catalogue()
    answer = {"version": oscar.get_version(), "seconds": {}}
    for count in counts:
        rules(count)
        answer["seconds"][str(count)] = measured(products)
    print(json.dumps(answer))


def configure() -> None:
    from oscar import INSTALLED_APPS
    from oscar.defaults import __dict__ as defaults

    settings.configure(
        **{name: value for name, value in defaults.items() if name.startswith("OSCAR_")},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.messages",
            "django.contrib.flatpages",
            *[app for app in INSTALLED_APPS if app.startswith(("oscar", "treebeard", "django_"))],
            "haystack",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        HAYSTACK_CONNECTIONS={
            "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
        },
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        SITE_ID=1,
        SECRET_KEY="of nothing",  # noqa: S106
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()


def catalogue() -> list:
    """Ten products with a price each, as many as there are lines."""
    from oscar.core.loading import get_model

    kind = get_model("catalogue", "ProductClass").objects.create(name="goods", track_stock=False)
    partner = get_model("partner", "Partner").objects.create(name="partner")
    products = []
    for place in range(LINES):
        product = get_model("catalogue", "Product").objects.create(
            title=f"P{place}", product_class=kind
        )
        get_model("partner", "StockRecord").objects.create(
            product=product,
            partner=partner,
            partner_sku=f"P{place}",
            price=Decimal(995 + 137 * place) / 100,
        )
        products.append(product)
    return products


def rules(count: int) -> None:
    """As many site offers, of 1 to 30 per cent."""
    from oscar.core.loading import get_model

    offers = get_model("offer", "ConditionalOffer")
    offers.objects.all().delete()
    everything, _made = get_model("offer", "Range").objects.get_or_create(
        name="everything", includes_all_products=True
    )
    condition = get_model("offer", "Condition").objects.create(
        range=everything, type="Count", value=1
    )
    for place in range(count):
        benefit = get_model("offer", "Benefit").objects.create(
            range=everything, type="Percentage", value=1 + place % 30
        )
        offers.objects.create(
            name=f"rule {place}", offer_type="Site", condition=condition, benefit=benefit
        )


def measured(products: list) -> float:
    from oscar.core.loading import get_class

    applicator = get_class("offer.applicator", "Applicator")
    times: list[float] = []
    apply(applicator, products)
    while len(times) < 3 or (sum(times) < BUDGET_S and len(times) < 30):
        times.append(apply(applicator, products))
    return statistics.median(times)


def apply(applicator: type, products: list) -> float:
    """The seconds that it takes to read and apply the offers to a new basket of these products."""
    from oscar.core.loading import get_class, get_model

    basket = get_model("basket", "Basket").objects.create()
    basket.strategy = get_class("partner.strategy", "Default")()
    for place, product in enumerate(products):
        basket.add_product(product, quantity=1 + place % 3)
    basket.reset_offer_applications()
    started = time.process_time()
    applicator().apply(basket)
    taken = time.process_time() - started
    assert basket.total_discount > 0
    return taken


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]])
