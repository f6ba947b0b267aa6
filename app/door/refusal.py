"""A no before GraphQL begins, in the shape of a GraphQL answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

GRAPHQL_RESPONSE: Final = "application/graphql-response+json"

_LINGER_SECONDS: Final = 1.0
_LINGER_BYTES: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """An ASGI application that refuses whatever it is asked."""

    status: HTTPStatus
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, correlation_id: str | None) -> bytes:
        extensions = {"code": self.code, "correlationId": correlation_id}
        return json.dumps(
            {"errors": [{"message": self.message, "extensions": extensions}]}
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        state["refused"] = self.code
        accept = Headers(scope=scope).get("accept", "")
        media_type = GRAPHQL_RESPONSE if GRAPHQL_RESPONSE in accept else "application/json"
        response = Response(
            self.body(state.get("correlation_id")),
            status_code=self.status,
            headers=self.headers,
            media_type=f"{media_type}; charset=utf-8",
        )
        await response(scope, receive, send)

    async def while_sending(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Refuse somebody who still sends a body.

        The answer goes out at once; then what comes is thrown away for a moment before the
        connection is closed. Closed with unread bytes it would be reset, and the answer lost.
        """

        async def linger(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send({**message, "headers": [*message["headers"], (b"connection", b"close")]})
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER_SECONDS):
                    await _throw_away(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self(scope, receive, linger)


async def _throw_away(receive: Receive) -> None:
    left = _LINGER_BYTES
    while left > 0:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        left -= len(message.get("body", b""))
