"""JSON as JavaScript reads it, and values as JavaScript writes them into a message."""

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

from sandbox.medusa.numbers import Double

DEEPEST: Final = 50
"""Levels of a document that are read; deeper ones are malformed (our choice)."""


def parsed(document: str) -> Any:
    """
    Every number is a Double, which may be infinite; half a surrogate pair is U+FFFD.

    Raises:
        ValueError: *document* is not JSON, or deeper than DEEPEST.
    """
    try:
        read = json.loads(
            document, parse_float=_double, parse_int=_double, parse_constant=_refuse_constant
        )
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc
    return _whole_letters(read, DEEPEST)


def text(value: object) -> str:
    """`String(value)`."""
    match value:
        case None | bool():
            return json.dumps(value)
        case Decimal():
            return f"{Double(value)}" if value.is_finite() else str(value)
        case list():
            return ",".join("" if member is None else text(member) for member in value)
        case dict():
            return "[object Object]"
        case _:
            return str(value)


def _double(digits: str) -> Double:
    return Double(repr(float(digits)))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _whole_letters(value: Any, levels: int) -> Any:
    if not levels:
        raise ValueError("nested too deeply")
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_whole_letters(member, levels - 1) for member in value]
        case dict():
            return {
                _whole_letters(name, levels): _whole_letters(member, levels - 1)
                for name, member in value.items()
            }
    return value
