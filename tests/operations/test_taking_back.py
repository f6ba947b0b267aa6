"""Charges that a provider carried out and should not have, and what is left to a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import BookedTwice, OutcomeUnknown, ProviderFault, ProviderTimedOut
from app.domain.identifiers import ProviderAccountId
from app.domain.instructions import (
    BalanceReason,
    CreditGiftCard,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
)
from app.domain.operation import Booking, OperationStatus
from app.domain.provider import Call
from app.domain.refusals import InsufficientCredit
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import a_credit_account, a_gift_card, a_source, money
from tests.doubles.writes_in_memory import Mishap, Unforeseen
from tests.operations.counter import HOUSE, SHOP, Counter, Hands, credit, open_counter

ACCOUNT = ProviderAccountId("11144477735_CPF")


class LetsThrough(InMemoryProvider):
    """
    A provider that charges whatever arrives, so that its writer looks at it afterwards.

    Attributes:
        obstacle: In the way of looking.
    """

    def __init__(self) -> None:
        super().__init__(a_source(HOUSE), a_credit_account(source=HOUSE), a_gift_card(source=HOUSE))
        self.obstacle: ProviderFault | None = None

    async def undoing(self, call: Call[Any], booking: Booking) -> Instruction | None:
        if self.obstacle is not None:
            raise self.obstacle
        if not isinstance(call.instruction, DecreaseCreditBalance):
            return None
        return IncreaseCreditBalance(
            source=HOUSE,
            account_id=ACCOUNT,
            amount=call.instruction.amount,
            reason=BalanceReason.REVERTED,
            spendable_before=money("1.00"),
        )


def charge() -> DecreaseCreditBalance:
    return DecreaseCreditBalance(
        source=HOUSE,
        account_id=ACCOUNT,
        amount=money("10.00"),
        reason=BalanceReason.PURCHASED,
    )


@pytest.fixture
def provider() -> LetsThrough:
    return LetsThrough()


@pytest.fixture
async def counter(tmp_path: Path, provider: LetsThrough) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path, provider) as open_one:
        yield open_one


BOTH: list[type[Instruction]] = [DecreaseCreditBalance, IncreaseCreditBalance]


async def test_a_charge_that_went_too_far_is_taken_back(counter: Counter) -> None:
    before = counter.provider.accounts[0].available

    outcome = await counter.take(charge())

    assert outcome.operation.status is OperationStatus.COMPENSATED
    assert isinstance(outcome.refusal, InsufficientCredit)
    assert (outcome.refusal.requested, outcome.refusal.spendable) == (
        money("10.00"),
        money("1.00"),
    )
    assert counter.moved() == BOTH
    assert outcome.operation.observed == counter.provider.accounts[0]
    assert counter.provider.accounts[0].available == before


async def test_it_is_taken_back_later_when_it_cannot_be_looked_at_now(
    counter: Counter, provider: LetsThrough
) -> None:
    provider.obstacle = ProviderTimedOut(HOUSE)
    early = (await counter.take(charge())).operation
    provider.obstacle = None
    await counter.settle_after(seconds=20)
    late = await counter.standing(early.operation_id)

    assert (early.status, late.status) == (OperationStatus.UNKNOWN, OperationStatus.COMPENSATED)
    assert counter.moved() == BOTH


@pytest.mark.parametrize("mishap", [Mishap.LOST_AFTER_BOOKING, Mishap.NOT_SENT])
async def test_taking_back_is_made_up_for_whatever_befalls_it(
    counter: Counter, mishap: Mishap
) -> None:
    counter.provider.befall(IncreaseCreditBalance, mishap)
    operation = (await counter.take(charge())).operation
    await counter.settle_after(seconds=90)
    settled = await counter.standing(operation.operation_id)
    assert settled.status is OperationStatus.COMPENSATED
    assert counter.moved() == BOTH


async def test_taking_back_that_is_refused_is_left_to_a_person(counter: Counter) -> None:
    counter.provider.befall(IncreaseCreditBalance, Mishap.REFUSED)
    outcome = await counter.take(charge())
    assert outcome.operation.status is OperationStatus.NEEDS_ATTENTION
    assert counter.moved() == [DecreaseCreditBalance]


@pytest.mark.parametrize("ended", [DecreaseCreditBalance, IncreaseCreditBalance])
async def test_a_process_that_ended_after_a_charge_or_its_undoing_leaves_the_rest_to_the_next(
    tmp_path: Path, provider: LetsThrough, ended: type[Instruction]
) -> None:
    hands = Hands()
    provider.befall(ended, Mishap.BUG)
    async with open_counter(tmp_path, provider, clock=hands) as first:
        with pytest.raises(Unforeseen):
            await first.take(charge())
        operation = await first.operations.latest(SHOP, "key-1")
        assert operation is not None
    async with open_counter(tmp_path, provider, clock=hands) as second:
        await second.operations.settle_due()
        settled = await second.standing(operation.operation_id)
        again = await second.take(charge())
    assert settled.status is OperationStatus.COMPENSATED
    assert isinstance(again.refusal, InsufficientCredit)
    assert again.replayed
    assert second.moved() == BOTH


class ShowsTwice(InMemoryProvider):
    async def find(self, call: Call[Instruction]) -> Booking | None:
        raise BookedTwice(HOUSE)


async def test_what_a_provider_shows_twice_is_left_to_a_person(tmp_path: Path) -> None:
    provider = ShowsTwice(a_source(HOUSE), a_gift_card(source=HOUSE))
    provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
    async with open_counter(tmp_path, provider) as counter:
        outcome = await counter.take(credit())
        again = await counter.take(credit())
        assert await counter.settle_after(hours=1) == 0
    assert outcome.operation.status is OperationStatus.NEEDS_ATTENTION
    assert isinstance(outcome.refusal, BookedTwice)
    assert isinstance(again.refusal, BookedTwice)
    assert again.replayed


async def test_what_a_process_left_that_is_shown_twice_is_left_to_a_person(tmp_path: Path) -> None:
    provider, hands = ShowsTwice(a_source(HOUSE), a_gift_card(source=HOUSE)), Hands()
    provider.befall(CreditGiftCard, Mishap.BUG)
    async with open_counter(tmp_path, provider, clock=hands) as first:
        with pytest.raises(Unforeseen):
            await first.take(credit())
    async with open_counter(tmp_path, provider, clock=hands) as second:
        await second.operations.settle_due()
        found = await second.operations.latest(SHOP, "key-1")
    assert found is not None
    assert found.status is OperationStatus.NEEDS_ATTENTION


class NeverTells(InMemoryProvider):
    """Its look-ups end in doubt, or in no answer at all."""

    obstacle: OutcomeUnknown | ProviderFault = ProviderTimedOut(HOUSE)

    async def find(self, call: Call[Instruction]) -> Booking | None:
        raise self.obstacle


@pytest.mark.parametrize(
    "obstacle", [ProviderTimedOut(HOUSE), OutcomeUnknown(HOUSE, ProviderTimedOut.kind)]
)
async def test_what_can_never_be_told_is_left_to_a_person_after_a_day(
    tmp_path: Path, obstacle: OutcomeUnknown | ProviderFault
) -> None:
    provider = NeverTells(a_source(HOUSE), a_gift_card(source=HOUSE))
    provider.obstacle = obstacle
    provider.befall(CreditGiftCard, Mishap.LOST_AFTER_BOOKING)
    async with open_counter(tmp_path, provider) as counter:
        operation = (await counter.take(credit())).operation
        statuses = []
        for hours in (12, 11, 2):
            await counter.settle_after(hours=hours)
            statuses.append((await counter.standing(operation.operation_id)).status)
        last = await counter.standing(operation.operation_id)
        assert await counter.settle_after(days=2) == 0
    assert statuses == [
        OperationStatus.UNKNOWN,
        OperationStatus.UNKNOWN,
        OperationStatus.NEEDS_ATTENTION,
    ]
    assert isinstance(last.refusal, OutcomeUnknown)
    assert last.refusal.kind is ProviderTimedOut.kind
