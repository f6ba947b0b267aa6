"""
Bodies of writes, read member by member.

A member that is null is absent. A number written as a text is of the wrong type (assumed: the shop
may read it as the number).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.adobe import faults
from sandbox.exact_json import dumps, loads


@dataclass(frozen=True)
class Kind:
    """`name` is what the shop calls it."""

    name: str
    accepts: Callable[[object], bool]


NUMBER = Kind("float", lambda value: type(value) in (int, Decimal))
INTEGER = Kind("int", lambda value: type(value) is int)
TEXT = Kind("string", lambda value: type(value) is str)
FLAG = Kind("bool", lambda value: type(value) is bool)


class Body:
    """Every reader raises a Fault for a member that is absent or of another type."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = {name: value for name, value in members.items() if value is not None}

    @classmethod
    def decoded(cls, media_type: str, content: bytes) -> "Body":
        """
        What is no object has no members (assumed).

        Raises:
            Fault: *content* is not JSON, or is not said to be.
        """
        if media_type != "application/json":
            raise faults.undecodable()
        document = _json(content)
        return cls(document if isinstance(document, dict) else {})

    def require(self, *names: str) -> None:
        if missing := [faults.required(name) for name in names if name not in self._members]:
            raise faults.together(missing)

    def has(self, name: str) -> bool:
        return name in self._members

    def filled(self, name: str) -> bool:
        """Whether the member is more than a zero or an empty text, list or object."""
        return bool(self._members.get(name))

    def number(self, name: str) -> Decimal:
        return Decimal(self._typed(name, NUMBER))

    def integer(self, name: str) -> int:
        return int(self._typed(name, INTEGER))

    def flag(self, name: str) -> bool:
        return bool(self._typed(name, FLAG))

    def text(self, name: str) -> str:
        return str(self._typed(name, TEXT))

    def text_or_none(self, name: str) -> str | None:
        """None for an empty text, too."""
        return (self.text(name) or None) if self.has(name) else None

    def object(self, name: str, type_name: str, known: Collection[str]) -> "Body":
        """The object *name*, empty when absent; it has none but the *known* members."""
        members = self._members.get(name) or {}
        if not isinstance(members, Mapping):
            raise faults.wrong_type(_shown(members), type_name)
        for member in members:
            if member not in known:
                raise faults.unsupported(member)
        return Body(members)

    def _typed(self, name: str, kind: Kind) -> Any:
        self.require(name)
        value = self._members[name]
        if not kind.accepts(value):
            raise faults.wrong_type(_shown(value), kind.name)
        return value


def _json(content: bytes) -> object:
    try:
        document = loads(content)
        dumps(document)  # half of a surrogate pair can be read but never be answered
    except (ValueError, RecursionError) as exc:
        raise faults.undecodable() from exc
    return document


def _shown(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "1" if value else ""
        case int() | Decimal():
            return dumps(value).decode()
    return "Array"
