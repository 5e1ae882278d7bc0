"""Numbers and readable names for what the data knows only by figures and capitals. Pure."""

import re
from collections.abc import Iterable

from kupong.demo.source import Product
from kupong.numbering.check_digits import modulus_10

# Made up: the data has no names. A household gets the same one on every load.
FIRST_NAMES = (
    "Alma Astrid Axel Clara Elias Elin Emil Erik Freja Hanna Hugo Ingrid Isak Karin Lars Leo Liv Maja Nils Nora"
    " Olof Oscar Per Saga Signe Sofia Stina Sven Tilde Tove Ulla Vera Viggo Wilma Åke Åsa"
).split()


def coupon_number(campaign: int, upc: int) -> str:
    """Such as C08-511110070014: the campaign and the UPC-A, which the data has without its check digit."""
    return f"C{campaign:02d}-{upc_a(upc)}"


def upc_a(upc: int) -> str:
    body = f"{upc:011d}"
    return body + modulus_10(body)


def category_path(product: Product) -> tuple[str, ...]:
    """Department, category and type; a level that the data leaves empty is left out."""
    return tuple(level for level in (product.department, product.category, product.type) if level)


def category_number(path: Iterable[str]) -> str:
    """Such as grocery.frzn-ice: from the whole path, since names repeat under different parents."""
    return ".".join(_slug(name) for name in path)


def _slug(name: str) -> str:
    # Two names differ in nothing but these signs.
    spelled = name.lower().replace("<", " under ").replace(">", " over ")
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")


def readable(name: str) -> str:
    return " ".join(name.split()).capitalize()


def product_name(product: Product) -> str:
    """Such as "Apple sauce, 50 OZ, private label"."""
    path = category_path(product)
    if not path:
        return f"Product {product.number} (not in the catalogue of the data)"
    brand = {"National": "national brand", "Private": "private label"}.get(product.brand or "")
    return ", ".join(part for part in (readable(path[-1]), product.size, brand) if part)


def first_name(household: int) -> str:
    return FIRST_NAMES[household % len(FIRST_NAMES)]


def email(household: int) -> str:
    return f"household-{household}@example.com"


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
