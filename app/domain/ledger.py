"""History: unchangeable lines, and the holds they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.identifiers import (
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
    SourceKey,
)
from app.domain.instruments import InstrumentKind
from app.domain.money import Money


class LedgerEntryKind(StrEnum):
    PRE_AUTHORIZATION = "PRE_AUTHORIZATION"
    SETTLEMENT = "SETTLEMENT"
    REFUND = "REFUND"
    CANCELLATION = "CANCELLATION"
    BALANCE_OPERATION = "BALANCE_OPERATION"
    INVOICE_PAYMENT = "INVOICE_PAYMENT"
    LIMIT_CHANGE = "LIMIT_CHANGE"


class Direction(StrEnum):
    """Seen from the customer's spendable credit."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"
    NEUTRAL = "NEUTRAL"


class BalanceOperation(StrEnum):
    ISSUE = "ISSUE"
    TOP_UP = "TOP_UP"
    SPEND = "SPEND"
    MANUAL_DEBIT = "MANUAL_DEBIT"
    MANUAL_CREDIT = "MANUAL_CREDIT"
    PURCHASE = "PURCHASE"
    REIMBURSEMENT = "REIMBURSEMENT"
    TRANSFER = "TRANSFER"
    OTHER = "OTHER"


class ActorKind(StrEnum):
    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    INTEGRATION = "INTEGRATION"
    SYSTEM = "SYSTEM"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it; `display_name` is what the provider calls them and may be personal data."""

    kind: ActorKind
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReference:
    """
    What the entry points to outside the ledger.

    Attributes:
        kind: The provider's word for it: `transactionId`, `purchase_order`, `cart`.
    """

    kind: str
    value: str
    purchase_order: str | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class NativeEntry:
    """The provider's own words; `synthetic` when the entry id was made by the gateway."""

    provider_entry_id: ProviderEntryId
    type: str
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """
    One unchangeable line of history.

    Attributes:
        instrument_id: The provider's id of the account or card it belongs to.
        amount: Never negative; `direction` carries the sign.
        balance_after, available_after: The provider's figures right after it, where it gives them.
        operation, rate: Only for a BALANCE_OPERATION; `rate` is units of the operation's currency
            for one of the account's.
        limit_after: Only for a LIMIT_CHANGE.
        provider_hold_id: The hold it belongs to, if any.
        provider_invoice_id: The invoice it pays or makes, if the provider names one.
        expires_at: Only for a PRE_AUTHORIZATION.
    """

    source: SourceKey
    instrument_kind: InstrumentKind
    instrument_id: str
    kind: LedgerEntryKind
    direction: Direction
    amount: Money
    occurred_at: datetime
    native: NativeEntry
    balance_after: Money | None = None
    available_after: Money | None = None
    reference: EntryReference | None = None
    actor: Actor | None = None
    note: str | None = None
    operation: BalanceOperation | None = None
    rate: Decimal | None = None
    limit_after: Money | None = None
    provider_hold_id: ProviderHoldId | None = None
    provider_invoice_id: ProviderInvoiceId | None = None
    installments: int | None = None
    expires_at: datetime | None = None


def running_balances(entries: Sequence[LedgerEntry]) -> Mapping[ProviderEntryId, Money]:
    """
    The balance right after each entry of a ledger that began with nothing, by the entry's id.

    Args:
        entries: All of it, newest first. Behind one that goes neither way no balance is known.
    """
    balances: dict[ProviderEntryId, Money] = {}
    balance: Money | None = None
    for entry in reversed(entries):
        before = balance or Money.zero(entry.amount.currency)
        match entry.direction:
            case Direction.CREDIT:
                balance = before + entry.amount
            case Direction.DEBIT:
                balance = before - entry.amount
            case Direction.NEUTRAL:
                return balances
        balances[entry.native.provider_entry_id] = balance
    return balances


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuestion:
    """Which entries are wanted; every member that is set must hold. Ranges include both ends."""

    kinds: frozenset[LedgerEntryKind] | None = None
    operations: frozenset[BalanceOperation] | None = None
    direction: Direction | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    purchase_order: str | None = None

    def matches(self, entry: LedgerEntry) -> bool:
        return (
            (self.kinds is None or entry.kind in self.kinds)
            and (self.operations is None or entry.operation in self.operations)
            and (self.direction is None or entry.direction is self.direction)
            and (self.from_at is None or entry.occurred_at >= self.from_at)
            and (self.to_at is None or entry.occurred_at <= self.to_at)
            and (
                self.purchase_order is None
                or (
                    entry.reference is not None
                    and entry.reference.purchase_order == self.purchase_order
                )
            )
        )


class CardOperation(StrEnum):
    CREDIT = "CREDIT"
    DEBIT = "DEBIT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMovement:
    """An authorization, settlement or cancellation of a card transaction; positive amount."""

    provider_entry_id: ProviderEntryId
    amount: Money
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTransaction:
    """A credit to or a debit from a gift card; a debit is a hold until it is settled."""

    source: SourceKey
    provider_card_id: ProviderCardId
    provider_hold_id: ProviderHoldId
    operation: CardOperation
    amount: Money
    description: str | None
    occurred_at: datetime
    raw_operation: str
