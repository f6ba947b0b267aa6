"""A window into a list that a provider keeps, and what was seen through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.domain.errors import ProviderFault

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Window:
    """*limit* items from position *offset* on, counted from 0 in the provider's order."""

    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T_co]):
    """
    What one window showed.

    Attributes:
        items: In the provider's order, at most as many as asked for.
        next_offset: Where the next window begins; None after the last item. It can be further than
            the number of items: unreadable ones are stepped over.
        total: Size of the whole list, where the provider says it and it can be believed.
        faults: Items that were there but could not be read, one fault each.
    """

    items: tuple[T_co, ...]
    next_offset: int | None
    total: int | None = None
    faults: tuple[ProviderFault, ...] = ()

    def map(self, change: Callable[[T_co], U]) -> Page[U]:
        return Page(
            items=tuple(change(item) for item in self.items),
            next_offset=self.next_offset,
            total=self.total,
            faults=self.faults,
        )
