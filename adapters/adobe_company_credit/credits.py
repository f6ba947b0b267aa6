"""Credit records and their history, as Adobe keeps them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from adapters.adobe_company_credit.record import Record, read_record
from adapters.adobe_company_credit.search import (
    LARGEST_PAGE,
    Filter,
    Listing,
    Search,
    Searcher,
    equals,
    one_of,
)
from adapters.adobe_company_credit.wire import CREDIT, HISTORY_ROW, CreditResponse, HistoryRow
from adapters.transport.upstream import Upstream
from app.domain.errors import AccountNotFound, ProviderContractBroken, ProviderFailed
from app.domain.identifiers import ProviderAccountId, ProviderEntryId
from app.domain.paging import Window

ACCOUNT: Final = "credit account"
ENTRY: Final = "ledger entry"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


def number_of(text: str, kind: str) -> int:
    """
    Raises:
        AccountNotFound: *text* cannot be an id of Adobe's.
    """
    if not _NUMBER.fullmatch(text):
        raise AccountNotFound(kind)
    return int(text)


def numbers_among(account_ids: Iterable[ProviderAccountId]) -> Sequence[int]:
    """Of those that can be ids of Adobe's."""
    return [int(one) for one in account_ids if _NUMBER.fullmatch(one)]


class Rows(NamedTuple):
    """The newest rows that were asked for, and how many there are of them in all."""

    shown: tuple[HistoryRow, ...]
    total: int


class Credits:
    """Reads credits of one shop."""

    def __init__(self, upstream: Upstream, searcher: Searcher) -> None:
        self._upstream = upstream
        self._searcher = searcher

    async def by_id(self, credit_id: int) -> Record[CreditResponse]:
        """
        Raises:
            AccountNotFound: There is none with that id: never was, or not since its currency was
                changed.
        """
        credit = await read_record(
            self._upstream,
            CREDIT,
            "adobe.credit/GetV1CompanyCreditsCreditId",
            "companyCredits",
            str(credit_id),
        )
        if credit is None:
            raise AccountNotFound(ACCOUNT)
        if credit.content.id != credit_id:
            raise ProviderContractBroken(self._upstream.source)
        return credit

    async def of_company(self, company_id: int) -> Record[CreditResponse] | None:
        """None when the company has no credit record."""
        credit = await read_record(
            self._upstream,
            CREDIT,
            "adobe.credit/GetV1CompanyCreditsCompanyCompanyId",
            "companyCredits",
            "company",
            str(company_id),
        )
        if credit is not None and credit.content.company_id != company_id:
            raise ProviderContractBroken(self._upstream.source)
        return credit

    async def search(self, filters: tuple[Filter, ...], window: Window) -> Listing:
        return await self._searcher.listing(_search(filters), window)

    async def with_ids(self, credit_ids: Collection[int]) -> Sequence[Listing]:
        """
        At most `LARGEST_PAGE` at once. Those that are gone are not among them.

        Raises:
            ProviderContractBroken: There are more, so that it is not what was asked for.
        """
        search = _search((one_of("entity_id", credit_ids),))
        listings = await self._searcher.first(search, most=len(credit_ids))
        if any(listing.total > len(credit_ids) for listing in listings):
            raise ProviderContractBroken(self._upstream.source)
        return listings

    async def history(self, filters: tuple[Filter, ...], window: Window) -> Listing:
        """Newest first."""
        search = Search(
            operation="adobe.credit/GetV1CompanyCreditsHistory",
            path=("companyCredits", "history"),
            filters=filters,
            order="DESC",
        )
        return await self._searcher.listing(search, window)

    async def rows(self, *filters: Filter, limit: int) -> Rows:
        """All of those that are shown can be read, else none: for what hangs on every row."""
        listing = await self.history(filters, Window(limit=limit))
        shown = tuple(listing.answer.validate(HISTORY_ROW, part) for part in listing.parts)
        return Rows(shown, listing.total)

    async def every_row(self, *filters: Filter) -> tuple[HistoryRow, ...]:
        """
        Raises:
            ProviderFailed: There are more than a page holds, so that some are not seen.
        """
        rows = await self.rows(*filters, limit=LARGEST_PAGE)
        if rows.total > len(rows.shown):
            raise ProviderFailed(self._upstream.source)
        return rows.shown

    async def newest_entry_id(self, credit_id: int) -> ProviderEntryId | None:
        rows = await self.rows(equals("company_credit_id", credit_id), limit=1)
        return next((ProviderEntryId(str(row.id)) for row in rows.shown), None)


def _search(filters: tuple[Filter, ...]) -> Search:
    return Search(
        operation="adobe.credit/GetV1CompanyCredits", path=("companyCredits",), filters=filters
    )
