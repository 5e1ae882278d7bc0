from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Value

from kupong.organisation.keys import CompanyKey, CompanyRow, NumberedRow, reference


class Category(NumberedRow):
    """A node of the category tree. `lineage` holds the numbers from the root down to the node itself."""

    name = models.TextField(default="")
    parent = CompanyKey("self", models.PROTECT, null=True, related_name="children")
    lineage = ArrayField(models.TextField())

    class Meta(NumberedRow.Meta):
        verbose_name_plural = "categories"
        constraints = [
            *NumberedRow.Meta.constraints,
            reference("parent", "catalog.Category"),
        ]


# The words of a name. Signs that would glue words together for PostgreSQL ("crushed/cubed") part them.
WORDS_OF_NAME = Func(
    Value("simple"),
    Func(F("name"), Value("/-.,&'"), Value("      "), function="translate"),
    function="to_tsvector",
)


class Product(NumberedRow):
    """What is sold. `price` is per unit in minor units of `currency`; a variant points to its `master`.

    `prevent_discounts` keeps every discount away, the narrower flags one layer each.
    """

    name = models.TextField(default="")
    unit = models.TextField(default="ea")
    price = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    master = CompanyKey("self", models.PROTECT, null=True, related_name="variants")
    barcode = models.TextField(null=True)
    prevent_discounts = models.BooleanField(default=False)
    prevent_retail_discounts = models.BooleanField(default=False, db_default=False)
    prevent_tender_discounts = models.BooleanField(default=False, db_default=False)
    prevent_manual_discounts = models.BooleanField(default=False, db_default=False)

    class Meta(NumberedRow.Meta):
        constraints = [
            *NumberedRow.Meta.constraints,
            reference("master", "catalog.Product"),
            models.UniqueConstraint(fields=["company", "barcode"], name="%(class)s_barcode_key"),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True)
                | models.Q(price__gte=0, currency__isnull=False),
                name="%(class)s_price_has_currency",
            ),
        ]
        indexes = [GinIndex(WORDS_OF_NAME, name="product_words")]


class ProductCategory(CompanyRow):
    product = CompanyKey(Product, models.CASCADE, related_name="in_categories")
    category = CompanyKey(Category, models.PROTECT, related_name="+")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("product", "catalog.Product"),
            reference("category", "catalog.Category"),
            models.UniqueConstraint(
                fields=["company", "product", "category"], name="%(class)s_once"
            ),
        ]
