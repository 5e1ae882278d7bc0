from django.db import models
from django.db.models.functions import Now

from kupong.organisation.keys import CompanyKey, CompanyRow, NumberedRow, reference
from kupong.organisation.validity import Validity


class Coupon(NumberedRow, Validity):
    """Brings a discount onto a sale by its codes: one shared code (anonymous) or many (individual).

    What can be derived (expired, exhausted) is never stored. `code_count` grows as codes are issued.
    """

    class Kind(models.TextChoices):
        ANONYMOUS = "anonymous"
        INDIVIDUAL = "individual"

    class Status(models.TextChoices):
        INACTIVE = "inactive"
        ACTIVE = "active"
        VOIDED = "voided"

    class GiveBack(models.TextChoices):
        ALWAYS = "always"
        NEVER = "never"

    label = models.TextField()
    description = models.TextField(default="")
    folder = models.TextField(default="")
    kind = models.TextField(choices=Kind.choices)
    status = models.TextField(choices=Status.choices, default=Status.INACTIVE)
    discount = CompanyKey("discounts.Discount", models.PROTECT, null=True, related_name="+")
    customer_required = models.BooleanField(default=False)
    apply_without_code = models.BooleanField(default=False)
    exclusive = models.BooleanField(default=False)
    give_back = models.TextField(choices=GiveBack.choices, default=GiveBack.ALWAYS)
    code_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(NumberedRow.Meta):
        constraints = [
            *NumberedRow.Meta.constraints,
            *Validity.Meta.constraints,
            reference("discount", "discounts.Discount"),
        ]
        indexes = [
            models.Index(fields=["company", "discount"], name="coupon_discount"),
            models.Index(
                fields=["company", "number"],
                name="coupon_without_code",
                condition=models.Q(apply_without_code=True),
            ),
        ]


class UsageLimit(CompanyRow):
    """How often each code of the coupon may be used: in all, per channel or per customer."""

    class Scope(models.TextChoices):
        GLOBAL = "global"
        CHANNEL = "channel"
        CUSTOMER = "customer"

    coupon = CompanyKey(Coupon, models.CASCADE, related_name="usage_limits")
    scope = models.TextField(choices=Scope.choices)
    uses = models.PositiveIntegerField()

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("coupon", "coupons.Coupon"),
            models.UniqueConstraint(fields=["company", "coupon", "scope"], name="%(class)s_scope"),
            models.CheckConstraint(condition=models.Q(uses__gt=0), name="%(class)s_uses_positive"),
        ]


class CouponCode(NumberedRow, Validity):
    """One code. `code` is its normalised form, unique in the company; `typed` the form it was given in."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        INACTIVE = "inactive"
        VOIDED = "voided"

    coupon = CompanyKey(Coupon, models.PROTECT, related_name="codes")
    code = models.TextField()
    typed = models.TextField(null=True)
    barcode = models.TextField(null=True)
    status = models.TextField(choices=Status.choices, default=Status.ACTIVE)
    holder = CompanyKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    segment = models.TextField(default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta(NumberedRow.Meta):
        constraints = [
            *NumberedRow.Meta.constraints,
            *Validity.Meta.constraints,
            reference("coupon", "coupons.Coupon"),
            reference("holder", "customers.Customer"),
            models.UniqueConstraint(fields=["company", "code"], name="%(class)s_code_key"),
        ]
        indexes = [
            models.Index(fields=["company", "coupon", "id"], name="couponcode_by_coupon"),
            # Among millions of codes the few that were stopped are found without reading the others.
            models.Index(
                fields=["company", "coupon", "id"],
                name="couponcode_stopped",
                condition=models.Q(status__in=["inactive", "voided"]),
            ),
            models.Index(
                fields=["company", "holder"],
                name="couponcode_by_holder",
                condition=models.Q(holder__isnull=False),
            ),
        ]
