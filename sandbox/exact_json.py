"""JSON whose numbers keep their digits: int and Decimal on both sides, never a float."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from starlette.responses import Response

LARGEST_EXPONENT = 308
"""Powers of ten; beyond it a short text like 1e999999999 would print as a gigabyte."""


def dumps(value: object) -> bytes:
    """
    Compact UTF-8 JSON.

    Raises:
        TypeError: *value* holds something without an exact JSON form, a float for one.
    """
    return _encoded(value).encode()


def loads(body: bytes | str) -> Any:
    """
    Raises:
        ValueError: *body* is not JSON (NaN and Infinity are not) or too deep or large to hold.
    """
    try:
        return json.loads(body, parse_float=_decimal, parse_constant=_refuse_constant)
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc


class ExactJSONResponse(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return dumps(content)


def _encoded(value: object) -> str:
    match value:
        case None | bool() | int() | str():
            return json.dumps(value, ensure_ascii=False)
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case list() | tuple():
            return f"[{','.join(map(_encoded, value))}]"
        case Mapping():
            return f"{{{','.join(map(_encoded_member, value.items()))}}}"
    raise TypeError(f"no exact JSON for {value!r}")


def _encoded_member(member: tuple[object, object]) -> str:
    name, value = member
    if not isinstance(name, str):
        raise TypeError(f"no exact JSON for the member name {name!r}")
    return f"{json.dumps(name, ensure_ascii=False)}:{_encoded(value)}"


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"the number {text[:40]} is out of range")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
