"""One line per request."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.health import PATHS as HEALTH_PATHS

CallerName = Callable[[Scope], str | None]
"""Who asks, once that is known; None for anonymous."""

_CLIENT_GONE: Final = 499
_LONGEST_PATH: Final = 256

_log = structlog.get_logger("creditgraph.access")


class AccessLog:
    """
    Says who asked what, how it ended and how long it took: never a query string, a header or a
    body. The path is logged as it came, percent-encoded.

    A request that nobody waited for ends with 499. What probes ask is only said at level debug.
    """

    def __init__(self, app: ASGIApp, *, caller_name: CallerName) -> None:
        self.app = app
        self.caller_name = caller_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_at = perf_counter()
        status = None

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        failed = True
        try:
            await self.app(scope, receive, note)
            failed = False
        finally:
            state = scope.get("state", {})
            write = _log.debug if scope["path"] in HEALTH_PATHS else _log.info
            write(
                "request",
                method=scope["method"],
                path=_as_it_came(scope),
                status=status or (500 if failed else _CLIENT_GONE),
                ms=round((perf_counter() - started_at) * 1000, 1),
                caller=self.caller_name(scope),
                **({"refused": state["refused"]} if "refused" in state else {}),
            )


def _as_it_came(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw[:_LONGEST_PATH].decode("ascii", "backslashreplace")
