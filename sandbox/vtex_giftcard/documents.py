"""What the JSON of a request must hold: which members, of which types, and money among them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.vtex import Refused

BAD_BODY = 2001

Types = tuple[type, ...]
Members = Mapping[str, Types]

TEXT: Types = (str,)
TEXT_OR_NULL: Types = (str, type(None))
NUMBER: Types = (int, Decimal)
WHOLE_NUMBER: Types = (int,)
FLAG: Types = (bool,)
OBJECT: Types = (dict,)
LIST: Types = (list,)

SMALLEST_STEP = Decimal("0.0001")
LARGEST_VALUE = Decimal(10) ** 15
"""With the step it keeps every sum inside the 28 digits of Decimal's context: exact."""


def checked(
    value: object, place: str, required: Members, optional: Members | None = None
) -> Mapping[str, Any]:
    """*value* as an object; unknown members pass, null is as good as absent where optional."""
    if not isinstance(value, dict):
        raise bad(place, "is not an object")
    for name in required:
        if name not in value:
            raise bad(f"{place}.{name}", "is required")
        _check_type(value[name], f"{place}.{name}", required[name])
    for name, types in (optional or {}).items():
        if value.get(name) is not None:
            _check_type(value[name], f"{place}.{name}", types)
    return value


def value_of(body: Mapping[str, Any], place: str) -> Decimal:
    """
    The checked number `value` of *body*.

    Documented: positive, up to four decimals. Assumed: more decimals are refused, not rounded.
    """
    value = Decimal(body["value"])
    if not 0 < value < LARGEST_VALUE or value % SMALLEST_STEP:
        raise bad(f"{place}.value", "is not an amount above 0 with at most four decimals")
    return value


def bad(place: str, fault: str) -> Refused:
    return Refused(400, BAD_BODY, f"{place} {fault}.")


def _check_type(value: object, place: str, types: Types) -> None:
    if type(value) not in types:
        raise bad(place, "has the wrong type")
    if isinstance(value, str) and not _is_unicode(value):
        raise bad(place, "is not Unicode")


def _is_unicode(text: str) -> bool:
    """JSON can write half a surrogate pair, which no answer could repeat."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
