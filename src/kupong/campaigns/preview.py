"""A look at a message before it exists or before it goes. It changes nothing and reserves nothing (T7)."""

from datetime import datetime

from kupong.campaigns.assignment import next_code, shared_code
from kupong.campaigns.content import Content, Recipient, read_content
from kupong.campaigns.models import Delivery, Message
from kupong.campaigns.shapes import Preview
from kupong.coupons.models import Coupon
from kupong.customers.models import Customer
from kupong.kernel.reasons import Reason, Refused
from kupong.organisation.refusals import InField, Refusals, refuse

# Stands where a code would, when there is none left to show.
SAMPLE = "SAMPLE"


def preview(company_id: int, number: str, recipient: str, now: datetime) -> Preview | Refusals:
    """The message as this customer would get it; they need not be in the target.

    After the analysis it shows the code that is reserved for them; before it, or for somebody outside the
    target, the next one that could be given, marked as a sample. Refused: `not_found`,
    `unknown_reference`, and what is wrong with the templates.
    """
    delivery = Delivery.objects.filter(company_id=company_id, number=number).first()
    if delivery is None:
        return refuse(Reason.NOT_FOUND)
    customer = Customer.objects.filter(company_id=company_id, number=recipient).first()
    if customer is None:
        return refuse(Reason.UNKNOWN_REFERENCE, "recipient", value=recipient)
    coupons = Coupon.objects.filter(company_id=company_id, id=delivery.coupon_id or 0)
    coupon = coupons.first()
    content = read_content(delivery, coupon)
    if isinstance(content, list):
        return Refusals(tuple(_in_field(no) for no in content))
    code, sample = _code(delivery, coupon, content, customer, now)
    composed = content.compose(_recipient(customer), code)
    if isinstance(composed, Refused):
        return Refusals((_in_field(composed),))
    return Preview(
        subject=composed.subject,
        html=composed.html,
        text=composed.text,
        code=code,
        sample=sample,
    )


def _recipient(customer: Customer) -> Recipient:
    address = customer.email.strip().lower()
    return Recipient(customer.number, customer.first_name, customer.name, address)


def _code(
    delivery: Delivery, coupon: Coupon | None, content: Content, customer: Customer, now: datetime
) -> tuple[str | None, bool]:
    """The code to show, and whether it is a sample."""
    if coupon is None or not content.uses_code:
        return None, False
    if coupon.kind == Coupon.Kind.ANONYMOUS:
        return shared_code(coupon), False
    own = Message.objects.filter(
        company_id=delivery.company_id, delivery_id=delivery.id, customer_id=customer.id
    )
    reserved = own.exclude(code=None).select_related("code").first()
    if reserved is not None and reserved.code is not None:
        return reserved.code.typed or reserved.code.code, False
    at = delivery.contact_date or now
    return next_code(coupon, customer.id, at) or SAMPLE, True


def _in_field(refused: Refused) -> InField:
    return InField(str(refused.detail.get("field", "html")), refused)
