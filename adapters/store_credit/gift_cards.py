"""
Gift cards: each is an account that nobody owns, with a code, an expiry and a status in front of it.

A card has no owner here, so none is a customer's: it is found by its id or its code alone.
"""

from __future__ import annotations

from typing import Final

from adapters.store_credit import translate, wire
from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.lists import answered, asked_for
from app.domain.errors import AccountNotFound, InvalidQuestion, ProviderContractBroken
from app.domain.identifiers import (
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderStoreCreditId,
)
from app.domain.instruments import GiftCard
from app.domain.ledger import CardMovement, CardTransaction
from app.domain.paging import Page, Window
from app.domain.provider import GiftCardQuestion

_CARDS: Final = ("admin", "gift-cards")
_WITH_WHAT_IS_LEFT: Final = ("fields", "*store_credit_account")
_ALIKE: Final = Window(limit=100)


class MedusaWithGiftCards(MedusaStoreCredit):
    """A store whose gift cards are looked at too."""

    async def gift_card(self, card_id: ProviderCardId) -> GiftCard:
        if not translate.can_be_held(card_id):
            raise AccountNotFound("gift card")
        try:
            answer = await self._upstream.read(
                "medusa.sc/GetGiftCardsId", *_CARDS, card_id, query=[_WITH_WHAT_IS_LEFT]
            )
        except InvalidQuestion as exc:
            raise AccountNotFound("gift card") from exc
        if answer.status == 404:
            answer.read(wire.NOT_FOUND)
            raise AccountNotFound("gift card")
        card = answer.read(wire.GIFT_CARD_RESPONSE).gift_card
        if card.id != card_id:
            raise ProviderContractBroken(answer.source)
        return translate.to_gift_card(card, source=answer.source, observed_at=answer.observed_at)

    async def search_gift_cards(
        self, question: GiftCardQuestion, window: Window
    ) -> Page[ProviderCardId]:
        """
        The card that has the code asked for. Of anything else there are none; the provider is asked
        all the same, so that its silence is not taken for a no.
        """
        code = question.redemption_code
        if not (code and translate.can_be_held(code)):
            await self._cards([], Window(limit=0))
            return Page(items=(), next_offset=None, total=0)
        alike = await self._cards([("q", code)], _ALIKE)
        found = [it for it in alike.items if it.code.get_secret_value() == code]
        if alike.faults and not found:
            raise alike.faults[0]
        shown = found[window.offset : window.offset + window.limit]
        return Page(
            items=tuple(ProviderCardId(it.id) for it in shown), next_offset=None, total=len(found)
        )

    async def card_transactions(self, card_id: ProviderCardId) -> tuple[ProviderHoldId, ...]:
        card = await self.gift_card(card_id)
        entries = await self._ledger.notes_since(_account_behind(card), None)
        if entries.faults:
            raise entries.faults[0]
        return tuple(ProviderHoldId(entry.id) for entry in entries.items)

    async def card_transaction(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardTransaction:
        return translate.to_card_transaction(await self._entry(card, transaction_id), card)

    async def card_authorization(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardMovement | None:
        """The provider keeps no such record."""
        return None

    async def card_settlements(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]:
        """A debit is for good: nothing is ever set aside."""
        return translate.to_settlements(await self._entry(card, transaction_id), card)

    async def card_cancellations(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]:
        """What is given back is a credit of its own, which names no debit."""
        return ()

    async def _entry(self, card: GiftCard, transaction_id: ProviderHoldId) -> wire.Transaction:
        try:
            return await self._ledger.entry(_account_behind(card), ProviderEntryId(transaction_id))
        except AccountNotFound as exc:
            raise AccountNotFound("transaction") from exc

    async def _cards(self, filters: translate.Filters, window: Window) -> Page[wire.GiftCardCode]:
        answer = await self._upstream.read(
            "medusa.sc/GetGiftCards",
            *_CARDS,
            query=[*filters, *asked_for(window, order="id"), ("fields", "code,created_at")],
            refusals=(),
        )
        return answered(
            answer,
            wire.GIFT_CARD_LIST,
            window,
            lambda part: answer.validate(wire.GIFT_CARD_CODE, part),
        )


def _account_behind(card: GiftCard) -> ProviderStoreCreditId:
    assert card.backed_by is not None, "every card of this provider has an account"
    return card.backed_by
