"""What is refused before the provider is asked, because it would silently get it wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.domain.errors import CurrencyMismatch, InvalidQuestion
from app.domain.money import Currency, Money

_MOST_DIGITS: Final = 15
_MOST_DECIMALS: Final = 6


def check_amount(amount: Money, *path: str) -> None:
    """
    Args:
        path: Of the amount in the caller's input, `amount` if it is not said.

    Raises:
        InvalidQuestion: Negative, or with more digits than survive.
    """
    path = (*(path or ("amount",)), "amount")
    if amount.is_negative:
        raise InvalidQuestion("This is not negative.", path)
    check_digits(amount.amount, *path)


def check_limit(limit: Money, currency: Currency, *path: str) -> None:
    """
    Raises:
        CurrencyMismatch: It is not of *currency*: the provider would take it for that one.
        InvalidQuestion: Negative, or with more digits than survive.
    """
    path = path or ("limit",)
    if limit.currency != currency:
        raise CurrencyMismatch(expected=currency.code, actual=limit.currency.code, path=path)
    check_amount(limit, *path)


def check_rate(rate: Decimal, *path: str) -> None:
    """
    Raises:
        InvalidQuestion: Negative, or with more digits than survive.
    """
    if rate < 0:
        raise InvalidQuestion("This is not negative.", path)
    check_digits(rate, *path)


def check_digits(number: Decimal, *path: str) -> None:
    """
    Figures in samples look like doubles, which keep 15 digits; how many decimals are kept is not
    said anywhere.

    Raises:
        InvalidQuestion: It has more digits than survive.
    """
    if abs(number.adjusted()) <= _MOST_DIGITS:
        whole, _, decimals = format(number.copy_abs(), "f").partition(".")
        decimals = decimals.rstrip("0")
        digits = (whole + decimals).lstrip("0")
        if len(digits) <= _MOST_DIGITS and len(decimals) <= _MOST_DECIMALS:
            return
    raise InvalidQuestion(
        f"The provider keeps {_MOST_DIGITS} digits, {_MOST_DECIMALS} of them decimals.", path
    )


def check_count(number: int, *path: str) -> None:
    """
    Raises:
        InvalidQuestion: Not from 1 to 10,000, beyond any sense of instalments or days.
    """
    if not 1 <= number <= 10_000:
        raise InvalidQuestion("This is a number from 1 to 10000.", path)


def check_texts(**texts: str | None) -> None:
    """
    Raises:
        InvalidQuestion: One holds what no document can carry; named as in the caller's input.
    """
    for name, text in texts.items():
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text or ""):
            raise InvalidQuestion("The text holds characters that cannot be kept.", (name,))


def check_filled(**texts: str | None) -> None:
    """
    Raises:
        InvalidQuestion: One is empty, or holds what no document can carry.
    """
    check_texts(**texts)
    for name, text in texts.items():
        if text is not None and not text.strip():
            raise InvalidQuestion("This is not empty.", (name,))


def refuse_given(**given: object) -> None:
    """
    Refuse what the provider has no place for, rather than lose it.

    Raises:
        InvalidQuestion: One is given; named as in the caller's input.
    """
    for name, value in given.items():
        if value is not None:
            raise InvalidQuestion("The provider keeps no such thing here.", (name,))
