"""
Asking, as fast as it is answered, over connections that are kept; every answer is looked at.

An answer that was found right once is right again byte by byte, so that looking costs little.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import httptools

from benchmarks.gateways.processes import LOOPBACK
from benchmarks.gateways.questions import WrongAnswer

NO_GOOD_ANSWER: Final = (WrongAnswer, OSError)
"""A wrong one, a lost connection, or none in a reasonable time."""

_ANSWERS_WITHIN_SECONDS: Final = 60

Check = Callable[[bytes], None]
"""Raises WrongAnswer."""


@dataclass(slots=True)
class Ask:
    """
    One request, ready to be sent.

    Attributes:
        check: Looks at the body of the answer.
    """

    content: bytes
    check: Check
    _right: set[bytes] = field(default_factory=set)

    def look_at(self, status: int, body: bytes) -> None:
        """
        Raises:
            WrongAnswer
        """
        if body in self._right:
            return
        if status != 200:
            raise WrongAnswer(f"{status} {body[:300]!r}")
        self.check(body)
        self._right.add(body)


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    written = {
        "Host": LOOPBACK,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in written.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Load:
    """
    Attributes:
        seconds: For how long questions are asked; those under way are waited for.
        latencies: Of each answer, in seconds, shortest first.
    """

    seconds: float
    latencies: Sequence[float]

    @property
    def answers(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        return self.latencies[min(self.answers - 1, int(self.answers * share))] * 1000


async def ask_for(port: int, asks: Sequence[Ask], *, connections: int, seconds: float) -> Load:
    """
    Over so many connections at once, one question after the other on each.

    Raises:
        WrongAnswer, OSError: At the first, nothing more is asked.
    """
    end = time.monotonic() + seconds
    asking = _Asking(port, itertools.cycle(asks), lambda: time.monotonic() < end)
    async with asyncio.timeout(seconds + _ANSWERS_WITHIN_SECONDS):
        return await asking.run(connections)


async def ask_each(port: int, asks: Sequence[Ask], *, connections: int) -> Load:
    """
    Every one of *asks* once.

    Raises:
        WrongAnswer, OSError
    """
    async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
        return await _Asking(port, iter(asks), lambda: True).run(connections)


async def ask_steadily(
    port: int, asks: Sequence[Ask], *, per_second: float, seconds: float
) -> Sequence[float]:
    """
    One after the other begun at that pace, each over a connection of its own, however long the
    answers take.

    Returns:
        The latencies, in seconds.

    Raises:
        WrongAnswer, OSError
    """
    pending = []
    for number in range(int(per_second * seconds)):
        ask = asks[number % len(asks)]
        pending.append(asyncio.ensure_future(ask_each(port, [ask], connections=1)))
        await asyncio.sleep(1 / per_second)
    return [load.latencies[0] for load in await asyncio.gather(*pending)]


class _Asking:
    """The callers of one load, and what they have seen."""

    def __init__(self, port: int, asks: Iterator[Ask], goes_on: Callable[[], bool]) -> None:
        self._port = port
        self._asks = asks
        self._goes_on = goes_on
        self._latencies: list[float] = []

    async def run(self, connections: int) -> Load:
        loop = asyncio.get_running_loop()
        callers = [
            (await loop.create_connection(lambda: _Caller(self), LOOPBACK, self._port))[1]
            for _ in range(connections)
        ]
        began = time.monotonic()
        try:
            for caller in callers:
                caller.ask_next()
            await asyncio.gather(*(caller.done for caller in callers))
        finally:
            for caller in callers:
                caller.close()
        return Load(time.monotonic() - began, sorted(self._latencies))

    def next(self) -> Ask | None:
        return next(self._asks, None) if self._goes_on() else None

    def answered(self, seconds: float) -> None:
        self._latencies.append(seconds)


class _Caller(asyncio.Protocol):
    def __init__(self, asking: _Asking) -> None:
        self._asking = asking
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._ask: Ask | None = None
        self._asked_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods only

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(ConnectionResetError("the connection was lost before the answer"))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as exc:
            self._end(WrongAnswer(f"this is not HTTP: {exc}"))

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        seconds = time.perf_counter() - self._asked_at
        body = b"".join(self._body)
        self._body.clear()
        assert self._ask is not None
        try:
            self._ask.look_at(self._parser.get_status_code(), body)
        except WrongAnswer as exc:
            self._end(exc)
            return
        self._asking.answered(seconds)
        self.ask_next()

    def ask_next(self) -> None:
        self._ask = self._asking.next()
        if self._ask is None:
            self._end(None)
            return
        self._asked_at = time.perf_counter()
        self._transport.write(self._ask.content)

    def close(self) -> None:
        self._transport.close()

    def _end(self, exc: Exception | None) -> None:
        if self.done.done():
            return
        if exc is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(exc)
