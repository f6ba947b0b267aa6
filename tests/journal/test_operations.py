"""What an operation is from its beginning to its end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from anyio.lowlevel import checkpoint
from sqlalchemy import func, select

from app.domain.errors import CreditError
from app.domain.identifiers import OperationId
from app.domain.operation import Booking, Operation, OperationStatus
from app.domain.refusals import InsufficientCredit
from app.journal.failures import OperationTakenOver
from app.journal.journal import Journal
from app.journal.tables import OPERATIONS, STEPS
from tests.doubles.samples import NOW, a_store_credit, money
from tests.journal.databases import Place
from tests.journal.scenes import (
    BOOKING,
    UNKNOWN,
    StoppedClock,
    a_step,
    asking,
    opened,
    sent,
    standing,
)

NOBODY = OperationId("nobody")
FINAL = [status for status in OperationStatus if status.is_final]


async def test_an_operation_begins_with_what_was_asked(journal: Journal) -> None:
    started = await journal.start(asking("key-1"))
    assert started.operation == Operation(
        operation_id=started.operation.operation_id,
        name="debitGiftCard",
        caller="shop",
        idempotency_key="key-1",
        correlation_id="request-1",
        status=OperationStatus.IN_PROGRESS,
        started_at=NOW,
    )
    assert await standing(journal, started.operation.operation_id) == started.operation


async def test_a_step_is_kept_before_it_is_sent_and_counts_as_an_attempt(journal: Journal) -> None:
    operation_id = await opened(journal)
    step = a_step(operation_id)
    await journal.begin_step(operation_id, step)
    operation = await standing(journal, operation_id)
    assert operation.steps == (step,)
    assert operation.open_step == step
    assert operation.attempts == 1


async def test_steps_stand_in_their_order(journal: Journal) -> None:
    operation_id = await opened(journal)
    for number in (1, 2, 10):
        await journal.begin_step(operation_id, a_step(operation_id, number))
    operation = await standing(journal, operation_id)
    assert [step.number for step in operation.steps] == [1, 2, 10]


async def test_a_booking_closes_its_step(journal: Journal) -> None:
    operation_id = await sent(journal)
    await journal.book_step(operation_id, 1, BOOKING)
    operation = await standing(journal, operation_id)
    assert operation.booking == BOOKING
    assert operation.open_step is None


async def test_the_first_booking_of_a_step_stands(journal: Journal) -> None:
    operation_id = await sent(journal)
    await journal.book_step(operation_id, 1, BOOKING)
    await journal.book_step(operation_id, 1, Booking(provider_reference="reference-2"))
    assert (await standing(journal, operation_id)).booking == BOOKING


async def test_a_step_that_was_never_begun_is_not_booked(journal: Journal) -> None:
    operation_id = await sent(journal)
    with pytest.raises(LookupError):
        await journal.book_step(operation_id, 2, BOOKING)


async def test_the_same_step_is_not_begun_twice(journal: Journal) -> None:
    operation_id = await sent(journal)
    with pytest.raises(OperationTakenOver):
        await journal.begin_step(operation_id, a_step(operation_id))
    assert (await standing(journal, operation_id)).attempts == 1


async def test_a_step_of_an_unknown_operation_is_not_begun(journal: Journal) -> None:
    with pytest.raises(OperationTakenOver):
        await journal.begin_step(NOBODY, a_step(NOBODY))


@pytest.mark.parametrize("status", FINAL)
async def test_nothing_is_begun_once_an_operation_is_final(
    journal: Journal, status: OperationStatus
) -> None:
    operation_id = await opened(journal)
    await journal.finish(operation_id, status)
    with pytest.raises(OperationTakenOver):
        await journal.begin_step(operation_id, a_step(operation_id))
    assert (await standing(journal, operation_id)).steps == ()


async def test_a_look_up_is_an_attempt(journal: Journal) -> None:
    operation_id = await sent(journal)
    await journal.count_attempt(operation_id)
    assert (await standing(journal, operation_id)).attempts == 2


async def test_an_operation_ends_with_what_was_observed(
    journal: Journal, clock: StoppedClock
) -> None:
    operation_id = await sent(journal)
    clock.advance(seconds=3)
    ended = await journal.finish(
        operation_id, OperationStatus.SUCCEEDED, observed=a_store_credit(balance="1.2300")
    )
    assert ended.status is OperationStatus.SUCCEEDED
    assert ended.completed_at == NOW + timedelta(seconds=3)
    assert ended.observed == a_store_credit(balance="1.2300")
    assert await standing(journal, operation_id) == ended


async def test_an_operation_ends_with_why_it_was_refused(journal: Journal) -> None:
    operation_id = await opened(journal)
    refusal = InsufficientCredit(requested=money("10.00"), spendable=money("9.990"))
    ended = await journal.finish(operation_id, OperationStatus.REJECTED, refusal=refusal)
    assert is_same(ended.refusal, refusal)


@pytest.mark.parametrize("first", FINAL)
@pytest.mark.parametrize("second", FINAL)
async def test_a_final_status_is_never_overwritten(
    journal: Journal, clock: StoppedClock, first: OperationStatus, second: OperationStatus
) -> None:
    operation_id = await sent(journal)
    ended = await journal.finish(operation_id, first)
    clock.advance(hours=1)
    assert await journal.finish(operation_id, second, frees_key=True) == ended
    assert await journal.postpone(operation_id, refusal=UNKNOWN, check_after=clock.now) == ended
    await journal.count_attempt(operation_id)
    assert await standing(journal, operation_id) == ended


@pytest.mark.parametrize("status", [OperationStatus.IN_PROGRESS, OperationStatus.UNKNOWN])
async def test_an_operation_does_not_end_with_a_status_that_is_none(
    journal: Journal, status: OperationStatus
) -> None:
    operation_id = await opened(journal)
    with pytest.raises(ValueError, match=status):
        await journal.finish(operation_id, status)


async def test_what_is_not_known_is_put_off(journal: Journal, clock: StoppedClock) -> None:
    operation_id = await sent(journal)
    later = clock.now + timedelta(seconds=5)
    put_off = await journal.postpone(operation_id, refusal=UNKNOWN, check_after=later)
    assert put_off.status is OperationStatus.UNKNOWN
    assert put_off.check_after == later
    assert is_same(put_off.refusal, UNKNOWN)
    assert put_off.completed_at is None


async def test_what_was_put_off_can_still_end(journal: Journal, clock: StoppedClock) -> None:
    operation_id = await sent(journal)
    await journal.postpone(operation_id, refusal=UNKNOWN, check_after=clock.now)
    ended = await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    assert ended.status is OperationStatus.SUCCEEDED
    assert ended.refusal is None
    assert ended.check_after is None


async def test_there_is_nothing_to_say_of_an_unknown_operation(journal: Journal) -> None:
    assert await journal.operation(NOBODY) is None
    with pytest.raises(LookupError):
        await journal.finish(NOBODY, OperationStatus.REJECTED)
    with pytest.raises(LookupError):
        await journal.postpone(NOBODY, refusal=UNKNOWN, check_after=NOW)


async def test_what_a_method_wrote_is_there_for_others_when_it_returns(
    journal: Journal, place: Place
) -> None:
    async def seen() -> tuple[object, ...]:
        query = select(OPERATIONS.c.status, OPERATIONS.c.attempts, func.count(STEPS.c.booking))
        query = query.join_from(OPERATIONS, STEPS, isouter=True).group_by(OPERATIONS.c.ordinal)
        return tuple((await place.see(query))[0])

    operation_id = await opened(journal)
    assert await seen() == ("IN_PROGRESS", 0, 0)
    await journal.begin_step(operation_id, a_step(operation_id))
    assert await seen() == ("IN_PROGRESS", 1, 0)
    await journal.book_step(operation_id, 1, BOOKING)
    assert await seen() == ("IN_PROGRESS", 1, 1)
    await journal.postpone(operation_id, refusal=UNKNOWN, check_after=NOW)
    assert await seen() == ("UNKNOWN", 1, 1)
    await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    assert await seen() == ("SUCCEEDED", 1, 1)


async def test_what_was_begun_is_written_even_when_its_caller_is_cancelled(
    journal: Journal, other: Journal
) -> None:
    """Whenever that is: afterwards the operation is whole, and somebody can settle it."""
    for turns in range(60):
        task = asyncio.create_task(one_operation(journal, f"key-{turns}"))
        for _ in range(turns):
            await checkpoint()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await journal.start(asking(f"another-{turns}"))
    left = await journal.take_due(limit=1000)
    assert left
    for operation in left:
        ended = await other.finish(operation.operation_id, OperationStatus.REJECTED)
        assert ended.attempts == len(ended.steps)


async def one_operation(journal: Journal, key: str) -> None:
    operation_id = await sent(journal, key)
    await journal.book_step(operation_id, 1, BOOKING)
    await journal.finish(operation_id, OperationStatus.SUCCEEDED)


def is_same(one: CreditError | None, other: CreditError) -> bool:
    return type(one) is type(other) and vars(one) == vars(other)
