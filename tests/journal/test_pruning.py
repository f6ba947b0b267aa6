"""What is old and over is forgotten, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import func, select, update

from app.domain.errors import CurrencyMismatch
from app.domain.hold_events import HoldEvent, HoldEventKind, HoldMode
from app.domain.identifiers import (
    OperationId,
    ProviderHoldId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instructions import CreditStoreCredit, DebitStoreCredit, Instruction, Subject
from app.domain.instruments import InstrumentKind
from app.domain.operation import Booking, OperationStatus
from app.journal.journal import Journal
from app.journal.pruning import Pruned
from app.journal.tables import OPERATIONS, STEPS
from tests.doubles.samples import money
from tests.journal.databases import Place
from tests.journal.scenes import (
    UNKNOWN,
    StoppedClock,
    a_step,
    asking,
    opened,
    sent,
    standing,
)

KEEP: Final = timedelta(days=400)
ACCOUNT: Final = Subject(SourceKey("medusa"), InstrumentKind.STORE_CREDIT, "account-1")


async def pruned(journal: Journal, clock: StoppedClock, *, most: int = 100) -> int:
    """All that is old enough now, in as many looks as it takes."""
    forgotten, after = 0, 0
    while True:
        found = await journal.prune(ended_before=clock.now - KEEP, after=after, most=most)
        forgotten += found.forgotten
        if found.after is None:
            return forgotten
        assert found.after > after
        after = found.after


async def done(journal: Journal, key: str = "key-1") -> OperationId:
    """An operation without a hold that succeeded."""
    operation_id = await sent(journal, key)
    await journal.book_step(operation_id, 1, Booking(provider_reference="reference-1"))
    await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    return operation_id


def on_hold(kind: HoldEventKind, amount: str, hold_id: ProviderHoldId | None = None) -> Instruction:
    event = HoldEvent(
        kind=kind, mode=HoldMode.DEBIT_AND_REVERT, amount=money(amount), hold_id=hold_id
    )
    form = DebitStoreCredit if kind is HoldEventKind.CREATED else CreditStoreCredit
    return form(
        source=ACCOUNT.source,
        account_id=ProviderStoreCreditId(ACCOUNT.provider_id),
        amount=money(amount),
        note="a hold",
        hold=event,
    )


async def booked(journal: Journal, key: str, instruction: Instruction) -> OperationId:
    operation_id = await opened(journal, key)
    await journal.begin_step(operation_id, a_step(operation_id, instruction=instruction))
    await journal.book_step(operation_id, 1, Booking())
    await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    return operation_id


async def held(journal: Journal, key: str = "hold") -> ProviderHoldId:
    """A hold of 10.00 that the gateway made, and nobody else knows of."""
    operation_id = await booked(journal, key, on_hold(HoldEventKind.CREATED, "10.00"))
    return ProviderHoldId((await standing(journal, operation_id)).steps[0].mark)


async def released(journal: Journal, hold: ProviderHoldId, key: str, amount: str) -> None:
    await booked(journal, key, on_hold(HoldEventKind.RELEASED, amount, hold))


async def test_what_ended_long_ago_is_forgotten_with_its_steps(
    journal: Journal, clock: StoppedClock, place: Place
) -> None:
    operation_id = await done(journal)
    clock.advance(days=401)
    await done(journal, "key-2")

    assert await pruned(journal, clock) == 1

    assert await journal.operation(operation_id) is None
    assert [one.operation_id for one in await place.see(select(STEPS.c.operation_id))] == [
        (await journal.latest(caller="shop", idempotency_key="key-2")).operation_id  # type: ignore[union-attr]  # it is there
    ]


async def test_its_key_is_new_again(journal: Journal, clock: StoppedClock) -> None:
    await done(journal)
    assert not (await journal.start(asking())).is_new
    clock.advance(days=401)
    await pruned(journal, clock)

    assert (await journal.start(asking())).is_new


async def test_what_ended_a_moment_too_late_stays(journal: Journal, clock: StoppedClock) -> None:
    operation_id = await sent(journal)
    clock.advance(days=1)
    await journal.book_step(operation_id, 1, Booking())
    await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    clock.advance(days=400)

    assert await pruned(journal, clock) == 0
    assert await journal.operation(operation_id)

    clock.advance(seconds=1)
    assert await pruned(journal, clock) == 1


@pytest.mark.parametrize("status", [one for one in OperationStatus if one.is_final])
async def test_every_end_is_an_end(
    status: OperationStatus, journal: Journal, clock: StoppedClock
) -> None:
    operation_id = await sent(journal)
    await journal.finish(operation_id, status)
    clock.advance(days=401)

    assert await pruned(journal, clock) == 1


async def test_what_was_refused_before_anything_was_sent_is_forgotten(
    journal: Journal, clock: StoppedClock
) -> None:
    refusal = CurrencyMismatch(expected="BRL", actual="USD")
    await journal.finish(
        await opened(journal), OperationStatus.REJECTED, refusal=refusal, frees_key=True
    )
    clock.advance(days=401)

    assert await pruned(journal, clock) == 1


async def test_what_is_not_settled_is_never_forgotten(
    journal: Journal, clock: StoppedClock
) -> None:
    unknown, running = await sent(journal, "key-1"), await sent(journal, "key-2")
    await journal.postpone(unknown, refusal=UNKNOWN, check_after=clock.now)
    clock.advance(days=40_000)

    assert await pruned(journal, clock) == 0
    assert await journal.operation(unknown)
    assert await journal.operation(running)


async def test_a_hold_that_is_still_open_is_never_forgotten(
    journal: Journal, clock: StoppedClock
) -> None:
    hold = await held(journal)
    await released(journal, hold, "release", "4.00")
    clock.advance(days=40_000)

    assert await pruned(journal, clock) == 0
    assert len(await journal.steps_of_hold(ACCOUNT, hold)) == 2


async def test_a_hold_that_is_over_is_forgotten_as_a_whole(
    journal: Journal, clock: StoppedClock
) -> None:
    hold = await held(journal)
    await released(journal, hold, "first", "4.00")
    await done(journal, "between")
    await released(journal, hold, "rest", "6.00")
    clock.advance(days=401)

    first = await journal.prune(ended_before=clock.now - KEEP, after=0, most=1)

    assert first.forgotten == 3
    assert await journal.holds_on(ACCOUNT) == {}
    assert await pruned(journal, clock) == 1


async def test_a_hold_of_which_something_happened_lately_is_kept_as_a_whole(
    journal: Journal, clock: StoppedClock
) -> None:
    hold = await held(journal)
    clock.advance(days=399)
    await released(journal, hold, "release", "10.00")
    clock.advance(days=2)

    assert await pruned(journal, clock) == 0
    assert len(await journal.steps_of_hold(ACCOUNT, hold)) == 2


async def test_what_was_done_to_a_hold_that_others_made_is_forgotten(
    journal: Journal, clock: StoppedClock
) -> None:
    await released(journal, ProviderHoldId("of others"), "release", "4.00")
    clock.advance(days=401)

    assert await pruned(journal, clock) == 1


async def test_a_hold_that_cannot_be_read_is_kept(
    journal: Journal, clock: StoppedClock, place: Place
) -> None:
    hold = await held(journal)
    await released(journal, hold, "release", "10.00")
    await place.see(update(STEPS).values(instruction="sealed with another secret"))
    clock.advance(days=401)

    assert await pruned(journal, clock) == 0


async def test_other_holds_and_operations_stay_beside_one_that_goes(
    journal: Journal, clock: StoppedClock
) -> None:
    gone, kept = await held(journal, "hold-1"), await held(journal, "hold-2")
    await released(journal, gone, "release", "10.00")
    operation_id = await sent(journal, "unsettled")
    await done(journal, "over")
    clock.advance(days=401)

    assert await pruned(journal, clock) == 3

    assert list(await journal.holds_on(ACCOUNT)) == [kept]
    assert await journal.operation(operation_id)


@pytest.mark.parametrize("most", [1, 2, 3, 7, 8, 9])
async def test_many_are_forgotten_a_few_at_a_time(
    most: int, journal: Journal, clock: StoppedClock, place: Place
) -> None:
    for number in range(8):
        await (sent if number % 3 == 0 else done)(journal, f"key-{number}")
    clock.advance(days=401)
    await done(journal, "young")

    assert await pruned(journal, clock, most=most) == 5
    ((left,),) = await place.see(select(func.count()).select_from(OPERATIONS))
    assert left == 4


async def test_it_is_not_looked_beyond_what_is_too_young(
    journal: Journal, clock: StoppedClock
) -> None:
    await done(journal, "old")
    clock.advance(days=401)
    for number in range(3):
        await done(journal, f"young-{number}")

    found = await journal.prune(ended_before=clock.now - KEEP, after=0, most=2)

    assert found == Pruned(forgotten=1, after=None)


async def test_two_replicas_may_forget_at_the_same_time(
    journal: Journal, other: Journal, clock: StoppedClock
) -> None:
    for number in range(4):
        await done(journal, f"key-{number}")
    clock.advance(days=401)
    before = clock.now - KEEP

    one = await journal.prune(ended_before=before, after=0, most=10)
    two = await other.prune(ended_before=before, after=0, most=10)

    assert (one.forgotten, two.forgotten) == (4, 0)
