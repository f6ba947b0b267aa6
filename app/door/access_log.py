"""One line per request."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.health import PATHS as HEALTH_PATHS
from app.door.metrics import PATH as METRICS_PATH
from app.door.tally import Tally

CallerName = Callable[[Scope], str | None]
"""Who asks, once that is known; None for anonymous."""

_CLIENT_GONE: Final = 499
_LONGEST_PATH: Final = 256
_PROBED: Final = HEALTH_PATHS | {METRICS_PATH}

_log = structlog.get_logger("creditgraph.access")


class AccessLog:
    """
    Says who asked what, how it ended and how long it took: never a query string, a header or a
    body. The path is logged as it came, percent-encoded. All requests are counted in *tally*.

    A request that nobody waited for ends with 499. What probes ask is only said at level debug.
    """

    def __init__(self, app: ASGIApp, *, caller_name: CallerName, tally: Tally) -> None:
        self.app = app
        self.tally = tally
        self.caller_name = caller_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_at = perf_counter()
        self.tally.begin()
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
            seconds = perf_counter() - started_at
            status = status or (500 if failed else _CLIENT_GONE)
            refused = scope.get("state", {}).get("refused")
            self.tally.end(scope["path"], status, refused=refused, seconds=seconds)
            write = _log.debug if scope["path"] in _PROBED else _log.info
            write(
                "request",
                method=scope["method"],
                path=_as_it_came(scope),
                status=status,
                ms=round(seconds * 1000, 1),
                caller=self.caller_name(scope),
                **({} if refused is None else {"refused": refused}),
            )


def _as_it_came(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw[:_LONGEST_PATH].decode("ascii", "backslashreplace")
