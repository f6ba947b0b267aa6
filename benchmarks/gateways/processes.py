"""Processes that are started, pinned to a core, looked at and ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_ROOT: Final = Path(__file__).parents[2]
_STARTS_WITHIN_SECONDS: Final = 60
_ENDS_WITHIN_SECONDS: Final = 5
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cores:
    """Which core works for whom; on a machine with one all share it."""

    contestant: int
    stub: int
    load: int

    @classmethod
    def of_this_machine(cls) -> Cores:
        free = sorted(os.sched_getaffinity(0))
        return cls(contestant=free[0], stub=free[-1], load=free[-2] if len(free) > 2 else free[-1])

    def pin_this_process(self) -> None:
        os.sched_setaffinity(0, {self.load})


class DidNotStart(Exception):
    """A process ended at once, or gave no good answer."""


@dataclass(frozen=True)
class Running:
    process: asyncio.subprocess.Process
    port: int
    log: Path

    @property
    def has_ended(self) -> bool:
        return self.process.returncode is not None

    def cpu_seconds(self) -> float:
        """Of the process and everything it has started, user and system."""
        return sum(map(_cpu_seconds, _tree(self.process.pid)))

    def memory_megabytes(self) -> float:
        """What is resident of it all."""
        return sum(map(_resident_kilobytes, _tree(self.process.pid))) / 1024

    def last_words(self) -> str:
        return self.log.read_text(errors="backslashreplace").strip()[-300:]


@asynccontextmanager
async def running(
    command: Sequence[str],
    *,
    port: int,
    core: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Running]:
    """A process, in a group of its own that is ended with it."""
    with log.open("wb") as written, _pinned_to(core):
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=_ROOT,
            env={**_without_settings(), **(environment or {})},
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        yield Running(process, port, log)
    finally:
        await _end(process)


async def until(holds: Callable[[], Awaitable[bool]], process: Running) -> bool:
    """Whether *holds* came true before the process ended, or the patience with it."""
    give_up_at = time.monotonic() + _STARTS_WITHIN_SECONDS
    while not await holds():
        if process.has_ended or time.monotonic() > give_up_at:
            return False
        await asyncio.sleep(0.005)
    return True


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _pinned_to(core: int) -> Iterator[None]:
    """A child begins on the cores of who starts it, and its threads with it."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN_SECONDS)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "CREDITGRAPH_" not in name}


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for thread in _listed(Path(f"/proc/{pid}/task")):
        for child in _read(thread / "children").split():
            yield from _tree(int(child))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(file: Path) -> str:
    """Nothing of a process that is no more."""
    try:
        return file.read_text()
    except OSError:
        return ""


def _cpu_seconds(pid: int) -> float:
    # The second word, the name, is in brackets and may hold anything.
    words = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, words[11:13])) / _TICKS_A_SECOND


def _resident_kilobytes(pid: int) -> int:
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
