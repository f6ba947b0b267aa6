"""The ledger of an account, as the admin API lists it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.store_credit import newest_first, wire
from adapters.store_credit.lists import answered, asked_for
from adapters.store_credit.marks import bears
from adapters.store_credit.translate import Filters, can_be_held
from adapters.transport.upstream import Upstream
from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.identifiers import ProviderEntryId, ProviderStoreCreditId
from app.domain.paging import Page, Window

T = TypeVar("T")
Row = TypeVar("Row", bound=wire.Dated)

_WHOLE_ENTRY: Final = "+raw_amount,+account_id"
_NOTE: Final = "type,note,created_at"


class Ledger:
    """Newest first. That of an unknown account is empty, so every account was read before."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def page(
        self,
        account_id: ProviderStoreCreditId,
        filters: Filters,
        window: Window,
        read: Callable[[wire.Transaction], T],
    ) -> Page[T]:
        def read_own(entry: wire.Transaction) -> T:
            if entry.account_id not in (None, account_id):
                raise ProviderContractBroken(self._upstream.source)
            return read(entry)

        return await self._rows(
            account_id, filters, window, _WHOLE_ENTRY, wire.TRANSACTION, read_own
        )

    async def entry(
        self, account_id: ProviderStoreCreditId, entry_id: ProviderEntryId
    ) -> wire.Transaction:
        """
        Raises:
            AccountNotFound: It is not in this ledger.
        """
        if not can_be_held(entry_id):
            raise AccountNotFound("ledger entry")
        page = await self.page(account_id, [("id", entry_id)], Window(limit=1), lambda it: it)
        if page.faults:
            raise page.faults[0]
        if not page.items:
            raise AccountNotFound("ledger entry")
        if page.items[0].id != entry_id:
            raise ProviderContractBroken(self._upstream.source)
        return page.items[0]

    async def newest_entry(self, account_id: ProviderStoreCreditId) -> ProviderEntryId | None:
        page = await self._notes(account_id, Window(limit=1))
        if page.faults:
            raise page.faults[0]
        return ProviderEntryId(page.items[0].id) if page.items else None

    async def notes_since(
        self, account_id: ProviderStoreCreditId, newest_before: ProviderEntryId | None
    ) -> Page[wire.EntryNote]:
        """From the newest entry to some that are older than *newest_before*; without it, all."""
        return await newest_first.since(
            newest_before, lambda window: self._notes(account_id, window)
        )

    async def entry_of(
        self,
        mark: str,
        account_id: ProviderStoreCreditId,
        *,
        type_: str,
        newest_before: ProviderEntryId | None,
    ) -> ProviderEntryId | None:
        """
        The entry that bears *mark*; the oldest, should somebody have copied its note since.

        Raises:
            ProviderContractBroken: There is none, but also an entry that cannot be read.
        """
        page = await self.notes_since(account_id, newest_before)
        found = [it.id for it in page.items if it.type == type_ and bears(it.note, mark)]
        if page.faults and not found:
            raise page.faults[0]
        return ProviderEntryId(found[-1]) if found else None

    async def _notes(
        self, account_id: ProviderStoreCreditId, window: Window
    ) -> Page[wire.EntryNote]:
        return await self._rows(account_id, [], window, _NOTE, wire.ENTRY_NOTE, lambda it: it)

    async def _rows(
        self,
        account_id: ProviderStoreCreditId,
        filters: Filters,
        window: Window,
        members: str,
        shape: TypeAdapter[Row],
        read: Callable[[Row], T],
    ) -> Page[T]:
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccountsIdTransactions",
            "admin",
            "store-credit-accounts",
            account_id,
            "transactions",
            query=[*filters, *asked_for(window, order="-id"), ("fields", members)],
            refusals=(),
        )
        return answered(
            answer,
            wire.TRANSACTION_LIST,
            window,
            lambda part: read(answer.validate(shape, part)),
        )
