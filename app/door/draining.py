"""Letting the last ones out and nobody in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.lifecycle import Lifecycle, Stage
from app.door.refusal import Refusal

SHUTTING_DOWN: Final = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "SHUTTING_DOWN",
    "This instance is shutting down; try again.",
    {"Connection": "close", "Retry-After": "1"},
)


class Draining:
    """
    Closes connections with their next answer once the process drains, and refuses every new
    request once it is closed.
    """

    def __init__(self, app: ASGIApp, *, lifecycle: Lifecycle) -> None:
        self.app = app
        self.lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def let_go(message: Message) -> None:
            if message["type"] == "http.response.start" and self._is_ending():
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self.lifecycle.stage is Stage.CLOSED:
            await SHUTTING_DOWN(scope, receive, send)
        else:
            await self.app(scope, receive, let_go)

    def _is_ending(self) -> bool:
        return self.lifecycle.stage in (Stage.DRAINING, Stage.CLOSED)
