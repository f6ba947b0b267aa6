"""What is not known when a caller is answered, or when a process ends, and how it becomes known."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from app.domain.errors import (
    OutcomeUnknown,
    ProviderRefusedUs,
    ProviderTimedOut,
    RecordsUnavailable,
    SourceProblemKind,
)
from app.domain.instructions import CreditGiftCard, DebitGiftCard, SettleGiftCard
from app.domain.instruments import GiftCard, InstrumentStatus
from app.domain.operation import Operation, OperationStatus
from app.domain.provider import Call
from app.domain.refusals import Interrupted, LeftNoTrace
from app.journal.failures import JournalUnavailable
from app.operations.steps import Patience
from tests.doubles.in_memory_provider import GiftCardsInMemory
from tests.doubles.patience import AT_ONCE
from tests.doubles.samples import a_gift_card, a_source, money
from tests.doubles.writes_in_memory import Mishap, Unforeseen
from tests.operations.counter import (
    HOUSE,
    SHOP,
    Counter,
    Hands,
    a_provider,
    credit,
    debit,
    open_counter,
)


async def lost(counter: Counter, mishap: Mishap) -> Operation:
    """A credit of which nobody knows what became."""
    counter.provider.befall(CreditGiftCard, mishap)
    counter.provider.fail(ProviderTimedOut, "find")
    operation = (await counter.take(credit())).operation
    counter.provider.recover()
    assert operation.status is OperationStatus.UNKNOWN
    return operation


async def test_what_was_booked_is_found_later_with_the_card_as_it_is_then(
    counter: Counter,
) -> None:
    operation = await lost(counter, Mishap.LOST_AFTER_BOOKING)

    assert await counter.settle_after(seconds=20) == 1

    settled = await counter.standing(operation.operation_id)
    assert settled.status is OperationStatus.SUCCEEDED
    assert settled.completed_at == counter.clock.at
    assert settled.refusal is None
    assert isinstance(settled.observed, GiftCard)
    assert settled.observed.balance == counter.balance == money("50.00")


async def test_whoever_asks_again_then_gets_what_came_of_it(counter: Counter) -> None:
    await lost(counter, Mishap.LOST_AFTER_BOOKING)
    await counter.settle_after(seconds=20)
    again = await counter.take(credit())
    assert again.replayed
    assert again.refusal is None


async def test_what_becomes_of_an_operation_is_counted_each_time_it_is_known_better(
    counter: Counter,
) -> None:
    await lost(counter, Mishap.LOST_AFTER_BOOKING)
    assert counter.operations.ended == {("CreditGiftCard", OperationStatus.UNKNOWN): 1}

    await counter.settle_after(seconds=20)
    await counter.take(credit())

    assert counter.operations.ended == {
        ("CreditGiftCard", OperationStatus.UNKNOWN): 1,
        ("CreditGiftCard", OperationStatus.SUCCEEDED): 1,
    }


async def test_nothing_is_asked_before_its_time(counter: Counter) -> None:
    operation = await lost(counter, Mishap.LOST_AFTER_BOOKING)
    asked = list(counter.provider.asked)
    assert operation.check_after == counter.clock.at + timedelta(seconds=1)
    assert await counter.settle_after(seconds=0.9) == 0
    assert counter.provider.asked == asked


async def test_what_is_settled_is_never_looked_at_again(counter: Counter) -> None:
    await lost(counter, Mishap.LOST_AFTER_BOOKING)
    await counter.settle_after(seconds=20)
    asked = list(counter.provider.asked)
    assert await counter.settle_after(hours=1) == 0
    assert counter.provider.asked == asked


async def test_what_shows_up_late_has_succeeded(counter: Counter) -> None:
    operation = await lost(counter, Mishap.BOOKED_LATE)
    await counter.settle_after(seconds=20)
    waiting = await counter.standing(operation.operation_id)
    counter.provider.catch_up()
    await counter.settle_after(seconds=20)
    settled = await counter.standing(operation.operation_id)
    assert (waiting.status, settled.status) == (OperationStatus.UNKNOWN, OperationStatus.SUCCEEDED)
    assert counter.balance == money("50.00")


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        (59, OperationStatus.UNKNOWN),
        (60, OperationStatus.UNKNOWN),
        (60.1, OperationStatus.REJECTED),
    ],
)
async def test_what_left_no_trace_is_given_up_only_after_the_longest_time_a_write_takes(
    counter: Counter, seconds: float, status: OperationStatus
) -> None:
    operation = await lost(counter, Mishap.LOST_BEFORE_BOOKING)
    await counter.settle_after(seconds=seconds)
    settled = await counter.standing(operation.operation_id)
    assert settled.status is status
    assert counter.provider.times_asked("send") == 1


async def test_what_never_happened_is_rejected_and_needs_another_key(counter: Counter) -> None:
    operation = await lost(counter, Mishap.LOST_BEFORE_BOOKING)
    await counter.settle_after(minutes=2)
    settled = await counter.standing(operation.operation_id)
    assert settled.status is OperationStatus.REJECTED
    assert isinstance(settled.refusal, LeftNoTrace)
    assert counter.balance == money("40.00")


async def test_while_the_source_does_not_answer_nothing_is_given_up(counter: Counter) -> None:
    operation = await lost(counter, Mishap.LOST_AFTER_BOOKING)
    counter.provider.fail(ProviderRefusedUs)
    await counter.settle_after(hours=5)
    waiting = await counter.standing(operation.operation_id)
    counter.provider.recover()
    await counter.settle_after(minutes=1)

    assert waiting.status is OperationStatus.UNKNOWN
    assert isinstance(waiting.refusal, ProviderRefusedUs)
    assert (await counter.standing(operation.operation_id)).status is OperationStatus.SUCCEEDED


async def test_the_pauses_between_two_look_ups_grow_up_to_a_limit(counter: Counter) -> None:
    operation = await lost(counter, Mishap.LOST_AFTER_BOOKING)
    counter.provider.fail(ProviderTimedOut, "find")
    pauses = []
    for _ in range(5):
        await counter.settle_after(hours=1)
        now = await counter.standing(operation.operation_id)
        assert now.check_after is not None
        pauses.append((now.check_after - counter.clock.at).total_seconds())
    assert pauses == sorted(pauses)
    assert pauses[-1] == AT_ONCE.between.total_seconds()


async def test_a_card_that_is_gone_does_not_stop_its_call_from_being_found(
    counter: Counter,
) -> None:
    operation = await lost(counter, Mishap.LOST_AFTER_BOOKING)
    counter.provider.cards.clear()
    await counter.settle_after(seconds=20)
    settled = await counter.standing(operation.operation_id)
    assert (settled.status, settled.observed) == (OperationStatus.SUCCEEDED, None)


async def test_a_debit_of_a_card_that_expired_since_is_still_captured(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.BOOKED_LATE)
    await counter.take(debit())
    counter.provider.catch_up()
    counter.change_card(status=InstrumentStatus.CLOSED)
    await counter.settle_after(seconds=20)
    assert counter.moved() == [DebitGiftCard, SettleGiftCard]


async def test_one_that_cannot_be_settled_does_not_keep_the_others_from_it(
    counter: Counter,
) -> None:
    counter.provider.keep(a_gift_card("card-2", source=HOUSE))
    first = await lost(counter, Mishap.LOST_AFTER_BOOKING)
    counter.provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
    counter.provider.fail(ProviderTimedOut, "find")
    second = (await counter.take(credit(card="card-2"), key="key-2")).operation
    counter.provider.recover()
    broken = first.steps[0].mark
    as_it_was = counter.provider.find

    async def find(call: Call[Any]) -> Any:
        if call.mark == broken:
            raise Unforeseen
        return await as_it_was(call)

    counter.provider.find = find  # type: ignore[method-assign]  # a bug in a writer
    with capture_logs() as logs:
        assert await counter.settle_after(seconds=20) == 2

    assert (await counter.standing(second.operation_id)).status is OperationStatus.SUCCEEDED
    assert (await counter.standing(first.operation_id)).status is OperationStatus.UNKNOWN
    (line,) = [log for log in logs if log["log_level"] == "error"]
    assert line["operation"] == first.operation_id


async def test_what_is_settled_is_logged_under_the_request_that_asked(counter: Counter) -> None:
    await lost(counter, Mishap.LOST_AFTER_BOOKING)
    with capture_logs(processors=[merge_contextvars]) as logs:
        await counter.settle_after(seconds=20)
    (line,) = [log for log in logs if log["event"] == "settled"]
    assert line["correlation_id"] == "request-1"
    assert line["status"] is OperationStatus.SUCCEEDED


async def test_two_that_settle_at_once_do_it_once(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.BOOKED_LATE)
    await counter.take(debit())
    counter.provider.catch_up()
    counter.clock.advance(seconds=20)
    done = await asyncio.gather(*(counter.operations.settle_due() for _ in range(3)))
    assert sum(done) == 1
    assert counter.moved() == [DebitGiftCard, SettleGiftCard]


async def test_a_card_that_is_busy_is_settled_when_it_is_free(tmp_path: Path) -> None:
    patience = Patience(
        answer=AT_ONCE.answer, lock=timedelta(0), look_ups=(), between=AT_ONCE.between
    )
    async with open_counter(tmp_path, a_provider(), patience=patience) as counter:
        counter.provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
        operation = (await counter.take(credit())).operation
        counter.provider.hang("send")
        other = asyncio.create_task(counter.take(credit("1.00"), key="key-2"))
        await counter.provider.until_asked(2, "send")
        assert await counter.settle_after(seconds=20) == 1
        assert (await counter.standing(operation.operation_id)).status is OperationStatus.UNKNOWN
        counter.provider.answer()
        assert (await other).operation.status is OperationStatus.SUCCEEDED


async def test_settling_goes_on_while_the_journal_is_away(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 0

    async def settle_due() -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            raise asyncio.CancelledError
        raise JournalUnavailable

    monkeypatch.setattr(counter.operations, "settle_due", settle_due)
    with pytest.raises(asyncio.CancelledError), capture_logs() as logs:
        await counter.operations.settle_always(every=timedelta(0))
    assert [log["log_level"] for log in logs] == ["warning", "warning"]


class Processes:
    """One after the other, on one journal, one provider and one clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provider = a_provider()
        self.clock = Hands()

    def next(self, **changes: Any) -> AbstractAsyncContextManager[Counter]:
        return open_counter(self.folder, self.provider, clock=self.clock, **changes)


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


async def crashed(processes: Processes, *, at: str) -> Operation:
    """A debit that was begun by a process that ended in the middle of it."""

    async def crash(*_: object) -> None:
        raise Unforeseen

    async with processes.next() as first:
        if at == "before the intent":
            processes.provider.prepare = crash  # type: ignore[method-assign, assignment]  # the process ends there
        elif at == "before sending":
            processes.provider.on_arrival = crash
        else:
            processes.provider.befall(DebitGiftCard, Mishap.BUG)
        with pytest.raises(Unforeseen):
            await first.take(debit())
        operation = await first.operations.latest(SHOP, "key-1")
        assert operation is not None
    processes.provider.on_arrival = None
    processes.provider.__dict__.pop("prepare", None)
    return operation


async def test_what_a_process_left_unsent_is_rejected_and_its_key_is_free(
    processes: Processes,
) -> None:
    operation = await crashed(processes, at="before the intent")
    async with processes.next() as second:
        assert await second.operations.settle_due() == 1
        settled = await second.standing(operation.operation_id)
        again = await second.take(debit())
    assert settled.status is OperationStatus.REJECTED
    assert isinstance(settled.refusal, Interrupted)
    assert (again.replayed, again.operation.status) == (False, OperationStatus.SUCCEEDED)


async def test_what_a_process_left_booked_is_found_and_captured(processes: Processes) -> None:
    operation = await crashed(processes, at="after booking")
    async with processes.next() as second:
        assert await second.operations.settle_due() == 1
        settled = await second.standing(operation.operation_id)
        again = await second.take(debit())
    assert settled.status is OperationStatus.SUCCEEDED
    assert again.replayed
    assert second.moved() == [DebitGiftCard, SettleGiftCard]


async def test_what_a_process_may_have_sent_is_unknown_until_it_cannot_be_any_more(
    processes: Processes,
) -> None:
    operation = await crashed(processes, at="before sending")
    async with processes.next() as second:
        await second.operations.settle_due()
        early = await second.standing(operation.operation_id)
        await second.settle_after(seconds=61)
        late = await second.standing(operation.operation_id)
    assert (early.status, late.status) == (OperationStatus.UNKNOWN, OperationStatus.REJECTED)
    assert isinstance(early.refusal, OutcomeUnknown)
    assert early.refusal.kind is SourceProblemKind.TIMEOUT
    assert isinstance(late.refusal, LeftNoTrace)
    assert second.moved() == []


async def test_a_process_that_ends_between_debit_and_capture_leaves_the_capture_to_the_next(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with processes.next() as first:

        async def gone(*_: object) -> None:
            raise JournalUnavailable

        begin, count = first.journal.begin_step, 0

        async def begin_only_the_first(*given: Any) -> None:
            nonlocal count
            count += 1
            await (begin if count == 1 else gone)(*given)

        monkeypatch.setattr(first.journal, "begin_step", begin_only_the_first)
        with pytest.raises(RecordsUnavailable):
            await first.take(debit())
        assert first.moved() == [DebitGiftCard]

    async with processes.next() as second:
        await second.operations.settle_due()
        assert (await second.take(debit())).operation.status is OperationStatus.SUCCEEDED
    assert second.moved() == [DebitGiftCard, SettleGiftCard]


async def test_a_new_process_leaves_alone_what_another_one_is_doing(processes: Processes) -> None:
    async with processes.next() as first, processes.next() as second:
        processes.provider.hang("send")
        running = asyncio.create_task(first.take(credit()))
        await processes.provider.until_asked(1, "send")
        assert await second.settle_after(hours=1) == 0
        told = await second.take(credit())
        processes.provider.answer()
        done = await running
        assert told.operation.status is OperationStatus.IN_PROGRESS
        assert (await second.take(credit())).operation == done.operation


async def test_two_processes_write_to_one_card_one_after_the_other(processes: Processes) -> None:
    async with processes.next() as first, processes.next() as second:
        await asyncio.gather(
            *(
                process.take(credit("1.00"), key=f"{name}-{number}")
                for name, process in (("first", first), ("second", second))
                for number in range(5)
            )
        )
        assert first.balance == money("50.00")
        assert processes.provider.most_under_way == 1


async def test_a_source_that_is_not_configured_any_more_is_waited_for(
    processes: Processes,
) -> None:
    """Whether it was booked cannot be said without asking, so it is not said."""
    operation = await crashed(processes, at="after booking")
    only_reads = GiftCardsInMemory(a_source(HOUSE), a_gift_card(source=HOUSE))
    for sources in ((), (only_reads,)):
        async with processes.next(sources=sources) as without:
            await without.settle_after(hours=1)
            waiting = await without.standing(operation.operation_id)
            assert waiting.status is OperationStatus.UNKNOWN
    async with processes.next() as again:
        await again.settle_after(minutes=1)
        settled = await again.standing(operation.operation_id)
    assert settled.status is OperationStatus.SUCCEEDED


async def test_the_clock_of_a_receipt_starts_when_it_was_asked(processes: Processes) -> None:
    operation = await crashed(processes, at="after booking")
    asked_at: datetime = processes.clock.at
    processes.clock.advance(days=1)
    async with processes.next() as second:
        await second.operations.settle_due()
        settled = await second.standing(operation.operation_id)
    assert settled.started_at == asked_at
    assert settled.completed_at == asked_at + timedelta(days=1)
