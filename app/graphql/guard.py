"""The one place where a declared access is enforced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.errors import CredentialsNeeded, Forbidden


def require(caller: Caller, level: AccessLevel, scopes: Collection[str]) -> None:
    """
    Raises:
        CredentialsNeeded: The caller is nobody in particular.
        Forbidden: Somebody whose level or scopes do not reach.
    """
    if caller.level >= level and caller.scopes.issuperset(scopes):
        return
    raise CredentialsNeeded if caller.anonymous else Forbidden


class Guard(FieldExtension):
    """Lets a field be resolved for callers of *level* who have all *scopes*."""

    def __init__(self, level: AccessLevel, scopes: Collection[str]) -> None:
        self.level = level
        self.scopes = frozenset(scopes)

    def resolve(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any], **kwargs: Any
    ) -> Any:
        require(info.context.caller, self.level, self.scopes)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: strawberry.Info[Any],
        **kwargs: Any,
    ) -> Any:
        require(info.context.caller, self.level, self.scopes)
        return await next_(source, info, **kwargs)
