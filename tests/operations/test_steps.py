"""Calls whose answer was lost, and calls that follow one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import (
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderTimedOut,
    RequestRefused,
    SourceProblemKind,
)
from app.domain.instructions import CreditGiftCard, DebitGiftCard, Instruction, SettleGiftCard
from app.domain.operation import Booking, OperationStatus
from app.domain.provider import Call
from app.domain.refusals import InsufficientCredit, ProviderRejected
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.patience import AT_ONCE
from tests.doubles.samples import a_gift_card, a_source, money
from tests.doubles.writes_in_memory import Mishap
from tests.operations.counter import HOUSE, Counter, credit, debit, one_of_each, open_counter


@pytest.mark.parametrize("instruction", one_of_each(), ids=lambda one: type(one).__name__)
async def test_a_lost_answer_is_looked_up_by_its_mark_and_nothing_is_sent_twice(
    counter: Counter, instruction: Instruction
) -> None:
    counter.provider.befall(type(instruction), Mishap.LOST_AFTER_BOOKING)

    outcome = await counter.take(instruction)

    assert (outcome.operation.status, outcome.refusal) == (OperationStatus.SUCCEEDED, None)
    assert counter.moved().count(type(instruction)) == 1
    (looked_up,) = [one.about for one in counter.provider.asked if one.method == "find"]
    assert looked_up == outcome.operation.steps[0].mark
    assert outcome.operation.booking is not None


async def test_what_left_no_trace_is_unknown_and_is_not_sent_again(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.LOST_BEFORE_BOOKING)

    outcome = await counter.take(debit())

    assert outcome.operation.status is OperationStatus.UNKNOWN
    assert outcome.operation.completed_at is None
    assert isinstance(outcome.refusal, OutcomeUnknown)
    assert outcome.refusal.kind is SourceProblemKind.TIMEOUT
    assert outcome.operation.open_step is not None
    assert counter.provider.times_asked("send") == 1
    assert counter.provider.times_asked("find") == len(AT_ONCE.look_ups)


async def test_it_is_found_as_soon_as_a_look_up_shows_it(counter: Counter) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.BOOKED_LATE)
    looks = 0

    async def find(call: Call[Instruction]) -> Booking | None:
        nonlocal looks
        looks += 1
        if looks == 2:
            counter.provider.catch_up()
        return await InMemoryProvider.find(counter.provider, call)

    counter.provider.find = find  # type: ignore[method-assign]  # booked between two look-ups
    outcome = await counter.take(credit())
    assert outcome.operation.status is OperationStatus.SUCCEEDED
    assert (looks, counter.balance) == (2, money("50.00"))


@pytest.mark.parametrize("fault", [ProviderTimedOut, ProviderContractBroken])
async def test_a_look_up_that_fails_proves_nothing(
    counter: Counter, fault: type[ProviderTimedOut | ProviderContractBroken]
) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
    counter.provider.fail(fault, "find")
    outcome = await counter.take(credit())
    assert outcome.operation.status is OperationStatus.UNKNOWN
    assert counter.provider.times_asked("find") == len(AT_ONCE.look_ups)


class Repeats(InMemoryProvider):
    """Its look-up is a repeat that the provider refuses."""

    async def find(self, call: Call[Instruction]) -> Booking | None:
        raise ProviderRejected(source=HOUSE)


async def test_a_look_up_that_proves_a_refusal_is_the_refusal(tmp_path: Path) -> None:
    provider = Repeats(a_source(HOUSE), a_gift_card(source=HOUSE))
    provider.befall(CreditGiftCard, Mishap.LOST_BEFORE_BOOKING)
    async with open_counter(tmp_path, provider) as counter:
        outcome = await counter.take(credit())
        again = await counter.take(credit())
    assert outcome.operation.status is OperationStatus.REJECTED
    assert isinstance(outcome.refusal, ProviderRejected)
    assert again.replayed


async def test_every_call_and_every_look_up_is_counted(counter: Counter) -> None:
    counter.provider.befall(CreditGiftCard, Mishap.LOST_BEFORE_BOOKING)
    lost = (await counter.take(credit())).operation
    assert (await counter.standing(lost.operation_id)).attempts == 1 + len(AT_ONCE.look_ups)
    await counter.settle_after(seconds=20)
    assert (await counter.standing(lost.operation_id)).attempts == 2 + len(AT_ONCE.look_ups)


async def test_a_debit_is_captured_before_it_is_called_done(counter: Counter) -> None:
    outcome = await counter.take(debit())
    first, second = outcome.operation.steps
    assert first.booking
    assert second.booking
    assert second.instruction == SettleGiftCard(
        source=HOUSE,
        card_id=debit().card_id,
        amount=money("10.00"),
        hold_id=first.booking.hold_id,  # type: ignore[arg-type]  # a debit has one
    )
    assert outcome.operation.booking == first.booking
    assert (counter.balance, counter.settled_on_card()) == (money("30.00"), [money("10.00")])


async def test_a_capture_whose_answer_was_lost_is_looked_up(counter: Counter) -> None:
    counter.provider.befall(SettleGiftCard, Mishap.LOST_AFTER_BOOKING)
    outcome = await counter.take(debit())
    assert outcome.operation.status is OperationStatus.SUCCEEDED
    assert counter.settled_on_card() == [money("10.00")]


async def test_a_capture_that_was_refused_needs_attention_and_the_debit_stays(
    counter: Counter,
) -> None:
    counter.provider.befall(SettleGiftCard, Mishap.REFUSED)

    outcome = await counter.take(debit())
    again = await counter.take(debit())

    assert outcome.operation.status is OperationStatus.NEEDS_ATTENTION
    assert isinstance(outcome.refusal, ProviderRejected)
    assert outcome.operation.booking is not None
    assert again.replayed
    assert (counter.balance, counter.settled_on_card()) == (money("30.00"), [])
    assert await counter.settle_after(hours=1) == 0


@pytest.mark.parametrize("mishap", [Mishap.NOT_SENT, Mishap.THROTTLED])
async def test_a_capture_that_was_not_sent_is_made_up_for(counter: Counter, mishap: Mishap) -> None:
    counter.provider.befall(SettleGiftCard, mishap)

    early = await counter.take(debit())
    await counter.settle_after(seconds=30)
    waiting = await counter.take(debit())
    await counter.settle_after(seconds=61)
    late = await counter.take(debit())

    assert early.operation.status is OperationStatus.UNKNOWN
    assert waiting.operation.status is OperationStatus.UNKNOWN
    assert late.operation.status is OperationStatus.SUCCEEDED
    assert counter.settled_on_card() == [money("10.00")]
    assert counter.moved().count(DebitGiftCard) == 1


async def test_a_capture_that_never_happened_is_sent_again_under_a_mark_of_its_own(
    counter: Counter,
) -> None:
    counter.provider.befall(SettleGiftCard, Mishap.LOST_BEFORE_BOOKING)
    lost = (await counter.take(debit())).operation
    await counter.settle_after(seconds=61)

    settled = await counter.standing(lost.operation_id)

    assert settled.status is OperationStatus.SUCCEEDED
    assert [type(one.instruction) for one in settled.steps] == [
        DebitGiftCard,
        SettleGiftCard,
        SettleGiftCard,
    ]
    assert len({one.mark for one in settled.steps}) == 3
    assert settled.steps[2].begun_at == counter.clock.at
    assert counter.settled_on_card() == [money("10.00")]


async def test_what_was_sent_again_has_as_long_to_show_as_what_was_sent_first(
    counter: Counter,
) -> None:
    counter.provider.befall(SettleGiftCard, Mishap.LOST_BEFORE_BOOKING, Mishap.BOOKED_LATE)
    lost = (await counter.take(debit())).operation
    await counter.settle_after(seconds=61)
    await counter.settle_after(seconds=20)
    unknown = await counter.standing(lost.operation_id)

    counter.provider.catch_up()
    await counter.settle_after(seconds=20)

    assert unknown.status is OperationStatus.UNKNOWN
    assert (await counter.standing(lost.operation_id)).status is OperationStatus.SUCCEEDED
    assert counter.settled_on_card() == [money("10.00")]


@pytest.mark.parametrize("trouble", [ProviderTimedOut, ProviderContractBroken])
async def test_a_capture_that_cannot_be_prepared_now_is_prepared_later(
    tmp_path: Path, trouble: type[ProviderTimedOut | ProviderContractBroken]
) -> None:
    provider = Unprepared(a_source(HOUSE), a_gift_card(source=HOUSE))
    provider.obstacle = trouble(HOUSE)
    async with open_counter(tmp_path, provider) as counter:
        early = (await counter.take(debit())).operation
        provider.obstacle = None
        await counter.settle_after(seconds=20)
        late = await counter.standing(early.operation_id)

    assert early.status is OperationStatus.UNKNOWN
    assert [one.booking is not None for one in early.steps] == [True]
    assert late.status is OperationStatus.SUCCEEDED
    assert counter.moved() == [DebitGiftCard, SettleGiftCard]


class Unprepared(InMemoryProvider):
    """Something is in the way of every capture, before it is sent."""

    obstacle: Exception | None = None

    async def prepare(self, instruction: Instruction, observed: object) -> object:  # type: ignore[override]  # narrower than needed
        if isinstance(instruction, SettleGiftCard) and self.obstacle:
            raise self.obstacle
        return await super().prepare(instruction, None)


async def test_a_capture_that_the_provider_cannot_be_asked_for_needs_attention(
    tmp_path: Path,
) -> None:
    provider = Unprepared(a_source(HOUSE), a_gift_card(source=HOUSE))
    provider.obstacle = InsufficientCredit(requested=money("10"), spendable=money("0"))
    async with open_counter(tmp_path, provider) as counter:
        outcome = await counter.take(debit())
    assert outcome.operation.status is OperationStatus.NEEDS_ATTENTION
    assert isinstance(outcome.refusal, RequestRefused)


async def test_an_unknown_debit_is_captured_once_it_is_found(counter: Counter) -> None:
    counter.provider.befall(DebitGiftCard, Mishap.BOOKED_LATE)
    lost = (await counter.take(debit())).operation
    counter.provider.catch_up()
    await counter.settle_after(seconds=20)
    assert (await counter.standing(lost.operation_id)).status is OperationStatus.SUCCEEDED
    assert (counter.balance, counter.settled_on_card()) == (money("30.00"), [money("10.00")])


async def test_a_caller_is_told_after_the_pauses_that_nobody_knows(tmp_path: Path) -> None:
    patience = replace(AT_ONCE, look_ups=())
    provider = InMemoryProvider(a_source(HOUSE), a_gift_card(source=HOUSE))
    provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
    async with open_counter(tmp_path, provider, patience=patience) as counter:
        outcome = await counter.take(credit())
    assert outcome.operation.status is OperationStatus.UNKNOWN
    assert provider.times_asked("find") == 0
    assert outcome.operation.check_after == counter.clock.at + timedelta(seconds=1)
