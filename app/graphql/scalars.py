"""Scalars whose wire form is ours to decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from app.domain.money import Currency

Url = NewType("Url", str)

LONGEST_DECIMAL: Final = 60


def _write_decimal(value: Decimal) -> str:
    return format(value, "f")


def _read_decimal(value: object) -> Decimal:
    if not isinstance(value, str):
        raise GraphQLError('A decimal is sent as a string: "12.50".')
    try:
        number = Decimal(value) if len(value) <= LONGEST_DECIMAL and value.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or "e" in value.lower() or "_" in value:
        raise GraphQLError('That is no decimal; one looks like "12.50".')
    return number


def _read_currency(value: object) -> Currency:
    if not isinstance(value, str):
        raise GraphQLError("A currency code is a string of three upper-case letters.")
    try:
        return Currency(value)
    except ValueError as exc:
        raise GraphQLError("A currency code is three upper-case letters.") from exc


def _write_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_instant(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        if at is not None and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError('An instant has a date, a time and an offset: "2026-01-31T12:00:00Z".')


def _write_json(value: object) -> object:
    match value:
        case Decimal():
            return float(value) if Decimal(repr(float(value))) == value else _write_decimal(value)
        case Mapping():
            return {str(key): _write_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_write_json(item) for item in value]
        case _:
            return value


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='Exact decimal in a string, e.g. "12.50"; never a JSON number.',
        serialize=_write_decimal,
        parse_value=_read_decimal,
    ),
    Currency: strawberry.scalar(
        name="CurrencyCode",
        description="ISO 4217, upper case.",
        serialize=str,
        parse_value=_read_currency,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "RFC 3339 instant with offset, UTC in answers; naive provider times are read in the "
            "zone the provider documents."
        ),
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
    Url: strawberry.scalar(
        name="URL", description="An absolute URL.", serialize=str, parse_value=Url
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value; a number that a double cannot hold exactly is a string.",
        serialize=_write_json,
        parse_value=lambda value: value,
    ),
}
