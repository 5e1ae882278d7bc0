"""What is sent and answered about the catalogue."""

from kupong.organisation.fields import CurrencyCode, FilledText, Minor, Number, Numbers, Text
from kupong.organisation.records import Draft


class CategoryDraft(Draft, kw_only=True):
    name: Text = ""
    parent: Number | None = None


class CategoryRecord(CategoryDraft, kw_only=True):
    """A node of the category tree."""

    number: Number


class ProductDraft(Draft, kw_only=True):
    """`price` is per unit. A variant names its `master`, whose discounts reach it too.

    `prevent_discounts` keeps every discount away; the others one layer each: retail (all that apply by
    themselves or by a code), tender (by the way of paying), manual (by hand).
    """

    name: Text = ""
    unit: FilledText = "ea"
    price: Minor | None = None
    currency: CurrencyCode | None = None
    categories: Numbers = ()
    master: Number | None = None
    barcode: FilledText | None = None
    prevent_discounts: bool = False
    prevent_retail_discounts: bool = False
    prevent_tender_discounts: bool = False
    prevent_manual_discounts: bool = False


class ProductRecord(ProductDraft, kw_only=True):
    """What is sold."""

    number: Number
