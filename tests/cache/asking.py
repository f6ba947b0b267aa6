"""One account at a source that answers when it may, requests for it, and a clock in hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from anyio.lowlevel import checkpoint

from app.cache.entries import Answer
from app.cache.front import Held, Lifetimes, SharedReads
from app.cache.questions import Fact, Question, Tag, tag_of_instrument
from app.domain.identifiers import ProviderStoreCreditId, SourceKey
from app.domain.instruments import InstrumentKind, StoreCreditAccount
from tests.doubles.samples import NOW, a_store_credit
from tests.doubles.shared import lifetimes, reads_shared

HOUSE: Final = SourceKey("house")
ACCOUNT: Final = ProviderStoreCreditId("sca-1")
KIND: Final = InstrumentKind.STORE_CREDIT
FACT: Final = Fact[StoreCreditAccount]("store credit", StoreCreditAccount, frozenset({KIND}))
TAG: Final[Tag] = tag_of_instrument(HOUSE, KIND, ACCOUNT)
QUESTION: Final = Question(FACT, HOUSE, ACCOUNT, tags=(TAG,))

TURNS: Final = 20
"""More turns of the loop than anything in memory needs to finish."""


async def everybody_had_a_turn() -> None:
    for _ in range(TURNS):
        await checkpoint()


class Hands:
    """Of a clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class House:
    """
    Attributes:
        credits: How much the account has, a unit more with every change.
        asked: How often the source was.
        may_answer: While it is clear, the source hangs.
        fault: What it answers with instead.
    """

    clock: Hands = field(default_factory=Hands)
    credits: int = 0
    asked: int = 0
    cancelled: int = 0
    fault: Exception | None = None
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def ask(self) -> StoreCreditAccount:
        self.asked += 1
        seen = a_store_credit(
            ACCOUNT, source=HOUSE, balance=str(self.credits), observed_at=self.clock()
        )
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fault is not None:
            raise self.fault
        return seen

    def shared(self, last: Lifetimes | None = None, *, share: float = 1) -> SharedReads:
        return reads_shared(self.clock, last=last or lifetimes(balance=5), share=share)


async def asked(
    shared: SharedReads,
    house: House,
    *,
    held: Held | None = None,
    seconds: float | None = None,
    question: Question[StoreCreditAccount] = QUESTION,
) -> Answer[StoreCreditAccount]:
    """
    By a request of its own.

    Args:
        seconds: How old the answer may be; None if it is to be fresh.
    """
    may_be_old = None if seconds is None else timedelta(seconds=seconds)
    return await shared.answer(question, house.ask, held or Held(), may_be_old=may_be_old)


def credits_of(answer: Answer[StoreCreditAccount]) -> int:
    return int(answer.value.balance.amount)
