from django.db import models
from django.db.models.functions import Now

from kupong.organisation.keys import CompanyKey, CompanyRow, reference


class Redemption(CompanyRow):
    """A completed sale with coupons: the channel's order and the quote it was completed at, kept as answered."""

    class Status(models.TextChoices):
        REDEEMED = "redeemed"

    channel = CompanyKey("organisation.Channel", models.PROTECT, related_name="+")
    order = models.TextField()
    customer = CompanyKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    status = models.TextField(choices=Status.choices)
    at = models.DateTimeField()
    currency = models.TextField()
    gross = models.BigIntegerField()
    discount = models.BigIntegerField()
    net = models.BigIntegerField()
    quote = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("channel", "organisation.Channel"),
            reference("customer", "customers.Customer"),
            models.UniqueConstraint(fields=["company", "channel", "order"], name="%(class)s_order"),
        ]
        indexes = [
            models.Index(fields=["company", "order"], name="redemption_by_order"),
            models.Index(fields=["company", "at", "id"], name="redemption_by_time"),
            models.Index(fields=["company", "customer", "at"], name="redemption_by_customer"),
        ]


class LedgerEntry(CompanyRow):
    """One use of one code: taken, never changed. `use_no` counts the uses of the code; none is taken twice.

    `amount` is what the code took off, in minor units of `currency`.
    """

    class Kind(models.TextChoices):
        REDEEMED = "redeemed"

    kind = models.TextField(choices=Kind.choices)
    redemption = CompanyKey(Redemption, models.PROTECT, related_name="entries")
    code = CompanyKey("coupons.CouponCode", models.PROTECT, related_name="+")
    coupon = CompanyKey("coupons.Coupon", models.PROTECT, related_name="+")
    channel = CompanyKey("organisation.Channel", models.PROTECT, related_name="+")
    customer = CompanyKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    use_no = models.IntegerField()
    amount = models.BigIntegerField()
    currency = models.TextField()
    at = models.DateTimeField()

    class Meta(CompanyRow.Meta):
        verbose_name_plural = "ledger entries"
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("redemption", "redemption.Redemption"),
            reference("code", "coupons.CouponCode"),
            reference("coupon", "coupons.Coupon"),
            reference("channel", "organisation.Channel"),
            reference("customer", "customers.Customer"),
            models.UniqueConstraint(fields=["company", "code", "use_no"], name="%(class)s_use"),
            models.UniqueConstraint(
                fields=["company", "redemption", "code"], name="%(class)s_once"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "coupon", "at"], name="ledgerentry_by_coupon"),
            models.Index(fields=["company", "at"], name="ledgerentry_by_time"),
        ]


class UsageCounter(models.Model):
    """How often a code has been used in a scope. `limit_in_force` is the limit under which it was last taken.

    `scope_id` is the channel or the customer, 0 in the global scope. `last_use_no` never falls: it numbers
    the uses in the ledger. Rows change only under the lock on their code.
    """

    pk = models.CompositePrimaryKey("company_id", "code_id", "scope", "scope_id")
    company = models.ForeignKey(
        "organisation.Company", models.PROTECT, related_name="+", db_index=False
    )
    code = CompanyKey("coupons.CouponCode", models.PROTECT, related_name="+")
    scope = models.TextField()
    scope_id = models.BigIntegerField(default=0)
    uses = models.IntegerField()
    last_use_no = models.IntegerField()
    limit_in_force = models.IntegerField(null=True)

    class Meta:
        constraints = [
            reference("code", "coupons.CouponCode"),
            models.CheckConstraint(
                condition=models.Q(uses__gte=0, uses__lte=models.F("last_use_no"))
                & (models.Q(limit_in_force=None) | models.Q(uses__lte=models.F("limit_in_force"))),
                name="%(class)s_within_limit",
            ),
        ]
