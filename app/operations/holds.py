"""Amounts set aside: where a hold stands, and orders that make it or take it further."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.capability import Capability
from app.domain.cart import Cart
from app.domain.clock import Clock
from app.domain.errors import AccountNotFound, InvalidQuestion, UnsupportedOperation
from app.domain.hold_events import HoldEvent, HoldEventKind, HoldMode
from app.domain.holds import CardStory, Hold, HoldState
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderHoldId,
    ProviderStoreCreditId,
)
from app.domain.instructions import (
    BalanceReason,
    CancelOnGiftCard,
    CaptureHoldOnCredit,
    ChangeHoldOnCredit,
    CreditStoreCredit,
    DebitStoreCredit,
    DecreaseCreditBalance,
    HoldOnCredit,
    HoldOnGiftCard,
    IncreaseCreditBalance,
    Instruction,
    NoteOnHold,
    RefundHoldOnCredit,
    ReleaseHoldOnCredit,
    SettleGiftCard,
    Subject,
)
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.ledger import CardOperation
from app.domain.money import Money
from app.domain.paging import Page, Window
from app.domain.provider import ReadsGiftCards, Writes
from app.domain.refusals import InvalidState, PolicyViolation
from app.journal.journal import Journal
from app.operations.abilities import able_to
from app.operations.carry_out import Order
from app.operations.check_instruction import refuse_nothing, refuse_stale
from app.operations.desk import Desk
from app.operations.merge import Merged, Positions, Stream, merge, slice_of
from app.operations.records import told_in_domain_words
from app.operations.sources import Sources

USUAL_HOLD: Final = timedelta(days=7)
"""
Of a pre-authorization for which the caller names no end: one whose answer was lost, so that nobody
can capture or release it, falls off then.
"""

_LIVE: Final = (HoldState.ACTIVE, HoldState.PARTIALLY_CAPTURED)
_TAKEN: Final = (HoldState.PARTIALLY_CAPTURED, HoldState.CAPTURED)
_REFUNDED: Final = "REFUNDED"
"""No state of its own: of a pre-authorization of which a part was given back, no more is taken."""


@dataclass(frozen=True, slots=True)
class HoldPlace:
    subject: Subject
    hold_id: ProviderHoldId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """What is to be set aside."""

    subject: Subject
    amount: Money
    order_id: str
    installments: int = 1
    expires_at: datetime | None = None
    cart: Cart | None = None


class Holds:
    """Where holds stand: told by the provider where it tells, by the journal where it does not."""

    def __init__(self, journal: Journal, sources: Sources, clock: Clock) -> None:
        self._journal = journal
        self._sources = sources
        self._clock = clock

    async def now(self, place: HoldPlace) -> Hold:
        """
        Raises:
            AccountNotFound: There is no such hold.
            ProviderFault: The provider that could tell did not answer.
        """
        told = await self.told(place)
        story = await self._story(place)
        if story is not None:
            return story.hold(told)
        if told is None:
            raise AccountNotFound("hold")
        return told

    async def told(self, place: HoldPlace) -> Hold | None:
        """What the journal tells of a hold; None of one that the gateway did not make."""
        with told_in_domain_words():
            steps = await self._journal.steps_of_hold(place.subject, place.hold_id)
        return Hold.told(place.subject, place.hold_id, steps)

    async def on(self, subject: Subject) -> list[Hold]:
        """The holds on an instrument that the gateway made, newest first."""
        with told_in_domain_words():
            stories = await self._journal.holds_on(subject)
        found = [Hold.told(subject, name, steps) for name, steps in stories.items()]
        made = [one for one in reversed(found) if one]
        return sorted(made, key=lambda one: one.created_at, reverse=True)

    async def _story(self, place: HoldPlace) -> CardStory | None:
        """What a card's provider tells; None where the instrument is no card."""
        if place.subject.kind is not InstrumentKind.GIFT_CARD:
            return None
        provider = self._sources.find(place.subject.source)
        if not able_to(provider, ReadsGiftCards):
            raise AccountNotFound("hold")
        card = await provider.gift_card(ProviderCardId(place.subject.provider_id))
        transaction, settlements, cancellations = await asyncio.gather(
            provider.card_transaction(card, place.hold_id),
            provider.card_settlements(card, place.hold_id),
            provider.card_cancellations(card, place.hold_id),
        )
        if transaction.operation is not CardOperation.DEBIT:
            raise AccountNotFound("hold")
        return CardStory(
            transaction=transaction, settlements=settlements, cancellations=cancellations
        )

    def order(
        self,
        place: HoldPlace,
        further: Callable[[Hold], Instruction],
        *,
        name: str,
        idempotency_key: str,
        asked: object,
        expected_version: str | None,
    ) -> Order:
        """
        An order that takes a hold further.

        Args:
            further: Given the hold as it is now, what is to be done.
            expected_version: Of the hold.
        """

        async def instruct(_: Instrument | None) -> Instruction:
            now = await self.now(place)
            refuse_stale(now, expected_version)
            return further(now)

        return Order(
            name=name,
            idempotency_key=idempotency_key,
            asked=asked,
            subject=place.subject,
            instruct=instruct,
        )

    def hold(self, wish: HoldWish) -> Instruction:
        """
        Set something aside, by the provider's own means, or by taking it until it is given back.

        Raises:
            UnsupportedOperation: The source can neither.
            InvalidQuestion: It cannot do it like this.
        """
        able = self._abilities(wish.subject)
        subject, amount = wish.subject, wish.amount
        if HoldOnCredit in able and subject.kind is InstrumentKind.CREDIT_LINE:
            ends = wish.expires_at or self._clock() + USUAL_HOLD
            return HoldOnCredit(
                source=subject.source,
                account_id=ProviderAccountId(subject.provider_id),
                amount=amount,
                installments=wish.installments,
                expires_at=ends,
                hold=_made(wish, HoldMode.NATIVE, expires_at=ends),
            )
        _refuse_terms(wish)
        match subject.kind:
            case InstrumentKind.GIFT_CARD if HoldOnGiftCard in able:
                return HoldOnGiftCard(
                    source=subject.source,
                    card_id=ProviderCardId(subject.provider_id),
                    amount=amount,
                    description=f"Hold for order {wish.order_id}",
                    order_id=wish.order_id,
                    cart=wish.cart,
                    hold=_made(wish, HoldMode.NATIVE),
                )
            case InstrumentKind.CREDIT_LINE if DecreaseCreditBalance in able:
                return DecreaseCreditBalance(
                    source=subject.source,
                    account_id=ProviderAccountId(subject.provider_id),
                    amount=amount,
                    reason=BalanceReason.PURCHASED,
                    order_id=wish.order_id,
                    hold=_made(wish, HoldMode.DEBIT_AND_REVERT),
                )
            case InstrumentKind.STORE_CREDIT if DebitStoreCredit in able:
                return DebitStoreCredit(
                    source=subject.source,
                    account_id=ProviderStoreCreditId(subject.provider_id),
                    amount=amount,
                    note=f"Hold for order {wish.order_id}",
                    hold=_made(wish, HoldMode.DEBIT_AND_REVERT),
                )
        raise UnsupportedOperation(source=subject.source, capability=Capability.NATIVE_HOLDS)

    def change(self, hold: Hold, amount: Money, installments: int | None) -> Instruction:
        """
        Set another amount aside with a hold that was not captured; what was released stays so.

        Raises:
            InvalidState, UnsupportedOperation, InvalidQuestion, CurrencyMismatch
        """
        refuse_nothing(amount)
        whole = installments or hold.installments or 1
        event = _event(hold, HoldEventKind.CHANGED, hold.released + amount, installments=whole)
        return self._changed(hold, amount, whole, event)

    def _changed(
        self, hold: Hold, amount: Money, installments: int, event: HoldEvent
    ) -> Instruction:
        """
        Raises:
            InvalidState, UnsupportedOperation
        """
        self._require(hold, (HoldState.ACTIVE,))
        if ChangeHoldOnCredit not in self._abilities(_subject(hold)):
            raise UnsupportedOperation(source=hold.source, capability=Capability.NATIVE_HOLDS)
        return ChangeHoldOnCredit(
            source=hold.source,
            account_id=ProviderAccountId(hold.instrument_id),
            hold_id=hold.provider_hold_id,
            amount=amount,
            amount_before=hold.remaining,
            installments=installments,
            hold=event,
        )

    def capture(self, hold: Hold, amount: Money) -> Instruction:
        """
        Take *amount* more of a hold.

        Raises:
            InvalidState, PolicyViolation
        """
        self._require(hold, _LIVE)
        native = hold.mode is HoldMode.NATIVE
        if native and hold.instrument_kind is InstrumentKind.CREDIT_LINE and hold.refunded.amount:
            raise InvalidState(state=_REFUNDED, allowed=tuple(map(str, _LIVE)))
        _refuse_beyond(amount, hold.capturable, "captureWithinHold")
        event = _event(hold, HoldEventKind.CAPTURED, amount)
        if not native:
            return _note(hold, event)
        if hold.instrument_kind is InstrumentKind.GIFT_CARD:
            return SettleGiftCard(
                source=hold.source,
                card_id=ProviderCardId(hold.instrument_id),
                hold_id=hold.provider_hold_id,
                amount=amount,
                hold=event,
            )
        return CaptureHoldOnCredit(
            source=hold.source,
            account_id=ProviderAccountId(hold.instrument_id),
            hold_id=hold.provider_hold_id,
            amount=hold.captured + amount,
            hold=event,
        )

    def refund(self, hold: Hold, amount: Money) -> Instruction:
        """
        Give *amount* of what was captured back.

        Raises:
            InvalidState, PolicyViolation
        """
        self._require(hold, _TAKEN)
        _refuse_beyond(amount, hold.refundable, "refundWithinCaptured")
        event = _event(hold, HoldEventKind.REFUNDED, amount)
        if hold.mode is HoldMode.NATIVE and hold.instrument_kind is InstrumentKind.CREDIT_LINE:
            return RefundHoldOnCredit(
                source=hold.source,
                account_id=ProviderAccountId(hold.instrument_id),
                hold_id=hold.provider_hold_id,
                amount=amount,
                hold=event,
            )
        return _given_back(hold, event, reason=BalanceReason.REFUNDED)

    def release(self, hold: Hold, amount: Money | None) -> Instruction:
        """
        Give back what was not captured, by default all of it.

        Raises:
            InvalidState, PolicyViolation
        """
        self._require(hold, _LIVE)
        amount = amount or hold.remaining
        _refuse_beyond(amount, hold.remaining, "releaseWithinHold")
        event = _event(hold, HoldEventKind.RELEASED, amount)
        if hold.mode is HoldMode.DEBIT_AND_REVERT:
            return _given_back(hold, event, reason=BalanceReason.REVERTED)
        if hold.instrument_kind is InstrumentKind.GIFT_CARD:
            return _given_back(hold, event, reason=BalanceReason.REVERTED)
        if hold.captured.amount:  # the provider let go of the rest when it was captured
            return _note(hold, event)
        if amount != hold.remaining:
            return self._changed(hold, hold.remaining - amount, hold.installments or 1, event)
        return ReleaseHoldOnCredit(
            source=hold.source,
            account_id=ProviderAccountId(hold.instrument_id),
            hold_id=hold.provider_hold_id,
            hold=event,
        )

    def _abilities(self, subject: Subject) -> set[type[Instruction]]:
        provider = self._sources.find(subject.source)
        return set(provider.writers) if isinstance(provider, Writes) else set()

    def _require(self, hold: Hold, allowed: tuple[HoldState, ...]) -> None:
        state = hold.state(self._clock())
        if state not in allowed:
            raise InvalidState(state=state, allowed=tuple(map(str, allowed)))


async def kept_holds(
    desk: Desk, one: Instrument, *, holds: Holds, first: int, after: Positions
) -> Merged[Hold]:
    """The holds on an instrument that the gateway made, newest first."""

    async def read(window: Window) -> Page[Hold]:
        return slice_of(await holds.on(Subject(one.source, one.kind, one.provider_id)), window)

    stream = Stream(key=one.source, source=one.source, affects=frozenset({one.kind}), read=read)
    return await merge([stream], first=first, after=after, deadline=desk.deadline())


def _subject(hold: Hold) -> Subject:
    return Subject(hold.source, hold.instrument_kind, hold.instrument_id)


def _made(wish: HoldWish, mode: HoldMode, *, expires_at: datetime | None = None) -> HoldEvent:
    return HoldEvent(
        kind=HoldEventKind.CREATED,
        mode=mode,
        amount=wish.amount,
        installments=wish.installments,
        order_id=wish.order_id,
        expires_at=expires_at,
    )


def _event(
    hold: Hold, kind: HoldEventKind, amount: Money, *, installments: int | None = None
) -> HoldEvent:
    return HoldEvent(
        kind=kind,
        mode=hold.mode,
        amount=amount,
        hold_id=hold.provider_hold_id,
        installments=installments,
    )


def _note(hold: Hold, event: HoldEvent) -> NoteOnHold:
    return NoteOnHold(
        source=hold.source, kind=hold.instrument_kind, provider_id=hold.instrument_id, hold=event
    )


def _given_back(hold: Hold, event: HoldEvent, *, reason: BalanceReason) -> Instruction:
    """By the means of an instrument from which the amount was taken."""
    text = f"{'Refund' if reason is BalanceReason.REFUNDED else 'Release'} of a hold"
    if hold.order_id:
        text += f" for order {hold.order_id}"
    match hold.instrument_kind:
        case InstrumentKind.GIFT_CARD:
            return CancelOnGiftCard(
                source=hold.source,
                card_id=ProviderCardId(hold.instrument_id),
                hold_id=hold.provider_hold_id,
                amount=event.amount,
                given_back_before=hold.released + hold.refunded,
                hold=event,
            )
        case InstrumentKind.CREDIT_LINE:
            return IncreaseCreditBalance(
                source=hold.source,
                account_id=ProviderAccountId(hold.instrument_id),
                amount=event.amount,
                reason=reason,
                order_id=hold.order_id,
                hold=event,
            )
        case InstrumentKind.STORE_CREDIT:
            return CreditStoreCredit(
                source=hold.source,
                account_id=ProviderStoreCreditId(hold.instrument_id),
                amount=event.amount,
                note=text,
                hold=event,
            )


def _refuse_beyond(amount: Money, most: Money, policy: str) -> None:
    """
    Raises:
        InvalidQuestion: An amount that is nothing, or negative.
        CurrencyMismatch, PolicyViolation
    """
    refuse_nothing(amount)
    if most < amount:
        raise PolicyViolation(policy=policy, limit=most)


def _refuse_terms(wish: HoldWish) -> None:
    """
    Raises:
        InvalidQuestion: Terms that only a pre-authorization has.
    """
    if wish.installments != 1:
        raise InvalidQuestion("This source knows no installments.", path=("installments",))
    if wish.expires_at is not None:
        raise InvalidQuestion("A hold does not end by itself here.", path=("expiresAt",))
