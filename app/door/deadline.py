"""How long something is done for one request."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.refusal import Refusal

DEADLINE_EXCEEDED: Final = Refusal(
    HTTPStatus.GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED", "This took too long."
)


class Deadline:
    """
    Answers 504 after so many seconds, and cancels the work; also when nobody waits for it any more.

    Work that moves money is never cancelled: it says `scope["state"]["must_finish"]()` before it
    begins. Then only the wait for it ends, and the request stays open, for a shutdown to see,
    until it is done.

    It reads ahead to notice that the client has left, so it stands inside `BodyLimits`. What never
    has to wait, as for an answer that is remembered, is done before anybody could leave.
    """

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _ReadAhead(receive)
        answer = _Answer(scope, receive, send)
        must_finish = asyncio.Event()
        scope.setdefault("state", {})["must_finish"] = must_finish.set
        await request.read()
        work = asyncio.create_task(_run(self.app, scope, request.receive, answer.send))
        try:
            await asyncio.sleep(0)
            if not work.done():
                await self._watch(work, request, answer, must_finish)
        finally:
            if not must_finish.is_set():
                work.cancel()
        if not work.cancelled():
            work.result()

    async def _watch(
        self,
        work: asyncio.Task[None],
        request: _ReadAhead,
        answer: _Answer,
        must_finish: asyncio.Event,
    ) -> None:
        """Wait for *work*, until the time is up or nobody else waits for it."""
        departure = asyncio.create_task(request.until_departure())
        try:
            await asyncio.wait(
                {work, departure}, timeout=self.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if not (work.done() or answer.complete):
                if not must_finish.is_set():
                    work.cancel()
                if not departure.done():
                    await answer.replace(DEADLINE_EXCEEDED)
            if not work.done():
                await asyncio.wait({work})
        finally:
            departure.cancel()


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


class _ReadAhead:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: asyncio.Queue[Message] = asyncio.Queue()
        self._departure: Message | None = None

    async def read(self) -> None:
        """One message more; inside `BodyLimits` the first one is there already."""
        message = await self._receive()
        self._read.put_nowait(message)
        if message["type"] == "http.disconnect":
            self._departure = message

    async def until_departure(self) -> None:
        while self._departure is None:
            await self.read()

    async def receive(self) -> Message:
        if self._departure and self._read.empty():
            return self._departure
        return await self._read.get()


class _Answer:
    """Of two who might answer, the first one does."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._begun = False
        self._replaced = False
        self.complete = False

    async def send(self, message: Message) -> None:
        if self._replaced:
            return
        self._begun = True
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.complete = True
        await self._send(message)

    async def replace(self, refusal: Refusal) -> None:
        """An answer that has begun is cut off instead: the server closes the connection."""
        self._replaced = True
        if not self._begun:
            await refusal(self._scope, self._receive, self._send)
