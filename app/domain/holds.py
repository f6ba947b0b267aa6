"""Amounts set aside, and how what happened to one is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.identifiers import ProviderCardId, ProviderEntryId, ProviderHoldId, SourceKey
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


class HoldMode(StrEnum):
    """The provider holds; taken now and given back on release; only this gateway knows."""

    NATIVE = "NATIVE"
    DEBIT_AND_REVERT = "DEBIT_AND_REVERT"
    SOFT = "SOFT"


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
    An amount set aside on a card.

    Attributes:
        captured: Settled in all.
        released: Given back before it was captured; `refunded`: after.
    """

    source: SourceKey
    provider_card_id: ProviderCardId
    provider_hold_id: ProviderHoldId
    mode: HoldMode
    amount: Money
    captured: Money
    released: Money
    refunded: Money
    created_at: datetime

    @property
    def remaining(self) -> Money:
        """Still set aside: neither captured nor released."""
        return self.amount - self.captured - self.released

    @property
    def state(self) -> HoldState:
        if self.remaining.is_negative:
            return HoldState.UNKNOWN
        if not self.captured.amount:
            return HoldState.ACTIVE if self.remaining.amount else HoldState.RELEASED
        return HoldState.PARTIALLY_CAPTURED if self.remaining.amount else HoldState.CAPTURED


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStory:
    """A card transaction with everything that happened to it."""

    transaction: CardTransaction
    settlements: tuple[CardMovement, ...]
    cancellations: tuple[CardMovement, ...]

    def hold(self) -> Hold:
        """The hold that a debit is."""
        one = self.transaction
        captured = total([each.amount for each in self.settlements], one.amount.currency)
        given_back = total([each.amount for each in self.cancellations], one.amount.currency)
        released = max(Money.zero(one.amount.currency), min(given_back, one.amount - captured))
        return Hold(
            source=one.source,
            provider_card_id=one.provider_card_id,
            provider_hold_id=one.provider_hold_id,
            mode=HoldMode.NATIVE,
            amount=one.amount,
            captured=captured,
            released=released,
            refunded=given_back - released,
            created_at=one.occurred_at,
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
