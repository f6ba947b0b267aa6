"""How long a call may take counts from when it can have gone out; nothing is proved too early."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.errors import OutcomeUnknown, SourceProblemKind
from app.domain.instructions import CreditGiftCard
from app.domain.operation import Booking, OperationStatus
from app.domain.provider import Call
from tests.doubles.samples import money
from tests.doubles.writes_in_memory import Mishap
from tests.operations.counter import HOUSE, Counter, credit


@pytest.fixture
async def lost_at_once(counter: Counter) -> Counter:
    counter.provider.befall(CreditGiftCard, Mishap.LOST_BEFORE_BOOKING)
    assert (await counter.take(credit())).operation.status is OperationStatus.UNKNOWN
    return counter


async def test_an_intent_that_grew_old_before_it_was_acted_on_is_not_acted_on(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = counter.journal.begin_step

    async def begin_slowly(*given: Any) -> None:
        await begin(*given)
        counter.clock.advance(seconds=6)

    monkeypatch.setattr(counter.journal, "begin_step", begin_slowly)
    outcome = await counter.take(credit())

    assert outcome.operation.status is OperationStatus.UNKNOWN
    assert counter.moved() == []
    await counter.settle_after(seconds=120)
    settled = await counter.standing(outcome.operation.operation_id)
    assert settled.status is OperationStatus.REJECTED


async def test_a_look_up_that_began_too_early_proves_nothing_however_long_it_took(
    lost_at_once: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = lost_at_once

    async def find_slowly(call: Call[Any]) -> Booking | None:
        counter.clock.advance(seconds=10)
        return None

    monkeypatch.setattr(counter.provider, "find", find_slowly)
    await counter.settle_after(seconds=55)

    assert (await counter.take(credit())).operation.status is OperationStatus.UNKNOWN


async def test_a_look_up_without_an_answer_may_have_been_a_repeat_so_the_time_begins_again(
    lost_at_once: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = lost_at_once

    async def repeat_and_lose_the_answer(call: Call[Any]) -> Booking | None:
        raise OutcomeUnknown(HOUSE, SourceProblemKind.TIMEOUT)

    async def no_trace(call: Call[Any]) -> Booking | None:
        return None

    monkeypatch.setattr(counter.provider, "find", repeat_and_lose_the_answer)
    await counter.settle_after(seconds=55)
    monkeypatch.setattr(counter.provider, "find", no_trace)

    await counter.settle_after(seconds=30)
    assert (await counter.take(credit())).operation.status is OperationStatus.UNKNOWN
    await counter.settle_after(seconds=31)
    assert (await counter.take(credit())).operation.status is OperationStatus.REJECTED
    assert counter.balance == money("40.00")
