"""Exact money in major units, within one currency at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from functools import lru_cache
from typing import Final, Self

from app.domain.errors import CurrencyMismatch

_MINOR_UNITS: Final = {
    code: digits
    for digits, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for code in codes.split()
}
"""ISO 4217 exponents that are not 2; a test compares them with the published list."""

_SMALLEST: Final = {digits: Decimal(1).scaleb(-digits) for digits in {2, *_MINOR_UNITS.values()}}
"""The smallest payable amounts, by how many decimal places they have."""

_CODE: Final = re.compile("[A-Z]{3}")

_EXACT: Final = Context(prec=1000)
"""Wide enough that no sum or product of provider figures is ever rounded by arithmetic."""


@dataclass(frozen=True, slots=True, order=True)
class Currency:
    """An ISO 4217 code, upper case."""

    code: str

    def __post_init__(self) -> None:
        if _CODE.fullmatch(self.code) is None:
            raise ValueError("a currency code is three upper-case letters")

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read a code in any case, as some providers keep them.

        Raises:
            ValueError: *text* is not three letters.
        """
        return cls(text.upper() if text.isascii() else text)

    @property
    def minor_unit_digits(self) -> int:
        """Decimal places of the smallest payable amount."""
        return _MINOR_UNITS.get(self.code, 2)

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Money:
    """
    A signed amount in major units, exact.

    Raises:
        CurrencyMismatch: from arithmetic and comparison with another currency.
    """

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError("money is a finite amount")

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        return cls(Decimal(0), currency)

    def __add__(self, other: Money) -> Money:
        self._require_same_currency(other)
        return Money(_EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        self._require_same_currency(other)
        return Money(_EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> Money:
        return Money(self.amount.copy_negate() if self.amount else self.amount, self.currency)

    def __mul__(self, factor: Decimal) -> Money:
        return Money(_EXACT.multiply(self.amount, factor), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._require_same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._require_same_currency(other)
        return self.amount <= other.amount

    @property
    def is_negative(self) -> bool:
        return self.amount < 0

    def floor_to_minor_unit(self) -> Money:
        """The largest payable amount that is not above this one."""
        smallest = _SMALLEST[self.currency.minor_unit_digits]
        return Money(
            self.amount.quantize(smallest, rounding=ROUND_FLOOR, context=_EXACT), self.currency
        )

    def _require_same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(expected=self.currency.code, actual=other.currency.code)


@lru_cache(maxsize=256)
def nothing_to_pay(currency: Currency) -> Money:
    """Zero, with the decimal places of a payable amount; the same object each time."""
    return Money.zero(currency).floor_to_minor_unit()


def total(lines: list[Money], currency: Currency) -> Money:
    """The exact sum of *lines*, zero when there are none."""
    nothing = Money.zero(currency)
    amount = nothing.amount
    for line in lines:
        nothing._require_same_currency(line)
        amount = _EXACT.add(amount, line.amount)
    return Money(amount, currency)
