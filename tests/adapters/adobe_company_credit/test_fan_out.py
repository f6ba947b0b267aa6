"""Several reads at once."""

from __future__ import annotations

import asyncio

import pytest

from adapters.adobe_company_credit.fan_out import AT_ONCE, both, read_all
from app.domain.errors import ProviderFailed, ProviderTimedOut
from app.domain.identifiers import SourceKey

ADOBE = SourceKey("adobe")


async def test_results_come_in_the_order_asked() -> None:
    later = asyncio.Event()

    async def read(number: int) -> int:
        if number == 1:
            await later.wait()
        else:
            later.set()
        return number * 10

    assert await read_all(read, [1, 2]) == ((10, 20), ())


async def test_no_more_reads_run_at_once_than_the_bound() -> None:
    running = 0
    most = 0

    async def read(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return number

    await read_all(read, range(AT_ONCE * 3))

    assert most == AT_ONCE


async def test_nothing_to_read_is_no_fault() -> None:
    async def read(number: int) -> int:
        raise ProviderFailed(ADOBE)

    assert await read_all(read, []) == ((), ())


async def test_the_first_fault_is_raised_when_all_failed() -> None:
    async def read(number: int) -> int:
        raise ProviderTimedOut(ADOBE) if number == 1 else ProviderFailed(ADOBE)

    with pytest.raises(ProviderTimedOut):
        await read_all(read, [1, 2])


async def test_when_one_of_both_fails_the_other_is_given_up() -> None:
    given_up = asyncio.Event()

    async def hanging() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ProviderFailed(ADOBE)

    with pytest.raises(ProviderFailed):
        await both(hanging(), failing())
    await given_up.wait()
