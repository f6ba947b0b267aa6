"""
What a source can do, one small Protocol per ability.

An adapter implements the abilities its backend truly has. Every method of an ability to read may
raise any `ProviderFault`, and answers with the figures of the provider as of `observed_at`. A
method that takes an id raises `AccountNotFound` when the provider does not know it. Lists take a
`Window` and step over items they cannot read, with a fault each in `Page.faults`.

What changes something is one `Writer` per kind of instruction, so that a call that lost its answer
can be looked up by its instruction alone, after a crash as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Flag, auto
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from app.domain.capability import Capability
from app.domain.cart import NO_CART, Cart
from app.domain.customer import CustomerIdentity
from app.domain.errors import ProviderFault
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderCustomerId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instructions import Instruction
from app.domain.instruments import (
    CreditAccount,
    GiftCard,
    Instrument,
    InstrumentKind,
    InstrumentStatus,
    Secret,
    StoreCreditAccount,
)
from app.domain.invoices import Invoice, InvoiceQuestion, StoreConfiguration
from app.domain.ledger import CardMovement, CardTransaction, LedgerEntry, LedgerQuestion
from app.domain.money import Currency
from app.domain.operation import Booking, Evidence
from app.domain.paging import Page, Window
from app.domain.source_health import SourceHealth

Key = TypeVar("Key", bound=str)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """
    One configured upstream: a provider plus an account of it.

    Attributes:
        provider: Provider key, e.g. `vtex.giftcard`.
        kinds: What instruments live there.
        capabilities: What the graph can do with it today.
        writes_end_within: A write that left no trace for so long was not carried out.
    """

    key: SourceKey
    provider: str
    display_name: str
    default_currency: Currency
    kinds: frozenset[InstrumentKind]
    capabilities: frozenset[Capability] = field(default_factory=frozenset)
    writes_end_within: timedelta = timedelta(seconds=60)


class Provider(Protocol):
    """What every adapter is."""

    @property
    def info(self) -> SourceInfo: ...

    async def probe(self) -> None:
        """Make one harmless authenticated read; raises the fault that stands in the way."""
        ...


@runtime_checkable
class TellsHealth(Protocol):
    async def health(self) -> SourceHealth | None:
        """How the source has been doing, without asking it; None when nobody keeps watch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAccountQuestion:
    """Which credit accounts are wanted; members that are set must all hold."""

    email: str | None = None
    company_id: int | None = None
    status: InstrumentStatus | None = None
    outstanding_min: Decimal | None = None
    limit_min: Decimal | None = None


@runtime_checkable
class ReadsCreditAccounts(Provider, Protocol):
    async def credit_account(self, account_id: ProviderAccountId) -> CreditAccount: ...

    async def credit_accounts_of(self, customer: CustomerIdentity) -> Page[CreditAccount]:
        """
        All credit accounts a customer may draw on; empty when the provider says there are none.

        Raises:
            IdentityNotLinked: Nothing known of *customer* can be asked for here.
        """
        ...

    async def search_credit_accounts(
        self, question: CreditAccountQuestion, window: Window
    ) -> Page[CreditAccount]:
        """
        Accounts in the provider's order. What the provider cannot filter by is filtered after
        reading, so a page may hold fewer items than the window; `next_offset` counts the
        provider's items.
        """
        ...


Each = Mapping[Key, Thing | ProviderFault]
"""By id: what was read, or why it was not. What is left out, the provider does not know."""


@runtime_checkable
class ReadsManyCreditAccounts(ReadsCreditAccounts, Protocol):
    async def credit_accounts(
        self, account_ids: Collection[ProviderAccountId]
    ) -> Each[ProviderAccountId, CreditAccount]:
        """Several in fewer calls than one for each, with the same figures."""
        ...


@runtime_checkable
class ReadsCreditLedger(Provider, Protocol):
    async def credit_ledger(
        self, account_id: ProviderAccountId, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        """Newest first."""
        ...

    async def credit_ledger_entry(
        self, account_id: ProviderAccountId, entry_id: ProviderEntryId
    ) -> LedgerEntry: ...


@runtime_checkable
class ReadsInvoices(Provider, Protocol):
    async def invoice(
        self, account_id: ProviderAccountId, invoice_id: ProviderInvoiceId
    ) -> Invoice: ...

    async def invoices_of_account(
        self, account_id: ProviderAccountId, window: Window
    ) -> Page[Invoice]: ...

    async def search_invoices(self, question: InvoiceQuestion, window: Window) -> Page[Invoice]:
        """Over the whole store. Filters as `search_credit_accounts` does."""
        ...


@runtime_checkable
class ReadsStoreConfiguration(Provider, Protocol):
    async def store_configuration(self) -> StoreConfiguration: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardQuestion:
    """
    Whose cards, or which card by its code, that *cart* could use.

    Attributes:
        redemption_code: Bearer secret; left out of repr, never in a cache key or log.
    """

    email: str | None = None
    document: str | None = None
    provider_customer_id: ProviderCustomerId | None = None
    redemption_code: str | None = field(default=None, repr=False)
    relation_name: str | None = None
    cart: Cart = NO_CART


@runtime_checkable
class ReadsGiftCards(Provider, Protocol):
    async def gift_card(self, card_id: ProviderCardId) -> GiftCard: ...

    async def search_gift_cards(
        self, question: GiftCardQuestion, window: Window
    ) -> Page[ProviderCardId]:
        """Ids only; each balance is another read (`gift_card`)."""
        ...

    async def card_transactions(self, card_id: ProviderCardId) -> tuple[ProviderHoldId, ...]:
        """Ids of all transactions, newest first; the provider may leave some out at times."""
        ...

    async def card_transaction(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardTransaction: ...

    async def card_authorization(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardMovement | None: ...

    async def card_settlements(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]: ...

    async def card_cancellations(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]: ...


class StoreCreditFacts(Flag):
    """
    What of an account is told only where it is wanted, because it is a secret or costs the provider
    something.
    """

    NONE = 0
    CLAIM_CODE = auto()
    METADATA = auto()
    TRANSACTION_GROUPS = auto()
    EVERY = CLAIM_CODE | METADATA | TRANSACTION_GROUPS


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCreditQuestion:
    """
    Which store-credit accounts are wanted; members that are set must all hold.

    Attributes:
        facts: What is to be told of them besides; the rest is None in the answer.
    """

    currency: Currency | None = None
    provider_customer_id: ProviderCustomerId | None = None
    search: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    facts: StoreCreditFacts = StoreCreditFacts.EVERY


@runtime_checkable
class ReadsStoreCredit(Provider, Protocol):
    async def store_credit_account(
        self,
        account_id: ProviderStoreCreditId,
        facts: StoreCreditFacts = StoreCreditFacts.EVERY,
    ) -> StoreCreditAccount: ...

    async def search_store_credit(
        self, question: StoreCreditQuestion, window: Window
    ) -> Page[StoreCreditAccount]: ...

    async def store_credit_ledger(
        self, account: StoreCreditAccount, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        """Newest first."""
        ...

    async def store_credit_ledger_entry(
        self, account: StoreCreditAccount, entry_id: ProviderEntryId
    ) -> LedgerEntry: ...


@runtime_checkable
class ReadsManyStoreCreditAccounts(ReadsStoreCredit, Protocol):
    async def store_credit_accounts(
        self, account_ids: Collection[ProviderStoreCreditId], facts: StoreCreditFacts
    ) -> Each[ProviderStoreCreditId, StoreCreditAccount]:
        """Several in fewer calls than one for each, with the same figures."""
        ...


@runtime_checkable
class FindsStoreCreditByCode(ReadsStoreCredit, Protocol):
    async def find_by_code(self, code: Secret) -> StoreCreditAccount:
        """
        The account that nobody owns yet and that *code* opens.

        Raises:
            AccountNotFound: There is none, somebody owns it, or the gift card in front of it is no
                good any more.
        """
        ...


What = TypeVar("What", bound=Instruction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[What]):
    """
    One instruction on its way to the provider.

    Attributes:
        mark: Names the call, so that it can be found again: at most 40 lower-case letters, digits
            and hyphens, never used for another one.
        evidence: What `prepare` saw.
        observed: The instrument as it was read before, live; None where there was none to read.
    """

    instruction: What
    mark: str
    evidence: Evidence
    observed: Instrument | None


class Writer(Protocol[What]):
    """How one kind of instruction is carried out, and found again."""

    async def prepare(self, instruction: What, observed: Instrument | None) -> Evidence:
        """
        Look at what has to be known before the call.

        Raises:
            RequestRefused: The provider cannot be asked for this.
            ProviderFault: Nothing was changed.
        """
        ...

    async def send(self, call: Call[What]) -> Booking:
        """
        Carry it out, once.

        Raises:
            RequestRefused: The provider's clear no; nothing was changed.
            ProviderFault: Not sent, or refused before work; nothing was changed.
            OutcomeUnknown: No readable answer.
        """
        ...

    async def find(self, call: Call[What]) -> Booking | None:
        """
        What became of a call whose answer was lost, by the provider's own means of proof; None
        when there is no trace of it, now. A writer whose provider documents that a repeat is safe
        repeats it here.

        Raises:
            RequestRefused: It was not carried out and never will be.
            ProviderFault, OutcomeUnknown: It cannot be told now.
        """
        ...


@runtime_checkable
class ChecksAfterwards(Protocol):
    """A writer whose provider carries out what it should have refused."""

    async def undoing(self, call: Call[Any], booking: Booking) -> Instruction | None:
        """
        What takes a booked call back that went too far; None where all is well.

        Raises:
            RequestRefused: It cannot be told any more.
            ProviderFault, OutcomeUnknown: It cannot be told now.
        """
        ...


@runtime_checkable
class Writes(Provider, Protocol):
    @property
    def writers(self) -> Mapping[type[Instruction], Writer[Any]]:
        """By the kind of instruction; what is not in it, the provider cannot do."""
        ...
