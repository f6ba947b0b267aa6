"""What tells one list from another, so that a cursor fits only the list it was made for."""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import cached_property

from app.domain.instruments import Instrument


class ListName:
    """
    A short name for the list of *what*: the same in every process, another for other values.

    It is spelled out when a cursor is made or read, which most requests never do.
    """

    def __init__(self, *what: object) -> None:
        self._what = what

    @cached_property
    def text(self) -> str:
        return hashlib.sha256(_plain(self._what).encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, Instrument):
        return f"{value.kind}:{value.source}:{value.provider_id!r}"
    if is_dataclass(value):
        return f"{type(value).__name__}{[_plain(getattr(value, f.name)) for f in fields(value)]}"
    if isinstance(value, AbstractSet):
        return f"{sorted(_plain(one) for one in value)}"
    if isinstance(value, list | tuple):
        return f"{[_plain(one) for one in value]}"
    return repr(value)
