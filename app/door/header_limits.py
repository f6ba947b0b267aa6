"""How much may stand above a body."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.door import settings
from app.door.refusal import Refusal

HEADERS_TOO_LARGE: Final = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE", "The headers are too large."
)

_AROUND_A_HEADER: Final = len(": \r\n")


class HeaderLimits:
    """
    Refuses too many headers and too large ones, the request line counted in.

    A head that never ends does not get here: the protocol refuses it at the socket.
    """

    def __init__(self, app: ASGIApp, limits: settings.HeaderLimits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        within = scope["type"] != "http" or self._is_within(scope)
        await (self.app if within else HEADERS_TOO_LARGE)(scope, receive, send)

    def _is_within(self, scope: Scope) -> bool:
        headers = scope["headers"]
        line = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
        size = line + sum(len(name) + len(value) + _AROUND_A_HEADER for name, value in headers)
        return len(headers) <= self.limits.max_count and size <= self.limits.max_bytes
