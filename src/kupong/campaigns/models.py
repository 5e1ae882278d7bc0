from django.db import models
from django.db.models.functions import Now

from kupong.campaigns.states import State
from kupong.organisation.keys import CompanyKey, CompanyRow, NumberedRow, reference

# What a delivery that was not analysed with success may be: everything beyond has messages, and codes enough.
_BEFORE_READY = [State.DRAFT, State.ANALYSING, State.ANALYSIS_FAILED, State.STOPPING, State.STOPPED]


class Delivery(NumberedRow):
    """One mailing: what is written to whom, with which coupon, and how far it has come.

    The counts are those of the last analysis, None when there is none in force. `seed` decides whom a limit
    leaves out and stays, so that a repeated analysis keeps the same people. `job_no` is the job row of the
    analysis under way. A job is expected to act before `attended_until`.
    """

    class Target(models.TextChoices):
        ALL = "all"
        CUSTOMERS = "customers"

    label = models.TextField()
    channel = models.TextField(default="email")
    sender = models.TextField(default="")
    subject = models.TextField(default="")
    html = models.TextField(default="")
    coupon = CompanyKey("coupons.Coupon", models.PROTECT, null=True, related_name="+")
    limit = models.PositiveIntegerField(default=0)
    contact_date = models.DateTimeField(null=True)
    target = models.TextField(choices=Target.choices, default=Target.CUSTOMERS)
    seed = models.BigIntegerField()
    state = models.TextField(default=State.DRAFT)
    job_no = models.BigIntegerField(null=True)
    need = models.IntegerField(null=True)
    have = models.IntegerField(null=True)
    short = models.IntegerField(null=True)
    to_send = models.IntegerField(null=True)
    excluded = models.JSONField(default=dict)
    server_failures = models.IntegerField(default=0)
    attended_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(NumberedRow.Meta):
        verbose_name_plural = "deliveries"
        constraints = [
            *NumberedRow.Meta.constraints,
            reference("coupon", "coupons.Coupon"),
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in State]),
                name="%(class)s_known_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[str(state) for state in _BEFORE_READY])
                | models.Q(short=0, to_send__gt=0),
                name="%(class)s_never_short",
            ),
        ]
        indexes = [models.Index(fields=["company", "coupon"], name="delivery_by_coupon")]


class DeliveryTarget(CompanyRow):
    """A customer who was chosen by number."""

    delivery = CompanyKey(Delivery, models.CASCADE, related_name="targets")
    customer = CompanyKey("customers.Customer", models.PROTECT, related_name="+")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("delivery", "campaigns.Delivery"),
            reference("customer", "customers.Customer"),
            models.UniqueConstraint(
                fields=["company", "delivery", "customer"], name="%(class)s_once"
            ),
        ]


class DeliveryLog(CompanyRow):
    """What happened to a delivery, never changed: a key with figures, put into words when it is read."""

    class Level(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"

    delivery = CompanyKey(Delivery, models.PROTECT, related_name="log")
    at = models.DateTimeField()
    level = models.TextField(choices=Level.choices)
    key = models.TextField()
    figures = models.JSONField(default=dict)

    class Meta(CompanyRow.Meta):
        constraints = [*CompanyRow.Meta.constraints, reference("delivery", "campaigns.Delivery")]
        indexes = [models.Index(fields=["company", "delivery", "id"], name="deliverylog_in_order")]


class Message(CompanyRow):
    """One recipient's message: at most one for a customer, and one for an address, of a delivery.

    `address` is the one it goes to, trimmed and in lower case, whatever the customer's becomes later.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"

    delivery = CompanyKey(Delivery, models.PROTECT, related_name="messages")
    customer = CompanyKey("customers.Customer", models.PROTECT, related_name="+")
    address = models.TextField()
    status = models.TextField(choices=Status.choices)
    cause = models.TextField(default="", db_default="")
    code = CompanyKey("coupons.CouponCode", models.PROTECT, null=True, related_name="+")
    attempts = models.IntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", db_default="")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("delivery", "campaigns.Delivery"),
            reference("customer", "customers.Customer"),
            reference("code", "coupons.CouponCode"),
            models.UniqueConstraint(
                fields=["company", "delivery", "customer"], name="%(class)s_once"
            ),
            models.UniqueConstraint(
                fields=["company", "delivery", "address"], name="%(class)s_one_per_address"
            ),
            models.CheckConstraint(
                condition=models.Q(status="pending", sent_at=None)
                | models.Q(status="sent", sent_at__isnull=False)
                | models.Q(status="failed", sent_at=None)
                | models.Q(status="cancelled", sent_at=None, code=None),
                name="%(class)s_status_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "delivery", "status", "id"], name="message_by_status")
        ]


class CodeIssue(models.Model):
    """The live issue of an individual code: at most one for a code, at most one for a message."""

    class State(models.TextChoices):
        RESERVED = "reserved"
        SENT = "sent"
        UNDELIVERED = "undelivered"

    pk = models.CompositePrimaryKey("company_id", "code_id")
    company = models.ForeignKey(
        "organisation.Company", models.PROTECT, related_name="+", db_index=False
    )
    code = CompanyKey("coupons.CouponCode", models.PROTECT, related_name="+")
    message = CompanyKey(Message, models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices)
    address = models.TextField()
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [
            reference("code", "coupons.CouponCode"),
            reference("message", "campaigns.Message"),
            models.UniqueConstraint(fields=["company", "message"], name="%(class)s_one_code"),
            models.CheckConstraint(
                condition=models.Q(state__in=["reserved", "sent", "undelivered"]),
                name="%(class)s_known_state",
            ),
        ]


class IssueEvent(CompanyRow):
    """What happened to the issue of an individual code, never changed or deleted.

    `message_no` names the message as it was: a repeated analysis makes new ones.
    """

    class Kind(models.TextChoices):
        ASSIGNED = "assigned"
        RECYCLED = "recycled"
        RELEASED = "released"
        SENT = "sent"
        UNDELIVERED = "undelivered"

    kind = models.TextField(choices=Kind.choices)
    code = CompanyKey("coupons.CouponCode", models.PROTECT, related_name="+")
    delivery = CompanyKey(Delivery, models.PROTECT, related_name="+")
    message_no = models.BigIntegerField()
    address = models.TextField()
    at = models.DateTimeField()

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("code", "coupons.CouponCode"),
            reference("delivery", "campaigns.Delivery"),
        ]
        indexes = [models.Index(fields=["company", "code", "id"], name="issueevent_by_code")]
