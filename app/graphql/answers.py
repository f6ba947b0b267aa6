"""
Whole answers, remembered for whoever got them.

Where one is found, its document is neither parsed nor executed. It is made of nothing but what was
remembered and fresh, so it says of no figure that it is newer than it is; it lasts as long as the
shortest-lived of these, and ends with the first write that touches one.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from app.cache.entries import Used
from app.cache.questions import Tag
from app.domain.caller import Caller
from app.domain.clock import Clock
from app.graphql.over_http import MediaType

SHARE: Final = 10
"""One answer takes at most this part of the memory of all, or it is not remembered."""


class Untouched(Protocol):
    """Whether nothing that bears these tags was changed since what was read then."""

    def __call__(self, tags: Collection[Tag], *, since: float) -> Awaitable[bool]: ...


class Key(NamedTuple):
    """
    Everything that an answer depends on besides time.

    Attributes:
        caller: Who they are and what they may do, not what they proved it with.
        variables: As JSON, always in the same order.
    """

    caller: Caller
    document: str
    operation_name: str | None
    variables: str
    form: MediaType


def written(variables: Mapping[str, Any] | None) -> str:
    return json.dumps(variables, sort_keys=True) if variables else ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """
    Attributes:
        since: When the oldest of it was begun to be read, in seconds since 1970.
        until: How long it lasts, in the same.
        tags: What may change it.
    """

    body: bytes
    since: float
    until: float
    tags: Collection[Tag]


class Found(NamedTuple):
    """
    Attributes:
        seconds: For so long it lasts yet.
    """

    body: bytes
    seconds: int


class Answers:
    """
    Args:
        most_bytes: Of all answers together; those that were not asked for longest go first.
    """

    def __init__(self, untouched: Untouched, *, most_bytes: int, clock: Clock) -> None:
        self._untouched = untouched
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[Key, Remembered] = OrderedDict()
        self._bytes = 0

    async def find(self, key: Key) -> Found | None:
        found = self._kept.get(key)
        if found is None:
            return None
        left = found.until - self._clock().timestamp()
        if left > 0 and await self._untouched(found.tags, since=found.since):
            if key in self._kept:  # it may have gone while that was found out
                self._kept.move_to_end(key)
            return Found(found.body, int(left))
        self._forget(key)
        return None

    def remember(self, key: Key, body: bytes, used: Used, *, until: float) -> None:
        """
        Keep an answer without errors, if it may be kept.

        Args:
            until: As long as it may be reused.
        """
        if not used.is_only_cached or until <= self._clock().timestamp():
            return
        answer = Remembered(body, used.since, until, frozenset(used.tags))
        if _size(key, answer) * SHARE > self._most_bytes:
            return
        self._forget(key)
        self._kept[key] = answer
        self._bytes += _size(key, answer)
        while self._bytes > self._most_bytes:
            self._bytes -= _size(*self._kept.popitem(last=False))

    def _forget(self, key: Key) -> None:
        if dropped := self._kept.pop(key, None):
            self._bytes -= _size(key, dropped)


def _size(key: Key, answer: Remembered) -> int:
    return len(key.document) + len(key.variables) + len(answer.body)
