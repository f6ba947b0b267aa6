"""
Decimals as their columns hold them, and the shop's own table of exchange rates.

Amounts have 4 places, rates 12; what is finer is rounded half up, away from zero (assumed). A
column that cannot hold a number refuses the whole write (assumed, as is how much it holds).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from sandbox.adobe import faults

AMOUNT_PLACES = 4
RATE_PLACES = 12
LARGEST_AMOUNT = 10**12

_ARITHMETIC = Context(prec=100, rounding=ROUND_HALF_UP)


def stored_amount(number: Decimal) -> Decimal:
    """
    Raises:
        Fault: The column cannot hold *number*.
    """
    if abs(number) >= LARGEST_AMOUNT:
        raise faults.could_not_save()
    return _rounded(number, AMOUNT_PLACES)


def times(number: Decimal, rate: Decimal) -> Decimal:
    return _ARITHMETIC.multiply(number, rate)


def inverse(rate: Decimal) -> Decimal:
    return _rounded(_ARITHMETIC.divide(Decimal(1), rate), RATE_PLACES)


@dataclass(frozen=True)
class Rates:
    """Units of the second currency for one of the first, each direction an entry of its own."""

    entries: Mapping[tuple[str, str], Decimal]

    def rate(self, source: str, target: str) -> Decimal:
        """1 within one currency, and also for a pair without an entry (assumed)."""
        if source == target:
            return Decimal(1)
        return self.entries.get((source, target), Decimal(1))


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), context=_ARITHMETIC)
