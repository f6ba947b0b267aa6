"""The history of a credit as the domain's ledger."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from adapters.adobe_company_credit.credits import ACCOUNT, ENTRY, Credits, number_of
from adapters.adobe_company_credit.fan_out import both
from adapters.adobe_company_credit.search import LARGEST_PAGE, Filter, Listing, equals
from adapters.adobe_company_credit.translate import (
    can_be_in_history,
    history_filters,
    to_ledger_entry,
)
from adapters.adobe_company_credit.wire import HISTORY_ROW
from adapters.adobe_company_credit.words import comments_with
from adapters.transport.listing import page_of
from adapters.transport.upstream import Answer
from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.identifiers import ProviderAccountId, ProviderEntryId, SourceKey
from app.domain.ledger import LedgerEntry, LedgerQuestion
from app.domain.paging import Page, Window

_WHOLE: Final = Window(limit=LARGEST_PAGE)
_NOTHING: Final[Page[LedgerEntry]] = Page(items=(), next_offset=None, total=0)


class History:
    """Newest first."""

    def __init__(self, source: SourceKey, credits: Credits) -> None:
        self._source = source
        self._credits = credits

    async def ledger(
        self, account_id: ProviderAccountId, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        """
        Raises:
            AccountNotFound: There is no such credit.
        """
        credit_id = number_of(account_id, ACCOUNT)
        page = None
        if not can_be_in_history(question):
            page = _NOTHING
        elif question.purchase_order is not None:
            order = question.purchase_order
            page = await self._with_purchase_order(order, credit_id, question, window)
        if page is None:
            page = await self._page(credit_id, question, window)
        if page.total == 0:
            await self._credits.by_id(credit_id)
        return page

    async def entry(self, account_id: ProviderAccountId, entry_id: ProviderEntryId) -> LedgerEntry:
        """
        Raises:
            AccountNotFound: There is no such line.
        """
        credit_id, row_id = number_of(account_id, ACCOUNT), number_of(entry_id, ENTRY)
        listing = await self._credits.history(
            (equals("company_credit_id", credit_id), equals("entity_id", row_id)), Window(limit=1)
        )
        if not listing.total:
            raise AccountNotFound(ENTRY)
        entries = [self._entry(listing.answer, credit_id, part) for part in listing.parts]
        if [entry.native.provider_entry_id for entry in entries] != [entry_id]:
            raise ProviderContractBroken(self._source)
        return entries[0]

    async def _page(
        self, credit_id: int, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        listing = await self._credits.history(history_filters(credit_id, question), window)
        page = self._read(listing, credit_id, window)
        if question == LedgerQuestion() or not listing.total:
            return page
        return replace(page, items=tuple(filter(question.matches, page.items)), total=None)

    async def _with_purchase_order(
        self, order: str, credit_id: int, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry] | None:
        """
        It stands in a field of its own or, in rows that bear a mark, in the comment: two questions,
        since alternatives cannot be joined. None when there are more rows than two pages hold.
        """
        narrowed = history_filters(credit_id, question)
        listings = await both(
            self._credits.history((*narrowed, Filter("purchase_order", order)), _WHOLE),
            self._credits.history(
                (*narrowed, Filter("comment", comments_with(order), "like")), _WHOLE
            ),
        )
        if any(listing.total > len(listing.parts) for listing in listings):
            return None
        if not any(listing.total for listing in listings):
            return _NOTHING
        pages = [self._read(listing, credit_id, _WHOLE) for listing in listings]
        found = {_number(entry): entry for page in pages for entry in page.items}
        newest = [found[number] for number in sorted(found, reverse=True)]
        wanted = tuple(filter(question.matches, newest))
        end = window.offset + window.limit
        return Page(
            items=wanted[window.offset : end],
            next_offset=end if end < len(wanted) else None,
            faults=tuple(fault for page in pages for fault in page.faults),
        )

    def _read(self, listing: Listing, credit_id: int, window: Window) -> Page[LedgerEntry]:
        read = partial(self._entry, listing.answer, credit_id)
        return page_of(window, listing.parts, read, total=listing.total)

    def _entry(self, answer: Answer, credit_id: int, part: object) -> LedgerEntry:
        row = answer.validate(HISTORY_ROW, part)
        if row.company_credit_id != credit_id:
            raise ProviderContractBroken(self._source)
        return to_ledger_entry(row, source=self._source)


def _number(entry: LedgerEntry) -> int:
    return int(entry.native.provider_entry_id)
