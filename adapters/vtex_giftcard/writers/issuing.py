"""New cards."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from adapters.vtex_giftcard.api import GiftcardApi
from adapters.vtex_giftcard.translate import (
    exact_value,
    issue_request,
    refuse_unwritable,
    whole_milliseconds,
)
from adapters.vtex_giftcard.wire import FOUND_CARD
from adapters.vtex_giftcard.writers.answers import done, no_refusals, refusal_of, unreadable
from app.domain.errors import CurrencyMismatch, InvalidQuestion
from app.domain.identifiers import ProviderCardId, ProviderCustomerId, ProviderEntryId
from app.domain.instructions import IssueGiftCard
from app.domain.instruments import GiftCard, Instrument
from app.domain.operation import Booking, Evidence
from app.domain.paging import Page, Window
from app.domain.provider import Call, GiftCardQuestion

if TYPE_CHECKING:
    from adapters.vtex_giftcard.client import VtexGiftcard

_LOOKED_THROUGH: Final = Window(limit=200)
_MOST_LOOKED_AT: Final = 20
_END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Later ones may not fit into a date of another zone."""

_NUMBER: Final = re.compile(r"(?<![^_])[0-9]{1,18}\Z")


class Issues:
    """
    A creation has no request id. A lost one is found among the owner's cards by its relation name
    where reading gives it, else by caption, end and currency among the cards with higher numbers
    than the highest before: a card like it, made by somebody else at that very moment, looks the
    same. Where a search would not show the new card (only its owner may use it, it is empty and
    empty ones are left out, or there are too many to look through), it stays unknown.

    It is never repeated: that a relation name may not come twice is documented, what is answered
    then is not, and without that rule there would be a second card.

    Source: documented, `CreateGiftCard`; assumed, that numbers of cards rise.
    """

    def __init__(self, client: VtexGiftcard, api: GiftcardApi) -> None:
        self._client = client
        self._api = api

    async def prepare(self, instruction: IssueGiftCard, observed: Instrument | None) -> Evidence:
        self._refuse_nonsense(instruction)
        found = await self._cards_of_owner(instruction, relation_name=None)
        newest = max(found.items, key=_number, default="")
        return Evidence(newest_entry_id=ProviderEntryId(newest) if newest else None)

    async def send(self, call: Call[IssueGiftCard]) -> Booking:
        emitted_at = self._api.now() if self._api.dialect.needs_emission else None
        request = issue_request(
            call.instruction, relation_name=_relation_name(call), emitted_at=emitted_at
        )
        answer = await self._api.issue(request.model_dump(by_alias=True, exclude_none=True))
        if answer.status == 400:
            raise refusal_of(answer, unknown="gift card")
        return Booking(created_id=done(answer, FOUND_CARD).id)

    async def find(self, call: Call[IssueGiftCard]) -> Booking | None:
        instruction = call.instruction
        with no_refusals(instruction.source):
            found = await self._cards_of_owner(instruction, relation_name=_relation_name(call))
            unseen = _unseen(found.items, call.evidence)
            cards = await asyncio.gather(*map(self._client.gift_card, unseen))
        match [card for card in cards if _is_it(card, call)]:
            case [card]:
                return Booking(created_id=card.provider_card_id)
            case [] if self._would_be_found(instruction, found):
                return None
            case _:
                raise unreadable(instruction.source)

    def _would_be_found(self, instruction: IssueGiftCard, found: Page[ProviderCardId]) -> bool:
        """Documented: a restricted card needs its code, and the protocol leaves empty ones out."""
        return (
            self._api.dialect.lists_empty_cards
            and not instruction.restricted_to_owner
            and found.next_offset is None
            and not found.faults
        )

    async def _cards_of_owner(
        self, instruction: IssueGiftCard, *, relation_name: str | None
    ) -> Page[ProviderCardId]:
        owner = instruction.owner
        who = (
            GiftCardQuestion(email=owner, relation_name=relation_name)
            if "@" in owner
            else GiftCardQuestion(
                provider_customer_id=ProviderCustomerId(owner), relation_name=relation_name
            )
        )
        return await self._client.search_gift_cards(who, _LOOKED_THROUGH)

    def _refuse_nonsense(self, instruction: IssueGiftCard) -> None:
        for text, member in (
            (instruction.owner, "owner"),
            (instruction.relation_name or "", "relationName"),
            (instruction.caption, "caption"),
        ):
            refuse_unwritable(text, member)
        if not instruction.owner.strip():
            raise InvalidQuestion("A card is somebody's.", path=("owner",))
        if not self._api.now() < instruction.expires_at < _END_OF_TIME:
            raise InvalidQuestion("A card ends in the future.", path=("expiresAt",))
        _refuse_first_money(instruction)


def _refuse_first_money(instruction: IssueGiftCard) -> None:
    """Before there is a card that would stay without it."""
    money = instruction.initial_balance
    if money is None:
        return
    if money.currency != instruction.currency:
        raise CurrencyMismatch(expected=instruction.currency.code, actual=money.currency.code)
    exact_value(money, "initialBalance")


def _relation_name(call: Call[IssueGiftCard]) -> str:
    return call.instruction.relation_name or call.mark


def _unseen(ids: Sequence[ProviderCardId], evidence: Evidence) -> Sequence[ProviderCardId]:
    """Highest number first; an id without a number may be as new as any."""
    highest = _number(evidence.newest_entry_id or "")
    unseen = [each for each in ids if _number(each) > highest or not _number(each)]
    return sorted(unseen, key=_number, reverse=True)[:_MOST_LOOKED_AT]


def _number(card_id: str) -> int:
    """`74` of `92de2449_74`; 0 where there is none."""
    found = _NUMBER.search(card_id)
    return int(found[0]) if found else 0


def _is_it(card: GiftCard, call: Call[IssueGiftCard]) -> bool:
    wanted, shown = call.instruction, card.details
    if shown is None:
        return False
    if shown.relation_name is not None:
        return shown.relation_name == _relation_name(call)
    return (
        card.expires_at == whole_milliseconds(wanted.expires_at)
        and card.currency == wanted.currency
        and shown.caption in (None, wanted.caption)
    )
