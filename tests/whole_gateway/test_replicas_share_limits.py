"""Two replicas that share a Redis keep to what a provider allows, together."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from adapters.transport.calls import DUE_AT
from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from app.domain.clock import utc_now
from app.main import real_transports
from app.settings import Settings

REDIS = "127.0.0.1", 6379


class Slow:
    """A provider that answers when it is told to."""

    def __init__(self) -> None:
        self.base_url = ""
        self.may_answer = asyncio.Event()
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        await self.may_answer.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def provider() -> AsyncIterator[Slow]:
    slow = Slow()
    async with await asyncio.start_server(slow.serve, "127.0.0.1", 0) as server:
        slow.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield slow
        slow.may_answer.set()


@pytest.fixture
async def source(provider: Slow) -> AsyncIterator[VtexGiftcardSettings]:
    """Allows one call at a time; its name is used by nobody else."""
    try:
        socket.create_connection(REDIS, timeout=1).close()
    except OSError:
        pytest.skip("no Redis on {}:{}".format(*REDIS))
    key = f"cards-{uuid4().hex[:12]}"
    yield VtexGiftcardSettings.model_validate(
        {
            "key": key,
            "provider": "vtex.giftcard",
            "base_url": provider.base_url,
            "default_currency": "BRL",
            "credentials": {"app_key": SecretStr("k"), "app_token": SecretStr("t")},
            "max_concurrent_calls": 1,
            "timeout_seconds": 30,
        }
    )
    async with Redis(host=REDIS[0], port=REDIS[1]) as redis:
        async for left in redis.scan_iter(f"*{key}*"):
            await redis.delete(left)


def a_call(source: VtexGiftcardSettings, *, left: float) -> httpx.Request:
    return httpx.Request(
        "GET",
        source.base_url + "/",
        extensions={
            DUE_AT: time.monotonic() + left,
            "timeout": httpx.Timeout(30).as_dict(),
        },
    )


async def test_what_one_replica_has_under_way_the_other_may_not_have(
    source: VtexGiftcardSettings, provider: Slow
) -> None:
    rate = {"redis_url": "async+redis://{}:{}".format(*REDIS), "redis_timeout_seconds": 5}
    settings = Settings.model_validate(
        {"id_secret": SecretStr("x" * 32), "door": {"rate": rate}, "sources": [source]}
    )
    async with real_transports(settings, utc_now) as one, real_transports(settings, utc_now) as two:
        here, there = one(source), two(source)
        under_way = asyncio.create_task(here.handle_async_request(a_call(source, left=30)))
        await provider.asked.wait()

        turned_away = await there.handle_async_request(a_call(source, left=0.1))
        waits = asyncio.create_task(there.handle_async_request(a_call(source, left=30)))
        provider.may_answer.set()

        assert turned_away.status_code == 429
        assert [(await call).status_code for call in (under_way, waits)] == [200, 200]
        await here.aclose()
        await there.aclose()
