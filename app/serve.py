"""Serving the graph until somebody says stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from uvicorn.loops.auto import auto_loop_factory

from app.domain.clock import utc_now
from app.door import DrainingServer, Lifecycle, uvicorn_settings
from app.listen import listen
from app.main import behind_the_door, create_app, open_configured_journal
from app.run_sandbox import running_sandbox
from app.settings import Settings


def serve(settings: Settings, welcome: Callable[[str], None]) -> None:
    """
    Serve the configured sources until SIGTERM or SIGINT.

    Args:
        welcome: Told the address once requests are answered.

    Raises:
        PortTaken: `settings.port` cannot be had.
        JournalNotOpened
    """
    with stopped_by_signals(), listen(settings.host, settings.port) as listener:
        _run(settings, listener, welcome)


def serve_with_sandbox(
    settings: Settings, sandbox_port: int, welcome: Callable[[str], None]
) -> None:
    """
    The same, with the sandbox beside it for as long.

    Raises:
        PortTaken: One of the two ports cannot be had.
        SandboxDidNotStart: It ended, or never answered.
        JournalNotOpened
    """
    with (
        stopped_by_signals(),
        listen(settings.host, settings.port) as listener,
        running_sandbox(sandbox_port),
        _journal_of_one_life(settings),
    ):
        _run(settings, listener, welcome)


@contextlib.contextmanager
def _journal_of_one_life(settings: Settings) -> Iterator[None]:
    """The sandbox forgets all when it stops; only a crash leaves something to recover."""
    try:
        yield
    finally:
        if settings.journal.path is not None:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{settings.journal.path}{suffix}").unlink(missing_ok=True)


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Leave the block in order when SIGTERM or SIGINT comes: uvicorn raises them once more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with contextlib.suppress(KeyboardInterrupt):
        yield


def _run(settings: Settings, listener: socket.socket, welcome: Callable[[str], None]) -> None:
    with asyncio.Runner(loop_factory=auto_loop_factory(use_subprocess=False)) as runner:
        runner.run(_serve(settings, listener, welcome))


async def _serve(
    settings: Settings, listener: socket.socket, welcome: Callable[[str], None]
) -> None:
    """With the journal around the application: what is in its way is told before all else."""
    async with open_configured_journal(settings, utc_now) as journal:
        app = create_app(settings, journal=lambda: contextlib.nullcontext(journal))
        await _server(settings, app, listener, welcome).serve([listener])


def _server(
    settings: Settings, app: Starlette, listener: socket.socket, welcome: Callable[[str], None]
) -> uvicorn.Server:
    host, port, *_ = listener.getsockname()
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    lifecycle = Lifecycle()
    config = uvicorn.Config(
        behind_the_door(app, settings, lifecycle),
        log_level="warning",
        **uvicorn_settings(settings.door),
    )

    def started() -> None:
        _never_look_again()
        lifecycle.ready()
        welcome(address)

    server = _TellingServer(config, lifecycle=lifecycle, serving=settings.door.serving)
    server.when_started = started
    return server


def _never_look_again() -> None:
    """
    Spare the garbage collector what is there for good, the schema above all: 200,000 objects, and
    a pause of every request that meets a full collection.
    """
    gc.collect()
    gc.freeze()


class _TellingServer(DrainingServer):
    """Tells when requests are answered."""

    when_started: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_started()
