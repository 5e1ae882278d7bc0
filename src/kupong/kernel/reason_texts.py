"""What each refusal says to people, in English and Swedish. Pure data: no gettext in the kernel.

A part in brackets is said only when all of its figures are known: `Expired[ on {until}].`
"""

import re
from collections.abc import Mapping
from typing import Any

from kupong.kernel.reasons import Reason, Refused

LANGUAGES = ("en", "sv")

TEXTS: Mapping[Reason, Mapping[str, str]] = {
    Reason.NOT_FOUND: {
        "en": "There is no such code.",
        "sv": "Koden finns inte.",
    },
    Reason.INACTIVE: {
        "en": "The code is not active.",
        "sv": "Koden är inte aktiv.",
    },
    Reason.VOIDED: {
        "en": "The code has been voided.",
        "sv": "Koden är makulerad.",
    },
    Reason.NO_DISCOUNT: {
        "en": "The coupon has no discount, so it cannot be used at the till.",
        "sv": "Kupongen har ingen rabatt och kan inte användas i kassan.",
    },
    Reason.NOT_STARTED: {
        "en": "Not valid yet[: valid from {since}].",
        "sv": "Gäller inte än[: gäller från {since}].",
    },
    Reason.EXPIRED: {
        "en": "Expired[ on {until}].",
        "sv": "Gick ut[ {until}].",
    },
    Reason.OUTSIDE_HOURS: {
        "en": "Not valid at this hour.",
        "sv": "Gäller inte vid den här tiden.",
    },
    Reason.ALREADY_ON_CART: {
        "en": "The code is already on the cart.",
        "sv": "Koden ligger redan i varukorgen.",
    },
    Reason.SAME_COUPON: {
        "en": "Another code of the same coupon is on the cart[: {by}].",
        "sv": "En annan kod av samma kupong ligger i varukorgen[: {by}].",
    },
    Reason.CUSTOMER_REQUIRED: {
        "en": "The coupon needs a customer on the cart.",
        "sv": "Kupongen kräver en kund i varukorgen.",
    },
    Reason.WRONG_HOLDER: {
        "en": "The code belongs to another customer.",
        "sv": "Koden tillhör en annan kund.",
    },
    Reason.NOT_ELIGIBLE: {
        "en": "Not for this customer or channel[: needs {need}].",
        "sv": "Inte för den här kunden eller kanalen[: kräver {need}].",
    },
    Reason.WRONG_CURRENCY: {
        "en": "Valid in another currency only[: {need}].",
        "sv": "Gäller bara i en annan valuta[: {need}].",
    },
    Reason.EXCLUSIVE_CONFLICT: {
        "en": "Cannot be combined with other coupons[: {by} is exclusive].",
        "sv": "Kan inte kombineras med andra kuponger[: {by} är exklusiv].",
    },
    Reason.ORDER_COMPLETION_REQUIRED: {
        "en": "Limited codes need order completion, which this channel does not have.",
        "sv": "Begränsade koder kräver orderavslut, vilket kanalen inte har.",
    },
    Reason.EXHAUSTED: {
        "en": "All uses are spent[: {have} of {limit}, per {scope}].",
        "sv": "Alla användningar är förbrukade[: {have} av {limit}, per {scope}].",
    },
    Reason.NO_USABLE_CODE: {
        "en": "The coupon has no usable code left.",
        "sv": "Kupongen har ingen användbar kod kvar.",
    },
    Reason.CODE_NOT_USABLE: {
        "en": "The code cannot be used.",
        "sv": "Koden kan inte användas.",
    },
    Reason.DISABLED: {
        "en": "The discount is disabled.",
        "sv": "Rabatten är avstängd.",
    },
    Reason.CODE_REQUIRED: {
        "en": "The discount needs a coupon code.",
        "sv": "Rabatten kräver en kupongkod.",
    },
    Reason.NO_MATCHING_LINES: {
        "en": "Nothing in the cart is covered by it.",
        "sv": "Inget i varukorgen omfattas.",
    },
    Reason.UNIT_MISMATCH: {
        "en": "The covered goods are sold in another unit[: needs {need}].",
        "sv": "Varorna säljs i en annan enhet[: kräver {need}].",
    },
    Reason.DISCOUNTS_PREVENTED: {
        "en": "The covered goods take no discounts.",
        "sv": "Varorna kan inte rabatteras.",
    },
    Reason.NOT_ENOUGH_UNITS: {
        "en": "Too few units for it[: needs {need}, has {have}][, {missing} missing].",
        "sv": "För få enheter[: behöver {need}, har {have}][, {missing} saknas].",
    },
    Reason.BELOW_THRESHOLD: {
        "en": "The goods do not reach its threshold[: needs {need}, has {have}, {missing} missing].",
        "sv": "Varorna når inte upp till tröskeln[: behöver {need}, har {have}, {missing} saknas].",
    },
    Reason.BEATEN: {
        "en": "Something else gives more[: {by}].",
        "sv": "Något annat ger mer[: {by}].",
    },
    Reason.BLOCKED_BY_EXCLUSIVE: {
        "en": "An exclusive discount holds the goods[: {by}].",
        "sv": "En exklusiv rabatt håller varorna[: {by}].",
    },
    Reason.BLOCKED_BY_PRIORITY: {
        "en": "A discount of higher priority was applied[: {by}].",
        "sv": "En rabatt med högre prioritet tillämpades[: {by}].",
    },
    Reason.GIVES_NOTHING: {
        "en": "It gives nothing on this cart.",
        "sv": "Den ger inget på den här varukorgen.",
    },
    Reason.NOT_SUPPORTED: {
        "en": "This is not known to this version[: {feature}].",
        "sv": "Detta känner den här versionen inte till[: {feature}].",
    },
    Reason.NO_LINES: {
        "en": "The discount has no line that includes anything.",
        "sv": "Rabatten har ingen rad som omfattar något.",
    },
    Reason.NO_PRICE_GROUP: {
        "en": "The discount has no price group, so it could never apply.",
        "sv": "Rabatten saknar prisgrupp och kan därför aldrig gälla.",
    },
    Reason.PERCENT_OUT_OF_RANGE: {
        "en": "A percentage must be above 0 and at most 100[: {have}].",
        "sv": "En procentsats måste vara över 0 och högst 100[: {have}].",
    },
    Reason.AMOUNT_NOT_POSITIVE: {
        "en": "An amount must be above zero[: {have}].",
        "sv": "Ett belopp måste vara över noll[: {have}].",
    },
    Reason.NOT_POSITIVE: {
        "en": "The value must be above zero[: {have}].",
        "sv": "Värdet måste vara över noll[: {have}].",
    },
    Reason.ONE_BENEFIT: {
        "en": "Exactly one benefit must be given[: one of {need}].",
        "sv": "Exakt en förmån måste anges[: en av {need}].",
    },
    Reason.MIXED_BENEFITS: {
        "en": "All tiers must give the same kind of benefit[: {need}, not {have}].",
        "sv": "Alla nivåer måste ge samma slags förmån[: {need}, inte {have}].",
    },
    Reason.TIERS_NOT_ASCENDING: {
        "en": "Each tier must start above the one before it[: above {need}, not at {have}].",
        "sv": "Varje nivå måste börja över den förra[: över {need}, inte vid {have}].",
    },
    Reason.TIER_NOT_BETTER: {
        "en": "A tier must not give less than the one before it could[: {have} after {need}].",
        "sv": "En nivå får inte ge mindre än den förra kunde ge[: {have} efter {need}].",
    },
    Reason.GROUP_WITHOUT_LINES: {
        "en": "The group has no line that includes anything.",
        "sv": "Gruppen har ingen rad som omfattar något.",
    },
    Reason.ONLY_MANDATORY: {
        "en": "At least one group must not be mandatory: a mandatory group only sets a condition on the others.",
        "sv": "Minst en grupp får inte vara obligatorisk: en obligatorisk grupp är bara ett villkor på de andra.",
    },
    Reason.MANDATORY_TOO_MANY: {
        "en": "A mandatory group asks for more units than there are together[: {need} of {have}].",
        "sv": "En obligatorisk grupp kräver fler enheter än det finns tillsammans[: {need} av {have}].",
    },
    Reason.COUNT_TOO_LARGE: {
        "en": "Fewer units must be cheaper than are bought together[: {have}, at most {limit}].",
        "sv": "Färre enheter måste bli billigare än som köps tillsammans[: {have}, högst {limit}].",
    },
    Reason.TEMPLATE_INVALID: {
        "en": "The template[ of the {field}] cannot be used[ (line {line})][: {problem}].",
        "sv": "Mallen[ för {field}] kan inte användas[ (rad {line})][: {problem}].",
    },
    Reason.TEMPLATE_TOO_LARGE: {
        "en": "The template[ of the {field}] is too large, or becomes so[: the limit is {limit}].",
        "sv": "Mallen[ för {field}] är för stor eller blir det[: gränsen är {limit}].",
    },
    Reason.UNKNOWN_FIELD: {
        "en": "The template[ of the {field}] uses a field that does not exist[: {value}].",
        "sv": "Mallen[ för {field}] använder ett fält som inte finns[: {value}].",
    },
    Reason.COUPON_MISSING: {
        "en": "The content uses the coupon, but no coupon is attached[: {value}].",
        "sv": "Innehållet använder kupongen men ingen kupong är kopplad[: {value}].",
    },
    Reason.COUPON_UNUSED: {
        "en": "The coupon[ {by}] is attached, but the content does not use its code: no codes are drawn.",
        "sv": "Kupongen[ {by}] är kopplad men innehållet använder inte dess kod: inga koder dras.",
    },
    Reason.COUPON_VOIDED: {
        "en": "The coupon[ {by}] has been voided.",
        "sv": "Kupongen[ {by}] är makulerad.",
    },
    Reason.COUPON_NOT_ACTIVE: {
        "en": "The coupon[ {by}] is not active: tills refuse its codes until it is.",
        "sv": "Kupongen[ {by}] är inte aktiv: kassorna nekar dess koder tills den är det.",
    },
    Reason.COUPON_OVER: {
        "en": "The coupon[ {by}] ends before the messages go out[: valid until {until}].",
        "sv": "Kupongen[ {by}] tar slut innan meddelandena skickas[: gäller till {until}].",
    },
    Reason.NO_RECIPIENTS: {
        "en": "There is nobody to write to.",
        "sv": "Det finns ingen att skriva till.",
    },
    Reason.NOT_ENOUGH_CODES: {
        "en": "Too few codes[: need {need}, have {have}, short {short}].",
        "sv": "För få koder[: behöver {need}, har {have}, saknar {short}].",
    },
    Reason.MAIL_SERVER: {
        "en": "The mail server does not take the messages[: {answer}].",
        "sv": "E-postservern tar inte emot meddelandena[: {answer}].",
    },
    Reason.AMOUNT_CHANGED: {
        "en": "The amount to pay has changed[: expected {need}, now {have}].",
        "sv": "Beloppet att betala har ändrats[: väntade {need}, nu {have}].",
    },
    Reason.MALFORMED: {
        "en": "The request could not be read.",
        "sv": "Anropet kunde inte läsas.",
    },
    Reason.INVALID: {
        "en": "The value is not valid.",
        "sv": "Värdet är inte giltigt.",
    },
    Reason.MISSING: {
        "en": "A value is missing[: {field}].",
        "sv": "Ett värde saknas[: {field}].",
    },
    Reason.MORE_THAN_SOLD: {
        "en": "More comes back than was sold[: {have} of {limit}].",
        "sv": "Mer kommer tillbaka än som såldes[: {have} av {limit}].",
    },
    Reason.MIXED_WITH_RETURNS: {
        "en": "A discount by hand on the whole cart does not go together with sales and returns on it.",
        "sv": "En manuell rabatt på hela varukorgen går inte ihop med både köp och returer i den.",
    },
    Reason.UNKNOWN_REFERENCE: {
        "en": "It refers to something that does not exist[: {value}].",
        "sv": "Det hänvisar till något som inte finns[: {value}].",
    },
    Reason.DUPLICATE: {
        "en": "It exists already[: {value}].",
        "sv": "Det finns redan[: {value}].",
    },
    Reason.READ_ONLY: {
        "en": "It cannot be changed here[: {by} decides it].",
        "sv": "Det kan inte ändras här[: {by} bestämmer det].",
    },
    Reason.WRONG_STATE: {
        "en": "That is not possible in this state[: {state}].",
        "sv": "Det går inte i det här läget[: {state}].",
    },
    Reason.IDEMPOTENCY_CONFLICT: {
        "en": "The idempotency key was used for another request.",
        "sv": "Idempotensnyckeln har använts för ett annat anrop.",
    },
    Reason.IN_FLIGHT: {
        "en": "The same request is being handled right now.",
        "sv": "Samma anrop behandlas just nu.",
    },
    Reason.PARAMETERS_MISSING: {
        "en": "Set-up is not complete[: {missing} is missing].",
        "sv": "Inställningarna är inte klara[: {missing} saknas].",
    },
    Reason.NUMBERS_EXHAUSTED: {
        "en": "The number sequence has no numbers left[: {sequence}].",
        "sv": "Nummerserien har inga nummer kvar[: {sequence}].",
    },
    Reason.GUESSABLE: {
        "en": "Codes this short can be guessed[: one try in {have} would hit; take at least {need} characters].",
        "sv": "Så korta koder går att gissa[: ett försök av {have} skulle träffa; ta minst {need} tecken].",
    },
    Reason.UNAUTHENTICATED: {
        "en": "A valid API key is needed.",
        "sv": "En giltig API-nyckel krävs.",
    },
    Reason.FORBIDDEN: {
        "en": "The API key does not allow this.",
        "sv": "API-nyckeln tillåter inte detta.",
    },
    Reason.METHOD_NOT_ALLOWED: {
        "en": "This method is not allowed here.",
        "sv": "Metoden är inte tillåten här.",
    },
    Reason.UNAVAILABLE: {
        "en": "The service cannot answer right now. Try again.",
        "sv": "Tjänsten kan inte svara just nu. Försök igen.",
    },
}  # fmt: skip

SCOPES: Mapping[str, Mapping[str, str]] = {
    "global": {"en": "code", "sv": "kod"},
    "channel": {"en": "channel", "sv": "kanal"},
    "customer": {"en": "customer", "sv": "kund"},
}

_OPTIONAL = re.compile(r"\[([^\]]*)\]")


def message(refused: Refused, language: str = "en") -> str:
    """The refusal as a sentence in `language` (en or sv; anything else reads English)."""
    return sentence(TEXTS[refused.reason], refused.detail, language)


def sentence(texts: Mapping[str, str], detail: Mapping[str, Any], language: str = "en") -> str:
    """The text of this language with its figures; a part in brackets only when all of its own are known."""
    language = language if language in LANGUAGES else "en"
    figures = _readable(detail, language)

    def filled(part: re.Match[str]) -> str:
        try:
            return part[1].format_map(figures)
        except KeyError:
            return ""

    return _OPTIONAL.sub(filled, texts[language])


def _readable(detail: Mapping[str, Any], language: str) -> dict[str, str]:
    figures = {key: _listed(value) for key, value in detail.items() if value is not None}
    if figures.get("scope") in SCOPES:
        figures["scope"] = SCOPES[figures["scope"]][language]
    return figures


def _listed(value: Any) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(item) for item in value)
    return str(value)
