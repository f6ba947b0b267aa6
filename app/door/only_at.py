"""A part of the door that only one path has."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class OnlyAt:
    """Requests of *path*, and the lifespan, go by *strict*; everything else by *app*."""

    def __init__(self, app: ASGIApp, *, path: str, strict: ASGIApp) -> None:
        self.app = app
        self.paths = {path, f"{path}/"}
        self.strict = strict

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_strict = scope["type"] == "lifespan" or scope.get("path") in self.paths
        await (self.strict if is_strict else self.app)(scope, receive, send)
