"""Rows as the rooms below would write them: a company, its coupons, and uses of their codes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kupong.coupons.models import Coupon, CouponCode
from kupong.organisation.models import Channel, Company
from kupong.redemption.models import LedgerEntry, Redemption

NEW_YORK = ZoneInfo("America/New_York")


class Shop:
    """A company with one channel; `use` takes a use of a coupon's code, each time of a new one."""

    def __init__(self, number: str = "1", zone: str = "America/New_York") -> None:
        self.company = Company.objects.create(number=number, name=f"Chain {number}")
        self.channel = self.new_channel("TILL", zone)
        self.uses = 0

    def new_channel(self, number: str, zone: str) -> Channel:
        return Channel.objects.create(
            company=self.company, number=number, kind="pos", currency="USD", time_zone=zone
        )

    def coupon(self, number: str, **options: Any) -> Coupon:
        options = {"kind": "individual", "status": "active", "label": f"Label {number}"} | options
        return Coupon.objects.create(company=self.company, number=number, **options)

    def use(
        self, coupon: Coupon, at: datetime, amount: int = 100, currency: str = "USD", **options: Any
    ) -> LedgerEntry:
        self.uses += 1
        channel = options.get("channel", self.channel)
        name = f"{coupon.number}-{self.uses}"
        code = CouponCode.objects.create(
            company=self.company, number=name, code=name.upper(), coupon=coupon
        )
        sale = Redemption.objects.create(
            company=self.company,
            channel=channel,
            order=name,
            status="redeemed",
            at=at,
            currency=currency,
            gross=1000,
            discount=amount,
            net=1000 - amount,
            quote={},
        )
        return LedgerEntry.objects.create(
            company=self.company,
            kind="redeemed",
            redemption=sale,
            code=code,
            coupon=coupon,
            channel=channel,
            use_no=1,
            amount=amount,
            currency=currency,
            at=at,
        )
