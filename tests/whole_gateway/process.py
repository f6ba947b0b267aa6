"""The gateway as a process of its own, with a configuration, over real connections."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

ROOT: Final = Path(__file__).parents[2]
LOOPBACK: Final = "127.0.0.1"
PATIENCE_SECONDS: Final = 40
PROC: Final = Path("/proc")

measurable = pytest.mark.skipif(not (PROC / "self/stat").exists(), reason="there is no /proc here")


@dataclass(frozen=True)
class Running:
    """A gateway that is ready."""

    process: asyncio.subprocess.Process
    port: int
    output: Path

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def said(self) -> str:
        """All of standard output and standard error until now."""
        return self.output.read_text(errors="backslashreplace")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Its exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    def cpu_seconds(self) -> float:
        after_name = (PROC / f"{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        pages = (PROC / f"{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    folder: Path,
    config: str,
    secrets: Mapping[str, str],
    *,
    program: Sequence[str] = ("-m", "app"),
) -> AsyncIterator[Running]:
    """
    A gateway with *config*, a TOML text.

    Args:
        folder: For its files.
        program: What Python runs in place of the application, with the same arguments.
    """
    file, output, port = folder / "gateway.toml", folder / "output", free_port()
    file.write_text(config)
    with output.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-W", "default"),
            *program,
            *("serve", f"--config={file}", f"--port={port}"),
            cwd=ROOT,
            env={**_clean_environment(), **secrets},
            stdout=written,
            stderr=written,
        )
    try:
        gateway = Running(process, port, output)
        await _until_ready(gateway)
        yield gateway
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _clean_environment() -> dict[str, str]:
    """Without anything that would configure the program from outside."""
    return {name: value for name, value in os.environ.items() if "CREDITGRAPH_" not in name}


async def _until_ready(gateway: Running) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as client:
        while gateway.process.returncode is None:
            try:
                if (await client.get(f"{gateway.url}/readyz")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.02)
    raise AssertionError(gateway.said())
