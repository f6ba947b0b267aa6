"""The admin API of Medusa's loyalty plugin, read side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.store_credit import translate, wire
from adapters.transport.listing import page_of
from adapters.transport.upstream import Answer, Upstream
from app.domain.errors import AccountNotFound, InvalidQuestion, ProviderContractBroken
from app.domain.identifiers import ProviderEntryId, ProviderStoreCreditId
from app.domain.instruments import StoreCreditAccount
from app.domain.ledger import LedgerEntry, LedgerQuestion
from app.domain.paging import Page, Window
from app.domain.provider import SourceInfo, StoreCreditQuestion

T = TypeVar("T")
ListShape = TypeVar("ListShape", bound=wire.ListResponse)

_ACCOUNTS: Final = ("admin", "store-credit-accounts")
_NO_PERSONAL_DATA: Final = ("fields", "-customer")
_ENTRY_EXTRAS: Final = ("fields", "+raw_amount,+account_id")


class MedusaStoreCredit:
    """Reads accounts and their ledgers; a route that the release lacks is a broken contract."""

    def __init__(self, upstream: Upstream, info: SourceInfo) -> None:
        self._upstream = upstream
        self._info = info

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def probe(self) -> None:
        """Ask how many accounts there are, and for none of them."""
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccounts", *_ACCOUNTS, query=[("limit", "0")], refusals=()
        )
        answer.read(wire.ACCOUNT_LIST)

    async def aclose(self) -> None:
        await self._upstream.aclose()

    async def store_credit_account(self, account_id: ProviderStoreCreditId) -> StoreCreditAccount:
        if not translate.can_be_held(account_id):
            raise AccountNotFound("store credit account")
        try:
            answer = await self._upstream.read(
                "medusa.sc/GetStoreCreditAccountsId",
                *_ACCOUNTS,
                account_id,
                query=[_NO_PERSONAL_DATA],
            )
        except InvalidQuestion as exc:
            raise AccountNotFound("store credit account") from exc
        if answer.status == 404:
            answer.read(wire.NOT_FOUND)
            raise AccountNotFound("store credit account")
        account = answer.read(wire.ACCOUNT_RESPONSE).store_credit_account
        if account.id != account_id:
            raise ProviderContractBroken(answer.source)
        return translate.to_store_credit_account(
            account, source=answer.source, observed_at=answer.observed_at
        )

    async def search_store_credit(
        self, question: StoreCreditQuestion, window: Window
    ) -> Page[StoreCreditAccount]:
        """
        Oldest first. `question.search` is a part of the currency code: the provider's `q` looks at
        nothing else.
        """
        if not translate.can_match_accounts(question):
            return Page(items=(), next_offset=None, total=0)
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccounts",
            *_ACCOUNTS,
            query=[
                *translate.account_filters(question),
                *_asked_for(window, order="id"),
                _NO_PERSONAL_DATA,
            ],
            refusals=(),
        )

        def read(part: object) -> StoreCreditAccount:
            return translate.to_store_credit_account(
                answer.validate(wire.ACCOUNT, part),
                source=answer.source,
                observed_at=answer.observed_at,
            )

        page = _page(answer, wire.ACCOUNT_LIST, window, read)
        if not all(translate.is_answer_to(question, account) for account in page.items):
            raise ProviderContractBroken(answer.source)
        return page

    async def store_credit_ledger(
        self, account: StoreCreditAccount, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        if not translate.can_match_entries(question):
            return Page(items=(), next_offset=None, total=0)
        page = await self._entries(account, translate.entry_filters(question), window)
        return replace(
            page,
            items=tuple(entry for entry in page.items if question.matches(entry)),
            total=None if translate.needs_matching(question) else page.total,
        )

    async def store_credit_ledger_entry(
        self, account: StoreCreditAccount, entry_id: ProviderEntryId
    ) -> LedgerEntry:
        if not translate.can_be_held(entry_id):
            raise AccountNotFound("ledger entry")
        page = await self._entries(account, [("id", entry_id)], Window(limit=1))
        if page.faults:
            raise page.faults[0]
        if not page.items:
            raise AccountNotFound("ledger entry")
        if page.items[0].native.provider_entry_id != entry_id:
            raise ProviderContractBroken(self._info.key)
        return page.items[0]

    async def _entries(
        self, account: StoreCreditAccount, filters: translate.Filters, window: Window
    ) -> Page[LedgerEntry]:
        """Newest first. The ledger of an unknown account is empty, so *account* was read before."""
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccountsIdTransactions",
            *_ACCOUNTS,
            account.provider_store_credit_id,
            "transactions",
            query=[*filters, *_asked_for(window, order="-id"), _ENTRY_EXTRAS],
            refusals=(),
        )

        def read(part: object) -> LedgerEntry:
            entry = answer.validate(wire.TRANSACTION, part)
            if entry.account_id not in (None, account.provider_store_credit_id):
                raise ProviderContractBroken(answer.source)
            return translate.to_ledger_entry(entry, account)

        return _page(answer, wire.TRANSACTION_LIST, window, read)


def _asked_for(window: Window, *, order: str) -> translate.Filters:
    return [("limit", str(window.limit)), ("offset", str(window.offset)), ("order", order)]


def _page(
    answer: Answer, shape: TypeAdapter[ListShape], window: Window, read: Callable[[object], T]
) -> Page[T]:
    listed = answer.read(shape)
    if listed.offset != window.offset or len(listed.rows) > window.limit:
        raise ProviderContractBroken(answer.source)
    return page_of(window, listed.rows, read, total=listed.count)
