"""The sandbox as one ASGI app: four stand-ins below their mounts, and the controls."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import seed as seeds
from sandbox.clock import Clock
from sandbox.control import Controls
from sandbox.faults import Faulty
from sandbox.stand_ins import StandIns


def create_sandbox(seed: Mapping[str, Any] | None = None, clock: Clock | None = None) -> Starlette:
    """
    Args:
        seed: A seed document; a section it leaves out is the built-in one.

    Raises:
        SeedError: The seed is wrong; says where.
    """
    stand_ins = StandIns(seeds.completed(seed or {}), clock or Clock())
    return Starlette(
        routes=[
            *Controls(stand_ins).routes(),
            Mount("/vtex", _vtex(stand_ins.by_name)),
            Mount("/adobe", stand_ins.by_name["adobe"]),
            Mount("/medusa", stand_ins.by_name["medusa"]),
        ]
    )


def _vtex(by_name: Mapping[str, Faulty]) -> ASGIApp:
    """Both VTEX APIs on one host, told apart by their paths."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        app: ASGIApp = Response(status_code=404)
        if path.startswith("/api/creditcontrol"):
            app = by_name["vtex-credit"]
        elif path.startswith(("/api/giftcards", "/api/giftcardproviders", "/protocol/giftcards")):
            app = by_name["vtex-giftcard"]
        await app(scope, receive, send)

    return dispatch
