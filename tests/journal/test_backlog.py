"""What is told of operations that are not brought to their end."""

from __future__ import annotations

from datetime import timedelta

from app.domain.operation import OperationStatus
from app.journal.backlog import Backlog
from app.journal.journal import Journal
from tests.doubles.samples import NOW
from tests.journal.scenes import UNKNOWN, StoppedClock, opened, sent


async def test_an_empty_journal_has_none(journal: Journal) -> None:
    counts = {OperationStatus.IN_PROGRESS: 0, OperationStatus.UNKNOWN: 0}

    assert await journal.backlog() == Backlog(counts, None)


async def test_all_that_is_not_final_counts_whoever_has_it(
    journal: Journal, other: Journal, clock: StoppedClock
) -> None:
    put_off = await sent(journal, "key-1")
    await journal.postpone(put_off, refusal=UNKNOWN, check_after=NOW + timedelta(days=1))
    clock.advance(minutes=1)
    await sent(journal, "key-2")
    await opened(other, "key-3")

    counts = {OperationStatus.IN_PROGRESS: 2, OperationStatus.UNKNOWN: 1}
    assert await journal.backlog() == await other.backlog() == Backlog(counts, NOW)


async def test_what_is_final_counts_no_more(journal: Journal, clock: StoppedClock) -> None:
    done = await sent(journal, "key-1")
    clock.advance(minutes=1)
    await opened(journal, "key-2")
    await journal.finish(done, OperationStatus.SUCCEEDED)

    counts = {OperationStatus.IN_PROGRESS: 1, OperationStatus.UNKNOWN: 0}
    assert await journal.backlog() == Backlog(counts, NOW + timedelta(minutes=1))
