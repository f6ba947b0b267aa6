"""What a page of somebody else's may make a browser ask."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.door.refusal import Refusal

PREFLIGHT_HEADERS: Final = ("X-Creditgraph-Preflight", "Apollo-Require-Preflight")
"""A browser asks before it sends one of these elsewhere, and is told no."""

CROSS_SITE: Final = Refusal(
    HTTPStatus.FORBIDDEN, "CROSS_SITE_REQUEST", "This request comes from another site."
)


class CrossSite:
    """
    Refuses what a browser sends because a page of another origin wanted it to, unless that origin
    is one of *allowed_origins* or a preflight was needed to send it.

    The browser's own word counts: `Sec-Fetch-Site`, or where an old one does not say it, `Origin`
    against `Host`. Who sends neither is no browser, or an old one that loads an image; that gets
    its answer, which the page cannot read. A rule by `Accept` would protect less, for a page may
    set that header without asking, and would refuse the plain GET that GraphQL over HTTP allows.

    Without a query string a GET opens the playground, for which links may come from anywhere.
    """

    def __init__(self, app: ASGIApp, *, allowed_origins: Collection[str] = ()) -> None:
        self.app = app
        self.allowed_origins = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _asks_something(scope) and self._is_foreign(Headers(scope=scope)):
            await CROSS_SITE.while_sending(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None and not site:
            return False
        if self._is_allowed(origin) or any(name in headers for name in PREFLIGHT_HEADERS):
            return False
        if site:
            return site not in ("same-origin", "none")
        return origin is not None and _host(origin) != headers.get("host")

    def _is_allowed(self, origin: str | None) -> bool:
        return origin is not None and not self.allowed_origins.isdisjoint((origin, "*"))


def _asks_something(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    if scope["method"] in ("GET", "HEAD"):
        return bool(scope["query_string"])
    return bool(scope["method"] != "OPTIONS")


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
