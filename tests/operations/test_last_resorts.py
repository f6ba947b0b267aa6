"""What is taken back, begun anew, or left to a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import (
    BookedTwice,
    OutcomeUnknown,
    ProviderFault,
    ProviderTimedOut,
    SourceProblemKind,
)
from app.domain.instructions import (
    CreditGiftCard,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
)
from app.domain.operation import Booking, OperationStatus
from app.domain.provider import Call
from app.domain.refusals import InsufficientCredit, InvalidState, ProviderRejected
from app.journal.failures import OperationTakenOver
from app.operations.carry_out import Outcome
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import a_credit_account, a_gift_card, a_source, money
from tests.doubles.writes_in_memory import Mishap
from tests.operations.counter import HOUSE, Counter, credit, one_of_each, open_counter

DECREASE = one_of_each()[3]
UNKNOWN = OutcomeUnknown(HOUSE, SourceProblemKind.BAD_RESPONSE)


async def lost(counter: Counter) -> Outcome:
    counter.provider.befall(CreditGiftCard, Mishap.LOST_BEFORE_BOOKING)
    return await counter.take(credit())


async def test_what_nobody_can_find_out_in_a_day_is_left_to_a_person(counter: Counter) -> None:
    operation = (await lost(counter)).operation
    counter.provider.fail(ProviderTimedOut, "find")
    await counter.settle_after(hours=23.9)
    waiting = await counter.standing(operation.operation_id)
    await counter.settle_after(hours=0.2)
    given_up = await counter.standing(operation.operation_id)
    again = await counter.take(credit())

    assert waiting.status is OperationStatus.UNKNOWN
    assert given_up.status is OperationStatus.NEEDS_ATTENTION
    assert isinstance(given_up.refusal, OutcomeUnknown)
    assert again.replayed
    assert isinstance(again.refusal, OutcomeUnknown)
    assert await counter.settle_after(days=2) == 0


async def test_what_is_known_after_a_day_is_told_all_the_same(counter: Counter) -> None:
    operation = (await lost(counter)).operation
    await counter.settle_after(days=2)
    assert (await counter.standing(operation.operation_id)).status is OperationStatus.REJECTED


async def test_an_intent_that_has_grown_old_is_not_acted_on(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped in between does not know whether others gave its call up."""
    begin = counter.journal.begin_step

    async def stopped_for_a_while(*given: Any) -> None:
        await begin(*given)
        counter.clock.advance(seconds=5.1)

    monkeypatch.setattr(counter.journal, "begin_step", stopped_for_a_while)
    outcome = await counter.take(credit())
    await counter.settle_after(seconds=61)
    settled = await counter.standing(outcome.operation.operation_id)

    assert outcome.operation.status is OperationStatus.UNKNOWN
    assert settled.status is OperationStatus.REJECTED
    assert counter.provider.times_asked("send") == 0


class Tells(InMemoryProvider):
    """Its look-ups say what a test tells them to."""

    def __init__(self, *answers: Exception) -> None:
        super().__init__(a_source(HOUSE), a_gift_card(source=HOUSE), a_credit_account(source=HOUSE))
        self.answers = list(answers)

    async def find(self, call: Call[Any]) -> Booking | None:
        if self.answers:
            raise self.answers.pop(0)
        return await super().find(call)


async def test_a_repeat_whose_answer_is_lost_has_as_long_to_be_carried_out_as_the_first(
    tmp_path: Path,
) -> None:
    provider = Tells(UNKNOWN, UNKNOWN, UNKNOWN)
    async with open_counter(tmp_path, provider) as counter:
        operation = (await lost(counter)).operation
        provider.answers = [UNKNOWN]
        await counter.settle_after(seconds=50)
        await counter.settle_after(seconds=50)
        early = await counter.standing(operation.operation_id)
        await counter.settle_after(seconds=20)
        late = await counter.standing(operation.operation_id)
    assert (early.status, late.status) == (OperationStatus.UNKNOWN, OperationStatus.REJECTED)


@pytest.mark.parametrize("later", [False, True], ids=["while the caller waits", "later"])
async def test_what_was_booked_twice_is_left_to_a_person(tmp_path: Path, *, later: bool) -> None:
    provider = Tells(*([UNKNOWN] * 3 if later else []), BookedTwice(HOUSE))
    async with open_counter(tmp_path, provider) as counter:
        operation = (await lost(counter)).operation
        await counter.settle_after(seconds=20)
        stands = await counter.standing(operation.operation_id)
    assert operation.status is (
        OperationStatus.UNKNOWN if later else OperationStatus.NEEDS_ATTENTION
    )
    assert stands.status is OperationStatus.NEEDS_ATTENTION
    assert isinstance(stands.refusal, BookedTwice)


class TooGenerous(InMemoryProvider):
    """Carries out what it should refuse, and is asked afterwards how that was."""

    obstacle: Exception | None = None

    def __init__(self) -> None:
        super().__init__(a_source(HOUSE), a_credit_account(source=HOUSE))

    async def undoing(self, call: Call[Any], booking: Booking) -> Instruction | None:
        told = call.instruction
        if self.obstacle is not None:
            raise self.obstacle
        if not isinstance(told, DecreaseCreditBalance):
            return None
        return IncreaseCreditBalance(
            source=told.source,
            account_id=told.account_id,
            amount=told.amount,
            reason=told.reason,
            spendable_before=money("0"),
        )


async def test_what_went_too_far_is_taken_back_and_refused(tmp_path: Path) -> None:
    provider = TooGenerous()
    async with open_counter(tmp_path, provider) as counter:
        outcome = await counter.take(DECREASE)
        again = await counter.take(DECREASE)

    assert outcome.operation.status is OperationStatus.COMPENSATED
    assert isinstance(outcome.refusal, InsufficientCredit)
    assert counter.moved() == [DecreaseCreditBalance, IncreaseCreditBalance]
    assert provider.accounts[0].available == money("850.00")
    assert again.replayed
    assert isinstance(again.refusal, InsufficientCredit)


async def test_taking_back_that_could_not_be_judged_is_judged_later(tmp_path: Path) -> None:
    provider = TooGenerous()
    provider.obstacle = ProviderTimedOut(HOUSE)
    async with open_counter(tmp_path, provider) as counter:
        early = (await counter.take(DECREASE)).operation
        provider.obstacle = None
        await counter.settle_after(seconds=20)
        late = await counter.standing(early.operation_id)
    assert early.status is OperationStatus.UNKNOWN
    assert isinstance(early.refusal, ProviderFault)
    assert late.status is OperationStatus.COMPENSATED
    assert counter.moved() == [DecreaseCreditBalance, IncreaseCreditBalance]


async def test_what_cannot_be_judged_any_more_is_left_to_a_person(tmp_path: Path) -> None:
    provider = TooGenerous()
    provider.obstacle = InvalidState(state="GONE", allowed=())
    async with open_counter(tmp_path, provider) as counter:
        outcome = await counter.take(DECREASE)
    assert outcome.operation.status is OperationStatus.NEEDS_ATTENTION
    assert counter.moved() == [DecreaseCreditBalance]


async def test_taking_back_that_was_refused_is_left_to_a_person(tmp_path: Path) -> None:
    provider = TooGenerous()
    provider.befall(IncreaseCreditBalance, Mishap.REFUSED)
    async with open_counter(tmp_path, provider) as counter:
        outcome = await counter.take(DECREASE)
    assert outcome.operation.status is OperationStatus.NEEDS_ATTENTION


async def test_a_refusal_that_is_proved_later_is_the_refusal(tmp_path: Path) -> None:
    provider = Tells(UNKNOWN, UNKNOWN, UNKNOWN)
    async with open_counter(tmp_path, provider) as counter:
        operation = (await lost(counter)).operation
        provider.answers = [ProviderRejected(source=HOUSE)]
        await counter.settle_after(seconds=20)
        again = await counter.take(credit())
    assert again.operation.operation_id == operation.operation_id
    assert again.operation.status is OperationStatus.REJECTED
    assert isinstance(again.refusal, ProviderRejected)


async def test_what_others_took_over_is_not_sent_and_told_as_it_stands(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken_over(*_: object) -> None:
        raise OperationTakenOver

    monkeypatch.setattr(counter.journal, "begin_step", taken_over)
    outcome = await counter.take(credit())
    assert outcome.operation.status is OperationStatus.IN_PROGRESS
    assert counter.provider.times_asked("send") == 0
