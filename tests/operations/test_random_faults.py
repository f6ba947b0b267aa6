"""Whatever goes wrong, in whatever order: money moved exactly when the receipt says so."""

from __future__ import annotations

import asyncio
from collections import Counter as Times
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.errors import ProviderTimedOut
from app.domain.instructions import CreditGiftCard, DebitGiftCard, Instruction, SettleGiftCard
from app.domain.money import total
from app.domain.operation import Operation, OperationStatus
from tests.doubles.samples import BRL
from tests.doubles.writes_in_memory import Mishap, Unforeseen
from tests.operations.counter import (
    SHOP,
    Counter,
    Hands,
    a_provider,
    credit,
    debit,
    open_counter,
)

Make = Callable[[str], Instruction]

AMOUNTS = st.integers(1, 3000).map(lambda cents: str(Decimal(cents).scaleb(-2)))
WHAT_HAPPENS = st.none() | st.sampled_from(Mishap)
TO_A_CAPTURE = WHAT_HAPPENS.filter(lambda mishap: mishap is not Mishap.BUG)
"""The settler would leave what broke alone for a while of the real clock."""

WRITES_END_WITHIN = 60
START = a_provider().cards[0].balance
ENDED = {OperationStatus.SUCCEEDED, OperationStatus.REJECTED, OperationStatus.NEEDS_ATTENTION}


class FaultyHouse(RuleBasedStateMachine):
    """One card, one provider that fails at random, and processes that come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.clock = Hands()
        self.provider = a_provider()
        self.asked: dict[str, Instruction] = {}
        self.late_since: datetime | None = None

    @initialize()
    def begins(self) -> None:
        self.process: AbstractAsyncContextManager[Counter] = open_counter(
            Path(self.folder.name), self.provider, clock=self.clock
        )
        self.counter = self.runner.run(self.process.__aenter__())

    def ends(self) -> None:
        self.runner.run(self.process.__aexit__(None, None, None))

    @rule(
        make=st.sampled_from([debit, credit]), amount=AMOUNTS, first=WHAT_HAPPENS, then=TO_A_CAPTURE
    )
    def somebody_asks(
        self, make: Make, amount: str, first: Mishap | None, then: Mishap | None
    ) -> None:
        instruction = make(amount)
        self.befall(type(instruction), first)
        self.befall(SettleGiftCard, then)
        key = f"key-{len(self.asked)}"
        self.asked[key] = instruction
        self.ask(key)

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 50))
    def somebody_asks_again(self, which: int) -> None:
        self.ask(list(self.asked)[which % len(self.asked)])

    @rule()
    def the_provider_stops_answering(self) -> None:
        self.provider.fail(ProviderTimedOut, "find")
        self.provider.fail(ProviderTimedOut, "gift_card")

    @rule()
    def the_provider_answers(self) -> None:
        self.provider.recover()

    @rule()
    def what_is_late_arrives(self) -> None:
        self.provider.catch_up()
        self.late_since = None

    @rule(seconds=st.integers(1, 50))
    def time_passes(self, seconds: int) -> None:
        """Nothing is later than the longest time that a write takes."""
        then = self.clock.at + timedelta(seconds=seconds)
        if self.late_since and then > self.late_since + timedelta(seconds=WRITES_END_WITHIN):
            self.what_is_late_arrives()
        self.clock.at = then
        self.settle()

    @rule()
    def the_process_is_replaced(self) -> None:
        self.ends()
        self.begins()

    @invariant()
    def no_call_was_carried_out_twice(self) -> None:
        marks = Times(mark for mark, _ in self.provider.moved)
        assert not [mark for mark, times in marks.items() if times > 1]

    @invariant()
    def the_card_has_what_its_history_says(self) -> None:
        credited = [one.amount for _, one in self.provider.moved if isinstance(one, CreditGiftCard)]
        debited = [one.amount for _, one in self.provider.moved if isinstance(one, DebitGiftCard)]
        [card] = self.provider.cards
        assert card.balance == START + total(credited, BRL) - total(debited, BRL)

    def teardown(self) -> None:
        try:
            self.everything_is_known_in_the_end()
        finally:
            self.ends()
            self.runner.close()
            self.folder.cleanup()

    def everything_is_known_in_the_end(self) -> None:
        self.provider.recover()
        for _ in range(8):
            self.time_passes(50)
        for key, instruction in self.asked.items():
            self.check(instruction, self.latest(key))

    def check(self, instruction: Instruction, operation: Operation) -> None:
        """The last operation of a key: earlier ones gave it back, since nothing was sent."""
        assert operation.status in ENDED
        moved = [one for mark, one in self.provider.moved if operation.operation_id in mark]
        if operation.status is OperationStatus.REJECTED:
            assert moved == []
            return
        first, *later = moved
        assert first == instruction
        assert operation.booking is not None
        if operation.status is OperationStatus.SUCCEEDED:
            captures = 1 if isinstance(instruction, DebitGiftCard) else 0
            assert [type(one) for one in later] == captures * [SettleGiftCard]
        else:
            assert later == []

    def befall(self, kind: type[Instruction], mishap: Mishap | None) -> None:
        self.provider.forget_mishaps(kind)
        if mishap is not None:
            self.provider.befall(kind, mishap)

    def ask(self, key: str) -> None:
        with suppress(Unforeseen):
            self.runner.run(self.counter.take(self.asked[key], key=key))
        self.note_what_is_late()

    def settle(self) -> None:
        self.runner.run(self.counter.operations.settle_due())
        self.note_what_is_late()

    def note_what_is_late(self) -> None:
        if self.provider.has_late and self.late_since is None:
            self.late_since = self.clock.at

    def latest(self, key: str) -> Operation:
        found = self.runner.run(self.counter.operations.latest(SHOP, key))
        assert found is not None
        return found


TestFaultyHouse = FaultyHouse.TestCase
TestFaultyHouse.settings = settings(
    max_examples=20,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
