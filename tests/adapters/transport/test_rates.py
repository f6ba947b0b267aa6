"""Calls a minute are counted by all replicas together, and by each while that cannot be."""

from __future__ import annotations

import asyncio

from limits.aio.storage import MemoryStorage
from limits.errors import StorageError
from structlog.testing import capture_logs

from adapters.transport.rates import CallsPerMinute, counts_in, open_pool
from tests.adapters.transport.stand_ins import SOURCE


class Away(MemoryStorage):
    """A storage that nobody reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        self.asked += 1
        raise StorageError(OSError("nobody there"))


async def test_while_the_shared_count_is_away_each_process_counts_for_itself() -> None:
    away = Away()
    rate = CallsPerMinute(2, source=SOURCE, own=MemoryStorage(), shared=away)

    with capture_logs() as lines:
        taken = [await rate.take() for _ in range(3)]

    assert taken[:2] == [None, None]
    assert taken[2] is not None
    assert away.asked == 1, "it is left alone for a while"
    assert [line["event"] for line in lines] == ["replicas count apart"]


async def test_that_replicas_count_apart_is_told_once_however_many_wait() -> None:
    class Hanging(Away):
        async def acquire_sliding_window_entry(
            self, key: str, limit: int, expiry: int, amount: int = 1
        ) -> bool:
            self.asked += 1
            await asyncio.Event().wait()
            raise AssertionError

    hanging = Hanging()
    rate = CallsPerMinute(
        10, source=SOURCE, own=MemoryStorage(), shared=hanging, patience_seconds=0.01
    )

    with capture_logs() as lines:
        taken = await asyncio.gather(*(rate.take() for _ in range(5)))

    assert taken == [None] * 5
    assert hanging.asked == 5
    assert [line["event"] for line in lines] == ["replicas count apart"]


async def test_two_replicas_keep_to_one_rate_together(redis_url: str) -> None:
    async with (
        open_pool(redis_url, patience_seconds=5) as here,
        open_pool(redis_url, patience_seconds=5) as there,
    ):
        assert here
        assert there
        rates = [
            CallsPerMinute(
                10, source=SOURCE, own=MemoryStorage(), shared=counts_in(pool), patience_seconds=5
            )
            for pool in (here, there)
        ]
        taken = await asyncio.gather(*(rate.take() for rate in rates * 15))

        assert taken.count(None) == 10
        assert [await rate.remaining() for rate in rates] == [0, 0]


async def test_without_an_address_nothing_is_shared() -> None:
    async with open_pool(None, patience_seconds=1) as pool:
        assert pool is None
