"""Amounts set aside, and how what happened to one is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from app.domain.hold_events import HoldEventKind, HoldMode
from app.domain.identifiers import ProviderEntryId, ProviderHoldId, SourceKey
from app.domain.instructions import Subject
from app.domain.instruments import InstrumentKind
from app.domain.ledger import (
    BalanceOperation,
    CardMovement,
    CardOperation,
    CardTransaction,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    NativeEntry,
)
from app.domain.money import Money, total
from app.domain.operation import Step


class HoldState(StrEnum):
    ACTIVE = "ACTIVE"
    PARTIALLY_CAPTURED = "PARTIALLY_CAPTURED"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """
    An amount set aside on an instrument.

    Attributes:
        provider_hold_id: The gateway's own name where the provider knows of no holds.
        captured: Settled in all.
        released: Given back before it was captured; `refunded`: after.
        expires_at: When the provider lets go of what was not captured.
    """

    source: SourceKey
    instrument_kind: InstrumentKind
    instrument_id: str
    provider_hold_id: ProviderHoldId
    mode: HoldMode
    amount: Money
    captured: Money
    released: Money
    refunded: Money
    created_at: datetime
    installments: int | None = None
    order_id: str | None = None
    expires_at: datetime | None = None

    @classmethod
    def told(cls, subject: Subject, name: ProviderHoldId, steps: Sequence[Step]) -> Self | None:
        """
        The hold that booked calls, oldest first, tell of; None when none of them made it.

        Args:
            name: Of the hold.
        """
        events = [(step, step.instruction.hold) for step in steps if step.instruction.hold]
        made = [(step, one) for step, one in events if one.kind is HoldEventKind.CREATED]
        if not made:
            return None
        first, terms = made[0]
        latest = [one for _, one in events if one.kind in _WHOLE][-1]

        def summed(kind: HoldEventKind) -> Money:
            return total(
                [one.amount for _, one in events if one.kind is kind], terms.amount.currency
            )

        return cls(
            source=subject.source,
            instrument_kind=subject.kind,
            instrument_id=subject.provider_id,
            provider_hold_id=name,
            mode=terms.mode,
            amount=latest.amount,
            captured=summed(HoldEventKind.CAPTURED),
            released=summed(HoldEventKind.RELEASED),
            refunded=summed(HoldEventKind.REFUNDED),
            created_at=first.begun_at,
            installments=latest.installments or terms.installments,
            order_id=terms.order_id,
            expires_at=terms.expires_at,
        )

    @property
    def refundable(self) -> Money:
        return self.captured - self.refunded

    @property
    def remaining(self) -> Money:
        """Still set aside: neither captured nor released."""
        return self.amount - self.captured - self.released

    @property
    def capturable(self) -> Money:
        """
        How much of what remains may be captured.

        A provider that holds takes less after a refund, and what is left can be released only: of
        a pre-authorization nothing, of a debit of a card what was neither captured nor given back.
        """
        nothing, left = Money.zero(self.amount.currency), self.remaining
        if self.mode is HoldMode.NATIVE and self.refunded.amount:
            on_card = self.instrument_kind is InstrumentKind.GIFT_CARD
            left = left - self.refunded if on_card else nothing
        return max(left, nothing)

    def state(self, at: datetime) -> HoldState:
        """How far it has come by then."""
        if self._ended_unused(at):
            return HoldState.EXPIRED
        if self.remaining.is_negative:
            return HoldState.UNKNOWN
        if not self.captured.amount:
            return HoldState.ACTIVE if self.remaining.amount else HoldState.RELEASED
        return HoldState.PARTIALLY_CAPTURED if self.remaining.amount else HoldState.CAPTURED

    def _ended_unused(self, at: datetime) -> bool:
        ended = self.expires_at is not None and self.expires_at <= at
        return ended and not self.captured.amount and bool(self.remaining.amount)


_WHOLE: Final = (HoldEventKind.CREATED, HoldEventKind.CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStory:
    """A card transaction with everything that happened to it."""

    transaction: CardTransaction
    settlements: tuple[CardMovement, ...]
    cancellations: tuple[CardMovement, ...]

    def hold(self, told: Hold | None = None) -> Hold:
        """
        The hold that a debit is.

        The provider gives back and does not say what for: first what was not captured, unless the
        gateway remembers refunds. So refunds never add up to more than was captured.

        Args:
            told: What the gateway remembers of it, for the terms that the provider does not keep.
        """
        one = self.transaction
        captured = total([each.amount for each in self.settlements], one.amount.currency)
        given_back = total([each.amount for each in self.cancellations], one.amount.currency)
        released = max(Money.zero(one.amount.currency), min(given_back, one.amount - captured))
        if told is not None:
            released = min(released, given_back - min(told.refunded, given_back))
        return Hold(
            source=one.source,
            instrument_kind=InstrumentKind.GIFT_CARD,
            instrument_id=one.provider_card_id,
            provider_hold_id=one.provider_hold_id,
            mode=HoldMode.NATIVE,
            amount=one.amount,
            captured=captured,
            released=released,
            refunded=given_back - released,
            created_at=one.occurred_at,
            order_id=told.order_id if told else None,
        )

    def entries(self, *, first_credit: bool) -> list[LedgerEntry]:
        """
        The ledger lines, oldest first.

        Args:
            first_credit: Whether this is the credit the card was issued with.
        """
        opening = self._opening(first_credit=first_credit)
        return [
            opening,
            *(self._settled(opening, each) for each in self.settlements),
            *self._given_back(opening),
        ]

    def authorized(self, movement: CardMovement) -> LedgerEntry:
        """The provider's own record that it authorized the debit."""
        opening = self._opening(first_credit=False)
        return self._following(opening, movement, opening.kind, opening.direction, "authorization")

    def settled(self) -> list[LedgerEntry]:
        """What was captured, as the provider lists it."""
        opening = self._opening(first_credit=False)
        return [self._settled(opening, each) for each in self.settlements]

    def cancelled(self) -> list[LedgerEntry]:
        """What was given back, before or after capture, as the provider lists it."""
        opening = self._opening(first_credit=False)
        return [
            self._following(
                opening, each, LedgerEntryKind.CANCELLATION, Direction.CREDIT, "cancellation"
            )
            for each in self.cancellations
        ]

    def _opening(self, *, first_credit: bool) -> LedgerEntry:
        one = self.transaction
        credit = BalanceOperation.ISSUE if first_credit else BalanceOperation.TOP_UP
        kind, direction, operation = {
            CardOperation.DEBIT: (LedgerEntryKind.PRE_AUTHORIZATION, Direction.DEBIT, None),
            CardOperation.CREDIT: (LedgerEntryKind.BALANCE_OPERATION, Direction.CREDIT, credit),
            CardOperation.UNKNOWN: (
                LedgerEntryKind.BALANCE_OPERATION,
                Direction.NEUTRAL,
                BalanceOperation.OTHER,
            ),
        }[one.operation]
        return LedgerEntry(
            source=one.source,
            instrument_kind=InstrumentKind.GIFT_CARD,
            instrument_id=one.provider_card_id,
            kind=kind,
            direction=direction,
            operation=operation,
            amount=one.amount,
            occurred_at=one.occurred_at,
            native=NativeEntry(ProviderEntryId(one.provider_hold_id), one.raw_operation),
            reference=EntryReference(kind="transactionId", value=one.provider_hold_id),
            note=one.description,
            provider_hold_id=(
                one.provider_hold_id if one.operation is CardOperation.DEBIT else None
            ),
        )

    def _settled(self, opening: LedgerEntry, movement: CardMovement) -> LedgerEntry:
        return self._following(
            opening, movement, LedgerEntryKind.SETTLEMENT, Direction.NEUTRAL, "settlement"
        )

    def _given_back(self, opening: LedgerEntry) -> Sequence[LedgerEntry]:
        """Cancellations; what exceeds the part that was never captured is a refund."""
        if self.transaction.operation is not CardOperation.DEBIT:
            kinds = [LedgerEntryKind.CANCELLATION] * len(self.cancellations)
            direction = Direction.DEBIT
        else:
            kinds = self._kinds_of_cancellations()
            direction = Direction.CREDIT
        return [
            self._following(opening, movement, kind, direction, "cancellation")
            for movement, kind in zip(self.cancellations, kinds, strict=True)
        ]

    def _kinds_of_cancellations(self) -> list[LedgerEntryKind]:
        left = self.hold().released
        kinds = []
        for movement in self.cancellations:
            kinds.append(
                LedgerEntryKind.CANCELLATION if movement.amount <= left else LedgerEntryKind.REFUND
            )
            left = left - movement.amount if movement.amount <= left else left
        return kinds

    def _following(
        self,
        opening: LedgerEntry,
        movement: CardMovement,
        kind: LedgerEntryKind,
        direction: Direction,
        word: str,
    ) -> LedgerEntry:
        return replace(
            opening,
            kind=kind,
            direction=direction,
            operation=None,
            amount=movement.amount,
            occurred_at=movement.occurred_at,
            native=NativeEntry(movement.provider_entry_id, word),
        )
