"""What is remembered of an answer, and what an answer was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import inf
from typing import Any, Generic, NamedTuple, TypeVar, cast

from app.cache.questions import Fact, Question, Tag, tag_of_instrument
from app.domain.errors import ProviderFault
from app.domain.freshness import Freshness
from app.domain.identifiers import SourceKey
from app.domain.instruments import (
    CreditAccount,
    GiftCard,
    Instrument,
    InstrumentKind,
    StoreCreditAccount,
)
from app.domain.paging import Page

T = TypeVar("T")

_INSTRUMENTS = (CreditAccount, GiftCard, StoreCreditAccount)


class Entry(Generic[T]):
    """
    One good answer of a source.

    Args:
        began: When its reading began, in seconds since 1970.
        share: Of the lifetime it is fresh for this part, so that not all end at once.
        tags: What may change it; gone through when they are asked for, which is seldom.
    """

    __slots__ = ("_shown", "_tags", "began", "share", "value")

    def __init__(self, value: T, *, began: float, share: float, tags: Iterable[Tag]) -> None:
        self.value = value
        self.began = began
        self.share = share
        self._tags = tags
        self._shown: dict[Freshness, T] = {}

    @classmethod
    def of(cls, question: Question[T], value: T, *, began: float, share: float) -> Entry[T]:
        tags = chain(question.tags, _tags_in(value, question.source))
        return cls(value, began=began, share=share, tags=tags)

    @property
    def tags(self) -> tuple[Tag, ...]:
        if not isinstance(self._tags, tuple):
            self._tags = tuple(dict.fromkeys(self._tags))
        return self._tags

    def shown(self, freshness: Freshness) -> T:
        """The value, its instruments saying how live they are."""
        if freshness is Freshness.LIVE:
            return self.value
        if freshness not in self._shown:
            self._shown[freshness] = _marked(self.value, freshness)
        return self._shown[freshness]

    def fresh_until(self, lifetime: timedelta) -> float:
        """In seconds since 1970."""
        return self.began + self.share * lifetime.total_seconds()

    @property
    def observed_at(self) -> datetime:
        """When the oldest of it was observed."""
        moments = [one.observed_at for one in _instruments_in(self.value)]
        return min(moments, default=datetime.fromtimestamp(self.began, UTC))


def may_be_remembered(value: object) -> bool:
    """An answer that is not whole is not."""
    return not (isinstance(value, Page) and value.faults)


def _instruments_in(value: object) -> Iterator[Instrument]:
    for one in value.items if isinstance(value, Page) else (value,):
        if isinstance(one, _INSTRUMENTS):
            yield one


def _tags_in(value: object, source: SourceKey) -> Iterator[Tag]:
    """Of the instruments in an answer, and of an account that keeps the money of a card in it."""
    for one in _instruments_in(value):
        yield tag_of_instrument(source, one.kind, one.provider_id)
        if isinstance(one, GiftCard) and one.backed_by is not None:
            yield tag_of_instrument(source, InstrumentKind.STORE_CREDIT, one.backed_by)


def _marked(value: T, freshness: Freshness) -> T:
    if isinstance(value, Page):
        items = tuple(_marked(one, freshness) for one in value.items)
        return cast("T", replace(value, items=items))
    if isinstance(value, _INSTRUMENTS):
        return cast("T", replace(value, freshness=freshness))
    return value


class Answer(NamedTuple, Generic[T]):
    """
    What a question got.

    Attributes:
        until: As long as it is fresh, in seconds since 1970.
        fault: Why it is STALE, where the source was asked in vain.
    """

    value: T
    entry: Entry[T]
    freshness: Freshness
    until: float
    fault: ProviderFault | None = None


class Problem(NamedTuple):
    """A source that was asked in vain, and what it had told before."""

    fault: ProviderFault
    affects: frozenset[InstrumentKind]
    served_from: datetime


class Used:
    """
    What an answer was made of, as far as it was asked of sources through `Reads`. What comes from
    the journal, the configuration or the clock is not told here.
    """

    def __init__(self) -> None:
        self._answers: list[tuple[Fact[Any], Answer[Any]]] = []
        self._unremembered = 0
        self._faults = 0

    def note(self, fact: Fact[T], answer: Answer[T]) -> None:
        self._answers.append((fact, answer))

    def note_fault(self) -> None:
        self._faults += 1

    def note_what_is_not_remembered(self) -> None:
        """Something read past everything that is remembered."""
        self._unremembered += 1

    @property
    def live(self) -> int:
        return self._unremembered + self._how_many(Freshness.LIVE)

    @property
    def cached(self) -> int:
        return self._how_many(Freshness.CACHED)

    @property
    def stale(self) -> int:
        return self._how_many(Freshness.STALE)

    @property
    def faults(self) -> int:
        """What was answered with a fault, or was not whole."""
        broken = (not may_be_remembered(answer.value) for _, answer in self._answers)
        return self._faults + sum(broken)

    @property
    def is_only_cached(self) -> bool:
        """Whether something was read, and nothing but what is remembered and fresh."""
        return self.cached > 0 and not (self.live or self.stale or self.faults)

    @property
    def since(self) -> float:
        """The earliest that any of it was begun to be read, in seconds since 1970."""
        return min((answer.entry.began for _, answer in self._answers), default=inf)

    @property
    def until(self) -> float:
        """As long as all of it stays fresh; 0 if something cannot be remembered."""
        if self._unremembered or self.faults:
            return 0
        return min((answer.until for _, answer in self._answers), default=inf)

    @property
    def tags(self) -> set[Tag]:
        """What may change any of it."""
        return {tag for _, answer in self._answers for tag in answer.entry.tags}

    @property
    def problems(self) -> list[Problem]:
        """What was asked in vain, with older data in its place."""
        return [
            Problem(answer.fault, fact.affects, answer.entry.observed_at)
            for fact, answer in self._answers
            if answer.fault is not None
        ]

    def _how_many(self, freshness: Freshness) -> int:
        return sum(answer.freshness is freshness for _, answer in self._answers)
