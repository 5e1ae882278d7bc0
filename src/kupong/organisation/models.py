from django.db import models

from kupong.organisation.keys import CompanyKey, CompanyRow, NumberedRow, reference


class Company(models.Model):
    """A company: everything else belongs to one."""

    id = models.BigAutoField(primary_key=True)
    number = models.TextField(unique=True)
    name = models.TextField()

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class Parameters(CompanyRow):
    """A company's rules. `pricing` holds what differs from the defaults of `pricing.discounts.Settings`."""

    currency = models.TextField(default="USD")
    rounding_step = models.PositiveIntegerField(default=1)
    pricing = models.JSONField(default=dict)

    class Meta(CompanyRow.Meta):
        verbose_name_plural = "parameters"
        constraints = [
            *CompanyRow.Meta.constraints,
            models.UniqueConstraint(fields=["company"], name="parameters_one_per_company"),
        ]


class PriceGroup(NumberedRow):
    """Connects discounts with channels and affiliations. Every transaction carries the group ALL."""

    priority = models.IntegerField(default=0)


class Affiliation(NumberedRow):
    """What a customer belongs to (students, staff): adds price groups."""


class AffiliationPriceGroup(CompanyRow):
    affiliation = CompanyKey(Affiliation, models.CASCADE, related_name="groups")
    price_group = CompanyKey(PriceGroup, models.PROTECT, related_name="+")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("affiliation", "organisation.Affiliation"),
            reference("price_group", "organisation.PriceGroup"),
            models.UniqueConstraint(
                fields=["company", "affiliation", "price_group"], name="%(class)s_once"
            ),
        ]


class Channel(NumberedRow):
    """Where things are sold: a till (pos), a call centre or an online shop, with its own wall clock."""

    class Kind(models.TextChoices):
        POS = "pos"
        CALL_CENTRE = "call_centre"
        ONLINE = "online"

    name = models.TextField(default="")
    kind = models.TextField(choices=Kind.choices)
    currency = models.TextField()
    time_zone = models.TextField()
    order_completion = models.BooleanField(default=True)


class ChannelPriceGroup(CompanyRow):
    channel = CompanyKey(Channel, models.CASCADE, related_name="groups")
    price_group = CompanyKey(PriceGroup, models.PROTECT, related_name="+")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("channel", "organisation.Channel"),
            reference("price_group", "organisation.PriceGroup"),
            models.UniqueConstraint(
                fields=["company", "channel", "price_group"], name="%(class)s_once"
            ),
        ]


class NumberSequence(CompanyRow):
    """Hands out the numbers of one reference (coupon, coupon_code, …) in the format of `numbering.formats`."""

    reference = models.TextField()
    format = models.TextField()
    next = models.BigIntegerField(default=1)
    largest = models.BigIntegerField()

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["company", "reference"], name="%(class)s_reference_key"
            ),
            models.CheckConstraint(
                condition=models.Q(next__gte=0) & models.Q(next__lte=models.F("largest") + 1),
                name="%(class)s_within_range",
            ),
        ]


class ApiKey(CompanyRow):
    """A key for programs: its prefix is shown, of the secret only the SHA-256 is kept."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator"
        CHANNEL = "channel"
        PUBLIC = "public"

    name = models.TextField(default="")
    role = models.TextField(choices=Role.choices)
    channel = CompanyKey(Channel, models.PROTECT, null=True, related_name="+")
    prefix = models.TextField()
    digest = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("channel", "organisation.Channel"),
            models.UniqueConstraint(fields=["company", "prefix"], name="%(class)s_prefix_key"),
        ]
        indexes = [models.Index(fields=["prefix"], name="apikey_prefix")]


class SignInLink(CompanyRow):
    """A link that signs its holder in once. Only the SHA-256 of its token is kept."""

    digest = models.BinaryField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            models.UniqueConstraint(fields=["company", "digest"], name="%(class)s_digest_key"),
        ]
        indexes = [models.Index(fields=["digest"], name="signinlink_digest")]
