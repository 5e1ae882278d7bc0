"""Coupons that staff may apply without a code: the first usable code is put on the sale (C33 to C36).

"First" is by the code's number; usable is by status, dates, holder and every limit (specification 2.7).
"""

from datetime import datetime

import msgspec

from kupong.organisation.plans import Plan, Statement
from kupong.pricing.carts import Cart, PricedCart, Unlocked
from kupong.pricing.engine import price
from kupong.redemption.facts import CartFacts, Setting, codes_from, codes_statement
from kupong.redemption.rules import Ineligible, Sale, Verdict, judge_codes
from kupong.redemption.shapes import AvailableAnswer

_FIRST_USABLE = """
SELECT k.number, usable.code
FROM coupons_coupon k
LEFT JOIN LATERAL (
    SELECT c.code FROM coupons_couponcode c
    WHERE (c.company_id, c.coupon_id) = (k.company_id, k.id) AND c.status = 'active'
      AND (c.holder_id IS NULL OR c.holder_id = %(customer)s)
      AND coalesce(c.valid_from_date <= %(day)s, true) AND coalesce(c.valid_to_date >= %(day)s, true)
      AND coalesce(c.valid_from_at <= %(at)s, true) AND coalesce(c.valid_to_at >= %(at)s, true)
      AND NOT EXISTS (
        SELECT FROM coupons_usagelimit l
        JOIN redemption_usagecounter u
          ON (u.company_id, u.code_id, u.scope) = (c.company_id, c.id, l.scope)
         AND u.scope_id = CASE l.scope WHEN 'global' THEN 0 WHEN 'channel' THEN %(channel)s
                                       ELSE %(customer)s END
        WHERE (l.company_id, l.coupon_id) = (k.company_id, k.id) AND u.uses >= l.uses)
    ORDER BY c.number LIMIT 1
) usable ON true
WHERE k.company_id = %(company)s AND k.apply_without_code AND k.status = 'active'
  AND (%(wanted)s::text[] IS NULL OR k.number = ANY(%(wanted)s::text[]))
ORDER BY k.number
"""


def first_usable_codes(
    setting: Setting, at: datetime, coupons: list[str] | None = None
) -> Plan[dict[str, str | None]]:
    """The code to take for each such coupon (of `coupons`, or of all); None when none is usable."""
    assert setting.channel is not None
    figures = {
        "company": setting.company_id,
        "channel": setting.channel.id,
        "customer": setting.customer.id if setting.customer else None,
        "at": at,
        "day": at.astimezone(setting.channel.zone).date(),
        "wanted": coupons,
    }
    (rows,) = yield (Statement(_FIRST_USABLE, figures),)
    return dict(rows)


def available(
    setting: Setting,
    facts: CartFacts,
    cart: Cart,
    judged: list[Verdict],
    sale: Sale,
    ineligible: Ineligible,
) -> Plan[list[AvailableAnswer]]:
    """What each coupon that staff may apply would take off this cart besides what applies already."""
    codes = yield from first_usable_codes(setting, sale.at)
    offers = [code for code in codes.values() if code]
    if not offers or setting.channel is None:
        return []
    (rows,) = yield (
        codes_statement(
            setting.company_id, [(code, setting.channel.id, sale.customer_id) for code in offers]
        ),
    )
    local = sale.at.astimezone(sale.zone)
    before = _taken_off(price(cart, facts.book, local))
    answers = []
    on_cart = [verdict.typed for verdict in judged]
    for place, code in codes_from(rows).items():
        verdict = judge_codes(
            [*on_cart, offers[place]], {**facts.codes, len(on_cart): code}, sale, ineligible
        )[-1]
        if verdict.refused or code.discount is None:
            continue
        opened = Unlocked(discount=code.discount, coupon=code.coupon, code=code.code)
        with_it = msgspec.structs.replace(cart, unlocked=(*cart.unlocked, opened))
        amount = _taken_off(price(with_it, facts.book, local)) - before
        if amount > 0:
            answers.append(
                AvailableAnswer(
                    discount=code.discount,
                    coupon=code.coupon,
                    apply_without_code=True,
                    amount=amount,
                )
            )
    return answers


def _taken_off(priced: PricedCart) -> int:
    """From goods and delivery together, in minor units."""
    return priced.discount + (priced.delivery.discount if priced.delivery else 0)
