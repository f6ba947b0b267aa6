"""History of one instrument, and of everything a customer has."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from app.cache.questions import Fact, Question, tag_of_instrument
from app.domain.customer import CustomerIdentity
from app.domain.errors import AccountNotFound
from app.domain.identifiers import ProviderEntryId, ProviderStoreCreditId
from app.domain.instruments import (
    CreditAccount,
    GiftCard,
    Instrument,
    InstrumentKind,
    StoreCreditAccount,
)
from app.domain.ledger import LedgerEntry, LedgerQuestion, running_balances
from app.domain.money import Money
from app.domain.paging import Page, Window
from app.domain.provider import Provider, ReadsCreditLedger, ReadsGiftCards, ReadsStoreCredit
from app.domain.source_problem import SourceProblem, distinct
from app.operations.abilities import able_to
from app.operations.desk import Desk
from app.operations.merge import (
    Merged,
    Positions,
    Reader,
    Stream,
    merge,
    read_whole,
    slice_of,
    stream_key,
)
from app.operations.read_gift_cards import card_ledger
from app.operations.read_store_credit import store_credit_account
from app.operations.spendable_credit import holdings

T = TypeVar("T")

_CREDIT: Final = frozenset({InstrumentKind.CREDIT_LINE})
_STORE_CREDIT: Final = frozenset({InstrumentKind.STORE_CREDIT})
_CREDIT_LEDGER: Final = Fact[Page[LedgerEntry]]("credit ledger", Page[LedgerEntry], _CREDIT)
_CREDIT_ENTRY: Final = Fact[LedgerEntry]("credit ledger entry", LedgerEntry, _CREDIT)
_STORE_CREDIT_LEDGER: Final = Fact[Page[LedgerEntry]](
    "store credit ledger", Page[LedgerEntry], _STORE_CREDIT
)
_WHOLE_STORE_CREDIT_LEDGER: Final = Fact[Page[LedgerEntry]](
    "whole store credit ledger", Page[LedgerEntry], _STORE_CREDIT
)
_STORE_CREDIT_ENTRY: Final = Fact[LedgerEntry](
    "store credit ledger entry", LedgerEntry, _STORE_CREDIT
)


def _question(fact: Fact[T], one: Instrument, *about: Hashable) -> Question[T]:
    """About one instrument."""
    tag = tag_of_instrument(one.source, one.kind, one.provider_id)
    return Question(fact, one.source, one.provider_id, *about, tags=(tag,))


async def ledger(
    desk: Desk, instrument: Instrument, question: LedgerQuestion, *, first: int, after: Positions
) -> Merged[LedgerEntry]:
    """The history of one instrument, newest first."""
    return await merge(
        _streams(desk, [instrument], question),
        first=first,
        after=after,
        deadline=desk.deadline(),
    )


async def timeline(
    desk: Desk,
    customer: CustomerIdentity,
    question: LedgerQuestion,
    *,
    kinds: Collection[InstrumentKind] | None,
    sources: Collection[str] | None,
    first: int,
    after: Positions,
) -> Merged[LedgerEntry]:
    """
    Everything that happened to a customer's credit, newest first.

    Raises:
        InvalidQuestion: A source is named that does not exist.
    """
    deadline = desk.deadline()
    found = await holdings(
        desk, customer, kinds=kinds, sources=sources, deadline=desk.deadline(share=0.5)
    )
    instruments = [one for part in found for one in part.instruments]
    page = await merge(
        _streams(desk, instruments, question),
        first=first,
        after=after,
        deadline=deadline,
        newest_first=lambda entry: entry.occurred_at,
    )
    missing = [SourceProblem.of(fault, {part.kind}) for part in found for fault in part.faults]
    return replace(page, total=None, problems=distinct([*missing, *page.problems]))


async def ledger_entry(
    desk: Desk, instrument: Instrument, entry_id: ProviderEntryId
) -> LedgerEntry:
    """
    One line of an instrument's history.

    Raises:
        AccountNotFound: There is no such line.
    """
    provider = desk.sources.named(instrument.source)
    match instrument:
        case CreditAccount() if able_to(provider, ReadsCreditLedger):
            account_id = instrument.provider_account_id
            return await desk.reads.once(
                _question(_CREDIT_ENTRY, instrument, entry_id),
                lambda: provider.credit_ledger_entry(account_id, entry_id),
            )
        case StoreCreditAccount() if able_to(provider, ReadsStoreCredit):
            return await desk.reads.once(
                _question(_STORE_CREDIT_ENTRY, instrument, entry_id),
                lambda: provider.store_credit_ledger_entry(instrument, entry_id),
            )
        case GiftCard() if able_to(provider, ReadsGiftCards):
            for entry in await card_ledger(desk, provider, instrument):
                if entry.native.provider_entry_id == entry_id:
                    return entry
    raise AccountNotFound("ledger entry")


async def balance_after(desk: Desk, entry: LedgerEntry) -> Money | None:
    """
    The balance right after an entry: the provider's figure, or for store credit, whose provider
    has none, the sum of the ledger up to there. None where neither can be had.
    """
    provider = desk.sources.find(entry.source)
    if entry.balance_after is not None or not able_to(provider, ReadsStoreCredit):
        return entry.balance_after
    if entry.instrument_kind is not InstrumentKind.STORE_CREDIT:
        return None
    account_id = ProviderStoreCreditId(entry.instrument_id)
    account = await store_credit_account(desk, provider, account_id)
    whole = await desk.reads.once(
        _question(_WHOLE_STORE_CREDIT_LEDGER, account),
        lambda: read_whole(
            lambda window: provider.store_credit_ledger(account, LedgerQuestion(), window),
            identity=lambda one: one.native.provider_entry_id,
        ),
    )
    known = {} if whole.faults else running_balances(whole.items)
    return known.get(entry.native.provider_entry_id)


def _streams(
    desk: Desk, instruments: Sequence[Instrument], question: LedgerQuestion
) -> list[Stream[LedgerEntry]]:
    return [
        stream
        for instrument in instruments
        if (stream := _stream(desk, instrument, question)) is not None
    ]


def _stream(
    desk: Desk, instrument: Instrument, question: LedgerQuestion
) -> Stream[LedgerEntry] | None:
    """An instrument's history; None where its source keeps none."""
    read = _reader(desk, desk.sources.named(instrument.source), instrument, question)
    if read is None:
        return None
    return Stream(
        key=stream_key(instrument),
        source=instrument.source,
        affects=frozenset({instrument.kind}),
        read=read,
    )


def _reader(
    desk: Desk, provider: Provider, instrument: Instrument, question: LedgerQuestion
) -> Reader[LedgerEntry] | None:
    match instrument:
        case CreditAccount() if able_to(provider, ReadsCreditLedger):
            account_id = instrument.provider_account_id
            return desk.reads.by_window(
                _question(_CREDIT_LEDGER, instrument, question),
                lambda window: provider.credit_ledger(account_id, question, window),
            )
        case StoreCreditAccount() if able_to(provider, ReadsStoreCredit):
            return desk.reads.by_window(
                _question(_STORE_CREDIT_LEDGER, instrument, question),
                lambda window: provider.store_credit_ledger(instrument, question, window),
            )
        case GiftCard() if able_to(provider, ReadsGiftCards):
            return lambda window: _card_ledger(desk, provider, instrument, question, window)
    return None


async def _card_ledger(
    desk: Desk,
    provider: ReadsGiftCards,
    card: GiftCard,
    question: LedgerQuestion,
    window: Window,
) -> Page[LedgerEntry]:
    entries = await card_ledger(desk, provider, card)
    return slice_of([entry for entry in entries if question.matches(entry)], window)
