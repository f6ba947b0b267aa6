"""How a field is declared: what it means, who may see it, which operations it stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any, TypeVar

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location

from app.domain.access import AccessLevel
from app.graphql.guard import Guard

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class CacheScope(Enum):
    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


def enum(cls: type[E], description: str, *, name: str | None = None) -> type[E]:
    """Make a domain enum part of the schema, as it is."""
    return strawberry.enum(cls, name=name, description=description)


enum(AccessLevel, "Who a caller is, each level including the ones before it.")
enum(CacheScope, "PRIVATE answers may be kept for one caller only.")

_FIELD_OR_OBJECT = [Location.FIELD_DEFINITION, Location.OBJECT]


@strawberry.schema_directive(
    locations=_FIELD_OR_OBJECT,
    name="access",
    description=(
        "The lowest level and the scopes a caller needs. With `owner` a shopper sees it only of "
        "their own objects. A field without it needs SHOPPER and ownership of its object."
    ),
)
class Access:
    min: AccessLevel
    owner: bool | None = False
    scopes: list[str] | None = strawberry.UNSET


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="upstream",
    description="The providers' operations that the field stands on.",
)
class Upstream:
    ops: list[str]


@strawberry.schema_directive(
    locations=_FIELD_OR_OBJECT,
    name="cacheControl",
    description="How many seconds an answer may be reused.",
)
class CacheControl:
    max_age: int
    scope: CacheScope | None = CacheScope.PRIVATE


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="About how many upstream calls the field can cause.",
)
class Cost:
    weight: int


def access(level: AccessLevel, *scopes: str, owner: bool = False) -> Access:
    return Access(
        min=level,
        owner=owner or strawberry.UNSET,
        scopes=list(scopes) or strawberry.UNSET,
    )


SERVICE = access(AccessLevel.SERVICE)
ADMIN = access(AccessLevel.ADMIN)
OWN = access(AccessLevel.SHOPPER, owner=True)


def described(
    description: str,
    *,
    may: Access | None = None,
    upstream: Sequence[str] = (),
    cost: int | None = None,
    max_age: int | None = None,
) -> Any:
    """A plain field."""
    return strawberry.field(
        description=description,
        directives=_directives(may, upstream, cost, max_age),
        extensions=_guards(may),
    )


def optional(description: str, *, name: str | None = None) -> Any:
    """A member of an input that may be left out."""
    return strawberry.field(description=description, name=name, default=strawberry.UNSET)


def resolved(
    description: str,
    *,
    may: Access | None = None,
    upstream: Sequence[str] = (),
    cost: int | None = None,
    max_age: int | None = None,
    otherwise: Access | None = None,
) -> Callable[[Callable[..., T]], T]:
    """
    A field that its resolver computes.

    Args:
        otherwise: What is asked for where *may* is not declared.
    """

    def declare(resolver: Callable[..., T]) -> T:
        field: T = strawberry.field(
            resolver=resolver,
            description=description,
            directives=_directives(may, upstream, cost, max_age),
            extensions=_guards(may or otherwise),
        )
        return field

    return declare


def cached_for(seconds: int) -> CacheControl:
    return CacheControl(max_age=seconds, scope=strawberry.UNSET)


entrance = partial(resolved, otherwise=access(AccessLevel.SHOPPER))
"""A field of the root, where every walk through the graph begins: nothing is for everybody."""


def _guards(may: Access | None) -> list[FieldExtension]:
    return [Guard(may.min, may.scopes or ())] if may else []


def _directives(
    may: Access | None, upstream: Sequence[str], cost: int | None, max_age: int | None
) -> list[object]:
    return [
        *([may] if may else []),
        *([Upstream(ops=list(upstream))] if upstream else []),
        *([Cost(weight=cost)] if cost is not None else []),
        *([cached_for(max_age)] if max_age is not None else []),
    ]
