"""One id for everything that happens because of one request."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CORRELATION_HEADER: Final = "X-Correlation-Id"

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
"""Of the request that is being answered, for whoever calls somebody else because of it."""


def new_correlation_id() -> str:
    return uuid4().hex


class Correlation:
    """
    Takes the id that comes with a request, or makes one when none comes or it looks odd.

    It is in `scope["state"]["correlation_id"]`, in the context variable, in every log line and in
    the answer's header.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(CORRELATION_HEADER, "")
        own = given if _WELL_FORMED.fullmatch(given) else new_correlation_id()
        scope.setdefault("state", {})["correlation_id"] = own

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[CORRELATION_HEADER] = own
            await send(message)

        token = correlation_id.set(own)
        try:
            with structlog.contextvars.bound_contextvars(correlation_id=own):
                await self.app(scope, receive, tell)
        finally:
            correlation_id.reset(token)
