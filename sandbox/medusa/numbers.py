"""
Money as the server keeps and shows it.

A JSON number passes through a double on its way in, sums are made in exact decimals, and each
figure passes through a double again on its way out (recorded).
"""

import re
from decimal import Context, Decimal

COUNTS_AS_ZERO = Decimal("0.0001")
"""Up to here an amount is booked as 0, while its `raw_amount` keeps the text (recorded)."""


class Double(Decimal):
    """A decimal that prints as JavaScript prints the nearest double: `12.3`, `1500`, `1.5e+21`."""

    def __format__(self, specifier: str, context: Context | None = None, /) -> str:
        return _javascript_text(float(self))


def kept(amount: Decimal) -> Decimal:
    """*amount* after its way in, through a double: 19.999999999999999999 becomes 20."""
    return Decimal(repr(float(amount)))


def counted(amount: Decimal) -> Decimal:
    return amount if amount > COUNTS_AS_ZERO else Decimal(0)


def raw(amount: Decimal) -> dict[str, object]:
    return {"value": f"{Double(amount):f}", "precision": 20}


def _javascript_text(number: float) -> str:
    if number == 0:
        return "0"
    if 1e-6 <= abs(number) < 1e21:
        exact = f"{Decimal(repr(number)):f}"
        return exact.rstrip("0").rstrip(".") if "." in exact else exact
    return re.sub(r"e([+-])0+", r"e\1", repr(number))
