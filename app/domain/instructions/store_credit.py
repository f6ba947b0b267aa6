"""What is done to store credit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from app.domain.capability import Capability
from app.domain.identifiers import (
    ProviderCustomerId,
    ProviderStoreCreditId,
)
from app.domain.instructions.base import Instruction, Subject, created
from app.domain.instruments import InstrumentKind
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
    """
    Take money from a store-credit account.

    Attributes:
        moved_to: The account of the same source that gets it afterwards.
    """

    capability = Capability.DEBIT

    moved_to: ProviderStoreCreditId | None = None

    def to(self, account_id: ProviderStoreCreditId) -> Self:
        """The same, for another account to get it."""
        return replace(self, moved_to=account_id)

    def follow_up(self, booking: Booking) -> Instruction | None:
        if self.moved_to is None:
            return None
        return CreditStoreCredit(
            source=self.source, account_id=self.moved_to, amount=self.amount, note=self.note
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStoreCreditAccount(Instruction):
    """
    Attributes:
        metadata: JSON text.
        filled_from: The account whose money is moved to the new one, and how much that is.
    """

    capability = Capability.ACCOUNT_WRITE
    creates = True

    currency: Currency
    customer_id: ProviderCustomerId | None = None
    metadata: str | None = None
    filled_from: DebitStoreCredit | None = None

    @property
    def any_will_do(self) -> bool:
        """
        Whether an account serves as well that the customer gets from somebody else meanwhile: where
        there is money for it, the account is not what was asked for.
        """
        return self.filled_from is not None

    @property
    def subject(self) -> Subject:
        owner = f"open:{self.customer_id}:{self.currency}"
        return Subject(self.source, InstrumentKind.STORE_CREDIT, owner)

    def result(self, booking: Booking) -> Subject | None:
        return created(self.subject, booking)

    def follow_up(self, booking: Booking) -> Instruction | None:
        if self.filled_from is None or booking.created_id is None:
            return None
        return self.filled_from.to(ProviderStoreCreditId(booking.created_id))
