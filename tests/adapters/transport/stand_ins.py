"""What layers are tested with: a last transport that plays a script, and time that is moved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from adapters.transport.calls import CALL_CLASS, DUE_AT, CallClass
from app.domain.identifiers import SourceKey

SOURCE = SourceKey("vtex-br")

Step = int | httpx.Response | httpx.HTTPError | BaseException


class Script(httpx.AsyncBaseTransport):
    """Plays its steps one by one, the last of them for all further calls; an int is a status."""

    def __init__(self, *steps: Step, during: Callable[[], Awaitable[None]] | None = None) -> None:
        self.steps = steps
        self.calls = 0
        self.closed = False
        self._during = during

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        step = self.steps[min(self.calls, len(self.steps) - 1)]
        self.calls += 1
        if self._during is not None:
            await self._during()
        match step:
            case BaseException():
                raise step
            case int():
                return httpx.Response(step, request=request)
        return step

    async def aclose(self) -> None:
        self.closed = True


class MovedTime:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds


def request(call_class: CallClass | None = CallClass.READ, *, left: float = 60) -> httpx.Request:
    """A call that is due in so many seconds."""
    extensions: dict[str, object] = {DUE_AT: time.monotonic() + left}
    if call_class is not None:
        extensions[CALL_CLASS] = call_class
    return httpx.Request("GET", "https://store.example/", extensions=extensions)


async def turns() -> None:
    """Lets every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)
