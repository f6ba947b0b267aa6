"""One connection to a peer, which carries one exchange of HTTP/1.1 at a time."""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from math import inf
from typing import Final, cast

import httptools
import httpx

MOST_HEADER_BYTES: Final = 65_536
"""Of the names and values of all headers of an answer."""

MOST_FRAMING_BYTES: Final = 131_072
MOST_FRAMING: Final = 8
"""Bytes on the wire for one of the body, beside those: chunks of one byte take six."""

MOST_WAITING_BYTES: Final = 262_144
"""Of a body that nobody reads; then the peer is kept waiting, too."""

_Selector: Final[type[selectors.PollSelector | selectors.SelectSelector]] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)

_FRAMES: Final = (b"content-length", b"transfer-encoding")


class _StopReadingError(Exception):
    """Ends the parser's work from within."""


class Line(asyncio.Protocol):
    """
    After `ask`, `head` waits for status and headers and `chunk` gives the body piece by piece.
    A line that `may_rest` can be asked again; any other is to be dropped.

    Nothing is sent twice. What comes when nothing was asked spoils the line: it would be read as
    the next answer. Faults tell no more than a kind: the parser's texts may quote the peer.

    Attributes:
        status, fields: Of the last answer, once `head` has returned.
        lost: Done when the connection is.
        rested_at: Since when nobody uses it.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._unread = _Selector()
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended = True
        self._spoiled = False
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self.rested_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's only behaves like one
        self._unread.register(transport.get_extra_info("socket").fileno(), selectors.EVENT_READ)

    # What its owner asks and says.

    def is_unspoiled(self) -> bool:
        return not (self._spoiled or self._transport.is_closing())

    def may_be_asked(self) -> bool:
        """Whether nothing came while it rested: the loop may not have told of the end yet."""
        return self.is_unspoiled() and not self._unread.select(0)

    def may_rest(self) -> bool:
        return (
            self._ended
            and self._keeps
            and self.is_unspoiled()
            and not self._transport.get_write_buffer_size()
        )

    def drop(self) -> None:
        self._stop_watching()
        self._transport.abort()

    def ask(
        self,
        message: bytes,
        *,
        has_body: bool,
        read_seconds: float | None,
        write_seconds: float | None,
    ) -> None:
        """
        Send *message*.

        Args:
            has_body: Whether its answer can have one; that to HEAD has none, whatever its headers
                tell.
        """
        self.status = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self._chunks: deque[bytes] = deque()
        self._fault: httpx.TransportError | None = None
        self._ended = self._began = self._keeps = self._interim = self._paused = False
        self._has_body = has_body
        self._read_bytes = self._body_bytes = self._waiting_bytes = 0
        self._read_seconds = inf if read_seconds is None else read_seconds
        self._write_seconds = inf if write_seconds is None else write_seconds
        self._unsent = 0
        self._moved_at = self._loop.time()
        self._transport.write(message)
        self._watch(min(self._read_seconds, self._write_seconds))

    async def head(self) -> None:
        """
        Raises:
            httpx.TransportError: There will be none.
        """
        while not self._began:
            if self._fault is not None:
                raise self._fault
            await self._news()

    async def chunk(self) -> bytes:
        """
        The next piece of the body, of any length; nothing at its end.

        Raises:
            httpx.TransportError: The rest will not come.
        """
        while not self._chunks:
            if self._fault is not None:
                raise self._fault
            if self._ended:
                return b""
            await self._news()
        piece = self._chunks.popleft()
        self._waiting_bytes -= len(piece)
        if self._paused and self._waiting_bytes < MOST_WAITING_BYTES and self.is_unspoiled():
            self._paused = False
            self._transport.resume_reading()
        return piece

    async def _news(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _tell(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the loop says.

    def data_received(self, data: bytes) -> None:
        if self._ended:
            self._spoil()
            return
        self._moved_at = self._loop.time()
        self._read_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._misunderstood()
        if self._read_bytes > MOST_FRAMING_BYTES + MOST_FRAMING * self._body_bytes:
            self._misunderstood()
        self._tell()

    def eof_received(self) -> None:
        if self._ended:
            return
        if self._began and not any(name.lower() in _FRAMES for name, _ in self.fields):
            self._end()  # the only sign of the end that such an answer has
        else:
            self._break_off(httpx.ReadError("closed"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended:
            self._break_off(httpx.ReadError("closed" if exc is None else type(exc).__name__))
        self._unread.close()
        self.lost.set_result(None)

    def _misunderstood(self) -> None:
        """It is not HTTP, or more of that than of an answer; no news behind a whole answer."""
        if self._ended:
            self._spoil()
        else:
            self._break_off(httpx.RemoteProtocolError("not an answer in HTTP"))

    def _break_off(self, fault: httpx.TransportError) -> None:
        self._fault = self._fault or fault
        self.drop()
        self._tell()

    def _spoil(self) -> None:
        self._spoiled = True
        self._transport.abort()

    # What the parser says.

    def on_message_begin(self) -> None:
        if self._ended:
            raise _StopReadingError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Those behind a body, and those of an answer that is not the last, are not kept."""
        if not (self._began or self._interim):
            self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self._interim = True
            self.fields.clear()
            return
        if self._read_bytes > MOST_HEADER_BYTES and _size(self.fields) > MOST_HEADER_BYTES:
            raise _StopReadingError
        self.status = status
        self._began = True
        self._keeps = self._has_body and self._parser.should_keep_alive()
        if not self._has_body:
            self._end()

    def on_body(self, body: bytes) -> None:
        if self._ended:
            return
        self._chunks.append(body)
        self._body_bytes += len(body)
        self._waiting_bytes += len(body)
        if self._waiting_bytes >= MOST_WAITING_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
        else:
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._stop_watching()
        self._tell()

    # How long it waits.

    def _watch(self, seconds: float) -> None:
        """One timer an exchange: what moves meanwhile is noted, and seen when it rings."""
        if seconds < inf:
            self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        now, unsent = self._loop.time(), self._transport.get_write_buffer_size()
        if unsent != self._unsent or self._waiter is None:
            self._unsent, self._moved_at = unsent, now
        left = self._moved_at + (self._write_seconds if unsent else self._read_seconds) - now
        if left > 0:
            self._watch(left)
        else:
            late = httpx.WriteTimeout if unsent else httpx.ReadTimeout
            self._break_off(late("nothing moved for too long"))

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _size(fields: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in fields)
