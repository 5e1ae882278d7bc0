from django.db import models

from kupong.organisation.keys import CompanyKey, CompanyRow, NumberedRow, reference


class Customer(NumberedRow):
    """A person who buys, and who may be written to."""

    first_name = models.TextField(default="")
    name = models.TextField(default="")
    email = models.TextField(default="")
    email_opt_out = models.BooleanField(default=False)
    language = models.TextField(default="en")


class CustomerAffiliation(CompanyRow):
    customer = CompanyKey(Customer, models.CASCADE, related_name="in_affiliations")
    affiliation = CompanyKey("organisation.Affiliation", models.PROTECT, related_name="+")

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            reference("customer", "customers.Customer"),
            reference("affiliation", "organisation.Affiliation"),
            models.UniqueConstraint(
                fields=["company", "customer", "affiliation"], name="%(class)s_once"
            ),
        ]
