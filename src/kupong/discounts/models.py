from django.db import models

from kupong.organisation.keys import CompanyKey, CompanyRow, NumberedRow, reference
from kupong.organisation.validity import Validity


class BookVersion(models.Model):
    """Grows with every change to a company's discounts; a compiled price book names the version it holds."""

    company = models.OneToOneField(
        "organisation.Company", models.CASCADE, primary_key=True, related_name="+"
    )
    version = models.BigIntegerField(default=0)


class Discount(NumberedRow, Validity):
    """What a customer gets, on what and when. `params` belongs to the kind, in `version` of its shape.

    `revision` is the version of the price book in which the discount last changed.
    """

    class Status(models.TextChoices):
        DISABLED = "disabled"
        ENABLED = "enabled"

    kind = models.TextField(default="simple")
    version = models.PositiveSmallIntegerField(default=1)
    params = models.JSONField(default=dict)
    name = models.TextField(default="")
    mode = models.TextField(default="best_price")
    priority = models.IntegerField(null=True)
    sequence = models.IntegerField(default=0)
    status = models.TextField(choices=Status.choices, default=Status.DISABLED)
    currency = models.TextField()
    match_all_price_groups = models.BooleanField(default=False)
    requires_code = models.BooleanField(default=False)
    weekly = models.JSONField(null=True)
    max_amount_per_order = models.BigIntegerField(null=True)
    max_quantity_per_order = models.DecimalField(null=True, max_digits=18, decimal_places=6)
    max_uses_per_order = models.IntegerField(null=True)
    revision = models.BigIntegerField(default=0)

    class Meta(NumberedRow.Meta):
        constraints = [*NumberedRow.Meta.constraints, *Validity.Meta.constraints]
        indexes = [models.Index(fields=["company", "revision"], name="discount_revision")]


class DiscountPriceGroup(CompanyRow):
    discount = CompanyKey(Discount, models.CASCADE, related_name="groups")
    price_group = CompanyKey("organisation.PriceGroup", models.PROTECT, related_name="+")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("discount", "discounts.Discount"),
            reference("price_group", "organisation.PriceGroup"),
            models.UniqueConstraint(
                fields=["company", "discount", "price_group"], name="%(class)s_once"
            ),
        ]


class DiscountLine(CompanyRow):
    """Picks products by exactly one of product, master, category or all; `exclude` takes them out."""

    discount = CompanyKey(Discount, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = CompanyKey("catalog.Product", models.PROTECT, null=True, related_name="+")
    master = CompanyKey("catalog.Product", models.PROTECT, null=True, related_name="+")
    category = CompanyKey("catalog.Category", models.PROTECT, null=True, related_name="+")
    all_products = models.BooleanField(default=False)
    exclude = models.BooleanField(default=False)
    unit = models.TextField(null=True)
    group = models.PositiveIntegerField(null=True)
    percent_off = models.DecimalField(null=True, max_digits=12, decimal_places=9)
    amount_off = models.BigIntegerField(null=True)
    price = models.BigIntegerField(null=True)
    quantity_limit = models.DecimalField(null=True, max_digits=18, decimal_places=6)

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("discount", "discounts.Discount"),
            reference("product", "catalog.Product"),
            reference("master", "catalog.Product"),
            reference("category", "catalog.Category"),
            models.UniqueConstraint(
                fields=["company", "discount", "position"], name="%(class)s_position_key"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    product__isnull=False, master=None, category=None, all_products=False
                )
                | models.Q(master__isnull=False, product=None, category=None, all_products=False)
                | models.Q(category__isnull=False, product=None, master=None, all_products=False)
                | models.Q(all_products=True, product=None, master=None, category=None),
                name="%(class)s_one_target",
            ),
            models.CheckConstraint(
                condition=models.Q(percent_off=None, amount_off=None)
                | models.Q(percent_off=None, price=None)
                | models.Q(amount_off=None, price=None),
                name="%(class)s_one_value",
            ),
        ]
