"""What a monitoring system reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PATH: Final = "/metrics"
TEXT_FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposition:
    """
    Attributes:
        read: All metrics in the text format.
        may_read: Whether whoever sends the request may have them.
    """

    read: Callable[[], Awaitable[bytes]]
    may_read: Callable[[Scope], bool]


def bearers_of(token: str) -> Callable[[Scope], bool]:
    """Those who send *token* as `Authorization: Bearer`."""
    expected = token.encode()

    def may_read(scope: Scope) -> bool:
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and compare_digest(given.strip().encode(), expected)

    return may_read


def neighbours(scope: Scope) -> bool:
    """Those on this machine."""
    client = scope.get("client")
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False


class Metrics:
    """
    Answers `/metrics` before any limit on requests applies, to those who may read it. To all others
    there is nothing there, as at any other path.
    """

    def __init__(self, app: ASGIApp, exposition: Exposition) -> None:
        self.app = app
        self._exposition = exposition

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["path"] == PATH
            and scope["method"] in ("GET", "HEAD")
            and self._exposition.may_read(scope)
        ):
            body = await self._exposition.read()
            await Response(body, headers={"Content-Type": TEXT_FORMAT})(scope, receive, send)
        else:
            await self.app(scope, receive, send)
