"""Relay connections over merged lists, with one position a source in each cursor."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Self, TypeVar

import strawberry

from app.domain.errors import InvalidQuestion
from app.graphql.context import Context, Info
from app.graphql.declare import described, resolved
from app.graphql.inputs.arguments import given
from app.graphql.list_names import ListName
from app.graphql.opaque import SealBroken
from app.graphql.types.basics import SourceProblem, problems_from_domain
from app.operations.desk import Desk
from app.operations.merge import Merged, Position, Positions

T = TypeVar("T")
V = TypeVar("V")

USUAL_ITEMS = 20
MOST_ITEMS = 100
CURSOR = "cursor"


@dataclass(frozen=True, slots=True)
class PageAsked:
    """
    Which page of a list is wanted.

    Attributes:
        list_name: Tells the list from others; a cursor of it fits no other.
    """

    list_name: ListName
    first: int
    after: Positions
    is_first: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list, for its cursor."""

    list_name: ListName
    after: Positions

    def cursor(self, context: Context) -> str:
        content = [[key, *position] for key, position in self.after.items()]
        return context.seal.seal(CURSOR, content, bound_to=self.list_name.text)


def page_asked(
    context: Context, list_name: ListName, first: int | None, after: str | None
) -> PageAsked:
    """
    Args:
        first: Null asks for a page of the usual size.

    Raises:
        InvalidQuestion: More items than a page may have, or a cursor of another list.
    """
    first = USUAL_ITEMS if first is None else first
    if not 0 <= first <= MOST_ITEMS:
        raise InvalidQuestion(f"`first` is between 0 and {MOST_ITEMS}.")
    cursor = given(after)
    if cursor is None:
        return PageAsked(list_name, first, {}, is_first=True)
    try:
        places = context.seal.open(CURSOR, cursor, bound_to=list_name.text)
    except SealBroken as exc:
        raise InvalidQuestion("That cursor is none of this list's.") from exc
    positions = {key: Position(offset, skip) for key, offset, skip in places}
    return PageAsked(list_name, first, positions, is_first=False)


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = described("Whether anything comes after this page.")
    has_previous_page: bool = described("Whether this page was reached by a cursor.")
    start: strawberry.Private[Place | None]
    end: strawberry.Private[Place | None]

    @resolved("Cursor of the first item; null on an empty page.")
    def start_cursor(self, info: Info) -> str | None:
        return self.start.cursor(info.context) if self.start else None

    @resolved("For `after`: where the next page begins; null when there is nothing at all.")
    def end_cursor(self, info: Info) -> str | None:
        return self.end.cursor(info.context) if self.end else None


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[T]):
    node: T = described("The item.")
    place: strawberry.Private[Place]

    @resolved("For `after`: the next page begins behind this item.")
    def cursor(self, info: Info) -> str:
        return self.place.cursor(info.context)


@strawberry.type(description="A page of a list that may be merged from several sources.")
class Connection(Generic[T]):
    nodes: list[T] = described("The items alone.")
    page_info: PageInfo = described("Where the page stands.")
    total_count: int | None = described(
        "Items on all pages; null when a source does not say it or a filter was applied here."
    )
    unavailable: list[SourceProblem] = described("Sources that are missing from this page.")
    places: strawberry.Private[list[Place]]

    @resolved("Items with their cursors.")
    def edges(self) -> list[Edge[T]]:
        return [
            Edge(node=node, place=place)
            for node, place in zip(self.nodes, self.places, strict=True)
        ]

    @classmethod
    def from_domain(
        cls,
        page: Merged[V],
        make: Callable[[V, Context], T],
        context: Context,
        asked: PageAsked,
        **more: object,
    ) -> Self:
        nodes = [make(placed.item, context) for placed in page.items]
        places = [Place(asked.list_name, placed.after) for placed in page.items]
        return cls(
            nodes=nodes,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=not asked.is_first,
                start=places[0] if places else None,
                end=(Place(asked.list_name, page.end) if places or page.has_next else None),
            ),
            total_count=page.total,
            unavailable=problems_from_domain(page.problems, context),
            places=places,
            **more,
        )


async def connection(
    context: Context,
    first: int | None,
    after: str | None,
    ask: partial[Coroutine[Any, Any, Merged[V]]],
    make: Callable[[V, Context], T],
) -> Connection[T]:
    """
    The page that a field was asked for.

    Args:
        ask: The operation with all its arguments but the page.

    Raises:
        InvalidQuestion: As `page_asked` does.
    """
    question = [one for one in ask.args if not isinstance(one, Desk)]
    name = ListName(ask.func.__name__, *question, *sorted(ask.keywords.items()))
    asked = page_asked(context, name, first, after)
    page = await ask(first=asked.first, after=asked.after)
    return Connection[T].from_domain(page, make, context, asked)
