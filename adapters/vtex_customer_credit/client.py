"""The Customer Credit API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from adapters.transport.listing import read_each
from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_customer_credit import translate, wire
from adapters.vtex_customer_credit.routes import ACCOUNTS, ROOT
from adapters.vtex_customer_credit.writers.every import every_writer
from app.domain.customer import CustomerIdentity
from app.domain.errors import (
    AccountNotFound,
    IdentityNotLinked,
    InvalidQuestion,
    ProviderContractBroken,
    ProviderFault,
)
from app.domain.identifiers import ProviderAccountId, ProviderEntryId, ProviderInvoiceId
from app.domain.instructions import Instruction
from app.domain.instruments import CreditAccount
from app.domain.invoices import Invoice, InvoiceQuestion, StoreConfiguration
from app.domain.ledger import LedgerEntry, LedgerQuestion
from app.domain.paging import Page, Window
from app.domain.provider import CreditAccountQuestion, SourceInfo, Writer
from app.domain.source_health import SourceHealth

T = TypeVar("T")

SMALLEST_FULL_PAGE: Final = 20
"""What the account search gives unasked; larger pages may come short without being the last."""

LARGEST_ACCOUNT_PAGE: Final = SMALLEST_FULL_PAGE

LARGEST_INVOICE_PAGE: Final = 100


class VtexCustomerCredit:
    """Accounts, their invoices and statements, and the terms of the store."""

    def __init__(self, upstream: Upstream, info: SourceInfo) -> None:
        self._upstream = upstream
        self._info = info
        self._writers = every_writer(upstream, self)

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def writers(self) -> Mapping[type[Instruction], Writer[Any]]:
        return self._writers

    async def probe(self) -> None:
        """Look at the first account, whosever it is."""
        (await self._search_accounts(Window(0, 1), email=None)).read(wire.SEARCH)

    async def health(self) -> SourceHealth | None:
        return await self._upstream.health()

    async def aclose(self) -> None:
        await self._upstream.aclose()

    async def credit_account(self, account_id: ProviderAccountId) -> CreditAccount:
        answer = await self._of_known(
            "credit account", "vtex.cc/RetrieveaAccountbyId", *ACCOUNTS, account_id
        )
        account = self._account(answer, answer.json())
        if not translate.same_id(account_id, account.provider_account_id):
            raise ProviderContractBroken(answer.source)
        return account

    async def credit_accounts_of(self, customer: CustomerIdentity) -> Page[CreditAccount]:
        """By the linked account id, or else by e-mail, or else by the id that a document gives."""
        if account_id := customer.id_at(self._info.key):
            return await self._account_if_any(ProviderAccountId(account_id))
        if customer.email:
            return await self._accounts_of_email(customer.email)
        if opened_for := translate.account_id_of_document(customer.document):
            return await self._account_if_any(opened_for)
        raise IdentityNotLinked(self._info.key)

    async def search_credit_accounts(
        self, question: CreditAccountQuestion, window: Window
    ) -> Page[CreditAccount]:
        """
        Closed accounts are never listed. None belongs to a company, and none tells what is owed, so
        a question for either finds nothing.
        """
        if question.company_id is not None or question.outstanding_min is not None:
            return Page(items=(), next_offset=None)
        window = replace(window, limit=min(window.limit, LARGEST_ACCOUNT_PAGE))
        answer = await self._search_accounts(window, email=question.email)
        page = self._seen_accounts(answer, window)
        wanted = tuple(
            account for account in page.items if translate.is_answer_to(question, account)
        )
        return replace(page, items=wanted, total=None)

    async def credit_ledger(
        self, account_id: ProviderAccountId, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        """
        The provider gives all entries at once. One that cannot be read has no place in the order,
        so its fault is on every page.
        """
        ledger, faults = await self._ledger(account_id)
        wanted = [entry for entry in ledger if question.matches(entry)]
        end = window.offset + window.limit
        return Page(
            items=tuple(wanted[window.offset : end]),
            next_offset=end if end < len(wanted) else None,
            total=None if faults else len(wanted),
            faults=faults,
        )

    async def credit_ledger_entry(
        self, account_id: ProviderAccountId, entry_id: ProviderEntryId
    ) -> LedgerEntry:
        if not translate.can_be_entry_id(entry_id):
            raise AccountNotFound("ledger entry")
        ledger, _ = await self._ledger(account_id)
        for entry in ledger:
            if entry.native.provider_entry_id == entry_id:
                return entry
        raise AccountNotFound("ledger entry")

    async def invoice(
        self, account_id: ProviderAccountId, invoice_id: ProviderInvoiceId
    ) -> Invoice:
        answer = await self._of_known(
            "invoice",
            "vtex.cc/RetrieveInvoicebyId",
            *ACCOUNTS,
            account_id,
            "invoices",
            invoice_id,
        )
        invoice = self._invoice_of(account_id, answer, answer.json())
        if not translate.same_id(invoice_id, invoice.provider_invoice_id):
            raise ProviderContractBroken(answer.source)
        return invoice

    async def invoices_of_account(
        self, account_id: ProviderAccountId, window: Window
    ) -> Page[Invoice]:
        window, asked = _invoice_windows(window)
        answer = await self._of_known(
            "credit account",
            "vtex.cc/SearchallinvoicesofaAccount",
            *ACCOUNTS,
            account_id,
            "invoices",
            query=_from_to(asked),
        )
        return _seen(answer, window, asked, lambda part: self._invoice_of(account_id, answer, part))

    async def search_invoices(self, question: InvoiceQuestion, window: Window) -> Page[Invoice]:
        window, asked = _invoice_windows(window)
        answer = await self._upstream.read(
            "vtex.cc/Searchallinvoices",
            *ROOT,
            "invoices",
            query=[*_from_to(asked), *translate.invoice_filters(question)],
            refusals=(),
        )
        page = _seen(answer, window, asked, lambda part: self._invoice(answer, part))
        at = answer.observed_at
        wanted = tuple(invoice for invoice in page.items if question.matches(invoice, at=at))
        return replace(page, items=wanted, total=None)

    async def store_configuration(self) -> StoreConfiguration:
        answer = await self._upstream.read(
            "vtex.cc/Retrievestoreconfiguration", *ROOT, "storeconfig", refusals=()
        )
        return translate.to_store_configuration(
            answer.read(wire.STORE_CONFIGURATION), info=self._info
        )

    async def _of_known(
        self, kind: str, operation: str, *segments: str, query: Sequence[tuple[str, str]] = ()
    ) -> Answer:
        """Ask about something that has an id; one that no path can hold is nobody's."""
        try:
            answer = await self._upstream.read(operation, *segments, query=query)
        except InvalidQuestion as exc:
            raise AccountNotFound(kind) from exc
        if answer.status == 404:
            raise AccountNotFound(kind)
        return answer

    async def _search_accounts(self, window: Window, *, email: str | None) -> Answer:
        """`status` is never sent: the document lists the words of invoices for it."""
        return await self._upstream.read(
            "vtex.cc/Searchallaccounts",
            *ACCOUNTS,
            query=[*_from_to(window), *([] if email is None else [("email", email)])],
            refusals=(),
        )

    async def _account_if_any(self, account_id: ProviderAccountId) -> Page[CreditAccount]:
        try:
            accounts = (await self.credit_account(account_id),)
        except AccountNotFound:
            return Page(items=(), next_offset=None)
        return Page(items=accounts, next_offset=None)

    async def _accounts_of_email(self, email: str) -> Page[CreditAccount]:
        """All pages, until one is short or brings nothing new: paging may be ignored."""
        accounts: dict[ProviderAccountId, CreditAccount] = {}
        faults: list[ProviderFault] = []
        offset: int | None = 0
        while offset is not None:
            window = Window(offset, LARGEST_ACCOUNT_PAGE)
            answer = await self._search_accounts(window, email=email)
            page = self._seen_accounts(answer, window, held_by=email)
            known = len(accounts)
            accounts |= {account.provider_account_id: account for account in page.items}
            faults += page.faults
            offset = page.next_offset if len(accounts) > known else None
        return Page(items=tuple(accounts.values()), next_offset=None, faults=tuple(faults))

    def _seen_accounts(
        self, answer: Answer, window: Window, *, held_by: str | None = None
    ) -> Page[CreditAccount]:
        def read(part: object) -> CreditAccount:
            account = self._account(answer, part)
            if held_by is not None and not translate.is_held_by(account, held_by):
                raise ProviderContractBroken(answer.source)
            return account

        return _seen(answer, window, window, read)

    def _account(self, answer: Answer, part: Any) -> CreditAccount:
        return translate.to_credit_account(
            answer.validate(wire.ACCOUNT, part), info=self._info, observed_at=answer.observed_at
        )

    def _invoice(self, answer: Answer, part: Any) -> Invoice:
        return translate.to_invoice(
            answer.validate(wire.INVOICE, part), info=self._info, observed_at=answer.observed_at
        )

    def _invoice_of(self, account_id: ProviderAccountId, answer: Answer, part: Any) -> Invoice:
        invoice = self._invoice(answer, part)
        if not translate.same_id(account_id, invoice.provider_account_id):
            raise ProviderContractBroken(answer.source)
        return invoice

    async def _ledger(
        self, account_id: ProviderAccountId
    ) -> tuple[tuple[LedgerEntry, ...], tuple[ProviderContractBroken, ...]]:
        answer = await self._of_known(
            "credit account", "vtex.cc/Accountstatements", *ACCOUNTS, account_id, "statements"
        )
        entries, faults = read_each(
            answer.read(wire.STATEMENTS).statements,
            lambda part: answer.validate(wire.STATEMENT_ENTRY, part),
        )
        return translate.to_ledger(entries, account_id=account_id, info=self._info), faults


def _from_to(window: Window) -> list[tuple[str, str]]:
    """Counted from 1, both ends included."""
    return [("from", str(window.offset + 1)), ("to", str(window.offset + window.limit))]


def _invoice_windows(window: Window) -> tuple[Window, Window]:
    """
    What to show, and what to ask for so that a list which ignores paging is known by its length.

    The list of an account may ignore it. At the start one item more than shown is asked for.
    Further on the whole list has at least the items before the window, so fewer are asked for.
    """
    limit = min(window.limit, LARGEST_INVOICE_PAGE)
    if window.offset < 2:
        return replace(window, limit=limit), Window(0, window.offset + limit + 1)
    window = replace(window, limit=min(limit, window.offset - 1))
    return window, window


def _seen(answer: Answer, window: Window, asked: Window, read: Callable[[object], T]) -> Page[T]:
    """
    What *window* shows of the answer to *asked*; more items than that are the whole list.

    A short answer ends the list only when it is shorter than any page is known to be at most.
    """
    parts = answer.read(wire.SEARCH).data
    is_whole = len(parts) > asked.limit
    is_last = is_whole or len(parts) < min(asked.limit, SMALLEST_FULL_PAGE)
    first = 0 if is_whole else asked.offset
    shown = parts[window.offset - first :][: window.limit]
    items, faults = read_each(shown, read)
    end, known_end = window.offset + len(shown), first + len(parts)
    return Page(
        items=items,
        next_offset=end if shown and (end < known_end or not is_last) else None,
        total=len(parts) if is_last and not first else None,
        faults=faults,
    )
