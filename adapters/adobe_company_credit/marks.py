"""
Rows of the history that bear the mark of a call.

The mark is sent as `purchase_order`, as `custom_reference_number` and in the comment, since
releases differ in what they keep (assumed).
"""

from __future__ import annotations

import re

from adapters.adobe_company_credit.credits import Credits, Rows
from adapters.adobe_company_credit.search import Filter
from adapters.adobe_company_credit.wire import HistoryRow
from app.domain.errors import BookedTwice, ProviderContractBroken, ProviderFailed
from app.domain.identifiers import ProviderEntryId, SourceKey
from app.domain.operation import Booking


class Marks:
    def __init__(self, source: SourceKey, credits: Credits) -> None:
        self._source = source
        self._credits = credits

    async def booked(self, mark: str, *within: Filter) -> Booking | None:
        """What came of the call, by its row; the same holds as for `row`."""
        return _booking(await self.row(mark, *within))

    async def booked_by_purchase_order(self, mark: str, *within: Filter) -> Booking | None:
        """The same, as far as one question tells."""
        return _booking(self._only(await self._in_column("purchase_order", mark, within)))

    async def row(self, mark: str, *within: Filter) -> HistoryRow | None:
        """
        The row of the call among those that meet *within*.

        Raises:
            BookedTwice: Two rows bear the mark.
            ProviderFault: It cannot be told now.
        """
        row = self._only(await self._in_column("purchase_order", mark, within))
        if row is not None:
            return row
        try:
            rows = await self._in_column("custom_reference_number", mark, within)
        except ProviderFailed:
            rows = await self._without_column(mark, within)
        return self._only(rows)

    async def _in_column(self, column: str, mark: str, within: tuple[Filter, ...]) -> Rows:
        rows = await self._credits.rows(*within, Filter(column, mark), limit=2)
        if not all(_bears(row, mark) for row in rows.shown):
            raise ProviderContractBroken(self._source)
        return rows

    async def _without_column(self, mark: str, within: tuple[Filter, ...]) -> Rows:
        """Older releases fail on the younger column (assumed): every row is looked at instead."""
        rows = await self._credits.every_row(*within)
        bearing = tuple(row for row in rows if _bears(row, mark))
        return Rows(bearing, len(bearing))

    def _only(self, rows: Rows) -> HistoryRow | None:
        if rows.total > 1:
            raise BookedTwice(self._source)
        return next(iter(rows.shown), None)


def _booking(row: HistoryRow | None) -> Booking | None:
    if row is None:
        return None
    return Booking(provider_reference=str(row.id), entry_id=ProviderEntryId(str(row.id)))


def _bears(row: HistoryRow, mark: str) -> bool:
    """Whole: the mark of a tenth step begins like that of the first."""
    if mark in (row.purchase_order, row.custom_reference_number):
        return True
    return re.search(re.escape(mark) + "(?![a-z0-9-])", row.comment) is not None
