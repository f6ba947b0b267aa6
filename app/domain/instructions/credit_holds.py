"""What is done to amounts set aside on credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.capability import Capability
from app.domain.identifiers import (
    ProviderHoldId,
)
from app.domain.instructions.base import Instruction, Subject
from app.domain.instructions.credit_accounts import OnCreditAccount
from app.domain.instruments import InstrumentKind
from app.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOnCredit(OnCreditAccount):
    """
    Set credit aside until it is captured or released.

    Attributes:
        expires_at: Without one, the provider's own longest time.
    """

    capability = Capability.NATIVE_HOLDS

    amount: Money
    installments: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHoldOnCredit(OnCreditAccount):
    """
    To this amount, whatever it was.

    Attributes:
        amount_before: What is set aside until then, as the gateway knows it.
    """

    capability = Capability.NATIVE_HOLDS

    hold_id: ProviderHoldId
    amount: Money
    amount_before: Money
    installments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureHoldOnCredit(OnCreditAccount):
    """Make *amount* in all a debt of the holder: absolute, not on top of an earlier capture."""

    capability = Capability.PARTIAL_CAPTURE

    hold_id: ProviderHoldId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundHoldOnCredit(OnCreditAccount):
    """Give *amount* of what was captured back."""

    capability = Capability.REFUND

    hold_id: ProviderHoldId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHoldOnCredit(OnCreditAccount):
    """Give all of a hold back that was never captured."""

    capability = Capability.NATIVE_HOLDS

    hold_id: ProviderHoldId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOnHold(Instruction):
    """What only the gateway has to know of a hold: no provider is asked."""

    capability = Capability.NATIVE_HOLDS

    kind: InstrumentKind
    provider_id: str

    @property
    def subject(self) -> Subject:
        return Subject(self.source, self.kind, self.provider_id)
