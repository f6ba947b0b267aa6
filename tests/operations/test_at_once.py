"""Several things done at the same time."""

from __future__ import annotations

import asyncio

import pytest

from app.operations.at_once import at_once


async def answer(number: int, *, after: asyncio.Event | None = None) -> int:
    if after:
        await after.wait()
    return number


async def fail() -> int:
    raise LookupError


async def test_nothing_comes_to_nothing() -> None:
    assert list(await at_once([])) == []


async def test_one_is_done_by_whoever_asks() -> None:
    async def worker() -> asyncio.Task[object] | None:
        return asyncio.current_task()

    assert await at_once([worker()]) == [asyncio.current_task()]


async def test_none_waits_for_those_before_it_and_all_keep_their_order() -> None:
    first_may = asyncio.Event()

    async def let_first_go() -> int:
        first_may.set()
        return 2

    assert await at_once([answer(1, after=first_may), let_first_go()]) == [1, 2]


@pytest.mark.parametrize("others", [0, 1])
async def test_a_failure_is_raised(others: int) -> None:
    with pytest.raises(LookupError):
        await at_once([fail(), *(answer(one) for one in range(others))])


@pytest.mark.parametrize("how_many", [1, 3])
async def test_who_is_cancelled_takes_all_of_it_along(how_many: int) -> None:
    ended: list[int] = []

    async def wait(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    waiting = asyncio.create_task(at_once([wait(one) for one in range(how_many)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert sorted(ended) == list(range(how_many))
