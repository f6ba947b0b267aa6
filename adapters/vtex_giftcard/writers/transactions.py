"""Money onto and off a card: credits and debits, a hold being a debit that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.transport.upstream import Answer
from adapters.vtex_giftcard.api import GiftcardApi
from adapters.vtex_giftcard.translate import (
    exact_value,
    refuse_unwritable,
    to_card_transaction,
    to_transaction_id,
    transaction_request,
)
from adapters.vtex_giftcard.wire import REFERENCE
from adapters.vtex_giftcard.writers.answers import (
    card_of,
    done,
    figure_before,
    no_refusals,
    refusal_of,
    unreadable,
)
from app.domain.errors import OutcomeUnknown, RequestRefused
from app.domain.identifiers import ProviderEntryId, ProviderHoldId
from app.domain.instructions import CreditGiftCard, DebitGiftCard, HoldOnGiftCard
from app.domain.instruments import GiftCard, Instrument
from app.domain.ledger import CardOperation, CardTransaction
from app.domain.money import Money, total
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call
from app.domain.refusals import InstrumentNotUsable, InsufficientCredit
from app.domain.spendable import IneligibilityReason

if TYPE_CHECKING:
    from adapters.vtex_giftcard.client import VtexGiftcard

Transaction = CreditGiftCard | DebitGiftCard | HoldOnGiftCard

_MOST_LOOKED_AT: Final = 20
"""Of the newest transactions: their amounts and request ids cost one read each."""


@dataclass(frozen=True, slots=True)
class _Seen:
    transaction: CardTransaction
    request_id: str | None

    def effect(self) -> Money | None:
        """On the balance; what was cancelled of it since is not counted. None: not known."""
        amount = self.transaction.amount
        return {
            CardOperation.CREDIT: amount,
            CardOperation.DEBIT: -amount,
            CardOperation.UNKNOWN: None,
        }[self.transaction.operation]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Since:
    """
    The transactions that were not in the list before a call.

    Attributes:
        is_whole: Whether these are all of them, and nothing older is among them.
    """

    seen: Sequence[_Seen]
    is_whole: bool

    def effects(self) -> list[Money] | None:
        """On the balance, each; None where one is not known."""
        effects = [effect for each in self.seen if (effect := each.effect()) is not None]
        return effects if self.is_whole and len(effects) == len(self.seen) else None


class Transacts:
    """
    The mark is the request id. A repeat of it leaves the balance as it is, so a lost call is looked
    up in the list and then sent again; what is answered to a repeat is not documented, so a refusal
    of one proves nothing, and the balance tells: as far as nobody else moved the same amount in the
    meantime without a record in the list.

    Source: documented, `requestId` of `CreateGiftCardTransaction` and the guide on transactions.
    """

    def __init__(self, client: VtexGiftcard, api: GiftcardApi) -> None:
        self._client = client
        self._api = api

    async def prepare(self, instruction: Transaction, observed: Instrument | None) -> Evidence:
        card = card_of(observed)
        refuse_unwritable(instruction.description, "description")
        refuse_unwritable(instruction.order_id or "", "orderId")
        exact_value(instruction.amount)
        overdraft = _overdraft(instruction, card)
        if overdraft is not None and self._api.dialect.refuses_with_500:
            raise overdraft
        ids = await self._client.card_transactions(card.provider_card_id)
        return Evidence(
            newest_entry_id=ProviderEntryId(ids[0]) if ids else None, figure=card.balance
        )

    async def send(self, call: Call[Transaction]) -> Booking:
        answer = await self._post(call, refusals=(400, 404))
        if answer.status in (400, 404):
            raise _refusal(answer, call.instruction, card_of(call.observed))
        return _booking(to_transaction_id(done(answer, REFERENCE)))

    async def find(self, call: Call[Transaction]) -> Booking | None:
        with no_refusals(call.instruction.source):
            return await self._find(call, card_of(call.observed))

    async def _find(self, call: Call[Transaction], card: GiftCard) -> Booking | None:
        booking = _marked(call, await self._since(card, call.evidence))
        return booking or await self._repeated(call, card)

    async def _repeated(self, call: Call[Transaction], card: GiftCard) -> Booking | None:
        """
        A 500 is whole enough an answer: what it hides has moved the balance by then. A repeat
        without an answer may still be carried out: that it left no trace yet means nothing.
        """
        lost: OutcomeUnknown | None = None
        try:
            answer = await self._post(call, refusals=(400, 404, 500))
            if answer.status not in (400, 404, 500):
                return _booking(to_transaction_id(done(answer, REFERENCE)))
        except OutcomeUnknown as exc:
            lost = exc
        since = await self._since(card, call.evidence)
        booking = _marked(call, since) or await self._by_balance(call, since)
        if lost is not None and booking is None:
            raise lost
        return booking

    async def _by_balance(self, call: Call[Transaction], since: _Since) -> Booking | None:
        """
        Whether the balance has moved by just this call, which may have been booked after the list
        was read: so the list is read once more.

        Raises:
            OutcomeUnknown: It has moved otherwise; or a hold was booked whose id nobody knows.
        """
        card = card_of(call.observed)
        others = since.effects()
        if others is None:
            raise unreadable(card.source)
        now = (await self._client.gift_card(card.provider_card_id)).balance
        moved = now - figure_before(call) - total(others, now.currency)
        if not moved.amount:
            return None
        if moved != _effect(call.instruction):
            raise unreadable(card.source)
        booked_since = _marked(call, await self._since(card, call.evidence))
        if booked_since is None and isinstance(call.instruction, HoldOnGiftCard):
            raise unreadable(card.source)
        return booked_since or Booking()

    async def _post(self, call: Call[Transaction], *, refusals: Collection[int]) -> Answer:
        card = card_of(call.observed)
        return await self._api.write(
            "vtex.gc/CreateGiftCardTransaction",
            card.provider_card_id,
            "transactions",
            body=self._request(call.instruction, card, call.mark),
            refusals=refusals,
        )

    def _request(self, instruction: Transaction, card: GiftCard, mark: str) -> object:
        request = transaction_request(
            instruction,
            mark=mark,
            code=card.redemption_code,
            with_order=self._api.dialect.needs_order,
        )
        return request.model_dump(by_alias=True, exclude_none=True)

    async def _since(self, card: GiftCard, evidence: Evidence) -> _Since:
        ids = await self._client.card_transactions(card.provider_card_id)
        newest = ProviderHoldId(evidence.newest_entry_id or "")
        unseen = ids[: ids.index(newest)] if newest in ids else ids
        looked_at = unseen[:_MOST_LOOKED_AT]
        return _Since(
            seen=await asyncio.gather(*(self._seen(card, each) for each in looked_at)),
            is_whole=looked_at == unseen and (newest in ids or not newest),
        )

    async def _seen(self, card: GiftCard, transaction_id: ProviderHoldId) -> _Seen:
        wire = await self._client.transaction_document(card, transaction_id)
        return _Seen(
            to_card_transaction(wire, card=card, transaction_id=transaction_id), wire.request_id
        )


def _booking(transaction_id: ProviderHoldId) -> Booking:
    return Booking(
        provider_reference=transaction_id,
        entry_id=ProviderEntryId(transaction_id),
        hold_id=transaction_id,
    )


def _marked(call: Call[Transaction], since: _Since) -> Booking | None:
    match [each for each in since.seen if each.request_id == call.mark]:
        case []:
            return None
        case [found]:
            return _booking(found.transaction.provider_hold_id)
    raise unreadable(call.instruction.source)


def _effect(instruction: Transaction) -> Money:
    amount = instruction.amount
    return amount if isinstance(instruction, CreditGiftCard) else -amount


def _overdraft(instruction: Transaction, card: GiftCard) -> InsufficientCredit | None:
    if isinstance(instruction, CreditGiftCard) or instruction.amount <= card.balance:
        return None
    return InsufficientCredit(requested=instruction.amount, spendable=card.balance)


def _refusal(answer: Answer, instruction: Transaction, card: GiftCard) -> RequestRefused:
    """What a 400 means is told by the card as it was just before: no refusal is documented."""
    refusal = refusal_of(answer, unknown="gift card")
    if answer.status != 400:
        return refusal
    if card.expires_at and card.expires_at <= answer.observed_at:
        return InstrumentNotUsable((IneligibilityReason.EXPIRED,))
    return _overdraft(instruction, card) or refusal
