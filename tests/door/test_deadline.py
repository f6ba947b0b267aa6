"""How long something is done for one request."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from tests.door.front import QUERY, Hall, Visitor, door, greeter, until


async def test_work_that_takes_too_long_is_cancelled_and_answered_for() -> None:
    hall, visitor = Hall(), Visitor()

    await visitor.visit(door(hall, deadline_seconds=0.02))

    assert visitor.status == 504
    assert b"DEADLINE_EXCEEDED" in visitor.answer[1]["body"]
    assert (hall.cancelled, hall.inside) == (1, 0)


async def test_the_time_in_the_queue_counts() -> None:
    hall = Hall()
    app = door(hall, deadline_seconds=0.05, concurrency={"running": 1})
    first, second = Visitor(), Visitor()

    await asyncio.gather(first.visit(app), second.visit(app))

    assert (first.status, second.status) == (504, 504)


async def test_nothing_is_done_for_somebody_who_has_left() -> None:
    hall, visitor = Hall(), Visitor()
    visit = asyncio.create_task(visitor.visit(door(hall)))
    await hall.entered.acquire()

    visitor.leave()
    await visit

    assert (hall.cancelled, visitor.answer) == (1, [])


async def test_nobody_is_watched_for_an_answer_that_is_there_at_once() -> None:
    heard = 0
    visitor = Visitor()

    async def hear() -> Message:
        nonlocal heard
        heard += 1
        return {"type": "http.request", "body": QUERY, "more_body": False}

    async def send(message: Message) -> None:
        visitor.answer.append(message)

    await door(greeter)(visitor.scope, hear, send)

    assert (visitor.status, heard) == (200, 1)


async def test_work_that_reads_on_sees_the_client_leave() -> None:
    seen: list[str] = []

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["must_finish"]()
        seen.append((await receive())["type"])
        visitor.leave()
        seen.append((await receive())["type"])

    visitor = Visitor()
    await visitor.visit(door(listening))

    assert seen == ["http.request", "http.disconnect"]


class Payment:
    """Work that must finish."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.confirmed = asyncio.Event()
        self.booked = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["must_finish"]()
        self.begun.set()
        await self.confirmed.wait()
        self.booked = True
        await PlainTextResponse("booked")(scope, receive, send)


async def test_work_that_must_finish_goes_on_after_its_deadline() -> None:
    payment, visitor = Payment(), Visitor()
    visit = asyncio.create_task(visitor.visit(door(payment, deadline_seconds=0.02)))
    await until(lambda: len(visitor.answer) == 2)

    assert (visitor.status, visit.done()) == (504, False)
    payment.confirmed.set()
    await visit
    assert payment.booked
    assert len(visitor.answer) == 2


async def test_work_that_must_finish_goes_on_when_the_client_leaves() -> None:
    payment, visitor = Payment(), Visitor()
    visit = asyncio.create_task(visitor.visit(door(payment)))
    await payment.begun.wait()

    visitor.leave()
    payment.confirmed.set()
    await visit

    assert payment.booked


async def test_an_answer_that_has_begun_is_cut_off() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    visitor = Visitor()

    await visitor.visit(door(endless, deadline_seconds=0.02))

    assert [message["type"] for message in visitor.answer] == ["http.response.start"]


async def test_what_is_done_after_a_complete_answer_is_not_disturbed() -> None:
    tidied = False

    async def tidy(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal tidied
        await PlainTextResponse("done")(scope, receive, send)
        visitor.leave()
        await asyncio.sleep(0.05)
        tidied = True

    visitor = Visitor()
    await visitor.visit(door(tidy, deadline_seconds=0.02))

    assert tidied
    assert visitor.status == 200


async def test_a_stream_notices_that_nobody_listens() -> None:
    async def parts() -> object:
        while True:
            yield "part"
            await asyncio.sleep(0)

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(parts())(scope, receive, send)  # type: ignore[arg-type]  # an iterator of text

    visitor = Visitor()
    visit = asyncio.create_task(visitor.visit(door(stream)))
    await until(lambda: len(visitor.answer) > 5)
    visitor.leave()
    async with asyncio.timeout(1):
        await visit


async def test_a_fault_inside_is_seen_outside() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        await Visitor().visit(door(broken))


async def test_a_shutdown_that_cannot_wait_cancels_the_work() -> None:
    hall, visitor = Hall(), Visitor()
    visit = asyncio.create_task(visitor.visit(door(hall)))
    await hall.entered.acquire()

    visit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await visit
    await asyncio.sleep(0)

    assert hall.cancelled == 1
