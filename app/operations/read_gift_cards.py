"""Gift cards: found as ids, read one by one, together with what happened to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from app.cache.questions import (
    Fact,
    Question,
    Tag,
    tag_of_instrument,
    tag_of_searches,
    tags_of_customer,
)
from app.domain.cart import NO_CART, Cart
from app.domain.customer import CustomerIdentity
from app.domain.errors import AccountNotFound, IdentityNotLinked, ProviderFault
from app.domain.holds import CardStory
from app.domain.identifiers import ProviderCardId, ProviderHoldId, SourceKey
from app.domain.instruments import GiftCard, InstrumentKind
from app.domain.ledger import CardMovement, CardOperation, LedgerEntry
from app.domain.paging import Page, Window
from app.domain.provider import GiftCardQuestion, ReadsGiftCards
from app.operations.abilities import able_to
from app.operations.at_once import at_once
from app.operations.desk import Desk
from app.operations.merge import (
    Merged,
    Positions,
    Stream,
    as_fault,
    merge,
    read_whole,
    slice_of,
)
from app.operations.reading import Deadline

_AFFECTS: Final = frozenset({InstrumentKind.GIFT_CARD})
_CARD: Final = Fact[GiftCard]("gift card", GiftCard, _AFFECTS)
_SEARCH: Final = Fact[Page[ProviderCardId]]("gift card search", Page[ProviderCardId], _AFFECTS)
_STORY: Final = Fact[CardStory]("card story", CardStory, _AFFECTS)
_AUTHORIZATION: Final = Fact[CardMovement | None](
    "card authorization", CardMovement | None, _AFFECTS
)
_TRANSACTIONS: Final = Fact[tuple[ProviderHoldId, ...]](
    "card transactions", tuple[ProviderHoldId, ...], _AFFECTS
)


def _tag(source: SourceKey, card_id: ProviderCardId) -> Tag:
    return tag_of_instrument(source, InstrumentKind.GIFT_CARD, card_id)


async def gift_card(desk: Desk, provider: ReadsGiftCards, card_id: ProviderCardId) -> GiftCard:
    """One card, read at most once a request."""
    source = provider.info.key
    return await desk.reads.once(
        Question(_CARD, source, card_id, tags=(_tag(source, card_id),)),
        lambda: desk.reads.gated(source, lambda: provider.gift_card(card_id)),
    )


def cards_of(
    provider: ReadsGiftCards, customer: CustomerIdentity, cart: Cart = NO_CART
) -> GiftCardQuestion:
    """
    The question for a customer's cards.

    Raises:
        IdentityNotLinked: Neither e-mail nor document nor an id at this source is known.
    """
    own_id = customer.id_at(provider.info.key)
    if not (customer.email or customer.document or own_id):
        raise IdentityNotLinked(provider.info.key)
    return GiftCardQuestion(
        email=customer.email,
        document=customer.document,
        provider_customer_id=own_id,
        cart=cart,
    )


async def search_gift_cards(
    desk: Desk,
    provider: ReadsGiftCards,
    question: GiftCardQuestion,
    window: Window,
    deadline: Deadline,
) -> Page[GiftCard]:
    """A window of the cards that answer *question*; a card that cannot be read is a fault."""
    ids = await _search(desk, provider, question, window)
    return await _read_each(desk, provider, ids, deadline)


async def all_gift_cards(
    desk: Desk, provider: ReadsGiftCards, question: GiftCardQuestion, deadline: Deadline
) -> Page[GiftCard]:
    """All the cards that answer *question*; those not read by the deadline are faults."""
    ids = await deadline.within(provider.info.key, all_card_ids(desk, provider, question))
    return await _read_each(desk, provider, ids, deadline)


async def all_card_ids(
    desk: Desk, provider: ReadsGiftCards, question: GiftCardQuestion
) -> Page[ProviderCardId]:
    """The ids of all the cards that answer *question*; no card is read."""
    return await read_whole(
        lambda window: _search(desk, provider, question, window), identity=lambda card: card
    )


async def _search(
    desk: Desk, provider: ReadsGiftCards, question: GiftCardQuestion, window: Window
) -> Page[ProviderCardId]:
    """What a code opens is asked for by that code, which is kept nowhere."""
    source = provider.info.key
    names = (question.email, question.document, question.provider_customer_id)
    tags = (tag_of_searches(source), *tags_of_customer(source, names))
    by_code = ("gift card by code", source, question, window)
    return await desk.reads.once(
        by_code
        if question.redemption_code
        else Question(_SEARCH, source, question, window, tags=tags),
        lambda: provider.search_gift_cards(question, window),
    )


async def _read_each(
    desk: Desk, provider: ReadsGiftCards, ids: Page[ProviderCardId], deadline: Deadline
) -> Page[GiftCard]:
    async def read(card_id: ProviderCardId) -> GiftCard | ProviderFault:
        try:
            return await deadline.within(provider.info.key, gift_card(desk, provider, card_id))
        except (ProviderFault, AccountNotFound) as exc:
            return as_fault(exc, provider.info.key)

    results = await at_once([read(card_id) for card_id in ids.items])
    return Page(
        items=tuple(result for result in results if isinstance(result, GiftCard)),
        next_offset=ids.next_offset,
        total=ids.total,
        faults=(
            *ids.faults,
            *(result for result in results if isinstance(result, ProviderFault)),
        ),
    )


async def card_story(
    desk: Desk, provider: ReadsGiftCards, card: GiftCard, transaction_id: ProviderHoldId
) -> CardStory:
    """A transaction with its settlements and cancellations, read at most once a request."""
    source = provider.info.key

    async def ask() -> CardStory:
        transaction, settlements, cancellations = await asyncio.gather(
            desk.reads.gated(source, lambda: provider.card_transaction(card, transaction_id)),
            desk.reads.gated(source, lambda: provider.card_settlements(card, transaction_id)),
            desk.reads.gated(source, lambda: provider.card_cancellations(card, transaction_id)),
        )
        return CardStory(
            transaction=transaction, settlements=settlements, cancellations=cancellations
        )

    card_id = card.provider_card_id
    return await desk.reads.once(
        Question(_STORY, source, card_id, transaction_id, tags=(_tag(source, card_id),)), ask
    )


async def hold(
    desk: Desk, source: SourceKey, card_id: ProviderCardId, hold_id: ProviderHoldId
) -> tuple[GiftCard, CardStory]:
    """
    A debit and the card it is on.

    Raises:
        AccountNotFound: No such card or transaction, or the transaction is no debit.
    """
    provider = desk.sources.find(source)
    if not able_to(provider, ReadsGiftCards):
        raise AccountNotFound("hold")
    card = await gift_card(desk, provider, card_id)
    story = await card_story(desk, provider, card, hold_id)
    if story.transaction.operation is not CardOperation.DEBIT:
        raise AccountNotFound("hold")
    return card, story


async def card_authorization(desk: Desk, card: GiftCard, story: CardStory) -> LedgerEntry | None:
    """The provider's own record that it authorized a debit; None when it has none."""
    provider = desk.sources.named(card.source)
    if not able_to(provider, ReadsGiftCards):
        return None
    hold_id = story.transaction.provider_hold_id
    source, card_id = card.source, card.provider_card_id
    movement = await desk.reads.once(
        Question(_AUTHORIZATION, source, card_id, hold_id, tags=(_tag(source, card_id),)),
        lambda: provider.card_authorization(card, hold_id),
    )
    return None if movement is None else story.authorized(movement)


async def card_stories(
    desk: Desk, provider: ReadsGiftCards, card: GiftCard
) -> tuple[CardStory, ...]:
    """Everything that happened to a card, newest first."""
    source, card_id = provider.info.key, card.provider_card_id
    ids = await desk.reads.once(
        Question(_TRANSACTIONS, source, card_id, tags=(_tag(source, card_id),)),
        lambda: provider.card_transactions(card.provider_card_id),
    )
    stories = await at_once([card_story(desk, provider, card, one) for one in ids])
    return tuple(sorted(stories, key=lambda one: one.transaction.occurred_at, reverse=True))


async def card_ledger(desk: Desk, provider: ReadsGiftCards, card: GiftCard) -> list[LedgerEntry]:
    """All lines of a card's history, newest first."""
    return ledger_of(await card_stories(desk, provider, card))


def ledger_of(stories: Sequence[CardStory]) -> list[LedgerEntry]:
    """The lines that *stories*, newest first, tell; the oldest credit issued the card."""
    credits = [one for one in stories if one.transaction.operation is CardOperation.CREDIT]
    issue = credits[-1] if credits else None
    entries = [
        entry for one in reversed(stories) for entry in one.entries(first_credit=one is issue)
    ]
    return sorted(reversed(entries), key=lambda entry: entry.occurred_at, reverse=True)


async def holds_of(
    desk: Desk, card: GiftCard, *, first: int, after: Positions
) -> Merged[CardStory]:
    """The holds on a card, newest first: its debits."""
    provider = desk.sources.named(card.source)

    async def read(window: Window) -> Page[CardStory]:
        stories = (
            await card_stories(desk, provider, card) if able_to(provider, ReadsGiftCards) else ()
        )
        debits = [one for one in stories if one.transaction.operation is CardOperation.DEBIT]
        return slice_of(debits, window)

    stream = Stream(
        key=card.source,
        source=card.source,
        affects=frozenset({InstrumentKind.GIFT_CARD}),
        read=read,
    )
    return await merge([stream], first=first, after=after, deadline=desk.deadline())
