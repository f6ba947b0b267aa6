"""
Money as the server keeps and shows it.

A JSON number passes through a double on its way in, sums are made in exact decimals, and each
figure passes through a double again on its way out (recorded).
"""

import math
import re
from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from functools import reduce
from typing import Final

COUNTS_AS_ZERO: Final = Decimal("0.0001")
"""Up to here an amount is booked as 0, while its `raw_amount` keeps the text (recorded)."""

EXACT: Final = Context(prec=2_000, traps=[Inexact])
"""Holds the sum of a largest and a smallest double; the usual 28 digits would round it."""


class Double(Decimal):
    """A decimal that prints as JavaScript prints the nearest double: `12.3`, `1500`, `1.5e+21`."""

    def __format__(self, specifier: str, context: Context | None = None, /) -> str:
        return _javascript_text(float(self))


def kept(amount: Decimal) -> Decimal:
    """*amount* after its way in, through a double: 19.999999999999999999 becomes 20."""
    return Decimal(repr(float(amount)))


def counted(amount: Decimal) -> Decimal:
    return amount if amount > COUNTS_AS_ZERO else Decimal(0)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, map(counted, amounts), Decimal(0))


def raw(amount: Decimal) -> dict[str, object]:
    return {"value": f"{Double(amount):f}", "precision": 20}


def _javascript_text(number: float) -> str:
    if number == 0:
        return "0"
    if math.isinf(number):
        return "null"
    if 1e-6 <= abs(number) < 1e21:
        exact = f"{Decimal(repr(number)):f}"
        return exact.rstrip("0").rstrip(".") if "." in exact else exact
    return re.sub(r"e([+-])0+", r"e\1", repr(number))
