"""uvicorn, for slow and hostile clients, and for leaving without losing anybody."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
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
    refusing new requests in words for `last_call_seconds`, then the port is closed, those who were
    connected by then are heard out, and what runs finishes within `finish_within_seconds`. A
    second SIGINT ends it now.
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
        await self._close_port()
        await self._serve_on(self._serving.last_call_seconds, until=self._is_empty)
        await super().shutdown(sockets)

    async def _close_port(self) -> None:
        """
        Clients are connected as soon as the kernel has put them into its queue, and send. Closing
        the port resets all who stand there, so they are taken out first, in one go: while the loop
        has its turn, others would come.
        """
        loop = asyncio.get_running_loop()
        queues = [_copy(one) for server in self.servers for one in server.sockets]
        for server in self.servers:
            server.close()
        for queue in queues:
            with closing(queue):
                taken = list(_standing_in(queue, most=self.config.backlog))
            for connection in taken:
                await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn's protocols
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    def _is_empty(self) -> bool:
        return not self.server_state.connections

    async def _serve_on(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        end = time.monotonic() + seconds
        while not (self.force_exit or until()) and (left := end - time.monotonic()) > 0:
            await self.on_tick(0)
            await asyncio.sleep(min(left, 0.1))
        await asyncio.sleep(0)  # timers come before sockets: what was sent by now is read here


def _copy(listener: socket.socket) -> socket.socket:
    """The same queue, which stays open when *listener* is closed; uvloop's have no `dup`."""
    copy = socket.socket(fileno=os.dup(listener.fileno()))
    copy.settimeout(0)
    return copy


def _standing_in(queue: socket.socket, *, most: int) -> Iterator[socket.socket]:
    with suppress(OSError):  # nobody is left, or nobody more can be taken
        for _ in range(most):
            yield queue.accept()[0]
