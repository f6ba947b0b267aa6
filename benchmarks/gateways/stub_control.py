"""The stub as the runner sees it: started, told how to behave, asked what it was asked."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.gateways.processes import LOOPBACK, DidNotStart, free_port, running, until


class Stub:
    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self.url = f"http://{LOOPBACK}:{port}"

    async def behave(self, *, latency_ms: float = 0, hanging: str | None = None) -> None:
        await self._say("PUT", {"latency_ms": latency_ms, "hanging": hanging})

    async def forget_calls(self) -> None:
        await self._say("DELETE")

    async def calls(self) -> dict[str, int]:
        """How often each fact was asked for since they were forgotten."""
        calls: dict[str, int] = (await self._say("GET"))["calls"]
        return calls

    async def is_there(self) -> bool:
        try:
            await self._say("GET")
        except aiohttp.ClientConnectionError:
            return False
        return True

    async def _say(self, method: str, wish: dict[str, Any] | None = None) -> dict[str, Any]:
        body = None if wish is None else json.dumps(wish)
        url = f"{self.url}/_stub"
        async with self._session.request(method, url, data=body, raise_for_status=True) as said:
            report: dict[str, Any] = await said.json()
            return report


@asynccontextmanager
async def running_stub(folder: Path, *, core: int) -> AsyncIterator[Stub]:
    """
    Raises:
        DidNotStart
    """
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.gateways.stub", f"--port={port}"]
    async with (
        aiohttp.ClientSession() as session,
        running(command, port=port, core=core, log=folder / "stub.log") as process,
    ):
        stub = Stub(session, port)
        if not await until(stub.is_there, process):
            raise DidNotStart(process.last_words())
        yield stub
