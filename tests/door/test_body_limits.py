"""Too much, and too slowly."""

from __future__ import annotations

import asyncio

from tests.door.front import Visitor, door, greeter, until

LENGTHY = (b"content-length", b"1000001")


def post(*parts: bytes, length: bytes | None = None) -> Visitor:
    headers = [(b"content-type", b"application/json")]
    if length is not None:
        headers.append((b"content-length", length))
    return Visitor(headers=headers, body=parts)


async def test_a_declared_length_that_is_too_large_is_refused_before_anything_is_read() -> None:
    visitor = post(length=b"1000001")

    visit = asyncio.create_task(visitor.visit(door(greeter)))
    await until(lambda: len(visitor.answer) == 2)

    assert visitor.status == 413
    visitor.leave()
    await visit


async def test_a_length_of_thousands_of_digits_is_too_large() -> None:
    visitor = post(b"", length=b"9" * 5000)

    await visitor.visit(door(greeter))

    assert visitor.status == 413


async def test_a_body_without_length_is_refused_where_it_becomes_too_large() -> None:
    visitor = post(*[b" " * 65_536] * 16)

    await visitor.visit(door(greeter))

    assert visitor.status == 413


async def test_a_body_of_exactly_the_allowed_size_passes() -> None:
    visitor = post(b" " * 999_999, b" ", length=b"1000000")

    await visitor.visit(door(greeter))

    assert visitor.answer[1]["body"] == b"1000000 bytes"


async def test_a_refused_body_closes_the_connection() -> None:
    visitor = post(b"", length=b"2000000")

    await visitor.visit(door(greeter))

    assert (b"connection", b"close") in visitor.answer[0]["headers"]


async def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    visitor = post()
    visitor.say(b"{", more=True)

    await visitor.visit(door(greeter, body={"arrive_within_seconds": 0.02}))

    assert visitor.status == 408
    assert b"BODY_TOO_SLOW" in visitor.answer[1]["body"]


async def test_who_leaves_while_sending_gets_no_answer() -> None:
    visitor = post()
    visitor.say(b"{", more=True)
    visitor.leave()

    await visitor.visit(door(greeter))

    assert visitor.answer == []


async def test_a_refused_body_is_thrown_away_for_a_moment_only() -> None:
    visitor = post(*[b" " * 1_000_000] * 40)

    await visitor.visit(door(greeter))

    assert visitor.status == 413
    assert visitor.answer[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
