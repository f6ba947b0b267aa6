"""
The data a sandbox starts from: one JSON document with a section for each stand-in.

The built-in document is put together from the files in `sandbox/seed/`; a file given by the user
has the same form. What a section holds is the business of the stand-in that reads it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sandbox import exact_json

SECTIONS = ("vtex_credit", "vtex_giftcard", "adobe", "medusa")
BUILT_IN = Path(__file__).parent / "seed"

T = TypeVar("T")

_RELATIVE = re.compile(r"now(?:(?P<sign>[+-])(?P<count>[0-9]{1,5})(?P<unit>[smhd]))?")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class SeedError(ValueError):
    """A seed is wrong; the message begins with the place: `medusa.accounts[3].code: ...`."""


def moment(text: str, now: datetime) -> datetime:
    """
    An aware UTC time from `now`, `now-30d`, `now+6h`, `now-90m`, `now+5s`, or RFC 3339.

    Raises:
        SeedError: *text* is none of these; without a place, which only the caller knows.
    """
    if relative := _RELATIVE.fullmatch(text):
        if relative["sign"] is None:
            return now
        distance = int(relative["count"]) * _UNITS[relative["unit"]]
        return now + distance if relative["sign"] == "+" else now - distance
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise SeedError(f'{text!r} is neither RFC 3339 with a zone nor like "now-30d" or "now+6h"')
    return parsed.astimezone(UTC)


def amount(value: object, place: str) -> Decimal:
    """A JSON number (not a text, not a boolean) as it was written."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise SeedError(f"{place}: {shown(value)} is not a number")
    return Decimal(value)


def shown(value: object) -> str:
    """A JSON value as a seed's author wrote it, short enough for a message."""
    written = exact_json.dumps(value).decode()
    return written if len(written) <= 60 else f"{written[:57]}..."


class Record:
    """
    One object of a seed, read member by member; null is the same as absent.

    Every reader raises SeedError with the member's place. `finish` refuses what nobody asked for,
    which is how a misspelled member is found.
    """

    def __init__(self, value: object, place: str, now: datetime) -> None:
        if not isinstance(value, Mapping):
            raise SeedError(f"{place}: {shown(value)} is not an object")
        self.place = place
        self._members: Mapping[str, Any] = value
        self._now = now
        self._known: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self.place}.{name}"

    def has(self, name: str) -> bool:
        self._known.add(name)
        return self._members.get(name) is not None

    def value(self, name: str) -> Any:
        if not self.has(name):
            raise SeedError(f"{self.at(name)}: missing")
        return self._members[name]

    def text(self, name: str) -> str:
        return self._typed(name, str, "a text")

    def text_or_none(self, name: str) -> str | None:
        return self.text(name) if self.has(name) else None

    def choice(self, name: str, allowed: Iterable[str], *, default: str) -> str:
        if not self.has(name):
            return default
        chosen = self.text(name)
        if chosen not in (options := tuple(allowed)):
            raise SeedError(f"{self.at(name)}: {shown(chosen)} is none of {', '.join(options)}")
        return chosen

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self._typed(name, bool, "true or false") if self.has(name) else default

    def integer(self, name: str, *, default: int) -> int:
        return self._typed(name, int, "a whole number") if self.has(name) else default

    def amount(self, name: str) -> Decimal:
        return amount(self.value(name), self.at(name))

    def amount_or_none(self, name: str) -> Decimal | None:
        return self.amount(name) if self.has(name) else None

    def moment(self, name: str) -> datetime:
        written = self.text(name)
        try:
            return moment(written, self._now)
        except SeedError as exc:
            raise SeedError(f"{self.at(name)}: {exc}") from exc

    def moment_or_none(self, name: str) -> datetime | None:
        return self.moment(name) if self.has(name) else None

    def record(self, name: str) -> "Record":
        """The object *name*, empty when absent."""
        value = self._members[name] if self.has(name) else {}
        return Record(value, self.at(name), self._now)

    def records(self, name: str) -> "list[Record]":
        """The objects of the list *name*, none when absent."""
        if not self.has(name):
            return []
        listed = self._typed(name, list, "a list")
        return [Record(v, f"{self.at(name)}[{i}]", self._now) for i, v in enumerate(listed)]

    def texts(self, name: str) -> list[str]:
        listed = self._typed(name, list, "a list") if self.has(name) else []
        for index, value in enumerate(listed):
            if not isinstance(value, str):
                raise SeedError(f"{self.at(name)}[{index}]: {shown(value)} is not a text")
        return listed

    def finish(self) -> None:
        if unknown := [name for name in self._members if name not in self._known]:
            raise SeedError(f"{self.at(unknown[0])}: no such member")

    def _typed(self, name: str, kind: type[T], wanted: str) -> T:
        value = self.value(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise SeedError(f"{self.at(name)}: {shown(value)} is not {wanted}")
        return value


def built_in_section(name: str) -> Any:
    return _read(BUILT_IN / f"{name}.json")


def read_seed(path: Path) -> dict[str, Any]:
    """
    The document at *path*; a section it leaves out is the built-in one.

    Raises:
        SeedError: The file cannot be read, is not JSON, or holds something that is no section.
    """
    document = _read(path)
    if not isinstance(document, Mapping):
        raise SeedError(f"{path}: {shown(document)} is not an object")
    return completed(document)


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """*document* with the built-in sections in place of those it leaves out."""
    for name, section in document.items():
        if name not in SECTIONS:
            raise SeedError(f"{name}: no such section; there are {', '.join(SECTIONS)}")
        if not isinstance(section, Mapping):
            raise SeedError(f"{name}: {shown(section)} is not an object")
    return {
        name: document[name] if name in document else built_in_section(name) for name in SECTIONS
    }


def _read(path: Path) -> Any:
    try:
        return exact_json.loads(path.read_bytes())
    except OSError as exc:
        raise SeedError(f"{path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise SeedError(f"{path}: not JSON: {exc}") from exc
