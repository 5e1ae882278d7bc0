"""A shop with something to sell and somebody to sell it to, and no coupon yet."""

from kupong.catalog.service import categories, products
from kupong.customers.service import customers
from kupong.discounts.book import forget_books
from kupong.organisation.service import affiliations, channels
from tests.managing import Managed


def stocked(company: Managed) -> Managed:
    """Jackets 80.00, shirts 25.00, socks 5.00 in Houston; a channel in euro; a student, 2001."""
    forget_books()
    for number, currency in (("HOUSTON", "USD"), ("PARIS", "EUR")):
        company.create(
            channels,
            number=number,
            name=f"Shop in {number.capitalize()}",
            kind="pos",
            currency=currency,
            time_zone="America/Chicago",
            price_groups=["ALL"],
        )
    company.create(categories, number="clothing", name="Clothing")
    for number, name, price in (
        ("J", "Jacket, blue", 8000),
        ("S", "Shirt, white", 2500),
        ("K", "Socks, wool", 500),
    ):
        company.create(
            products, number=number, name=name, price=price, currency="USD", categories=["clothing"]
        )
    company.create(affiliations, number="STUDENT")
    company.create(customers, number="2001", name="Doe", affiliations=["STUDENT"])
    return company
