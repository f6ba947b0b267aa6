"""Lists of instruments merged over sources: a customer's, or all that answer a question."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import replace
from typing import Final, TypeVar

from app.cache.questions import Fact, Question, tag_of_searches
from app.domain.capability import Capability
from app.domain.cart import Cart
from app.domain.customer import CustomerIdentity
from app.domain.errors import UnsupportedOperation
from app.domain.instruments import CreditAccount, GiftCard, InstrumentKind, StoreCreditAccount
from app.domain.paging import Page, Window
from app.domain.provider import (
    CreditAccountQuestion,
    GiftCardQuestion,
    Provider,
    ReadsCreditAccounts,
    ReadsGiftCards,
    ReadsStoreCredit,
    StoreCreditQuestion,
)
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.merge import Merged, Positions, Reader, Stream, merge, sliced
from app.operations.read_credit_accounts import credit_accounts_of
from app.operations.read_gift_cards import cards_of, search_gift_cards
from app.operations.read_store_credit import store_credit_of

T = TypeVar("T")

_CREDIT_ACCOUNTS: Final = Fact[Page[CreditAccount]](
    "credit account search", Page[CreditAccount], frozenset({InstrumentKind.CREDIT_LINE})
)
_STORE_CREDIT: Final = Fact[Page[StoreCreditAccount]](
    "store credit search", Page[StoreCreditAccount], frozenset({InstrumentKind.STORE_CREDIT})
)


async def credit_accounts_of_customer(
    desk: Desk, customer: CustomerIdentity, *, first: int, after: Positions
) -> Merged[CreditAccount]:
    """All credit accounts a customer may draw on, source by source."""

    def reader(provider: ReadsCreditAccounts) -> Reader[CreditAccount]:
        return sliced(lambda: credit_accounts_of(desk, provider, customer))

    streams = [
        _stream(one, InstrumentKind.CREDIT_LINE, reader(one))
        for one in desk.sources.able(ReadsCreditAccounts)
    ]
    return await merge(streams, first=first, after=after, deadline=desk.deadline())


async def store_credit_of_customer(
    desk: Desk, customer: CustomerIdentity, *, first: int, after: Positions
) -> Merged[StoreCreditAccount]:
    """All store-credit accounts of a customer, source by source."""

    def reader(provider: ReadsStoreCredit) -> Reader[StoreCreditAccount]:
        return sliced(lambda: store_credit_of(desk, provider, customer))

    streams = [
        _stream(one, InstrumentKind.STORE_CREDIT, reader(one))
        for one in desk.sources.able(ReadsStoreCredit)
    ]
    return await merge(streams, first=first, after=after, deadline=desk.deadline())


async def gift_cards_of_customer(
    desk: Desk, customer: CustomerIdentity, cart: Cart, *, first: int, after: Positions
) -> Merged[GiftCard]:
    """The cards of a customer that *cart* could use, source by source."""
    deadline = desk.deadline()

    def reader(provider: ReadsGiftCards) -> Reader[GiftCard]:
        async def read(window: Window) -> Page[GiftCard]:
            question = cards_of(provider, customer, cart)
            return await search_gift_cards(desk, provider, question, window, deadline)

        return read

    streams = [
        _stream(one, InstrumentKind.GIFT_CARD, reader(one))
        for one in desk.sources.able(ReadsGiftCards)
    ]
    return await merge(streams, first=first, after=after, deadline=deadline)


async def find_gift_cards(
    desk: Desk, source: str, question: GiftCardQuestion, *, first: int, after: Positions
) -> Merged[GiftCard]:
    """
    The cards of one source that answer *question*.

    Raises:
        InvalidQuestion: There is no such source.
        UnsupportedOperation: It keeps no gift cards.
    """
    provider = desk.sources.named(source)
    if not able_to(provider, ReadsGiftCards):
        raise UnsupportedOperation(source=source, capability=Capability.SEARCH)
    deadline = desk.deadline()
    stream = _stream(
        provider,
        InstrumentKind.GIFT_CARD,
        lambda window: search_gift_cards(desk, provider, question, window, deadline),
    )
    return await merge([stream], first=first, after=after, deadline=deadline)


async def find_credit_accounts(
    desk: Desk,
    question: CreditAccountQuestion,
    *,
    sources: Collection[str] | None,
    first: int,
    after: Positions,
) -> Merged[CreditAccount]:
    """All accounts that answer *question*, source by source."""

    def reader(provider: ReadsCreditAccounts) -> Reader[CreditAccount]:
        return desk.reads.by_window(
            _search(_CREDIT_ACCOUNTS, provider, question),
            lambda window: provider.search_credit_accounts(question, window),
        )

    streams = [
        _stream(one, InstrumentKind.CREDIT_LINE, reader(one))
        for one in desk.sources.able(ReadsCreditAccounts, among=sources)
    ]
    return await merge(streams, first=first, after=after, deadline=desk.deadline())


async def find_store_credit(
    desk: Desk,
    question: StoreCreditQuestion,
    *,
    sources: Collection[str] | None,
    first: int,
    after: Positions,
) -> Merged[StoreCreditAccount]:
    """All store-credit accounts that answer *question*, source by source."""
    question = replace(question, facts=desk.wanted.store_credit)

    def reader(provider: ReadsStoreCredit) -> Reader[StoreCreditAccount]:
        return desk.reads.by_window(
            _search(_STORE_CREDIT, provider, question),
            lambda window: provider.search_store_credit(question, window),
        )

    streams = [
        _stream(one, InstrumentKind.STORE_CREDIT, reader(one))
        for one in desk.sources.able(ReadsStoreCredit, among=sources)
    ]
    return await merge(streams, first=first, after=after, deadline=desk.deadline())


def _search(fact: Fact[T], provider: Provider, question: Hashable) -> Question[T]:
    source = provider.info.key
    return Question(fact, source, question, tags=(tag_of_searches(source),))


def _stream(provider: Provider, kind: InstrumentKind, read: Reader[T]) -> Stream[T]:
    source = provider.info.key
    return Stream(key=source, source=source, affects=frozenset({kind}), read=read)
