"""What each writing route takes in its body, and its complaints about the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sandbox.medusa import javascript
from sandbox.medusa.errors import invalid_data

Check = Callable[[Any], str | None]
"""The complaint about a value, with `{name}` and `{got}` for the field and its value."""


@dataclass(frozen=True)
class Schema:
    """The keys of a body, in the order in which the server complains about them."""

    checks: Mapping[str, Check]
    required: frozenset[str] = frozenset()

    def read(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """
        Raises:
            Refusal: 400 with every fault, unknown keys last.
        """
        faults = [self._fault(name, check, body) for name, check in self.checks.items()]
        if unknown := [name for name in body if name not in self.checks]:
            faults.append(f"Unrecognized fields: '{', '.join(unknown)}'")
        if any(faults):
            raise invalid_data(f"Invalid request: {'; '.join(filter(None, faults))}")
        return body

    def _fault(self, name: str, check: Check, body: Mapping[str, Any]) -> str | None:
        if name not in body:
            return f"Field '{name}' is required" if name in self.required else None
        complaint = check(body[name])
        return complaint and complaint.format(name=name, got=javascript.text(body[name]))


def _expected(kind: str) -> str:
    return f"Expected type: '{kind}' for field '{{name}}', got: '{{got}}'"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else _expected("string")


def _number(value: Any) -> str | None:
    finite = isinstance(value, Decimal) and value.is_finite()
    return None if finite else _expected("number")


def _record(value: Any) -> str | None:
    return None if isinstance(value, dict) else _expected("record")


def _or_null(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _at_least(least: int) -> Check:
    too_small = f"Value for field '{{name}}' too small, expected at least: '{least}'"
    return lambda value: _number(value) or (too_small if value < least else None)


def _one_of(*words: str) -> Check:
    complaint = f"Expected: '{', '.join(words)}' for field '{{name}}', but got: '{{got}}'"
    return lambda value: None if value in words else complaint


_STATUS: Final = _one_of("pending", "redeemed")

NEW_ACCOUNT: Final = Schema(
    {"currency_code": _text, "customer_id": _text, "metadata": _or_null(_record)},
    required=frozenset({"currency_code"}),
)
EARLY_NEW_ACCOUNT: Final = Schema(
    NEW_ACCOUNT.checks, required=frozenset({"currency_code", "customer_id"})
)
MOVEMENT: Final = Schema({"amount": _number, "note": _text}, required=frozenset({"amount"}))
CLAIM: Final = Schema({"code": _text}, required=frozenset({"code"}))
NEW_GIFT_CARD: Final = Schema(
    {
        "currency_code": _text,
        "value": _at_least(1),
        "code": _text,
        "status": _STATUS,
        "expires_at": _or_null(_text),
        "reference": _text,
        "reference_id": _text,
        "line_item_id": _text,
        "note": _or_null(_text),
        "metadata": _record,
    },
    required=frozenset({"currency_code", "value"}),
)
GIFT_CARD_CHANGE: Final = Schema(
    {
        "status": _STATUS,
        "note": _or_null(_text),
        "expires_at": _or_null(_text),
        "metadata": _record,
    }
)
