"""What is to be settled, and that one replica gets it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.domain.identifiers import OperationId
from app.domain.operation import OperationStatus
from app.journal.failures import JournalUnavailable, OperationTakenOver
from app.journal.journal import Journal
from tests.journal.conftest import Open
from tests.journal.databases import Place
from tests.journal.scenes import (
    BOOKING,
    UNKNOWN,
    StoppedClock,
    a_step,
    let_die,
    let_time_to_settle_pass,
    opened,
    sent,
    standing,
)


async def taken_by(journal: Journal, *, limit: int = 10) -> list[OperationId]:
    return [operation.operation_id for operation in await journal.take_due(limit=limit)]


async def put_off(journal: Journal, clock: StoppedClock, key: str = "key-1") -> OperationId:
    operation_id = await sent(journal, key)
    await journal.postpone(operation_id, refusal=UNKNOWN, check_after=clock.now)
    return operation_id


async def test_what_was_put_off_is_due_when_its_time_has_come(
    journal: Journal, clock: StoppedClock
) -> None:
    operation_id = await sent(journal)
    later = clock.now + timedelta(seconds=5)
    await journal.postpone(operation_id, refusal=UNKNOWN, check_after=later)
    assert await taken_by(journal) == []
    clock.advance(seconds=5)
    assert await taken_by(journal) == [operation_id]


async def test_what_was_taken_is_not_due_again_for_a_while(
    journal: Journal, other: Journal, clock: StoppedClock, place: Place
) -> None:
    operation_id = await put_off(journal, clock)
    assert await taken_by(journal) == [operation_id]
    clock.advance(hours=1)
    assert await taken_by(journal) == []
    assert await taken_by(other) == []
    await let_time_to_settle_pass(place)
    assert await taken_by(other) == [operation_id]


async def test_what_was_taken_and_put_off_again_is_due_at_that_time(
    journal: Journal, clock: StoppedClock
) -> None:
    operation_id = await put_off(journal, clock)
    for _ in range(3):
        assert await taken_by(journal) == [operation_id]
        later = clock.now + timedelta(seconds=1)
        await journal.postpone(operation_id, refusal=UNKNOWN, check_after=later)
        assert await taken_by(journal) == []
        clock.advance(seconds=1)


async def test_one_who_lost_an_operation_does_not_make_it_due_for_a_third(
    journal: Journal, other: Journal, clock: StoppedClock, place: Place
) -> None:
    operation_id = await put_off(journal, clock)
    await taken_by(journal)
    await let_time_to_settle_pass(place)
    assert await taken_by(other) == [operation_id]
    await journal.postpone(
        operation_id, refusal=UNKNOWN, check_after=clock.now - timedelta(seconds=1)
    )
    assert await taken_by(journal) == []


async def test_what_is_in_progress_here_is_not_due(journal: Journal, other: Journal) -> None:
    await sent(journal)
    assert await taken_by(journal) == []
    assert await taken_by(other) == []


async def test_what_a_dead_replica_was_at_is_due(
    journal: Journal, open_one: Open, place: Place
) -> None:
    operation_id = await sent(journal)
    await let_die(place)
    async with open_one() as other:
        (operation,) = await other.take_due(limit=10)
        assert operation.operation_id == operation_id
        assert operation.status is OperationStatus.IN_PROGRESS
        assert operation.open_step
        assert await taken_by(other) == []


async def test_own_work_is_not_due_even_when_all_seem_dead(journal: Journal, place: Place) -> None:
    await sent(journal)
    await let_die(place)
    assert await taken_by(journal) == []


async def test_what_a_replica_left_unfinished_is_due_at_once(
    journal: Journal, open_one: Open
) -> None:
    async with open_one() as other:
        operation_id = await sent(other)
        assert await taken_by(journal) == []
    assert await taken_by(journal) == [operation_id]


async def test_what_is_final_is_never_due(
    journal: Journal, open_one: Open, clock: StoppedClock
) -> None:
    async with open_one() as other:
        for status in OperationStatus:
            if status.is_final:
                operation_id = await put_off(other, clock, status)
                await other.finish(operation_id, status)
    clock.advance(days=1)
    assert await taken_by(journal) == []


async def test_each_is_handed_to_one_of_many_who_ask_at_once(
    journal: Journal, other: Journal, clock: StoppedClock
) -> None:
    expected = [await put_off(journal, clock, f"key-{number}") for number in range(30)]
    handed = await asyncio.gather(
        *(taken_by(one, limit=4) for _ in range(10) for one in (journal, other))
    )
    assert sorted(each for share in handed for each in share) == sorted(expected)


async def test_no_more_are_taken_than_asked_for_and_the_longest_due_first(
    journal: Journal, clock: StoppedClock
) -> None:
    expected = []
    for number in range(5):
        expected.append(await put_off(journal, clock, f"key-{number}"))
        clock.advance(seconds=1)
    assert sorted(await taken_by(journal, limit=2)) == sorted(expected[:2])
    assert sorted(await taken_by(journal, limit=2)) == sorted(expected[2:4])
    assert await taken_by(journal, limit=0) == []
    assert await taken_by(journal, limit=2) == expected[4:]


async def test_one_whose_operation_was_taken_sends_nothing_more(
    journal: Journal, open_one: Open, place: Place
) -> None:
    operation_id = await opened(journal)
    await let_die(place)
    async with open_one() as other:
        assert await taken_by(other) == [operation_id]
        with pytest.raises(OperationTakenOver):
            await journal.begin_step(operation_id, a_step(operation_id))
        await other.begin_step(operation_id, a_step(operation_id))
    assert (await standing(journal, operation_id)).attempts == 1


async def test_what_one_learns_whose_operation_was_taken_is_still_kept(
    journal: Journal, open_one: Open, place: Place
) -> None:
    operation_id = await sent(journal)
    await let_die(place)
    async with open_one() as other:
        assert await taken_by(other) == [operation_id]
        await journal.book_step(operation_id, 1, BOOKING)
        ended = await journal.finish(operation_id, OperationStatus.SUCCEEDED)
        assert ended.booking == BOOKING
        assert await other.finish(operation_id, OperationStatus.REJECTED) == ended


async def test_who_goes_on_with_what_it_took_has_longer_to_settle(
    journal: Journal, other: Journal, clock: StoppedClock, place: Place
) -> None:
    operation_id = await put_off(other, clock)
    assert await taken_by(journal) == [operation_id]
    await let_time_to_settle_pass(place)
    await journal.begin_step(operation_id, a_step(operation_id, 2))
    assert await taken_by(other) == []


async def test_what_is_let_go_of_is_due_here_too(journal: Journal) -> None:
    operation_id = await sent(journal)
    assert await taken_by(journal) == []
    journal.let_go(operation_id)
    assert await taken_by(journal) == [operation_id]
    assert await taken_by(journal) == []


async def test_letting_go_takes_nothing_from_others(journal: Journal, other: Journal) -> None:
    operation_id = await sent(other)
    journal.let_go(operation_id)
    assert await taken_by(journal) == []
    await other.begin_step(operation_id, a_step(operation_id, 2))


async def test_an_operation_whose_record_failed_is_due(journal: Journal, place: Place) -> None:
    operation_id = await sent(journal)
    await place.see(text("ALTER TABLE operations RENAME TO away"))
    with pytest.raises(JournalUnavailable):
        await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    await place.see(text("ALTER TABLE away RENAME TO operations"))
    assert await taken_by(journal) == [operation_id]
