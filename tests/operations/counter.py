"""Where orders are taken and carried out: a provider in memory, a journal in a file, one clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from app.cache.front import SharedReads
from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.identifiers import (
    OperationId,
    ProviderAccountId,
    ProviderCardId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instructions import (
    BalanceReason,
    CreditGiftCard,
    CreditStoreCredit,
    DebitGiftCard,
    DebitStoreCredit,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
)
from app.domain.instruments import GiftCard
from app.domain.money import Money
from app.domain.operation import Operation
from app.domain.provider import Provider
from app.journal.journal import Journal, open_journal
from app.journal.location import sqlite_url
from app.operations.carry_out import Operations, Order, Outcome
from app.operations.fingerprint import Fingerprints
from app.operations.sources import Sources
from app.operations.steps import Patience
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.patience import AT_ONCE
from tests.doubles.samples import (
    NOW,
    a_credit_account,
    a_gift_card,
    a_source,
    a_store_credit,
    money,
)
from tests.doubles.shared import reads_shared

HOUSE: Final = SourceKey("house")
SHOP: Final = Caller(level=AccessLevel.SERVICE, name="key:shop")
OTHER_SHOP: Final = Caller(level=AccessLevel.SERVICE, name="key:other-shop")
CORRELATION: Final = "request-1"

_CALM: Final = timedelta(days=1)


class Hands:
    """Of a clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


def a_provider(*, card_balance: str = "40.00") -> InMemoryProvider:
    """One card, one credit account, and one store-credit account."""
    return InMemoryProvider(
        a_source(HOUSE),
        a_gift_card(source=HOUSE, balance=card_balance),
        a_credit_account(source=HOUSE),
        a_store_credit(source=HOUSE),
    )


def debit(amount: str = "10.00", *, card: str = "card-1", currency: str = "BRL") -> DebitGiftCard:
    return DebitGiftCard(
        source=HOUSE,
        card_id=ProviderCardId(card),
        amount=money(amount, currency),
        description="an order",
    )


def credit(amount: str = "10.00", *, card: str = "card-1", currency: str = "BRL") -> CreditGiftCard:
    return CreditGiftCard(
        source=HOUSE,
        card_id=ProviderCardId(card),
        amount=money(amount, currency),
        description="a present",
    )


def one_of_each(amount: str = "10.00", *, currency: str = "BRL") -> list[Instruction]:
    """Everything that moves money without a hold."""
    how_much = money(amount, currency)
    account = ProviderAccountId("11144477735_CPF")
    store_credit = ProviderStoreCreditId("sca-1")
    reason = BalanceReason.REIMBURSED
    return [
        credit(amount, currency=currency),
        debit(amount, currency=currency),
        IncreaseCreditBalance(source=HOUSE, account_id=account, amount=how_much, reason=reason),
        DecreaseCreditBalance(source=HOUSE, account_id=account, amount=how_much, reason=reason),
        CreditStoreCredit(source=HOUSE, account_id=store_credit, amount=how_much),
        DebitStoreCredit(source=HOUSE, account_id=store_credit, amount=how_much),
    ]


def an_order(
    instruction: Instruction,
    *,
    key: str = "key-1",
    name: str | None = None,
    expected_version: str | None = None,
) -> Order:
    """One whose input is the instruction itself."""
    return Order.of(
        name or type(instruction).__name__,
        instruction,
        idempotency_key=key,
        asked=instruction,
        expected_version=expected_version,
    )


@dataclass(frozen=True)
class Counter:
    provider: InMemoryProvider
    journal: Journal
    operations: Operations
    clock: Hands = field(default_factory=Hands)

    async def take(
        self,
        instruction: Instruction,
        *,
        key: str = "key-1",
        caller: Caller = SHOP,
        name: str | None = None,
        expected_version: str | None = None,
    ) -> Outcome:
        order = an_order(instruction, key=key, name=name, expected_version=expected_version)
        return await self.carry_out(order, caller)

    async def carry_out(self, order: Order, caller: Caller = SHOP) -> Outcome:
        return await self.operations.carry_out(order, caller, CORRELATION)

    async def standing(self, operation_id: OperationId) -> Operation:
        """What the journal says of an operation now."""
        found = await self.journal.operation(operation_id)
        assert found is not None
        return found

    async def settle_after(self, **span: float) -> int:
        self.clock.advance(**span)
        return await self.operations.settle_due()

    def card(self, card_id: str = "card-1") -> GiftCard:
        return next(one for one in self.provider.cards if one.provider_card_id == card_id)

    @property
    def balance(self) -> Money:
        return self.card().balance

    def moved(self) -> list[type[Instruction]]:
        return [type(instruction) for _, instruction in self.provider.moved]

    def settled_on_card(self) -> list[Money]:
        """The amounts of all the card's settlements."""
        return [each.amount for story in self.provider.stories for each in story.settlements]

    def change_card(self, **changes: object) -> None:
        self.provider.cards[0] = replace(self.provider.cards[0], **changes)  # type: ignore[arg-type]  # a member each


@asynccontextmanager
async def open_counter(
    folder: Path,
    provider: InMemoryProvider,
    *,
    clock: Hands | None = None,
    patience: Patience = AT_ONCE,
    sources: tuple[Provider, ...] | None = None,
    shared: SharedReads | None = None,
) -> AsyncIterator[Counter]:
    """
    Args:
        folder: Where the journal is, or was left by an earlier process.
        sources: What is configured, unless it is *provider*.
        shared: What is remembered of it; by default by nobody else.
    """
    hands = clock or Hands()
    url = sqlite_url(folder / "journal.db")
    async with open_journal(
        url, secret="a secret", clock=hands, beat_every=_CALM, dead_after=4 * _CALM
    ) as journal:
        operations = Operations(
            journal,
            Sources((provider,) if sources is None else sources),
            reads_shared(hands) if shared is None else shared,
            fingerprints=Fingerprints("a secret"),
            clock=hands,
            patience=patience,
        )
        yield Counter(provider, journal, operations, hands)
        await operations.finish()
