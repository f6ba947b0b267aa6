"""The journal is gone through from time to time, and what is long over is forgotten."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import pytest
from structlog.testing import capture_logs

from app.domain.identifiers import OperationId
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal
from app.journal.pruning import Pruned
from app.operations import prune
from app.operations.prune import forget_always, forget_old
from tests.operations.counter import SHOP, Counter, credit

KEEP: Final = timedelta(days=400)


async def forgotten_by(counter: Counter) -> int:
    return await forget_old(counter.journal, keep=KEEP, clock=counter.clock)


async def credited(counter: Counter, key: str) -> OperationId:
    return (await counter.take(credit(), key=key)).operation.operation_id


async def test_a_key_that_is_forgotten_moves_money_again(counter: Counter) -> None:
    await credited(counter, "key-1")
    assert (await counter.take(credit(), key="key-1")).replayed
    once = counter.balance

    counter.clock.advance(days=401)
    assert await forgotten_by(counter) == 1

    assert not (await counter.take(credit(), key="key-1")).replayed
    assert counter.balance > once


async def test_all_that_is_old_goes_however_much_it_is(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune, "MOST_AT_ONCE", 2)
    for number in range(5):
        await credited(counter, f"key-{number}")
    counter.clock.advance(days=401)
    young = await credited(counter, "young")

    with capture_logs() as lines:
        assert await forgotten_by(counter) == 5

    assert await counter.operations.find(young)
    assert [(line["event"], line["operations"]) for line in lines] == [
        ("old operations forgotten", 5)
    ]


async def test_nothing_is_said_where_nothing_was_old(counter: Counter) -> None:
    await credited(counter, "key-1")
    with capture_logs() as lines:
        assert await forgotten_by(counter) == 0
    assert lines == []


async def test_a_journal_that_is_away_is_gone_through_later(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Semaphore(0)
    answers: list[Exception | Pruned] = [JournalUnavailable(), Pruned(1, None), Pruned(0, None)]

    async def look(_: Journal, *, ended_before: datetime, after: int, most: int) -> Pruned:
        assert ended_before == counter.clock.at - KEEP
        looked.release()
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Journal, "prune", look)
    with capture_logs() as lines:
        tending = asyncio.create_task(
            forget_always(counter.journal, keep=KEEP, every=timedelta(0), clock=counter.clock)
        )
        for _ in range(3):
            await looked.acquire()
        tending.cancel()
        await asyncio.wait([tending])

    assert [line["event"] for line in lines] == [
        "nothing can be forgotten: the journal is away",
        "old operations forgotten",
    ]
    assert tending.cancelled()


async def test_who_asks_for_a_receipt_that_is_forgotten_finds_none(counter: Counter) -> None:
    operation_id = await credited(counter, "key-1")
    counter.clock.advance(days=401)
    await forgotten_by(counter)

    assert await counter.operations.find(operation_id) is None
    assert await counter.operations.latest(SHOP, "key-1") is None
