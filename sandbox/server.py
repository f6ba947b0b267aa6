"""The sandbox over real HTTP."""

import asyncio
import contextlib
import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.application import create_sandbox
from sandbox.faults import ABORT_EXTENSION
from sandbox.seed import read_seed

PARENT_POLL_TICKS = 10
"""uvicorn ticks ten times a second."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def run(host: str, port: int, seed_path: Path | None, *, parent_pid: int | None = None) -> None:
    """
    Serve until SIGTERM or SIGINT, or until the process *parent_pid* is gone.

    Raises:
        SeedError: The seed file is wrong; says where.
    """
    app = create_sandbox(read_seed(seed_path) if seed_path else None)
    with contextlib.suppress(KeyboardInterrupt):
        SandboxServer(app, host, port, parent_pid=parent_pid).run()


class SandboxServer(uvicorn.Server):
    """uvicorn that can kill single connections, and that does not wait for hanging requests."""

    def __init__(
        self, app: ASGIApp, host: str, port: int, *, parent_pid: int | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                self._with_abort(app),
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                proxy_headers=False,  # they would hide which connection a request came through
                lifespan="off",
                ws="none",
            )
        )
        self._parent_pid = parent_pid
        self._was_child = os.getppid() == parent_pid

    @property
    def address(self) -> str:
        """Of the first socket, with the port that was really taken."""
        host, port, *_ = self.servers[0].sockets[0].getsockname()
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"sandbox at {self.address}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        if counter % PARENT_POLL_TICKS == 0 and self._is_orphan():
            return True
        return await super().on_tick(counter)

    def _is_orphan(self) -> bool:
        if self._parent_pid is None:
            return False
        adopted = self._was_child and os.getppid() != self._parent_pid
        return adopted or not _exists(self._parent_pid)

    def _with_abort(self, app: ASGIApp) -> ASGIApp:
        async def offering(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[ABORT_EXTENSION] = self._abort(scope["client"])
            await app(scope, receive, send)

        return offering

    def _abort(self, client: tuple[str, int]) -> Callable[[], None]:
        def abort() -> None:
            for connection in list(self.server_state.connections):
                if getattr(connection, "client", None) == client:
                    _reset(connection.transport)

        return abort


def _reset(transport: asyncio.Transport) -> None:
    """Close with a TCP reset, as a crashed peer would, instead of an orderly end."""
    handle = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
    with handle:
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
