"""How much may be sent, and how slowly."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door import settings
from app.door.refusal import Refusal

BODY_TOO_LARGE: Final = Refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_TOO_LARGE", "The body is too large."
)
BODY_TOO_SLOW: Final = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "BODY_TOO_SLOW",
    "The body did not arrive in time.",
    {"Connection": "close"},
)

_DIGITS_THAT_SUFFICE: Final = 20
"""int() refuses thousands of digits, and a body of 10^20 bytes is too large already."""


class _BodyTooLarge(Exception):
    pass


class _ClientGone(Exception):
    pass


class BodyLimits:
    """
    Reads the whole body, within its limits, before anything else is done for the request.

    So nobody holds a place in the house by sending slowly, and what stands inside may read ahead.
    """

    def __init__(self, app: ASGIApp, limits: settings.BodyLimits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            self._check_declared(Headers(scope=scope).get("content-length", ""))
            async with asyncio.timeout(self.limits.arrive_within_seconds):
                body = await self._read(receive)
        except _BodyTooLarge:
            await BODY_TOO_LARGE.while_sending(scope, receive, send)
        except TimeoutError:
            await BODY_TOO_SLOW(scope, receive, send)
        except _ClientGone:
            return
        else:
            await self.app(scope, _once(body, receive), send)

    def _check_declared(self, length: str) -> None:
        if length.isdecimal() and int(length[:_DIGITS_THAT_SUFFICE]) > self.limits.max_bytes:
            raise _BodyTooLarge

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientGone
            body += message.get("body", b"")
            if len(body) > self.limits.max_bytes:
                raise _BodyTooLarge
            more = message.get("more_body", False)
        return bytes(body)


def _once(body: bytes, receive: Receive) -> Receive:
    """*body* as the first message, then whatever *receive* brings."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message
