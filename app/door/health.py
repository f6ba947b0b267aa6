"""What an orchestrator asks."""

from __future__ import annotations

from typing import Final

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.lifecycle import Lifecycle

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
PATHS: Final = frozenset((ALIVE, READY))


class Health:
    """
    Answers `/healthz` (the process is alive) and `/readyz` (send it requests) before any limit on
    requests applies. The application is ready when its start-up is complete.
    """

    def __init__(self, app: ASGIApp, *, lifecycle: Lifecycle) -> None:
        self.app = app
        self.lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, self._noticing(send))
        elif scope["type"] == "http" and scope["path"] in PATHS:
            response = await self._answer(scope)
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _noticing(self, send: Send) -> Send:
        async def notice(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.lifecycle.ready()
            await send(message)

        return notice

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("", status_code=405, headers={"Allow": "GET, HEAD"})
        if scope["path"] == ALIVE:
            return PlainTextResponse("ok\n")
        readiness = await self.lifecycle.readiness()
        return JSONResponse(
            {
                "ready": readiness.is_ready,
                "stage": readiness.stage,
                "checks": {
                    name: "ok" if passed else "failed" for name, passed in readiness.checks.items()
                },
            },
            status_code=200 if readiness.is_ready else 503,
        )
