"""The `fields` parameter: which columns and relations an answer shows, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

DEEPEST: Final = 8
"""Levels of relations followed (our choice); deeper paths are ignored like unknown names."""


@dataclass
class Selection:
    """A tree as deep as the paths asked for; *everything* stands for all own columns."""

    columns: dict[str, None] = field(default_factory=dict)
    relations: dict[str, "Selection"] = field(default_factory=dict)
    everything: bool = False

    def _at(self, path: Sequence[str]) -> "Selection":
        node = self
        for name in path:
            node = node.relations.setdefault(name, Selection())
        return node

    def add(self, entry: str) -> None:
        """*entry* is `column`, `relation.column`, `*relation` or `relation.*`."""
        starred = entry.startswith("*") or entry.endswith(".*")
        path = entry.removeprefix("*").removesuffix(".*").split(".")
        if len(path) > DEEPEST:
            return
        if starred:
            self._at(path).everything = True
        else:
            self._at(path[:-1]).columns[path[-1]] = None


def selection(fields: str | None, defaults: Sequence[str]) -> Selection:
    """The columns asked for by *fields*; *defaults* where it is absent or only changes them."""
    chosen = Selection()
    for entry in _entries(fields, defaults):
        chosen.add(entry)
    return chosen


def _entries(fields: str | None, defaults: Sequence[str]) -> dict[str, None]:
    chosen = dict.fromkeys(defaults)
    if fields is None:
        return chosen
    asked = [entry for entry in fields.split(",") if entry]
    if asked and all(map(_changes_defaults, asked)):
        for entry in asked:
            _change(chosen, entry)
    else:
        chosen = dict.fromkeys(map(_unmarked, asked))
    return chosen | {"id": None}


def _changes_defaults(entry: str) -> bool:
    return entry.startswith(("+", "-", "*", " ")) or entry.endswith(".*")


def _change(chosen: dict[str, None], entry: str) -> None:
    if entry.startswith("-"):
        unwanted = _unmarked(entry)
        for present in list(chosen):
            name = present.removeprefix("*")
            if name == unwanted or name.startswith(f"{unwanted}."):
                del chosen[present]
    else:
        chosen[_unmarked(entry)] = None


def _unmarked(entry: str) -> str:
    """A raw `+` arrives as a space, so both are marks. A star stays: it says what to show."""
    return entry.lstrip("+- \t").strip()
