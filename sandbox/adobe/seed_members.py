"""Members of a seed as the columns of the shop hold them: ids, codes, amounts, moments."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sandbox.adobe.amounts import AMOUNT_PLACES, LARGEST_AMOUNT, RATE_PLACES
from sandbox.seed import Record, SeedError


def positive_id(record: Record, name: str) -> int:
    record.value(name)
    number = record.integer(name, default=0)
    if number < 1:
        raise SeedError(f"{record.at(name)}: {number} is not an id")
    return number


def reference(record: Record, name: str, known: Collection[int]) -> int:
    number = positive_id(record, name)
    if number not in known:
        raise SeedError(f"{record.at(name)}: there is no {number}")
    return number


def code(record: Record, name: str, known: range, *, default: int) -> int:
    number = record.integer(name, default=default)
    if number not in known:
        raise SeedError(f"{record.at(name)}: {number} is none of {', '.join(map(str, known))}")
    return number


def currency(record: Record, name: str, default: str | None = None) -> str:
    written = record.text(name) if default is None or record.has(name) else default
    if len(written) != 3 or not written.isalpha() or not written.isupper():
        raise SeedError(f"{record.at(name)}: {written!r} is not an upper case code of 3 letters")
    return written


def amount(record: Record, name: str) -> Decimal:
    return _stored(record.amount(name), AMOUNT_PLACES, record.at(name))


def rate(record: Record, name: str, default: Decimal) -> Decimal:
    return _stored(
        record.amount(name) if record.has(name) else default, RATE_PLACES, record.at(name)
    )


def _stored(number: Decimal, places: int, place: str) -> Decimal:
    """With the places of its database column, which must hold it exactly."""
    stored = round(number, places) if abs(number) < LARGEST_AMOUNT else None
    if stored != number:
        raise SeedError(f"{place}: {number} does not fit {places} decimals")
    return stored


def second(record: Record, name: str) -> datetime:
    return record.moment(name).replace(microsecond=0)
