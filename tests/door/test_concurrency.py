"""How much is done at once."""

from __future__ import annotations

import asyncio
from time import perf_counter

from starlette.types import ASGIApp

from tests.door.front import Hall, Visitor, door


def small(hall: Hall, **limits: object) -> ASGIApp:
    return door(hall, concurrency={"running": 2, "waiting": 1, **limits})


async def fill(app: ASGIApp, hall: Hall, visitors: list[Visitor]) -> list[asyncio.Task[None]]:
    """Visits that have begun: two inside, the others waiting."""
    visits = [asyncio.create_task(visitor.visit(app)) for visitor in visitors]
    for _ in range(2):
        await hall.entered.acquire()
    await settled()
    return visits


async def settled() -> None:
    """Every task has gone as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_allowed() -> None:
    hall, visitors = Hall(), [Visitor() for _ in range(3)]
    visits = await fill(small(hall), hall, visitors)

    assert hall.inside == 2
    hall.open.set()
    await asyncio.gather(*visits)
    assert [visitor.status for visitor in visitors] == [200, 200, 200]


async def test_when_the_queue_is_full_the_answer_is_quick() -> None:
    hall = Hall()
    app = small(hall)
    visits = await fill(app, hall, [Visitor() for _ in range(3)])

    late = Visitor()
    started_at = perf_counter()
    await late.visit(app)

    assert perf_counter() - started_at < 0.01
    assert late.status == 503
    assert (b"retry-after", b"1") in late.answer[0]["headers"]
    hall.open.set()
    await asyncio.gather(*visits)


async def test_nobody_waits_for_longer_than_allowed() -> None:
    hall, visitors = Hall(), [Visitor() for _ in range(3)]
    visits = await fill(small(hall, wait_at_most_seconds=0.02), hall, visitors)

    await visits[2]

    assert visitors[2].status == 503
    assert b"OVERLOADED" in visitors[2].answer[1]["body"]
    hall.open.set()
    await asyncio.gather(*visits)


async def test_who_leaves_the_queue_makes_room_in_it() -> None:
    hall, visitors = Hall(), [Visitor() for _ in range(3)]
    app = small(hall)
    visits = await fill(app, hall, visitors)

    visitors[2].leave()
    await visits[2]
    another = Visitor()
    visits.append(asyncio.create_task(another.visit(app)))
    await settled()
    hall.open.set()
    await asyncio.gather(*visits)

    assert visitors[2].answer == []
    assert another.status == 200


async def test_who_leaves_while_running_makes_room_for_the_next() -> None:
    hall, visitors = Hall(), [Visitor() for _ in range(3)]
    visits = await fill(small(hall), hall, visitors)

    visitors[0].leave()
    await visits[0]
    await hall.entered.acquire()

    assert (hall.inside, hall.cancelled) == (2, 1)
    hall.open.set()
    await asyncio.gather(*visits)
    assert [visitor.status for visitor in visitors] == [None, 200, 200]


async def test_after_a_rush_everybody_finds_a_place_again() -> None:
    hall = Hall()
    app = small(hall, wait_at_most_seconds=0.01)
    visitors = [Visitor() for _ in range(50)]
    visits = [asyncio.create_task(visitor.visit(app)) for visitor in visitors]
    for visitor in visitors[::3]:
        visitor.leave()
    await settled()
    hall.open.set()
    await asyncio.gather(*visits)

    for _ in range(5):
        one = Visitor()
        await one.visit(app)
        assert one.status == 200
    assert hall.inside == 0
