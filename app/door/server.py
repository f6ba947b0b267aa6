"""uvicorn, for slow and hostile clients, and for leaving without losing anybody."""

from __future__ import annotations

import asyncio
import socket
import time
from types import FrameType
from typing import Any

import uvicorn

from app.door.lifecycle import Lifecycle
from app.door.protocol import bounded_protocol
from app.door.settings import DoorSettings, Serving


def uvicorn_settings(settings: DoorSettings) -> dict[str, Any]:
    """
    The keyword arguments of `uvicorn.Config`.

    Contexts are reset so that a correlation id never leaks into the next request of a connection.
    Log lines are the application's: uvicorn configures none, and has no access log.
    """
    serving = settings.serving
    return {
        "http": bounded_protocol(settings.headers, max_connections=serving.max_connections),
        "h11_max_incomplete_event_size": settings.headers.max_bytes,
        "ws": "none",
        "lifespan": "on",
        "backlog": serving.backlog,
        "timeout_keep_alive": serving.keep_alive_seconds,
        "timeout_graceful_shutdown": serving.finish_within_seconds,
        "proxy_headers": bool(serving.trusted_proxies),
        "forwarded_allow_ips": list(serving.trusted_proxies),
        "server_header": False,
        "date_header": True,
        "access_log": False,
        "log_config": None,
        "reset_contextvars": True,
    }


class DrainingServer(uvicorn.Server):
    """
    On SIGTERM or SIGINT, in this order: not ready at once, serving for `drain_delay_seconds`,
    refusing new requests in words for `last_call_seconds`, then the port is closed and what runs
    finishes within `finish_within_seconds`. A second SIGINT ends it now.
    """

    def __init__(self, config: uvicorn.Config, *, lifecycle: Lifecycle, serving: Serving) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._serving = serving

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._lifecycle.drain()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._lifecycle.drain()
        await self._serve_on(self._serving.drain_delay_seconds)
        self._lifecycle.close()
        await self._serve_on(self._serving.last_call_seconds)
        await super().shutdown(sockets)

    async def _serve_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.force_exit and (left := until - time.monotonic()) > 0:
            await self.on_tick(0)
            await asyncio.sleep(min(left, 0.1))
