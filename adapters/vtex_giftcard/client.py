"""VTEX Giftcard as the domain sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.transport.listing import read_each
from adapters.transport.upstream import Answer
from adapters.vtex_giftcard.api import GiftcardApi
from adapters.vtex_giftcard.translate import (
    names_card,
    search_request,
    to_card_transaction,
    to_gift_card,
    to_movement,
    to_transaction_id,
)
from adapters.vtex_giftcard.wire import (
    CARD,
    FOUND_CARD,
    MOVEMENT,
    REFERENCE,
    SEARCH,
    TRANSACTION,
    TransactionResponse,
)
from adapters.vtex_giftcard.writers import writers_of
from app.domain.errors import (
    AccountNotFound,
    IdentityNotLinked,
    InvalidQuestion,
    ProviderContractBroken,
)
from app.domain.identifiers import ProviderCardId, ProviderHoldId
from app.domain.instructions import Instruction
from app.domain.instruments import GiftCard
from app.domain.ledger import CardMovement, CardTransaction
from app.domain.paging import Page, Window
from app.domain.provider import GiftCardQuestion, SourceInfo, Writer
from app.domain.source_health import SourceHealth

_SMALLEST_RANGE: Final = 50
"""The documented default. Ranges of fewer than ten return nothing at times (known issue)."""


class VtexGiftcard:
    """
    The gift cards of one VTEX store, of one provider in its hub, or of one provider by itself.

    An id that no path can hold is answered as an unknown one. Lists of transactions and movements
    are read whole or not at all: a settlement left out would leave the card with too much to give.
    """

    def __init__(self, api: GiftcardApi, info: SourceInfo) -> None:
        self._api = api
        self._info = info
        self._writers = writers_of(self, api)

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def writers(self) -> Mapping[type[Instruction], Writer[Any]]:
        return self._writers

    async def probe(self) -> None:
        """Search for the cards of somebody who cannot exist; needs the one right there is."""
        await self.search_gift_cards(
            GiftCardQuestion(email="nobody@creditgraph.example"), Window(limit=_SMALLEST_RANGE)
        )

    async def gift_card(self, card_id: ProviderCardId) -> GiftCard:
        answer = await self._ask("vtex.gc/GetGiftCardbyID", "gift card", card_id)
        wire = answer.read(CARD)
        if not names_card(wire.id, card_id):
            raise ProviderContractBroken(answer.source)
        return to_gift_card(
            wire, card_id=card_id, source=self._info, observed_at=answer.observed_at
        )

    async def search_gift_cards(
        self, question: GiftCardQuestion, window: Window
    ) -> Page[ProviderCardId]:
        """
        Cards of a person, or the card of a code, that the cart could use.

        Raises:
            IdentityNotLinked: Neither person nor code is given. Whose cards VTEX would answer then
                is not known, so it is not asked.
            InvalidQuestion: The code is a masked one.
        """
        if not (
            question.email
            or question.document
            or question.provider_customer_id
            or question.redemption_code
        ):
            raise IdentityNotLinked(self._info.key)
        asked_for = max(window.limit, _SMALLEST_RANGE)
        answer = await self._api.search(
            search_request(question).model_dump(by_alias=True),
            resources=f"resources={window.offset}-{window.offset + asked_for - 1}",
        )
        return _page(answer, window, asked_for)

    async def card_transactions(self, card_id: ProviderCardId) -> tuple[ProviderHoldId, ...]:
        answer = await self._ask(
            "vtex.gc/GetGiftCardTransactions", "gift card", card_id, "transactions"
        )
        ids = (to_transaction_id(answer.validate(REFERENCE, part)) for part in _parts(answer))
        return tuple(dict.fromkeys(ids))

    async def card_transaction(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardTransaction:
        wire = await self.transaction_document(card, transaction_id)
        return to_card_transaction(wire, card=card, transaction_id=transaction_id)

    async def transaction_document(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> TransactionResponse:
        """With the request id, which nobody but a writer needs."""
        answer = await self._ask_of_transaction(
            "vtex.gc/GetGiftCardTransactionbyID", card, transaction_id
        )
        return answer.read(TRANSACTION)

    async def card_authorization(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardMovement | None:
        answer = await self._ask_of_transaction(
            "vtex.gc/GetTransactionAuthorizations", card, transaction_id, "authorization"
        )
        match tuple(_movements(answer, card)):
            case ():
                return None
            case (authorization,):
                return authorization
            case _:
                raise ProviderContractBroken(answer.source)

    async def card_settlements(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]:
        answer = await self._ask_of_transaction(
            "vtex.gc/GetTransactionSettlements", card, transaction_id, "settlements"
        )
        return tuple(_movements(answer, card))

    async def card_cancellations(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]:
        answer = await self._ask_of_transaction(
            "vtex.gc/GetTransactionCancellations", card, transaction_id, "cancellations"
        )
        return tuple(_movements(answer, card))

    async def health(self) -> SourceHealth | None:
        return await self._api.health()

    async def aclose(self) -> None:
        await self._api.aclose()

    async def _ask_of_transaction(
        self, operation: str, card: GiftCard, transaction_id: ProviderHoldId, *below: str
    ) -> Answer:
        return await self._ask(
            operation,
            "ledger entry",
            card.provider_card_id,
            "transactions",
            transaction_id,
            *below,
        )

    async def _ask(self, operation: str, kind: str, *segments: str) -> Answer:
        try:
            answer = await self._api.read(operation, *segments)
        except InvalidQuestion as exc:
            raise AccountNotFound(kind) from exc
        if answer.status == 404:
            raise AccountNotFound(kind)
        return answer


def _page(answer: Answer, window: Window, asked_for: int) -> Page[ProviderCardId]:
    """
    What *window* shows of an answer that may hold more.

    The list ends with a page that is neither as long as asked for nor full by its own `perPage`.
    """
    response = answer.read(SEARCH)
    got = len(response.items)
    # More than asked for is the whole list: the range was not understood.
    ahead = response.items[window.offset :] if got > asked_for else response.items
    shown = ahead[: window.limit]
    ids, faults = read_each(
        shown, lambda part: ProviderCardId(answer.validate(FOUND_CARD, part).id)
    )
    more = len(ahead) > len(shown) or got in (asked_for, response.paging.per_page)
    return Page(
        items=tuple(dict.fromkeys(ids)),
        next_offset=window.offset + len(shown) if more and shown else None,
        faults=faults,
    )


def _parts(answer: Answer) -> list[object]:
    """The items of a list: an empty body holds none, an object alone is the only one."""
    match answer.json() if answer.body.strip() else None:
        case None:
            return []
        case list(items):
            return items
        case item:
            return [item]


def _movements(answer: Answer, card: GiftCard) -> Iterator[CardMovement]:
    return (to_movement(answer.validate(MOVEMENT, part), card=card) for part in _parts(answer))
