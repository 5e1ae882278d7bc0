"""What keys with role `public` are told: nothing that helps to find codes.

Every refused code gets the one answer `code_not_usable`, whatever stands behind it. The one exception tells
nothing new: a code that was accepted on the same cart is already on it.
"""

import msgspec

from kupong.kernel.identifiers import normalise_code
from kupong.kernel.reason_texts import message
from kupong.kernel.reasons import Reason, Refused
from kupong.redemption.shapes import CodeAnswer, CodeCheck, Quote

_UNIFORM = Refused(Reason.CODE_NOT_USABLE)


def discreet_quote(quote: Quote, language: str) -> Quote:
    """The quote without the reasons of refused codes, and without what only a code or staff would open."""
    accepted = {normalise_code(one.code) for one in quote.codes if one.status != "refused"}
    return msgspec.structs.replace(
        quote,
        codes=[_discreet_code(one, accepted, language) for one in quote.codes],
        not_applied=[one for one in quote.not_applied if one.reason is not Reason.CODE_REQUIRED],
        available=[],
    )


def discreet_checks(checks: list[CodeCheck], language: str) -> list[CodeCheck]:
    return [
        check
        if check.usable
        else CodeCheck(
            code=check.code,
            coupon=None,
            usable=False,
            reason=_UNIFORM.reason,
            message=message(_UNIFORM, language),
        )
        for check in checks
    ]


def _discreet_code(answer: CodeAnswer, accepted: set[str], language: str) -> CodeAnswer:
    repeated = answer.reason is Reason.ALREADY_ON_CART and normalise_code(answer.code) in accepted
    if answer.status != "refused" or repeated:
        return answer
    return CodeAnswer(
        code=answer.code,
        coupon=None,
        status="refused",
        reason=_UNIFORM.reason,
        message=message(_UNIFORM, language),
    )
