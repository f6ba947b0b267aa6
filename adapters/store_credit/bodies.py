"""
The bodies that go out, and what is refused because the provider would keep something else.

Unit: major units, as JSON numbers with the digits they came with.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from adapters.store_credit import wire
from adapters.store_credit.marks import marked, marked_metadata
from adapters.store_credit.translate import can_be_held
from adapters.transport import exact_json
from app.domain.errors import InvalidQuestion
from app.domain.instructions import OnStoreCredit, OpenStoreCreditAccount
from app.domain.money import Currency, Money

_COUNTS_AS_NOTHING: Final = Decimal("0.0001")
_DIGITS_OF_A_DOUBLE: Final = 15
_BEYOND_A_DOUBLE: Final = Decimal(10) ** _DIGITS_OF_A_DOUBLE
_DEEPEST_METADATA: Final = 100
_METADATA: Final = ("metadata",)
_AMOUNT: Final = ("amount", "amount")


def movement_request(instruction: OnStoreCredit, mark: str) -> wire.MovementRequest:
    return wire.MovementRequest(
        amount=Decimal(f"{instruction.amount.amount:f}"), note=marked(instruction.note, mark)
    )


def check_amount(amount: Money) -> None:
    """
    Refuse what the provider would book as another amount: it keeps doubles, and counts 0.0001 or
    less as 0.

    Raises:
        InvalidQuestion: Not above 0.0001, or with more digits than a double keeps.
    """
    if amount.amount <= _COUNTS_AS_NOTHING:
        raise InvalidQuestion("The provider counts amounts of 0.0001 or less as nothing.", _AMOUNT)
    digits = "".join(map(str, amount.amount.as_tuple().digits)).strip("0")
    if amount.amount >= _BEYOND_A_DOUBLE or len(digits) > _DIGITS_OF_A_DOUBLE:
        why = f"The provider keeps {_DIGITS_OF_A_DOUBLE} digits of an amount."
        raise InvalidQuestion(why, _AMOUNT)


def new_account_request(instruction: OpenStoreCreditAccount, mark: str) -> wire.NewAccountRequest:
    """
    Raises:
        InvalidQuestion: The provider cannot keep the metadata or the customer.
    """
    owner = {} if instruction.customer_id is None else {"customer_id": instruction.customer_id}
    if not all(map(can_be_held, owner.values())):
        raise InvalidQuestion("This cannot be the id of a customer.", ("customerNativeId",))
    return wire.NewAccountRequest(
        currency_code=currency_text(instruction.currency),
        metadata=marked_metadata(_metadata(instruction.metadata), mark),
        **owner,
    )


def currency_text(currency: Currency) -> str:
    """The provider takes any; lower case is its own way of writing them."""
    return currency.code.lower()


def _metadata(text: str | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        given = exact_json.decode(text.encode())
        for part in _texts(given, levels=_DEEPEST_METADATA):
            check_text(part, *_METADATA)
    except ValueError:
        why = "Metadata is JSON, and not nested beyond reason."
        raise InvalidQuestion(why, _METADATA) from None
    if not isinstance(given, dict):
        raise InvalidQuestion("Metadata is one JSON object.", _METADATA)
    return given


def _texts(value: object, *, levels: int) -> Iterator[str]:
    """
    All texts in a decoded document, names of members included.

    Raises:
        ValueError: It goes deeper than *levels*.
    """
    if not levels:
        raise ValueError("nested beyond reason")
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from _texts(part, levels=levels - 1)
        case dict():
            for part in (*value, *value.values()):
                yield from _texts(part, levels=levels - 1)


def check_text(text: str | None, *path: str) -> None:
    """
    Args:
        path: The member of the input that it is from.

    Raises:
        InvalidQuestion: *text* holds what the provider's database fails on.
    """
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text or ""):
        raise InvalidQuestion("The text holds characters that the provider cannot keep.", path)
