"""Who sends a request, found out once, before anything is counted or read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.authentication.refusals import AuthenticationUnavailable, NotAuthenticated
from app.domain.caller import Caller

Authenticate = Callable[[Headers], Awaitable[Caller]]

_FOUND: Final = "creditgraph.caller"


class Identify:
    """
    Leaves who asks, or why nobody knows, in the scope.

    Bad credentials are refused by the endpoint, behind the rate limit, so that guessing is counted.
    """

    def __init__(self, app: ASGIApp, authenticate: Authenticate) -> None:
        self._app = app
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found: Caller | NotAuthenticated | AuthenticationUnavailable
        try:
            found = await self._authenticate(Headers(scope=scope))
        except (NotAuthenticated, AuthenticationUnavailable) as refusal:
            found = refusal
        scope.setdefault("state", {})[_FOUND] = found
        await self._app(scope, receive, send)


def name_of_caller(scope: Scope) -> str | None:
    """Who asks, for counting and logging; None for nobody in particular."""
    found = scope.get("state", {}).get(_FOUND)
    return found.name if isinstance(found, Caller) and not found.anonymous else None


async def who_asks(request: HTTPConnection, authenticate: Authenticate) -> Caller:
    """
    Who was found; found out now where nobody looked before.

    Raises:
        NotAuthenticated: The credentials are not good.
        AuthenticationUnavailable: Nobody can tell.
    """
    found = request.scope.get("state", {}).get(_FOUND)
    if isinstance(found, Exception):
        raise found
    return found if isinstance(found, Caller) else await authenticate(request.headers)
