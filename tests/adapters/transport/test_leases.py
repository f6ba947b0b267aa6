"""All replicas together keep to the calls at a time that a provider allows."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from redis.asyncio import ConnectionPool, Redis
from structlog.testing import capture_logs

from adapters.transport.lease_book import RedisLeaseBook
from adapters.transport.leases import BookAway, Leased, Leases
from adapters.transport.limiter import Limiter, NoPlace
from adapters.transport.rates import open_pool
from tests.adapters.transport.lease_books import Book, ForgetfulBook
from tests.adapters.transport.stand_ins import SOURCE, MovedTime, Script, request, turns

ROOT = Path(__file__).parents[3]


def leases_in(book: Book) -> Leases:
    return Leases(book, source=SOURCE, patience_seconds=60)


async def test_replicas_hold_no_more_than_the_limit_together() -> None:
    book = Book(most=5)
    here, there = leases_in(book), leases_in(book)
    wishes = [asyncio.create_task(one.take(60)) for one in (here, there) for _ in range(4)]
    await turns()

    taken = [
        (one, wish.result())
        for one, wish in zip([here] * 4 + [there] * 4, wishes, strict=True)
        if wish.done()
    ]
    assert len(taken) == len(book.written) == 5

    for one, lease in taken:
        assert lease
        one.give_back(lease)
    assert all(await asyncio.gather(*wishes))
    assert len(book.written) <= 5


async def test_calls_that_begin_together_ask_together() -> None:
    book = Book(most=500)
    leases = leases_in(book)

    taken = await asyncio.gather(*(leases.take(60) for _ in range(100)))
    assert book.exchanges == 1
    for lease in taken:
        assert lease
        leases.give_back(lease)
    await leases.aclose()

    assert book.exchanges == 2
    assert book.written == {}


async def test_a_lease_outlives_the_time_its_call_has() -> None:
    book = Book(most=2)
    leases = leases_in(book)
    await asyncio.gather(leases.take(15), leases.take(None))
    with_time, without = book.written.values()
    assert 15 < with_time <= 16
    assert 120 < without <= 121


async def test_who_finds_no_room_in_time_gets_none_and_keeps_nothing() -> None:
    book = Book(most=1)
    leases = leases_in(book)
    first = await leases.take(60)
    assert first

    assert await leases.take(0.01) is None

    leases.give_back(first)
    await leases.aclose()
    assert book.written == {}


async def test_a_caller_who_leaves_while_the_book_is_asked_keeps_nothing() -> None:
    book = Book(most=1)
    book.read.clear()
    leases = leases_in(book)
    caller = asyncio.create_task(leases.take(60))
    await turns()
    caller.cancel()
    await turns()

    book.read.set()
    await leases.aclose()

    assert caller.cancelled()
    assert book.written == {}


async def test_a_caller_who_leaves_with_the_lease_on_its_way_keeps_nothing() -> None:
    book = Book(most=1)
    book.read.clear()
    leases = leases_in(book)
    caller = asyncio.create_task(leases.take(60))
    await turns()
    book.read.set()
    await book.wrote.wait()
    caller.cancel()
    await turns()
    await leases.aclose()

    assert caller.cancelled()
    assert book.written == {}


async def test_while_the_book_is_away_nobody_waits_for_it() -> None:
    book, time = ForgetfulBook(most=1), MovedTime()
    leases = Leases(book, source=SOURCE, now=time)

    with capture_logs() as lines:
        assert all(await asyncio.gather(*(leases.take(60) for _ in range(10))))
        assert all(await asyncio.gather(*(leases.take(60) for _ in range(10))))

    assert book.exchanges == 1, "it is left alone for a while"
    assert [(line["event"], line["cause"]) for line in lines] == [
        ("replicas call apart", "BookAway")
    ]


async def test_who_wished_while_the_book_went_away_goes_on_too() -> None:
    book = ForgetfulBook(most=1)
    book.read.clear()
    leases = leases_in(book)
    asked = asyncio.create_task(leases.take(60))
    await turns()
    gone, not_asked = (asyncio.create_task(leases.take(60)) for _ in range(2))
    await turns()
    gone.cancel()

    book.read.set()

    assert all(await asyncio.gather(asked, not_asked))


async def test_what_a_book_wrote_down_before_it_went_away_is_struck_out_when_it_is_back() -> None:
    book, time = ForgetfulBook(most=3), MovedTime()
    leases = Leases(book, source=SOURCE, now=time)
    first = await leases.take(60)
    assert first
    assert list(book.written) == [first.name]
    leases.give_back(first)

    book.away = False
    time.pass_(1.0)
    second = await leases.take(60)

    assert second
    assert list(book.written) == [second.name]


async def test_a_book_that_does_not_answer_is_away() -> None:
    book = Book(most=1)
    book.read.clear()
    leases = Leases(book, source=SOURCE, patience_seconds=0.01)
    with capture_logs() as lines:
        assert await leases.take(60)
    assert [line["cause"] for line in lines] == ["TimeoutError"]


async def test_a_lease_that_has_ended_by_itself_needs_no_word() -> None:
    book, time = Book(most=1), MovedTime()
    leases = Leases(book, source=SOURCE, patience_seconds=60, now=time)
    lease = await leases.take(5)
    assert lease
    time.pass_(6.0)
    leases.give_back(lease)
    await leases.aclose()
    assert book.exchanges == 1


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_comes_and_leaves_the_limit_holds_and_nothing_stays(seed: int) -> None:
    chance = random.Random(seed)
    book = Book(most=3)
    replicas = [leases_in(book) for _ in range(3)]
    under_way = 0

    async def call(replica: Leases) -> None:
        nonlocal under_way
        lease = await replica.take(60)
        assert lease
        try:
            under_way += 1
            assert under_way <= 3
            for _ in range(chance.randrange(5)):
                await asyncio.sleep(0)
        finally:
            under_way -= 1
            replica.give_back(lease)

    calls = []
    for _ in range(60):
        calls.append(asyncio.create_task(call(chance.choice(replicas))))
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)
        if chance.random() < 0.3:
            chance.choice(calls).cancel()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    for replica in replicas:
        await replica.aclose()

    assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}
    assert book.written == {}


async def test_a_call_without_a_place_is_turned_away_as_by_the_provider_unsent() -> None:
    book = Book(most=1)
    leases = leases_in(book)
    script = Script(200)
    limiter = Limiter(Leased(script, leases), source=SOURCE, concurrent=5)
    other = await leases_in(book).take(60)
    assert other

    response = await limiter.handle_async_request(request(left=0.01))

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert script.calls == 0


@pytest.mark.parametrize("ended_by", [200, asyncio.CancelledError()])
async def test_a_place_is_given_back_however_its_call_ended(ended_by: int | BaseException) -> None:
    book = Book(most=1)
    leased = Leased(Script(ended_by), leases_in(book))
    (end,) = await asyncio.gather(leased.handle_async_request(request()), return_exceptions=True)
    assert isinstance(end, asyncio.CancelledError if ended_by != 200 else httpx.Response)
    await leased.aclose()
    assert book.exchanges == 2
    assert book.written == {}


async def test_without_a_limiter_in_front_there_is_no_place() -> None:
    book = Book(most=0)
    with pytest.raises(NoPlace):
        await Leased(Script(200), leases_in(book)).handle_async_request(request(left=0.01))


@pytest.fixture
async def pool(redis_url: str) -> AsyncIterator[ConnectionPool]:
    async with open_pool(redis_url, patience_seconds=30) as pool:
        assert pool
        yield pool


async def test_in_redis_there_is_room_up_to_the_limit_and_again_after_the_end(
    pool: ConnectionPool,
) -> None:
    book = RedisLeaseBook(pool, source=SOURCE, most=3)
    assert await book.exchange([], [(name, 60) for name in "abcde"]) == 3
    assert await book.exchange([], [("f", 60)]) == 0
    assert await book.exchange(["a", "c", "unknown"], [(name, 60) for name in "fgh"]) == 2
    assert await book.exchange(["b", "f", "g"], []) == 0
    assert await Redis(connection_pool=pool).keys() == []


async def test_what_a_replica_that_died_held_is_free_after_its_time(pool: ConnectionPool) -> None:
    book = RedisLeaseBook(pool, source=SOURCE, most=1)
    assert await book.exchange([], [("of the dead", 0.05)]) == 1
    async with asyncio.timeout(30):
        while not await book.exchange([], [("of the living", 60)]):
            pass


async def test_all_that_redis_keeps_ends_by_itself(pool: ConnectionPool) -> None:
    redis = Redis(connection_pool=pool)
    book = RedisLeaseBook(pool, source=SOURCE, most=5)
    await book.exchange([], [("long", 60), ("short", 5)])
    (key,) = await redis.keys()
    assert 55_000 < await redis.pttl(key) <= 60_000


async def test_sources_do_not_share_their_places(pool: ConnectionPool) -> None:
    other = type(SOURCE)("another")
    assert await RedisLeaseBook(pool, source=SOURCE, most=1).exchange([], [("a", 60)]) == 1
    assert await RedisLeaseBook(pool, source=other, most=1).exchange([], [("a", 60)]) == 1


async def test_a_redis_that_nobody_reaches_is_away(tmp_path: Path) -> None:
    async with open_pool(f"unix://{tmp_path}/nobody", patience_seconds=1) as pool:
        assert pool
        with pytest.raises(BookAway):
            await RedisLeaseBook(pool, source=SOURCE, most=1).exchange([], [("a", 60)])


async def test_two_processes_never_have_more_calls_under_way_than_allowed(redis_url: str) -> None:
    callers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.adapters.transport.a_caller",
            redis_url,
            "2",
            "4",
            "150",
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    ends = await asyncio.gather(*(caller.communicate() for caller in callers))
    assert [caller.returncode for caller in callers] == [0, 0], ends
    assert 2 <= max(int(said) for said, _ in ends) <= 4
