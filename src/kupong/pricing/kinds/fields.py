"""The types of the parameters that kinds declare: read from records and files, told by the API's document."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

Minor = Annotated[int, Meta(ge=0, le=10**15, description="Minor units of the currency.")]
Units = Annotated[int, Meta(ge=1, le=10**6, description="Whole units.")]
Percent = Annotated[Decimal, Meta(description="A percentage: 12.5 is 12.5 %.")]
Quantity = Annotated[
    Decimal, Meta(description="A quantity in the unit in which the goods are sold.")
]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
