"""What all wire models share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from adapters.transport.exact_json import LONGEST_NUMBER


class WireModel(BaseModel):
    """
    A provider's document: frozen, unknown members ignored.

    Validation errors do not repeat the input, which may hold codes and personal data.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )


_MOST_DIGITS: Final = 18

_NUMERIC_TEXT: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?")


def _exact_decimal(value: object) -> Decimal:
    """Also drops the sign of a zero: some providers write what is left of a debt as -0.0."""
    number = _number_of(value)
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        raise ValueError("a number beyond reason")
    return number or number.copy_abs()


def _number_of(value: object) -> Decimal:
    match value:
        case Decimal():
            return value
        case int() if not isinstance(value, bool):
            return Decimal(value)
        case str() if len(value) <= LONGEST_NUMBER and _NUMERIC_TEXT.fullmatch(value):
            return Decimal(value)
    raise ValueError("not an exact number")


ExactDecimal = Annotated[Decimal, PlainValidator(_exact_decimal)]
"""A JSON number or numeric text, exact. Decoded JSON holds int or Decimal, never float."""


def _number(value: object) -> object:
    if isinstance(value, str):
        raise ValueError("a text is no number")
    return value


ExactNumber = Annotated[ExactDecimal, BeforeValidator(_number)]
"""The same, where the provider documents numbers only: a text says that something is wrong."""


def _whole(value: object) -> object:
    """An int of a Decimal without a fraction; of more digits than that it would take long."""
    if isinstance(value, Decimal) and value.adjusted() < _MOST_DIGITS and value == int(value):
        return int(value)
    return value


WholeNumber = Annotated[int, Field(strict=True), BeforeValidator(_whole)]
"""A count: 3, or 3.0 where the document says number. No text, and no yes or no."""


def instant(text: str) -> datetime:
    """
    An ISO 8601 instant of a provider; without a zone it is UTC, digits past microseconds are cut.

    Raises:
        ValueError: It is none; the text is not repeated.
    """
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not an instant") from None


def _instant(value: object) -> datetime:
    match value:
        case str():
            return instant(value)
        case datetime():
            return value
        case _:
            raise ValueError("not the text of an instant")


UtcInstant = Annotated[datetime, BeforeValidator(_instant)]
