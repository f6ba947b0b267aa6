"""One key of one caller stands for one order, whatever comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import AccessLevel
from app.domain.errors import (
    CurrencyMismatch,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderFault,
    ProviderTimedOut,
    ProviderUnreachable,
    RecordsUnavailable,
)
from app.domain.instructions import CreditGiftCard, DebitGiftCard, Instruction
from app.domain.operation import OperationStatus
from app.domain.refusals import (
    IdempotencyKeyReused,
    InsufficientCredit,
    OperationInProgress,
    ProviderRejected,
    StaleVersion,
)
from app.journal.failures import JournalUnavailable
from app.operations.carry_out import LONGEST_KEY, Outcome
from tests.doubles.samples import money
from tests.doubles.writes_in_memory import Mishap
from tests.operations.counter import OTHER_SHOP, SHOP, Counter, an_order, credit, debit, one_of_each


@pytest.mark.parametrize("instruction", one_of_each(), ids=lambda one: type(one).__name__)
async def test_the_same_order_again_gets_the_first_result_and_asks_nobody(
    counter: Counter, instruction: Instruction
) -> None:
    first = await counter.take(instruction)
    asked, balance = list(counter.provider.asked), counter.balance

    again = await counter.take(instruction)

    assert first.operation.status is OperationStatus.SUCCEEDED
    assert not first.replayed
    assert again == Outcome(operation=first.operation, replayed=True)
    assert (counter.provider.asked, counter.balance) == (asked, balance)


async def test_the_same_order_with_a_longer_way_to_write_the_amount_is_the_same(
    counter: Counter,
) -> None:
    await counter.take(debit("10.0"))
    again = await counter.take(debit("10.000"))
    assert again.replayed
    assert counter.balance == money("30.00")


@pytest.mark.parametrize(
    "other",
    [debit("10.01"), debit(card="card-2"), replace(debit(), description="another order")],
)
async def test_the_same_key_with_another_input_is_refused_and_asks_nobody(
    counter: Counter, other: Instruction
) -> None:
    first = await counter.take(debit())
    asked = list(counter.provider.asked)

    refused = await counter.take(other)

    assert isinstance(refused.refusal, IdempotencyKeyReused)
    assert refused.refusal.original == first.operation.operation_id
    assert refused.operation == first.operation
    assert not refused.replayed
    assert counter.provider.asked == asked


async def test_what_is_not_done_yet_is_told_to_whoever_asks_again(counter: Counter) -> None:
    counter.provider.hang("send")
    running = asyncio.create_task(counter.take(debit()))
    await counter.provider.until_asked(1, "send")

    again = await counter.take(debit())
    other = await counter.take(debit("1.00"))
    counter.provider.answer(2)
    first = await running

    assert isinstance(again.refusal, OperationInProgress)
    assert again.refusal.original == first.operation.operation_id
    assert again.operation.status is OperationStatus.IN_PROGRESS
    assert isinstance(other.refusal, IdempotencyKeyReused)
    assert (await counter.take(debit())).replayed
    assert counter.provider.times_asked("send") == 2  # the debit, and its capture


async def test_of_twenty_at_once_with_one_key_one_is_carried_out(counter: Counter) -> None:
    outcomes = await asyncio.gather(*(counter.take(credit()) for _ in range(20)))
    assert len({one.operation.operation_id for one in outcomes}) == 1
    assert [one.refusal is None and not one.replayed for one in outcomes].count(True) == 1
    assert counter.moved() == [CreditGiftCard]


async def test_two_callers_with_one_key_do_not_meet(counter: Counter) -> None:
    mine = await counter.take(debit(), caller=SHOP)
    theirs = await counter.take(debit("1.00"), caller=OTHER_SHOP)
    assert mine.operation.operation_id != theirs.operation.operation_id
    assert (mine.refusal, theirs.refusal, theirs.replayed) == (None, None, False)
    assert counter.balance == money("29.00")


async def test_a_caller_is_known_by_name_not_by_level_or_scopes(counter: Counter) -> None:
    await counter.take(debit(), caller=SHOP)
    again = await counter.take(debit(), caller=replace(SHOP, level=AccessLevel.ADMIN))
    assert again.replayed


async def test_one_key_may_stand_for_an_order_of_each_mutation(counter: Counter) -> None:
    first = await counter.take(debit())
    second = await counter.take(credit())
    assert not second.replayed
    assert counter.balance == money("40.00")
    latest = await counter.operations.latest(SHOP, "key-1")
    assert latest == second.operation != first.operation


@pytest.mark.parametrize("mishap", [Mishap.NOT_SENT, Mishap.THROTTLED])
async def test_what_was_never_sent_does_not_use_up_the_key(
    counter: Counter, mishap: Mishap
) -> None:
    counter.provider.befall(DebitGiftCard, mishap)

    first = await counter.take(debit())
    second = await counter.take(debit())

    assert isinstance(first.refusal, ProviderFault)
    assert first.operation.status is OperationStatus.REJECTED
    assert (second.refusal, second.replayed) == (None, False)
    assert counter.balance == money("30.00")


@pytest.mark.parametrize("method", ["gift_card", "prepare"])
async def test_a_source_that_cannot_be_read_does_not_use_up_the_key(
    counter: Counter, method: str
) -> None:
    counter.provider.fail(ProviderTimedOut, method)
    first = await counter.take(debit())
    counter.provider.recover()
    second = await counter.take(debit())
    assert isinstance(first.refusal, ProviderTimedOut)
    assert counter.provider.times_asked("send") == 2
    assert second.operation.status is OperationStatus.SUCCEEDED


async def test_what_is_refused_at_sight_does_not_use_up_the_key(counter: Counter) -> None:
    stale = await counter.take(debit(), expected_version="old")
    foreign = await counter.take(debit(currency="USD"))
    done = await counter.take(debit())
    assert isinstance(stale.refusal, StaleVersion)
    assert isinstance(foreign.refusal, CurrencyMismatch)
    assert done.operation.status is OperationStatus.SUCCEEDED


async def test_a_refusal_of_the_provider_uses_up_the_key(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.REFUSED)

    first = await counter.take(debit())
    again = await counter.take(debit())

    assert isinstance(first.refusal, ProviderRejected)
    assert isinstance(again.refusal, ProviderRejected)
    assert again.replayed
    assert again.operation.operation_id == first.operation.operation_id
    assert counter.provider.times_asked("send") == 1


async def test_too_little_to_spend_uses_up_the_key_even_once_there_is_more(
    counter: Counter,
) -> None:
    first = await counter.take(debit("50.00"))
    await counter.take(credit("50.00"), key="key-2")
    again = await counter.take(debit("50.00"))
    assert isinstance(first.refusal, InsufficientCredit)
    assert isinstance(again.refusal, InsufficientCredit)
    assert again.replayed
    assert counter.balance == money("90.00")


async def test_what_nobody_knows_is_not_sent_again_with_the_same_key(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.LOST_BEFORE_BOOKING)

    first = await counter.take(debit())
    again = await counter.take(debit())

    assert first.operation.status is again.operation.status is OperationStatus.UNKNOWN
    assert isinstance(again.refusal, OutcomeUnknown)
    assert again.replayed
    assert counter.provider.times_asked("send") == 1


async def test_what_never_happened_uses_up_the_key_because_it_was_sent(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.LOST_BEFORE_BOOKING)
    await counter.take(debit())
    await counter.settle_after(minutes=2)

    again = await counter.take(debit())

    assert again.replayed
    assert again.operation.status is OperationStatus.REJECTED
    assert counter.provider.times_asked("send") == 1


@pytest.mark.parametrize("key", ["", "x" * (LONGEST_KEY + 1), "a\nb", "a\x00b", "\u202e", "\ud800"])
async def test_what_is_no_key_is_refused_and_not_written_down(counter: Counter, key: str) -> None:
    refused = await counter.take(debit(), key=key)

    assert isinstance(refused.refusal, InvalidQuestion)
    assert refused.refusal.path == ("idempotencyKey",)
    assert refused.operation.status is OperationStatus.REJECTED
    assert await counter.operations.find(refused.operation.operation_id) is None
    assert counter.provider.asked == []


@pytest.mark.parametrize("key", ["x", "x" * LONGEST_KEY, "order 17 / é 本"])
async def test_every_short_printable_text_is_a_key(counter: Counter, key: str) -> None:
    first = await counter.take(debit(), key=key)
    assert (await counter.take(debit(), key=key)).replayed
    assert first.operation.idempotency_key == key


async def test_a_key_that_was_set_free_can_stand_for_something_else(counter: Counter) -> None:
    counter.provider.fail(ProviderUnreachable)
    await counter.take(debit())
    counter.provider.recover()
    other = await counter.take(debit("1.00"))
    assert (other.refusal, counter.balance) == (None, money("39.00"))


async def test_an_order_that_makes_no_sense_is_answered_and_not_written_down(
    counter: Counter,
) -> None:
    refusal = InvalidQuestion("This is nothing.")
    outcome = counter.operations.refused(
        "debitGiftCard", SHOP, "request-9", refusal, idempotency_key="key-1"
    )

    assert outcome.refusal is outcome.operation.refusal is refusal
    assert outcome.operation.status is OperationStatus.REJECTED
    assert outcome.operation.completed_at == outcome.operation.started_at == counter.clock.at
    assert outcome.operation.correlation_id == "request-9"
    assert outcome.operation.idempotency_key == "key-1"
    assert await counter.operations.find(outcome.operation.operation_id) is None


async def test_nothing_is_sent_while_the_journal_cannot_take_the_key(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise JournalUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(counter.journal, "start", away)
        with pytest.raises(RecordsUnavailable):
            await counter.take(debit())
    assert counter.provider.asked == []
    assert (await counter.take(debit())).operation.status is OperationStatus.SUCCEEDED


async def test_a_replay_does_not_wait_for_the_instrument(counter: Counter) -> None:
    await counter.take(credit())
    counter.provider.hang("send")
    running = asyncio.create_task(counter.take(debit(), key="key-2"))
    await counter.provider.until_asked(2, "send")

    assert (await asyncio.wait_for(counter.take(credit()), timeout=10)).replayed

    counter.provider.answer(2)
    await running


async def test_the_receipt_says_who_asked_for_what_and_when(counter: Counter) -> None:
    done = await counter.carry_out(an_order(debit(), name="debitGiftCard"))
    operation = done.operation
    assert (operation.name, operation.caller) == ("debitGiftCard", "key:shop")
    assert (operation.correlation_id, operation.idempotency_key) == ("request-1", "key-1")
    assert operation.started_at == operation.completed_at == counter.clock.at
    counter.clock.advance(hours=1)
    later = (await counter.carry_out(an_order(debit(), name="debitGiftCard"))).operation
    assert later.started_at == counter.clock.at - timedelta(hours=1)
