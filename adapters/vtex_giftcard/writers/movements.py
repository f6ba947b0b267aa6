"""What becomes of a debit: captured, or given back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from adapters.vtex_giftcard.api import GiftcardApi
from adapters.vtex_giftcard.translate import exact_value, movement_request
from adapters.vtex_giftcard.wire import MOVED
from adapters.vtex_giftcard.writers.answers import (
    card_of,
    done,
    figure_before,
    no_refusals,
    refusal_of,
    unreadable,
)
from app.domain.errors import AccountNotFound
from app.domain.holds import CardStory, HoldState
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import CancelOnGiftCard, SettleGiftCard
from app.domain.instruments import GiftCard, Instrument
from app.domain.ledger import CardMovement, CardOperation
from app.domain.money import Money, total
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call
from app.domain.refusals import InstrumentBusy, InsufficientCredit, InvalidState

if TYPE_CHECKING:
    from adapters.vtex_giftcard.client import VtexGiftcard

Movement = SettleGiftCard | CancelOnGiftCard


class Settles:
    """
    The request id of a settlement cannot be read again, so a lost one is found by the sum of the
    list; a settlement of the same amount by somebody else, at that very moment, looks the same.
    It is never repeated: that the request id protects it is documented for the provider protocol
    only.

    Source: documented, `SettleGiftCardTransaction`; guides, the list is added up before each.
    """

    def __init__(self, client: VtexGiftcard, api: GiftcardApi) -> None:
        self._client = client
        self._api = api

    async def prepare(self, instruction: SettleGiftCard, observed: Instrument | None) -> Evidence:
        exact_value(instruction.amount)
        hold = (await _story(self._client, card_of(observed), instruction)).hold()
        _refuse_more_than(hold.remaining, instruction, hold.state(self._api.now()))
        return Evidence(figure=hold.captured)

    async def send(self, call: Call[SettleGiftCard]) -> Booking:
        return await _send(
            self._api,
            call,
            "vtex.gc/SettleGiftCardTransaction",
            "settlements",
            media_type=self._api.dialect.settlement_media_type,
        )

    async def find(self, call: Call[SettleGiftCard]) -> Booking | None:
        with no_refusals(call.instruction.source):
            card = card_of(call.observed)
            listed = await self._client.card_settlements(card, call.instruction.hold_id)
            return _found(call.instruction, listed, before=figure_before(call))


class Cancels:
    """
    As with settlements, the sum of the list tells. Where the list has no trace but the balance has
    moved by the amount, nobody can tell: a list may lag behind.

    Known issue: a second cancellation of a part gave the whole back. The answer and the list then
    show another amount than was asked for, and the outcome stays unknown until somebody looks.

    Source: documented, `CancelGiftCardTransaction`; guides, the list is added up before each.
    """

    def __init__(self, client: VtexGiftcard, api: GiftcardApi) -> None:
        self._client = client
        self._api = api

    async def prepare(self, instruction: CancelOnGiftCard, observed: Instrument | None) -> Evidence:
        """
        Raises:
            InstrumentBusy: More or less was given back by now than *instruction* says.
        """
        exact_value(instruction.amount)
        card = card_of(observed)
        hold = (await _story(self._client, card, instruction)).hold()
        given_back = hold.released + hold.refunded
        if given_back != instruction.given_back_before:
            raise InstrumentBusy
        _refuse_more_than(hold.amount - given_back, instruction, hold.state(self._api.now()))
        return Evidence(figure=card.balance)

    async def send(self, call: Call[CancelOnGiftCard]) -> Booking:
        return await _send(self._api, call, "vtex.gc/CancelGiftCardTransaction", "cancellations")

    async def find(self, call: Call[CancelOnGiftCard]) -> Booking | None:
        instruction = call.instruction
        with no_refusals(instruction.source):
            card = card_of(call.observed)
            listed = await self._client.card_cancellations(card, instruction.hold_id)
            booking = _found(instruction, listed, before=instruction.given_back_before)
            if booking is None:
                now = (await self._client.gift_card(card.provider_card_id)).balance
                if now == figure_before(call) + instruction.amount:
                    raise unreadable(instruction.source)
            return booking


async def _story(client: VtexGiftcard, card: GiftCard, instruction: Movement) -> CardStory:
    """
    Raises:
        AccountNotFound: There is no such debit. A credit is none: to cancel it takes money away.
    """
    hold_id = instruction.hold_id
    try:
        transaction = await client.card_transaction(card, hold_id)
    except AccountNotFound as exc:
        raise AccountNotFound("hold") from exc
    if transaction.operation is not CardOperation.DEBIT:
        raise AccountNotFound("hold")
    settlements, cancellations = await asyncio.gather(
        client.card_settlements(card, hold_id), client.card_cancellations(card, hold_id)
    )
    return CardStory(transaction=transaction, settlements=settlements, cancellations=cancellations)


_UNTIL: Final = {
    SettleGiftCard: (HoldState.ACTIVE, HoldState.PARTIALLY_CAPTURED),
    CancelOnGiftCard: (HoldState.ACTIVE, HoldState.PARTIALLY_CAPTURED, HoldState.CAPTURED),
}


def _refuse_more_than(left: Money, instruction: Movement, state: HoldState) -> None:
    if left.amount <= 0:
        raise InvalidState(state=state, allowed=_UNTIL[type(instruction)])
    if left < instruction.amount:
        raise InsufficientCredit(requested=instruction.amount, spendable=left)


async def _send(
    api: GiftcardApi,
    call: Call[Any],
    operation: str,
    segment: str,
    *,
    media_type: str | None = None,
) -> Booking:
    instruction: Movement = call.instruction
    request = movement_request(instruction.amount, mark=call.mark)
    answer = await api.write(
        operation,
        card_of(call.observed).provider_card_id,
        "transactions",
        instruction.hold_id,
        segment,
        body=request.model_dump(by_alias=True),
        media_type=media_type,
    )
    if answer.status in (400, 404):
        raise refusal_of(answer, unknown="hold")
    moved = done(answer, MOVED)
    if moved.value != instruction.amount.amount:
        raise unreadable(answer.source)
    return _booking(instruction, ProviderEntryId(moved.oid))


def _found(
    instruction: Movement, listed: Sequence[CardMovement], *, before: Money
) -> Booking | None:
    """
    Raises:
        OutcomeUnknown: The list has grown by another amount.
    """
    grown = total([each.amount for each in listed], before.currency) - before
    if not grown.amount:
        return None
    alike = [each for each in listed if each.amount == instruction.amount]
    if grown != instruction.amount or not alike:
        raise unreadable(instruction.source)
    newest = max(alike, key=lambda each: each.occurred_at)
    return _booking(instruction, newest.provider_entry_id)


def _booking(instruction: Movement, entry_id: ProviderEntryId) -> Booking:
    return Booking(provider_reference=entry_id, entry_id=entry_id, hold_id=instruction.hold_id)
