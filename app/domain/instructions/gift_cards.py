"""What is done to gift cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.domain.capability import Capability
from app.domain.cart import Cart
from app.domain.identifiers import (
    ProviderCardId,
    ProviderHoldId,
)
from app.domain.instructions.base import Instruction, Subject, created
from app.domain.instruments import InstrumentKind
from app.domain.money import Currency, Money

if TYPE_CHECKING:
    from app.domain.operation import Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class OnGiftCard(Instruction):
    """Anything that is done to one card."""

    card_id: ProviderCardId

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.GIFT_CARD, self.card_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditGiftCard(OnGiftCard):
    """Put money on a card."""

    capability = Capability.BALANCE_INCREASE

    amount: Money
    description: str
    order_id: str | None = None
    cart: Cart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleGiftCard(OnGiftCard):
    """Record that of a debit *amount* was captured; the balance does not change."""

    capability = Capability.PARTIAL_CAPTURE

    amount: Money
    hold_id: ProviderHoldId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOnGiftCard(OnGiftCard):
    """Take money from a card until it is captured or given back."""

    capability = Capability.NATIVE_HOLDS

    amount: Money
    description: str
    order_id: str | None = None
    cart: Cart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitGiftCard(OnGiftCard):
    """Take money from a card, for good: the debit is captured at once."""

    capability = Capability.DEBIT

    amount: Money
    description: str
    order_id: str | None = None
    cart: Cart | None = None

    def follow_up(self, booking: Booking) -> Instruction | None:
        if booking.hold_id is None:
            return None
        return SettleGiftCard(
            source=self.source, card_id=self.card_id, amount=self.amount, hold_id=booking.hold_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOnGiftCard(OnGiftCard):
    """
    Give *amount* of a debit back to the card, before or after it was captured.

    Attributes:
        given_back_before: What earlier cancellations of the same debit had given back already.
    """

    capability = Capability.REFUND

    amount: Money
    hold_id: ProviderHoldId
    given_back_before: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueGiftCard(Instruction):
    """
    Make a new card, and put its first money on it.

    Attributes:
        owner: E-mail or customer id at the provider.
        relation_name: Unique at the provider: None leaves it to the adapter, which takes the mark.
    """

    capability = Capability.ACCOUNT_WRITE
    creates = True

    owner: str
    relation_name: str | None
    caption: str
    expires_at: datetime
    currency: Currency
    initial_balance: Money | None
    restricted_to_owner: bool
    reloadable: bool
    reusable: bool

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.GIFT_CARD, f"issue:{self.owner}")

    def result(self, booking: Booking) -> Subject | None:
        return created(self.subject, booking)

    def follow_up(self, booking: Booking) -> Instruction | None:
        if self.initial_balance is None or booking.created_id is None:
            return None
        return CreditGiftCard(
            source=self.source,
            card_id=ProviderCardId(booking.created_id),
            amount=self.initial_balance,
            description=self.caption,
        )
