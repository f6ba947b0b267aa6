"""The admin API of Medusa's loyalty plugin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from adapters.store_credit import translate, wire
from adapters.store_credit.accounts import AccountRows
from adapters.store_credit.by_ids import AccountsByIds
from adapters.store_credit.ledger import Ledger
from adapters.store_credit.lists import answered, asked_for, listed_account
from adapters.store_credit.writers import CREDIT, DEBIT, MovesStoreCredit, OpensStoreCredit
from adapters.transport.upstream import Upstream
from app.domain.errors import AccountNotFound, InvalidQuestion, ProviderContractBroken
from app.domain.identifiers import ProviderEntryId, ProviderStoreCreditId
from app.domain.instructions import (
    CreditStoreCredit,
    DebitStoreCredit,
    Instruction,
    OpenStoreCreditAccount,
)
from app.domain.instruments import Secret, StoreCreditAccount
from app.domain.ledger import LedgerEntry, LedgerQuestion
from app.domain.paging import Page, Window
from app.domain.provider import Each, SourceInfo, StoreCreditFacts, StoreCreditQuestion, Writer
from app.domain.source_health import SourceHealth

_ACCOUNTS: Final = ("admin", "store-credit-accounts")


class MedusaStoreCredit:
    """A route of a read that the release lacks is a broken contract."""

    def __init__(self, upstream: Upstream, info: SourceInfo) -> None:
        self._upstream = upstream
        self._info = info
        self._ledger = Ledger(upstream)
        self._rows = AccountRows(upstream)
        self._by_ids = AccountsByIds(upstream)
        every: Mapping[type[Instruction], Writer[Any]] = {
            CreditStoreCredit: MovesStoreCredit(upstream, CREDIT),
            DebitStoreCredit: MovesStoreCredit(upstream, DEBIT),
            OpenStoreCreditAccount: OpensStoreCredit(upstream),
        }
        self._writers = {
            kind: writer for kind, writer in every.items() if kind.capability in info.capabilities
        }

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def writers(self) -> Mapping[type[Instruction], Writer[Any]]:
        """What the release of this store has a route for."""
        return self._writers

    async def probe(self) -> None:
        """Ask how many accounts there are, and for none of them."""
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccounts", *_ACCOUNTS, query=[("limit", "0")], refusals=()
        )
        answer.read(wire.ACCOUNT_LIST)

    async def health(self) -> SourceHealth | None:
        return await self._upstream.health()

    async def aclose(self) -> None:
        await self._upstream.aclose()

    async def store_credit_account(
        self,
        account_id: ProviderStoreCreditId,
        facts: StoreCreditFacts = StoreCreditFacts.EVERY,
    ) -> StoreCreditAccount:
        if not translate.can_be_held(account_id):
            raise AccountNotFound("store credit account")
        try:
            answer = await self._upstream.read(
                "medusa.sc/GetStoreCreditAccountsId",
                *_ACCOUNTS,
                account_id,
                query=[translate.members_for(facts)],
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

    async def store_credit_accounts(
        self, account_ids: Collection[ProviderStoreCreditId], facts: StoreCreditFacts
    ) -> Each[ProviderStoreCreditId, StoreCreditAccount]:
        return await self._by_ids.read(account_ids, facts)

    async def find_by_code(self, code: Secret) -> StoreCreditAccount:
        """
        The account that nobody owns and that *code* opens.

        The provider has no way to ask for it: of the accounts that nobody owns, the newest first,
        as many are read as it takes, all of them for a code that opens none.

        Raises:
            AccountNotFound: There is none, somebody owns it, or it is behind a gift card that ended
                or was taken out of use: the provider would let it be claimed all the same.
        """
        account_id = await self._rows.unowned_with(code)
        if account_id is None or not await self._rows.may_be_claimed(account_id):
            raise AccountNotFound("store credit account")
        return await self.store_credit_account(account_id)

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
                *asked_for(window, order="id"),
                translate.members_for(question.facts),
            ],
            refusals=(),
        )
        page = answered(answer, wire.ACCOUNT_LIST, window, partial(listed_account, answer))
        if not all(translate.is_answer_to(question, account) for account in page.items):
            raise ProviderContractBroken(answer.source)
        return page

    async def store_credit_ledger(
        self, account: StoreCreditAccount, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        if not translate.can_match_entries(question):
            return Page(items=(), next_offset=None, total=0)
        page = await self._ledger.page(
            account.provider_store_credit_id,
            translate.entry_filters(question),
            window,
            lambda entry: translate.to_ledger_entry(entry, account),
        )
        return replace(
            page,
            items=tuple(entry for entry in page.items if question.matches(entry)),
            total=None if translate.needs_matching(question) else page.total,
        )

    async def store_credit_ledger_entry(
        self, account: StoreCreditAccount, entry_id: ProviderEntryId
    ) -> LedgerEntry:
        entry = await self._ledger.entry(account.provider_store_credit_id, entry_id)
        return translate.to_ledger_entry(entry, account)
