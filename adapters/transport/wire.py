"""What all wire models share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from adapters.transport.exact_json import LONGEST_NUMBER


class WireModel(BaseModel):
    """
    A provider's document: frozen, unknown members ignored.

    Validation errors do not repeat the input, which may hold codes and personal data.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )


_NUMERIC_TEXT: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def _number_or_numeric_text(value: object) -> object:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= LONGEST_NUMBER and _NUMERIC_TEXT.fullmatch(value):
        return value
    raise ValueError("not an exact number")


def _within_reason(number: Decimal) -> Decimal:
    """Also drops the sign of a zero: some providers write what is left of a debt as -0.0."""
    if abs(number.adjusted()) > LONGEST_NUMBER:
        raise ValueError("a number beyond reason")
    return number or number.copy_abs()


ExactDecimal = Annotated[
    Decimal,
    BeforeValidator(_number_or_numeric_text),
    AfterValidator(_within_reason),
    Field(allow_inf_nan=False),
]
"""A JSON number or numeric text, exact. Decoded JSON holds int or Decimal, never float."""


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
