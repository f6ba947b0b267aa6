"""One text for one value, to make hashes of."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal


def canonical(value: object) -> str:
    """
    Equal for values that say the same, in every process: "10.0" is "10.00", one instant is one
    instant, and a set has no order.
    """
    match value:
        case Decimal():
            return _shortest(format(value, "f"))
        case datetime():
            return value.astimezone(UTC).isoformat()
        case list() | tuple():
            return f"[{','.join(map(canonical, value))}]"
        case frozenset():
            return f"{{{','.join(sorted(map(canonical, value)))}}}"
        case dict():
            return f"{{{','.join(f'{key!r}:{canonical(value[key])}' for key in sorted(value))}}}"
        case _ if is_dataclass(value):
            parts = (f"{one.name}={canonical(getattr(value, one.name))}" for one in fields(value))
            return f"{type(value).__name__}({','.join(parts)})"
        case _:
            return repr(value)


def _shortest(digits: str) -> str:
    """`Decimal.normalize` would round what has more than 28 digits."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
