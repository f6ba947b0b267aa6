"""
The gateway's mark of a call, in what the provider keeps of a caller's own words.

A ledger entry takes one text, its note: what the caller wrote stands before the mark and reads as
it was written, `Goodwill [creditgraph:...]`. An account takes metadata, where the mark is a member.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from app.domain.errors import InvalidQuestion

_MARKED: Final = re.compile(r"(?:(?P<note>.*) )?\[creditgraph:[a-z0-9-]{1,40}\]", re.DOTALL)

_MEMBER: Final = "creditgraph_operation"


def marked(note: str | None, mark: str) -> str:
    """The note that goes out."""
    return f"{note} {_tag(mark)}" if note else _tag(mark)


def unmarked(note: str | None) -> str | None:
    """What the caller wrote of a note that came back; None where that was nothing."""
    found = _MARKED.fullmatch(note or "")
    return (found["note"] if found else note) or None


def bears(note: str | None, mark: str) -> bool:
    """
    Whether *note* is of the call that *mark* names.

    Only at its end: what a caller writes stands before it and cannot pass for another call.
    """
    return (note or "").endswith(_tag(mark))


def marked_metadata(metadata: Mapping[str, object], mark: str) -> dict[str, object]:
    """
    Raises:
        InvalidQuestion: The member is taken.
    """
    if _MEMBER in metadata:
        raise InvalidQuestion(f"{_MEMBER} in it is the gateway's own.", ("metadata",))
    return {**metadata, _MEMBER: mark}


def unmarked_metadata(metadata: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """What the caller gave; None where the mark is all there is."""
    if metadata is None or _MEMBER not in metadata:
        return metadata
    return {name: value for name, value in metadata.items() if name != _MEMBER} or None


def metadata_bears(metadata: Mapping[str, object] | None, mark: str) -> bool:
    return metadata is not None and metadata.get(_MEMBER) == mark


def _tag(mark: str) -> str:
    return f"[creditgraph:{mark}]"
