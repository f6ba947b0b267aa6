"""What may be remembered: questions of which everybody who may ask gets the same answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Generic, TypeVar

from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind

T = TypeVar("T")

Tag = tuple[str, ...]
"""What a write drops together; its first two members are what is meant and the source."""


def tag_of_source(source: SourceKey) -> Tag:
    """On everything that a source told."""
    return ("source", source)


def tag_of_searches(source: SourceKey) -> Tag:
    """On lists over a whole store, which any write there may change."""
    return ("searches", source)


def tag_of_customer(source: SourceKey, name: str) -> Tag:
    """
    On the lists of one customer.

    Args:
        name: What the customer was asked for by: an e-mail, a document, or the id at the source.
    """
    return ("customer", source, name)


def tag_of_instrument(source: SourceKey, kind: InstrumentKind, provider_id: str) -> Tag:
    """On an instrument, its history and its invoices, and on the lists it stands in."""
    return ("instrument", source, kind, provider_id)


def tags_of_customer(source: SourceKey, names: Iterable[str | None]) -> tuple[Tag, ...]:
    """For each name that is known."""
    return tuple(tag_of_customer(source, name) for name in names if name)


class Lifetime(Enum):
    BALANCE = auto()
    CONFIGURATION = auto()


@dataclass(frozen=True, eq=False)
class Fact(Generic[T]):
    """
    A kind of question.

    Attributes:
        name: Tells it from all others.
        form: The type of the answer, by which it is read back.
        affects: Instruments whose figures depend on it.
        lifetime: How long an answer is fresh.
    """

    name: str
    form: Any
    affects: frozenset[InstrumentKind]
    lifetime: Lifetime = Lifetime.BALANCE


class Question(Generic[T]):
    """
    One question to one source. The answer depends on nothing else: not on who asks.

    Args:
        about: What is asked, without any secret: of values that hash and compare.
        tags: What it is about, besides the source and the instruments in the answer.
    """

    __slots__ = ("about", "fact", "key", "source", "tags")

    def __init__(
        self, fact: Fact[T], source: SourceKey, *about: Hashable, tags: tuple[Tag, ...] = ()
    ) -> None:
        self.fact: Final = fact
        self.source: Final = source
        self.about: Final = about
        self.tags: Final = (tag_of_source(source), *tags)
        self.key: Final = (fact.name, source, *about)

    def narrowed(self, *further: Hashable) -> Question[T]:
        """The same with more to it: a part of the list."""
        return Question(self.fact, self.source, *self.about, *further, tags=self.tags[1:])
