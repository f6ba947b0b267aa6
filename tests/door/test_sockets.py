"""Clients that only a real socket can play."""

from __future__ import annotations

import asyncio
import gc
import resource
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

import httpx
import pytest

from app.door.protocol import BoundedH11, bounded_protocol
from app.door.settings import HeaderLimits
from tests.door.front import JSON, QUERY, Hall, House, greeter, house, until

HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
ASK = HEAD + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
SOON = {"arrive_within_seconds": 0.15}

SERVERS = {"httptools": None, "h11": BoundedH11}


@pytest.fixture(params=SERVERS)
async def front(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with opened(request.param) as open_house:
        yield open_house


def opened(parser: str, app: Any = greeter, *, connections: int = 512) -> Any:
    protocol = bounded_protocol(
        HeaderLimits.model_validate({"max_bytes": 4096, **SOON}),
        max_connections=connections,
        base=SERVERS[parser],
    )
    return house(app, http=protocol, headers={"max_bytes": 4096}, body=SOON)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def test_a_plain_request_is_answered(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(ASK)
        answer = await wire.hear()

    assert status(answer) == 200
    assert b"\r\nserver:" not in answer.lower()
    assert b"\r\ndate:" in answer.lower()


async def test_headers_that_drip_are_cut_off(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD)

        async def drip() -> None:
            for number in range(100):
                await wire.say(b"X-%d: 1\r\n" % number)
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        started_at = perf_counter()
        answer = await wire.hear_out()
        dripping.cancel()

    assert status(answer) == 408
    assert b"HEADERS_TOO_SLOW" in answer
    assert 0.1 < perf_counter() - started_at < 1


async def test_a_client_that_says_nothing_is_let_go(front: House) -> None:
    async with front.wire() as wire:
        assert await wire.hear_out() == b""


async def test_empty_lines_without_end_are_cut_off(front: House) -> None:
    async with front.wire() as wire:

        async def drip() -> None:
            for _ in range(100):
                await wire.say(b"\r\n")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        started_at = perf_counter()
        await wire.hear_out()
        dripping.cancel()

    assert perf_counter() - started_at < 1


async def test_a_second_head_that_drips_is_cut_off_too(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(ASK)
        first = await wire.hear()
        await wire.say(b"POST /graph")
        second = await wire.hear_out()

    assert (status(first), status(second)) == (200, 408)


@pytest.mark.parametrize(
    "head",
    [HEAD + b"X-Long: " + b"x" * 5000, b"GET /graphql?query=" + b"x" * 5000],
    ids=["header", "request line"],
)
async def test_a_line_without_end_is_refused_at_once(front: House, head: bytes) -> None:
    """And not when its time is over."""
    async with front.wire() as wire:
        await wire.say(head)
        answer = await wire.hear_out()

    assert status(answer) in (400, 431)


async def test_a_whole_head_that_is_too_large_is_refused(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD + b"X-Long: " + b"x" * 5000 + b"\r\nContent-Length: 0\r\n\r\n")
        answer = await wire.hear()

    assert status(answer) in (400, 431)


async def test_a_body_that_drips_is_cut_off(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD + b"Content-Length: 900\r\n\r\n")

        async def drip() -> None:
            for _ in range(100):
                await wire.say(b" ")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        answer = await wire.hear_out()
        dripping.cancel()

    assert status(answer) == 408
    assert b"BODY_TOO_SLOW" in answer


async def test_who_drips_on_after_a_refusal_is_let_go(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(
            b"POST /elsewhere HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
            + b"X-A: 1\r\n" * 101
            + b"\r\n"
        )
        refused = await wire.hear()

        async def drip() -> None:
            for _ in range(200):
                await wire.say(b" ")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        started_at = perf_counter()
        await wire.hear_out()
        dripping.cancel()

    assert status(refused) == 431
    assert perf_counter() - started_at < 1


async def test_what_follows_a_refusal_is_not_taken_for_headers(front: House) -> None:
    length = 60_000
    async with front.wire() as wire:
        await wire.say(
            b"POST /elsewhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % length
            + b"X-A: 1\r\n" * 101
            + b"\r\n"
        )
        refused = await wire.hear()
        await wire.say(b" " * length + ASK)
        answer = await wire.hear()

    assert (status(refused), status(answer)) == (431, 200)


async def test_pipelined_requests_are_answered_in_order(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(
            b"".join(HEAD + b"Content-Length: %d\r\n\r\n" % n + b" " * n for n in (1, 2, 3))
        )
        answers = [await wire.hear() for _ in range(3)]

    assert [answer.rsplit(b"\r\n", 1)[1] for answer in answers] == [
        b"1 bytes",
        b"2 bytes",
        b"3 bytes",
    ]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=["TLS", "NUL", "negative length", "two lengths"],
)
async def test_what_is_no_http_is_refused_in_words(front: House, garbage: bytes) -> None:
    async with front.wire() as wire:
        await wire.say(garbage)
        answer = await wire.hear_out()

    assert status(answer) == 400
    assert b'"code": "BAD_REQUEST"' in answer


@pytest.mark.parametrize(
    "oddity",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n folded: header\r\n\r\n",
        HEAD
        + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["version", "folded header", "two ways to tell the length"],
)
async def test_httptools_refuses_what_h11_still_understands(oddity: bytes) -> None:
    async with opened("httptools") as front, front.wire() as wire:
        await wire.say(oddity)
        answer = await wire.hear_out()

    assert status(answer) == 400
    assert b"HTTP/1.1 200" not in answer


@pytest.mark.parametrize("parser", SERVERS)
async def test_who_closes_half_way_gives_the_place_back(parser: str) -> None:
    hall = Hall()
    async with opened(parser, hall) as front, front.wire() as wire:
        await wire.say(ASK)
        await hall.entered.acquire()
        wire.say_no_more()
        await wire.hear_out()
        await until(lambda: not hall.inside)

    assert hall.cancelled == 1


async def test_who_closes_in_the_middle_of_a_head_leaves_nothing(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD)
        wire.say_no_more()

        assert await wire.hear_out() == b""

    assert not front.server.server_state.tasks


@pytest.mark.parametrize("parser", SERVERS)
async def test_one_connection_too_many_is_refused(parser: str) -> None:
    async with opened(parser, connections=2) as front, front.wire() as one, front.wire() as two:
        for wire in (one, two):
            await wire.say(ASK)
            assert status(await wire.hear()) == 200
        async with front.wire() as three:
            answer = await three.hear_out()

    assert status(answer) == 503
    assert b"Retry-After: 1" in answer


async def chunks(count: int, sent: list[int]) -> AsyncIterator[bytes]:
    for _ in range(count):
        sent.append(65_536)
        yield b" " * 65_536


async def test_ten_megabytes_in_chunks_are_refused_in_little_memory(front: House) -> None:
    async with httpx.AsyncClient() as client:
        await client.post(f"{front.url}/graphql", headers=JSON, content=chunks(1, []))
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(5):
            sent: list[int] = []
            response = await client.post(
                f"{front.url}/graphql", headers=JSON, content=chunks(160, sent)
            )
            assert response.status_code == 413
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert grown_kb < 8_000


async def test_a_client_that_sends_first_and_listens_later_hears_the_refusal(
    front: House,
) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD + b"Content-Length: 3000000\r\n\r\n")
        await wire.say(b" " * 3_000_000)
        answer = await wire.hear_out()

    assert status(answer) == 413


async def test_a_refusal_does_not_wait_for_the_body(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD + b"Content-Length: 3000000\r\n\r\n")
        answer = await wire.hear()

    assert status(answer) == 413


async def test_who_asks_first_whether_to_send_is_told_no(front: House) -> None:
    async with front.wire() as wire:
        await wire.say(HEAD + b"Content-Length: 3000000\r\nExpect: 100-continue\r\n\r\n")
        answer = await wire.hear()

    assert status(answer) == 413


async def test_requests_on_one_connection_keep_their_ids_apart(front: House) -> None:
    async with httpx.AsyncClient() as client:
        own = [
            (await client.get(front.url, headers={"X-Correlation-Id": name})).headers[
                "X-Correlation-Id"
            ]
            for name in ("one", "two")
        ]
        made = (await client.get(front.url)).headers["X-Correlation-Id"]

    assert own == ["one", "two"]
    assert made not in own
