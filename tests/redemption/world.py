"""A small company to sell in: the common data of the specification's scenarios (coupons, section 4)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from kupong.catalog.models import Category, Product, ProductCategory
from kupong.coupons.models import Coupon, CouponCode, UsageLimit
from kupong.customers.models import Customer, CustomerAffiliation
from kupong.discounts.models import BookVersion, Discount, DiscountLine, DiscountPriceGroup
from kupong.organisation.models import (
    Affiliation,
    AffiliationPriceGroup,
    Channel,
    ChannelPriceGroup,
    Company,
    Parameters,
    PriceGroup,
)
from kupong.organisation.validity import columns
from kupong.redemption import service
from kupong.redemption.shapes import (
    Quote,
    QuoteRequest,
    RedemptionAnswer,
    RedemptionRequest,
    Rejected,
)

NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)  # noon in Houston
GOODS = [("1", "J", "1"), ("2", "S", "2"), ("3", "K", "1")]


@dataclass
class World:
    """Jackets 80.00, shirts 25.00, socks 5.00; D10 takes 10 % off jackets and shirts; coupon SPRING opens it."""

    company: Company
    groups: dict[str, PriceGroup] = field(default_factory=dict)
    orders: int = 0

    def group(self, number: str) -> PriceGroup:
        if number not in self.groups:
            self.groups[number] = PriceGroup.objects.create(company=self.company, number=number)
        return self.groups[number]

    def channel(self, number: str, kind: str = "pos", **fields: Any) -> Channel:
        fields = {"currency": "USD", "time_zone": "America/Chicago"} | fields
        channel = Channel.objects.create(company=self.company, number=number, kind=kind, **fields)
        ChannelPriceGroup.objects.create(
            company=self.company, channel=channel, price_group=self.group(number)
        )
        return channel

    def product(self, number: str, price: int, **fields: Any) -> Product:
        return Product.objects.create(
            company=self.company, number=number, price=price, currency="USD", **fields
        )

    def category(self, lineage: list[str], *products: str) -> Category:
        parent = Category.objects.filter(company=self.company, number=lineage[-2:-1] or "").first()
        made = Category.objects.create(
            company=self.company, number=lineage[-1], parent=parent, lineage=lineage
        )
        for number in products:
            product = Product.objects.get(company=self.company, number=number)
            ProductCategory.objects.create(company=self.company, product=product, category=made)
        return made

    def customer(self, number: str, *affiliations: str) -> Customer:
        customer = Customer.objects.create(company=self.company, number=number)
        for name in affiliations:
            CustomerAffiliation.objects.create(
                company=self.company,
                customer=customer,
                affiliation=Affiliation.objects.get(company=self.company, number=name),
            )
        return customer

    def affiliation(self, number: str) -> Affiliation:
        made = Affiliation.objects.create(company=self.company, number=number)
        AffiliationPriceGroup.objects.create(
            company=self.company, affiliation=made, price_group=self.group(number)
        )
        return made

    def discount(
        self,
        number: str,
        lines: list[dict[str, Any]],
        groups: tuple[str, ...] = ("ALL",),
        **fields: Any,
    ) -> Discount:
        fields = {"currency": "USD", "status": "enabled", "requires_code": True} | fields
        discount = Discount.objects.create(
            company=self.company, number=number, revision=self.next_version(), **fields
        )
        for position, line in enumerate(lines):
            line = dict(line)
            if "product" in line:
                line["product"] = Product.objects.get(company=self.company, number=line["product"])
            DiscountLine.objects.create(
                company=self.company, discount=discount, position=position, **line
            )
        for group in groups:
            DiscountPriceGroup.objects.create(
                company=self.company, discount=discount, price_group=self.group(group)
            )
        return discount

    def next_version(self) -> int:
        version, _ = BookVersion.objects.get_or_create(company=self.company)
        version.version += 1
        version.save()
        return version.version

    def touch(self, discount: Discount, **fields: Any) -> None:
        for name, value in (fields | {"revision": self.next_version()}).items():
            setattr(discount, name, value)
        discount.save()

    def coupon(
        self,
        number: str,
        discount: Discount | None,
        limits: dict[str, int] | None = None,
        **fields: Any,
    ) -> Coupon:
        valid = columns(fields.pop("valid_from", None), fields.pop("valid_to", None))
        fields = {"kind": "individual", "status": "active", "label": number} | fields | valid
        coupon = Coupon.objects.create(
            company=self.company, number=number, discount=discount, **fields
        )
        for scope, uses in (limits or {}).items():
            UsageLimit.objects.create(company=self.company, coupon=coupon, scope=scope, uses=uses)
        return coupon

    def code(self, coupon: Coupon, code: str, **fields: Any) -> CouponCode:
        valid = columns(fields.pop("valid_from", None), fields.pop("valid_to", None))
        return CouponCode.objects.create(
            company=self.company, coupon=coupon, number=f"CODE-{code}", code=code, **fields, **valid
        )

    def cart(self, *codes: str, **fields: Any) -> dict[str, Any]:
        goods = fields.pop("goods", GOODS)
        lines = [{"id": id, "product": product, "quantity": n} for id, product, n in goods]
        return {"channel": "HOUSTON", "at": NOON, "lines": lines, "codes": codes} | fields

    def quote(self, *codes: str, **fields: Any) -> Quote:
        answer = self.try_quote(*codes, **fields)
        assert isinstance(answer, Quote), answer
        return answer

    def try_quote(self, *codes: str, **fields: Any) -> Quote | Rejected:
        request = msgspec.convert(self.cart(*codes, **fields), QuoteRequest)
        return service.quote(self.company.id, request, NOON)

    def redeem(self, *codes: str, **fields: Any) -> RedemptionAnswer | Rejected:
        self.orders += 1
        body = self.cart(*codes, **({"order": f"R-{self.orders}"} | fields))
        request = msgspec.convert(body, RedemptionRequest)
        return service.redeem(self.company.id, request, NOON)


def build() -> World:
    company = Company.objects.create(number=f"C{Company.objects.count()}", name="Shop")
    Parameters.objects.create(company=company)
    world = World(company)
    for channel in ("HOUSTON", "SEATTLE"):
        world.channel(channel)
    for product, price in (("J", 8000), ("S", 2500), ("K", 500)):
        world.product(product, price)
    for customer in ("2001", "2002"):
        world.customer(customer)
    discount = world.discount(
        "D10", [{"product": "J", "percent_off": "10"}, {"product": "S", "percent_off": "10"}]
    )
    world.coupon("SPRING", discount)
    return world
