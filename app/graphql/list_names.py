"""What tells one list from another, so that a cursor fits only the list it was made for."""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass

from app.domain.instruments import Instrument


def list_name(*what: object) -> str:
    """A short name for the list of *what*: the same in every process, another for other values."""
    return hashlib.sha256(_plain(what).encode()).hexdigest()


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
