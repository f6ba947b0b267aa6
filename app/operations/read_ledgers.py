"""History of one instrument, and of everything a customer has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

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
    match instrument, provider:
        case CreditAccount(), ReadsCreditLedger():
            return await provider.credit_ledger_entry(instrument.provider_account_id, entry_id)
        case StoreCreditAccount(), ReadsStoreCredit():
            return await provider.store_credit_ledger_entry(instrument, entry_id)
        case GiftCard(), ReadsGiftCards():
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
    if entry.balance_after is not None or not isinstance(provider, ReadsStoreCredit):
        return entry.balance_after
    if entry.instrument_kind is not InstrumentKind.STORE_CREDIT:
        return None
    account_id = ProviderStoreCreditId(entry.instrument_id)
    account = await store_credit_account(desk, provider, account_id)
    whole = await desk.reads.once(
        ("whole store credit ledger", entry.source, account_id),
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
    match instrument, provider:
        case CreditAccount(), ReadsCreditLedger():
            account_id = instrument.provider_account_id
            return desk.reads.by_window(
                ("credit ledger", instrument.source, account_id, question),
                lambda window: provider.credit_ledger(account_id, question, window),
            )
        case StoreCreditAccount(), ReadsStoreCredit():
            return desk.reads.by_window(
                ("store credit ledger", instrument.source, instrument.provider_id, question),
                lambda window: provider.store_credit_ledger(instrument, question, window),
            )
        case GiftCard(), ReadsGiftCards():
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
