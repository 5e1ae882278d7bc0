"""Refusals are values: one list of reason keys for the whole product. Keys never change meaning.

A new reason is a member here, its texts in `reason_texts.py` and its line in docs/reference/reasons.md;
a test fails until all three are there.
"""

from enum import StrEnum
from typing import Any

import msgspec


class Reason(StrEnum):
    # Of a code, in the order in which they are checked: the first failure wins.
    NOT_FOUND = "not_found"
    INACTIVE = "inactive"
    VOIDED = "voided"
    NO_DISCOUNT = "no_discount"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    OUTSIDE_HOURS = "outside_hours"
    ALREADY_ON_CART = "already_on_cart"
    SAME_COUPON = "same_coupon"
    CUSTOMER_REQUIRED = "customer_required"
    WRONG_HOLDER = "wrong_holder"
    NOT_ELIGIBLE = "not_eligible"
    WRONG_CURRENCY = "wrong_currency"
    EXCLUSIVE_CONFLICT = "exclusive_conflict"
    ORDER_COMPLETION_REQUIRED = "order_completion_required"
    EXHAUSTED = "exhausted"
    NO_USABLE_CODE = "no_usable_code"
    CODE_NOT_USABLE = "code_not_usable"
    # Of a discount.
    DISABLED = "disabled"
    CODE_REQUIRED = "code_required"
    NO_MATCHING_LINES = "no_matching_lines"
    UNIT_MISMATCH = "unit_mismatch"
    DISCOUNTS_PREVENTED = "discounts_prevented"
    NOT_ENOUGH_UNITS = "not_enough_units"
    BELOW_THRESHOLD = "below_threshold"
    BEATEN = "beaten"
    BLOCKED_BY_PRIORITY = "blocked_by_priority"
    BLOCKED_BY_EXCLUSIVE = "blocked_by_exclusive"
    GIVES_NOTHING = "gives_nothing"
    NOT_SUPPORTED = "not_supported"
    # On enabling a discount.
    NO_LINES = "no_lines"
    NO_PRICE_GROUP = "no_price_group"
    PERCENT_OUT_OF_RANGE = "percent_out_of_range"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    NOT_POSITIVE = "not_positive"
    ONE_BENEFIT = "one_benefit"
    MIXED_BENEFITS = "mixed_benefits"
    TIERS_NOT_ASCENDING = "tiers_not_ascending"
    TIER_NOT_BETTER = "tier_not_better"
    GROUP_WITHOUT_LINES = "group_without_lines"
    ONLY_MANDATORY = "only_mandatory"
    MANDATORY_TOO_MANY = "mandatory_too_many"
    COUNT_TOO_LARGE = "count_too_large"
    # Of a delivery.
    TEMPLATE_INVALID = "template_invalid"
    TEMPLATE_TOO_LARGE = "template_too_large"
    UNKNOWN_FIELD = "unknown_field"
    COUPON_MISSING = "coupon_missing"
    COUPON_UNUSED = "coupon_unused"
    COUPON_VOIDED = "coupon_voided"
    COUPON_NOT_ACTIVE = "coupon_not_active"
    COUPON_OVER = "coupon_over"
    NO_RECIPIENTS = "no_recipients"
    NOT_ENOUGH_CODES = "not_enough_codes"
    MAIL_SERVER = "mail_server"
    # Of a call.
    AMOUNT_CHANGED = "amount_changed"
    MALFORMED = "malformed"
    INVALID = "invalid"
    MISSING = "missing"
    MORE_THAN_SOLD = "more_than_sold"
    MIXED_WITH_RETURNS = "mixed_with_returns"
    UNKNOWN_REFERENCE = "unknown_reference"
    DUPLICATE = "duplicate"
    READ_ONLY = "read_only"
    WRONG_STATE = "wrong_state"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    IN_FLIGHT = "in_flight"
    PARAMETERS_MISSING = "parameters_missing"
    NUMBERS_EXHAUSTED = "numbers_exhausted"
    GUESSABLE = "guessable"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNAVAILABLE = "unavailable"


class Refused(msgspec.Struct, frozen=True):
    """A "no": its reason and the figures that explain it (need, have, missing, since, until, limit, scope, by)."""

    reason: Reason
    detail: dict[str, Any] = {}
