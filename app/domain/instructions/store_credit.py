"""What is done to store credit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.capability import Capability
from app.domain.identifiers import (
    ProviderCustomerId,
    ProviderStoreCreditId,
)
from app.domain.instructions.base import Instruction, Subject, created
from app.domain.instruments import InstrumentKind, Secret
from app.domain.money import Currency, Money

if TYPE_CHECKING:
    from app.domain.operation import Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class OnStoreCredit(Instruction):
    """Anything that is done to one store-credit account."""

    account_id: ProviderStoreCreditId
    amount: Money
    note: str | None = None

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.STORE_CREDIT, self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditStoreCredit(OnStoreCredit):
    """Put money on a store-credit account."""

    capability = Capability.BALANCE_INCREASE


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitStoreCredit(OnStoreCredit):
    """Take money from a store-credit account."""

    capability = Capability.DEBIT


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStoreCreditAccount(Instruction):
    """
    Attributes:
        metadata: JSON text.
    """

    capability = Capability.ACCOUNT_WRITE
    creates = True

    currency: Currency
    customer_id: ProviderCustomerId | None = None
    metadata: str | None = None

    @property
    def subject(self) -> Subject:
        owner = f"open:{self.customer_id}:{self.currency}"
        return Subject(self.source, InstrumentKind.STORE_CREDIT, owner)

    def result(self, booking: Booking) -> Subject | None:
        return created(self.subject, booking)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStoreCredit(Instruction):
    """
    Move the balance of an account that nobody owns to a customer.

    Attributes:
        code: Bearer secret; not kept, so a claim cannot be sent again after a crash.
    """

    capability = Capability.CLAIM
    creates = True

    code: Secret
    customer_id: ProviderCustomerId

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.STORE_CREDIT, f"claim:{self.customer_id}")

    def result(self, booking: Booking) -> Subject | None:
        return created(self.subject, booking)
