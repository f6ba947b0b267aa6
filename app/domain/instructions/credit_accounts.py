"""What is done to credit accounts, and to the terms of their store."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.capability import Capability
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderEntryId,
)
from app.domain.instructions.base import Instruction, Subject, created
from app.domain.instruments import InstrumentKind, VtexDocumentType
from app.domain.invoices import StoreConfiguration
from app.domain.money import Currency, Money
from app.domain.refusals import InsufficientCredit

if TYPE_CHECKING:
    from app.domain.operation import Booking


class BalanceReason(StrEnum):
    """Why a seller changes what a credit account's holder owes."""

    ALLOCATED = "ALLOCATED"
    UPDATED = "UPDATED"
    PURCHASED = "PURCHASED"
    REIMBURSED = "REIMBURSED"
    REFUNDED = "REFUNDED"
    REVERTED = "REVERTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCreditAccount(Instruction):
    """Anything that is done to one credit account."""

    account_id: ProviderAccountId

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.CREDIT_LINE, self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnCreditBalance(OnCreditAccount):
    amount: Money
    reason: BalanceReason
    comment: str | None = None
    purchase_order: str | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseCreditBalance(_OnCreditBalance):
    """
    The holder owes less, and may spend more.

    Attributes:
        spendable_before: Of one that takes a charge back for which there was too little: how much
            there was.
    """

    capability = Capability.BALANCE_INCREASE

    spendable_before: Money | None = None

    def compensates(self) -> InsufficientCredit | None:
        if self.spendable_before is None:
            return None
        return InsufficientCredit(requested=self.amount, spendable=self.spendable_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecreaseCreditBalance(_OnCreditBalance):
    """The holder owes more, and may spend less. At VTEX: an entry of its manual ledger."""

    capability = Capability.BALANCE_DECREASE


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCreditAccount(Instruction):
    capability = Capability.ACCOUNT_WRITE
    creates = True

    email: str
    document: str
    document_type: VtexDocumentType
    limit: Money
    tolerance: Decimal

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.CREDIT_LINE, f"open:{self.document}")

    def result(self, booking: Booking) -> Subject | None:
        return created(self.subject, booking)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertCreditAccount(OnCreditAccount):
    """Bring an account into this state, whether it is there or not."""

    capability = Capability.ACCOUNT_WRITE
    creates = True

    email: str
    limit: Money
    reopen_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCreditAccount(OnCreditAccount):
    """Change what is given; what is None keeps its value."""

    capability = Capability.ACCOUNT_WRITE

    email: str | None = None
    document: str | None = None
    document_type: VtexDocumentType | None = None
    limit: Money | None = None
    tolerance: Decimal | None = None
    exceed_limit: bool | None = None
    currency: Currency | None = None
    comment: str | None = None

    def result(self, booking: Booking) -> Subject | None:
        """A change of currency can give an account another id."""
        return created(self.subject, booking) or self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCreditAccount(OnCreditAccount):
    """For good."""

    capability = Capability.ACCOUNT_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditLimit(OnCreditAccount):
    """To this limit, whatever it was."""

    capability = Capability.LIMIT_WRITE

    limit: Money
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditTolerance(OnCreditAccount):
    """To this fraction of the limit, whatever it was."""

    capability = Capability.TOLERANCE

    tolerance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAccountHolder(OnCreditAccount):
    capability = Capability.HOLDERS

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAccountHolder(OnCreditAccount):
    capability = Capability.HOLDERS

    holder_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateLedgerEntry(OnCreditAccount):
    """Change the texts of an entry; what is None keeps its value."""

    capability = Capability.LEDGER

    entry_id: ProviderEntryId
    purchase_order: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStoreConfiguration(Instruction):
    """The terms as they are to be, whole."""

    capability = Capability.STORE_CONFIGURATION
    creates = True

    terms: StoreConfiguration

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.CREDIT_LINE, "store configuration")

    def result(self, booking: Booking) -> None:
        return None
