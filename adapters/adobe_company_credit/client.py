"""The door of this room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from adapters.adobe_company_credit.by_ids import AccountsByIds
from adapters.adobe_company_credit.companies import Companies
from adapters.adobe_company_credit.credits import ACCOUNT, Credits, number_of
from adapters.adobe_company_credit.fan_out import both, read_all
from adapters.adobe_company_credit.history import History
from adapters.adobe_company_credit.search import Searcher
from adapters.adobe_company_credit.translate import (
    Owner,
    credit_filters,
    to_credit_account,
)
from adapters.adobe_company_credit.wire import CREDIT, CreditResponse
from adapters.adobe_company_credit.writers import writers
from adapters.transport.listing import page_of
from adapters.transport.upstream import Answer, Upstream
from app.domain.customer import CustomerIdentity
from app.domain.errors import ProviderContractBroken
from app.domain.identifiers import ProviderAccountId, ProviderEntryId
from app.domain.instructions import Instruction
from app.domain.instruments import CreditAccount
from app.domain.ledger import LedgerEntry, LedgerQuestion
from app.domain.money import Money
from app.domain.paging import Page, Window
from app.domain.provider import CreditAccountQuestion, Each, SourceInfo, Writer
from app.domain.source_health import SourceHealth


class AdobeCompanyCredit:
    """Reads company credits of one Adobe Commerce shop, their history and who may draw on them."""

    def __init__(
        self, upstream: Upstream, info: SourceInfo, *, website_id: int | None = None
    ) -> None:
        self._upstream = upstream
        self._info = info
        searcher = Searcher(upstream)
        self._credits = Credits(upstream, searcher)
        self._companies = Companies(upstream, searcher, website_id=website_id)
        self._by_ids = AccountsByIds(upstream.source, self._credits, self._companies)
        self._history = History(upstream.source, self._credits)
        self._writers = writers(upstream, self._credits)

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def probe(self) -> None:
        await self._credits.search((), Window(limit=1))

    @property
    def writers(self) -> Mapping[type[Instruction], Writer[Any]]:
        return self._writers

    async def health(self) -> SourceHealth | None:
        return await self._upstream.health()

    async def aclose(self) -> None:
        await self._upstream.aclose()

    async def credit_account(self, account_id: ProviderAccountId) -> CreditAccount:
        credit = await self._credits.by_id(number_of(account_id, ACCOUNT))
        owner = await self._companies.owner(credit.content.company_id)
        return self._account(credit.content, credit.answer, owner)

    async def credit_accounts(
        self, account_ids: Collection[ProviderAccountId]
    ) -> Each[ProviderAccountId, CreditAccount]:
        return await self._by_ids.read(account_ids)

    async def credit_accounts_of(self, customer: CustomerIdentity) -> Page[CreditAccount]:
        return await self._accounts_of(await self._companies.of(customer))

    async def search_credit_accounts(
        self, question: CreditAccountQuestion, window: Window
    ) -> Page[CreditAccount]:
        if question.email is not None:
            return await self._search_by_email(question.email, question, window)
        listing = await self._credits.search(credit_filters(question), window)
        read = partial(self._listed_credit, listing.answer, question)
        credits = page_of(window, listing.parts, read, total=listing.total)
        owners = await self._companies.owners({credit.company_id for credit in credits.items})
        accounts = credits.map(
            lambda credit: self._account(credit, listing.answer, owners[credit.company_id])
        )
        return replace(
            accounts,
            items=_matching(accounts.items, question),
            total=accounts.total if question.status is None else None,
        )

    async def credit_ledger(
        self, account_id: ProviderAccountId, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        return await self._history.ledger(account_id, question, window)

    async def credit_ledger_entry(
        self, account_id: ProviderAccountId, entry_id: ProviderEntryId
    ) -> LedgerEntry:
        return await self._history.entry(account_id, entry_id)

    async def _search_by_email(
        self, email: str, question: CreditAccountQuestion, window: Window
    ) -> Page[CreditAccount]:
        companies = await self._companies.of(CustomerIdentity(email=email))
        wanted = tuple(
            company for company in companies.items if question.company_id in (None, company)
        )
        accounts = await self._accounts_of(replace(companies, items=wanted))
        found = _matching(accounts.items, question)
        end = window.offset + window.limit
        return Page(
            items=found[window.offset : end],
            next_offset=end if end < len(found) else None,
            total=None if accounts.faults else len(found),
            faults=accounts.faults,
        )

    async def _accounts_of(self, companies: Page[int]) -> Page[CreditAccount]:
        read = await read_all(self._account_of_company, companies.items)
        accounts = {account.provider_account_id: account for account in read.results if account}
        faults = companies.faults + read.faults
        return Page(
            items=tuple(accounts.values()),
            next_offset=None,
            total=None if faults else len(accounts),
            faults=faults,
        )

    async def _account_of_company(self, company_id: int) -> CreditAccount | None:
        """None when the company has no credit record."""
        credit, owner = await both(
            self._credits.of_company(company_id), self._companies.owner(company_id)
        )
        if credit is None:
            return None
        return self._account(credit.content, credit.answer, owner)

    def _listed_credit(
        self, answer: Answer, question: CreditAccountQuestion, part: object
    ) -> CreditResponse:
        credit = answer.validate(CREDIT, part)
        if question.company_id not in (None, credit.company_id):
            raise self._contract_broken()
        return credit

    def _account(self, credit: CreditResponse, answer: Answer, owner: Owner) -> CreditAccount:
        return to_credit_account(
            credit,
            owner=owner,
            source=self._info.key,
            observed_at=answer.observed_at,
        )

    def _contract_broken(self) -> ProviderContractBroken:
        return ProviderContractBroken(self._info.key)


def _matching(
    accounts: tuple[CreditAccount, ...], question: CreditAccountQuestion
) -> tuple[CreditAccount, ...]:
    """Those of *accounts* that the shop would have left out, could it filter by everything."""
    return tuple(
        account
        for account in accounts
        if question.status in (None, account.status)
        and _at_least(question.limit_min, account.limit)
        and _at_least(question.outstanding_min, account.outstanding)
    )


def _at_least(minimum: Decimal | None, money: Money | None) -> bool:
    return minimum is None or (money is not None and money.amount >= minimum)
