"""What a client may do to a socket before there is a request: uvicorn itself bounds none of it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from http import HTTPStatus
from typing import Any, ClassVar, Final

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.door.correlation import CORRELATION_HEADER, new_correlation_id
from app.door.header_limits import HEADERS_TOO_LARGE
from app.door.refusal import Refusal
from app.door.settings import HeaderLimits

HEAD_TOO_SLOW: Final = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, "HEADERS_TOO_SLOW", "The headers did not arrive in time."
)
NOT_HTTP: Final = Refusal(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "This is no HTTP request.")
TOO_MANY_CONNECTIONS: Final = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "OVERLOADED",
    "Too many connections are open; try again.",
    {"Retry-After": "1"},
)

_log = structlog.get_logger("creditgraph.socket")


class HeadLimits(asyncio.Protocol):
    """
    The head of a request is bounded in size, and in the time from the first byte (or from the
    connection) to its last. The same time bounds what a client sends on after it was refused.
    Connections are bounded in number.
    """

    limits: ClassVar[HeaderLimits]
    max_connections: ClassVar[int]

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    connections: set[Any]
    cycle: Any

    _timer: asyncio.TimerHandle | None = None
    _head_size = 0

    @abstractmethod
    def _body_is_open(self) -> bool:
        """Whether a head is complete and its body is not."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.max_connections:
            self._refuse(TOO_MANY_CONNECTIONS)
        else:
            self._start_timer()

    def data_received(self, data: bytes) -> None:
        in_head = self._is_idle() and not self._body_is_open()
        self._head_size = self._head_size + len(data) if in_head else 0
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._is_idle():
            self._stop_timer()
            self._head_size = 0
            return
        self._start_timer()
        if self._head_size > self.limits.max_bytes:
            self._refuse(HEADERS_TOO_LARGE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(NOT_HTTP)

    def _is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _start_timer(self) -> None:
        if self._timer is None:
            seconds = self.limits.arrive_within_seconds
            self._timer = self.loop.call_later(seconds, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if self._head_size:
            self._refuse(HEAD_TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """In words when nothing else is being said."""
        correlation_id = new_correlation_id()
        _log.info(
            "refused at the socket",
            status=int(refusal.status),
            refused=refusal.code,
            correlation_id=correlation_id,
        )
        if self._is_idle():
            self.transport.write(_response(refusal, correlation_id))
        self.transport.close()


def _response(refusal: Refusal, correlation_id: str) -> bytes:
    body = refusal.body(correlation_id)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        CORRELATION_HEADER: correlation_id,
        **refusal.headers,
    }
    lines = [f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class BoundedH11(HeadLimits, H11Protocol):
    def _body_is_open(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY


def _fastest() -> type[HeadLimits]:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return BoundedH11

    class BoundedHttpTools(HeadLimits, HttpToolsProtocol):
        _open = False

        def on_headers_complete(self) -> None:
            self._open = True
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            self._open = False
            super().on_message_complete()

        def _body_is_open(self) -> bool:
            return self._open

    return BoundedHttpTools


def bounded_protocol(
    head: HeaderLimits, *, max_connections: int, base: type[HeadLimits] | None = None
) -> type[asyncio.Protocol]:
    """
    A protocol class for `uvicorn.Config(http=...)`.

    Args:
        base: Without one the parser is httptools where it is installed, and h11 elsewhere.
    """
    return type(
        "BoundedProtocol",
        (base or _fastest(),),
        {"limits": head, "max_connections": max_connections},
    )
