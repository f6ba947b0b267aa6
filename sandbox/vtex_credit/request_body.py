"""
The JSON objects that requests carry, read member by member.

Null is the same as absent, members nobody asks for are ignored, and what cannot be read is refused
with 400 (all assumed). Numbers are bounded so that sums and products of them stay exact.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from starlette.requests import Request

from sandbox.exact_json import loads
from sandbox.vtex import Refused
from sandbox.vtex_credit.refusals import refused

T = TypeVar("T")

AMOUNTS_BELOW = Decimal(10**12)
RATES_BELOW = Decimal(100)
MOST_DECIMALS = 6
_DECIMAL_TEXT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


async def sent_members(request: Request) -> "Members":
    """Assumed: a body that is not declared as JSON is a 415."""
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise Refused(415, None, "The body must be application/json.")
    try:
        return Members(loads(await request.body()))
    except ValueError as exc:
        raise refused("The body is not JSON.") from exc


class Members:
    def __init__(self, document: object, place: str = "The body") -> None:
        if not isinstance(document, Mapping):
            raise refused(f"{place} must be an object.")
        self._members: Mapping[str, Any] = document

    def states(self, name: str) -> bool:
        """Whether *name* is there, be it null."""
        return name in self._members

    def has(self, name: str) -> bool:
        return self._members.get(name) is not None

    def text(self, name: str) -> str:
        if not (text := self._any_text(name)).strip():
            raise refused(f"'{name}' must not be empty.")
        return text

    def text_or_none(self, name: str) -> str | None:
        return self.text(name) if self.has(name) else None

    def note(self, name: str) -> str | None:
        """A text that may be empty."""
        return self._any_text(name) if self.has(name) else None

    def choice(self, name: str, options: Iterable[str]) -> str:
        if (chosen := self.text(name)) not in (known := tuple(options)):
            raise refused(f"'{name}' must be one of {', '.join(known)}.")
        return chosen

    def flag(self, name: str) -> bool:
        return self._typed(name, bool, "true or false")

    def amount(self, name: str) -> Decimal:
        """A JSON number of any sign."""
        return _bounded(name, self._number(name), AMOUNTS_BELOW)

    def amount_as_text(self, name: str) -> Decimal:
        written = self._typed(name, str, "a decimal number as text")
        if not _DECIMAL_TEXT.fullmatch(written):
            raise refused(f"'{name}' must be a decimal number as text.")
        return _bounded(name, Decimal(written), AMOUNTS_BELOW)

    def positive_amount(self, name: str) -> Decimal:
        if (value := self.amount(name)) <= 0:
            raise refused(f"'{name}' must be above zero.")
        return value

    def limit(self, name: str) -> Decimal:
        return _not_negative(name, self.amount(name))

    def limit_as_either(self, name: str) -> Decimal:
        return _not_negative(name, self._amount_as_either(name))

    def rate(self, name: str) -> Decimal:
        return _bounded(name, self.limit(name), RATES_BELOW)

    def rate_as_either(self, name: str) -> Decimal:
        return _bounded(name, self.limit_as_either(name), RATES_BELOW)

    def whole(self, name: str, *, least: int, most: int) -> int:
        """2 and 2.0 are the same number."""
        value = self.amount(name)
        if value != int(value) or not least <= value <= most:
            raise refused(f"'{name}' must be a whole number from {least} to {most}.")
        return int(value)

    def object(self, name: str) -> "Members":
        return Members(self._members.get(name), f"'{name}'")

    def objects(self, name: str) -> "list[Members]":
        listed: list[object] = self._typed(name, list, "a list")
        return [Members(item, f"Each of '{name}'") for item in listed]

    def _any_text(self, name: str) -> str:
        text = self._typed(name, str, "a text")
        try:
            text.encode()
        except UnicodeEncodeError as exc:  # half a surrogate pair, which no answer could carry
            raise refused(f"'{name}' must be a text.") from exc
        return text

    def _amount_as_either(self, name: str) -> Decimal:
        """As the file has it, a text, or the number that the live server takes as well."""
        as_text = isinstance(self._members.get(name), str)
        return self.amount_as_text(name) if as_text else self.amount(name)

    def _number(self, name: str) -> Decimal:
        value = self._members.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise refused(f"'{name}' must be a number.")
        return Decimal(value)

    def _typed(self, name: str, kind: type[T], wanted: str) -> T:
        value = self._members.get(name)
        if not isinstance(value, kind):
            raise refused(f"'{name}' must be {wanted}.")
        return value


def _bounded(name: str, value: Decimal, limit: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    if not -limit < value < limit or not isinstance(exponent, int) or exponent < -MOST_DECIMALS:
        raise refused(f"'{name}' is too large or too precise.")
    return value + 0  # never a negative zero


def _not_negative(name: str, value: Decimal) -> Decimal:
    if value < 0:
        raise refused(f"'{name}' must not be negative.")
    return value
