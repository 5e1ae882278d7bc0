"""A shop with something to look at: a coupon that was handed out, and sales that used it."""

import re
from typing import Any

import pytest
from django.test import Client

from kupong.coupons.models import Coupon, CouponCode
from kupong.discounts.book import forget_books
from kupong.organisation import sign_in
from kupong.redemption.shapes import RedemptionAnswer
from tests.redemption.world import World, build


class Shelf(World):
    """The world of the tests of selling, with the coupon SPRING handed out."""

    def spring(self) -> Coupon:
        return Coupon.objects.get(company=self.company, number="SPRING")

    def issue(self, coupon: Coupon, *codes: str, **fields: Any) -> list[CouponCode]:
        """Codes of the coupon, which keeps count of them; numbered in their order over the company."""
        made = []
        for text in codes:
            number = f"CODE-{CouponCode.objects.count() + 1:09d}"
            made.append(
                CouponCode.objects.create(
                    company=self.company, coupon=coupon, number=number, code=text, **fields
                )
            )
        coupon.code_count += len(made)
        coupon.save()
        return made

    def sold(self, *codes: str, **fields: Any) -> str:
        """The id of the redemption."""
        answer = self.redeem(*codes, **fields)
        assert isinstance(answer, RedemptionAnswer), answer
        return answer.id


def stocked() -> Shelf:
    forget_books()
    world = build()
    return Shelf(world.company, world.groups)


@pytest.fixture
def shelf(db: None) -> Shelf:
    return stocked()


@pytest.fixture
def staff(shelf: Shelf) -> Client:
    """Signed in at the shop."""
    return signed_in()


def signed_in() -> Client:
    client = Client()
    client.post(f"/sign-in/{sign_in.create_link()}")
    return client


def words_of(answer: Any) -> str:
    """The words of a page, without its marks and with single spaces."""
    main = re.sub(r"(?s)^.*<main[^>]*>", "", answer.text)
    words = re.sub(r"<[^>]*>", " ", main).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", words).strip()


def shown(client: Client, path: str, language: str = "en") -> str:
    """What the page says; it is there."""
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, (path, answer.status_code)
    return words_of(answer)
