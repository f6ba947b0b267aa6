"""
A real little ledger with every ability of `app.domain.provider`.

`InMemoryProvider` has all abilities, the narrow providers below it what one kind of backend has.
All of them keep plain lists, write down every question, and can be told to fail or to hang.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

from app.domain.customer import CustomerIdentity
from app.domain.errors import (
    AccountNotFound,
    IdentityNotLinked,
    ProviderContractBroken,
    ProviderFault,
)
from app.domain.holds import CardStory
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
    ProviderStoreCreditId,
)
from app.domain.instruments import (
    AdobeCompanyCreditDetails,
    CreditAccount,
    GiftCard,
    Instrument,
    StoreCreditAccount,
    VtexCreditAccountDetails,
)
from app.domain.invoices import Invoice, InvoiceQuestion, StoreConfiguration
from app.domain.ledger import CardMovement, CardTransaction, LedgerEntry, LedgerQuestion
from app.domain.paging import Page, Window
from app.domain.provider import (
    CreditAccountQuestion,
    GiftCardQuestion,
    SourceInfo,
    StoreCreditQuestion,
)

T = TypeVar("T")

NO_MOVEMENTS: Final[tuple[CardMovement, ...]] = ()
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)


class Asked(NamedTuple):
    """A question that arrived; *about* is the id it names, if it names one."""

    method: str
    about: str | None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What happens to the questions it is for: all, one method's, or one method's about one id."""

    method: str | None
    about: str | None
    fault: ProviderFault | None
    gate: asyncio.Semaphore

    def meets(self, question: Asked) -> bool:
        return self.method in (None, question.method) and self.about in (None, question.about)


class _Source:
    """
    What every narrow provider is.

    Attributes:
        asked: Every question, in the order of arrival.
        most_under_way: How many questions were under way at the same time, at most.
        repeats_last_page: Lists never end: behind the last item the last page comes again.
    """

    def __init__(self, info: SourceInfo) -> None:
        self.info = info
        self.asked: list[Asked] = []
        self.most_under_way = 0
        self.repeats_last_page = False
        self._under_way = 0
        self._arrived = asyncio.Event()
        self._troubles: list[_Trouble] = []
        self._spoiled: set[str] = set()
        self._lost: set[str] = set()

    def times_asked(self, method: str | None = None) -> int:
        return len([one for one in self.asked if method in (None, one.method)])

    def fail(
        self, fault: type[ProviderFault], method: str | None = None, *, about: str | None = None
    ) -> None:
        """Answer with *fault* from now on: everything, one method, or one method about one id."""
        self._trouble(method, about, fault(self.info.key))

    def hang(self, method: str | None = None, *, about: str | None = None) -> None:
        """Do not answer from now on, until `answer` lets a question through."""
        self._trouble(method, about, None)

    def answer(self, times: int = 1) -> None:
        """Let *times* hanging questions through, those that wait already first."""
        for trouble in self._troubles:
            for _ in range(times):
                trouble.gate.release()

    def recover(self) -> None:
        """Answer everything again; what hangs already goes on hanging."""
        self._troubles.clear()

    def spoil(self, provider_id: str) -> None:
        """Make one item unreadable: a fault by itself, and stepped over in lists."""
        self._spoiled.add(provider_id)

    def lose(self, provider_id: str) -> None:
        """Go on listing one item, and no longer know it when it is asked for."""
        self._lost.add(provider_id)

    async def until_asked(self, times: int, method: str | None = None) -> None:
        """Wait until so many questions have arrived."""
        while self.times_asked(method) < times:
            self._arrived.clear()
            await self._arrived.wait()

    async def probe(self) -> None:
        await self._question("probe")

    async def _question(self, method: str, about: str | None = None) -> None:
        question = Asked(method, about)
        self.asked.append(question)
        self._arrived.set()
        self._under_way += 1
        self.most_under_way = max(self.most_under_way, self._under_way)
        try:
            for trouble in [one for one in self._troubles if one.meets(question)]:
                if trouble.fault is not None:
                    raise trouble.fault
                await trouble.gate.acquire()
        finally:
            self._under_way -= 1

    def _trouble(self, method: str | None, about: str | None, fault: ProviderFault | None) -> None:
        if method is not None and not callable(getattr(self, method, None)):
            raise ValueError(f"{type(self).__name__} is never asked {method}")
        self._troubles.append(_Trouble(method, about, fault, asyncio.Semaphore(0)))

    def _only(
        self, items: Iterable[T], kind: str, provider_id: str, own_id: Callable[[T], str]
    ) -> T:
        found = [item for item in items if own_id(item) == provider_id]
        if not found or provider_id in self._lost:
            raise AccountNotFound(kind)
        if provider_id in self._spoiled:
            raise ProviderContractBroken(self.info.key)
        return found[0]

    def _page(self, items: Sequence[T], window: Window, own_id: Callable[[T], str]) -> Page[T]:
        start, end = window.offset, window.offset + window.limit
        if self.repeats_last_page and start >= len(items):
            start, end = max(0, len(items) - window.limit), len(items)
        shown = items[start:end]
        readable = tuple(item for item in shown if own_id(item) not in self._spoiled)
        more = end < len(items) or self.repeats_last_page
        return Page(
            items=readable,
            next_offset=window.offset + window.limit if more else None,
            total=None if self.repeats_last_page else len(items),
            faults=(ProviderContractBroken(self.info.key),) * (len(shown) - len(readable)),
        )

    def _history(
        self, entries: Iterable[LedgerEntry], question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        wanted = [entry for entry in entries if question.matches(entry)]
        newest_first = sorted(wanted, key=lambda entry: entry.occurred_at, reverse=True)
        return self._page(newest_first, window, _entry_id)


def _entry_id(entry: LedgerEntry) -> str:
    return entry.native.provider_entry_id


class CreditAccountsInMemory(_Source):
    """`ReadsCreditAccounts` and `ReadsCreditLedger`; all that a company credit is."""

    def __init__(self, info: SourceInfo, *accounts: CreditAccount) -> None:
        super().__init__(info)
        self.accounts = list(accounts)
        self.entries: list[LedgerEntry] = []

    async def credit_account(self, account_id: ProviderAccountId) -> CreditAccount:
        await self._question("credit_account", account_id)
        return self._account(account_id)

    async def credit_accounts_of(self, customer: CustomerIdentity) -> Page[CreditAccount]:
        await self._question("credit_accounts_of")
        own_id = customer.id_at(self.info.key)
        if not (customer.email or customer.document or own_id):
            raise IdentityNotLinked(self.info.key)
        mine = [
            one
            for one in self.accounts
            if (one.holder_email and one.holder_email == customer.email)
            or (own_id and one.provider_account_id == ProviderAccountId(own_id))
            or (customer.document and _document_of(one) == customer.document)
        ]
        return self._page(mine, Window(0, max(1, len(mine))), lambda one: one.provider_account_id)

    async def search_credit_accounts(
        self, question: CreditAccountQuestion, window: Window
    ) -> Page[CreditAccount]:
        await self._question("search_credit_accounts")
        found = [one for one in self.accounts if _answers(one, question)]
        return self._page(found, window, lambda one: one.provider_account_id)

    async def credit_ledger(
        self, account_id: ProviderAccountId, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        await self._question("credit_ledger", account_id)
        return self._history(self._entries(account_id), question, window)

    async def credit_ledger_entry(
        self, account_id: ProviderAccountId, entry_id: ProviderEntryId
    ) -> LedgerEntry:
        await self._question("credit_ledger_entry", entry_id)
        return self._only(self._entries(account_id), "ledger entry", entry_id, _entry_id)

    def _account(self, account_id: ProviderAccountId) -> CreditAccount:
        return self._only(
            self.accounts, "credit account", account_id, lambda one: one.provider_account_id
        )

    def _entries(self, account_id: ProviderAccountId) -> list[LedgerEntry]:
        self._account(account_id)
        return [entry for entry in self.entries if entry.instrument_id == account_id]


def _document_of(account: CreditAccount) -> str | None:
    details = account.details
    return details.document if isinstance(details, VtexCreditAccountDetails) else None


def _company_of(account: CreditAccount) -> int | None:
    details = account.details
    return details.company_id if isinstance(details, AdobeCompanyCreditDetails) else None


def _answers(account: CreditAccount, question: CreditAccountQuestion) -> bool:
    owed, limit = account.outstanding, account.limit
    return (
        question.email in (None, account.holder_email)
        and question.company_id in (None, _company_of(account))
        and question.status in (None, account.status)
        and (
            question.outstanding_min is None
            or (owed is not None and owed.amount >= question.outstanding_min)
        )
        and (
            question.limit_min is None or (limit is not None and limit.amount >= question.limit_min)
        )
    )


class InvoicedCreditInMemory(CreditAccountsInMemory):
    """Credit accounts with invoices and the store's terms."""

    def __init__(
        self,
        info: SourceInfo,
        *accounts: CreditAccount,
        configuration: StoreConfiguration | None = None,
    ) -> None:
        super().__init__(info, *accounts)
        self.invoices: list[Invoice] = []
        self.configuration = configuration

    async def invoice(
        self, account_id: ProviderAccountId, invoice_id: ProviderInvoiceId
    ) -> Invoice:
        await self._question("invoice", invoice_id)
        return self._only(
            self._billed(account_id), "invoice", invoice_id, lambda one: one.provider_invoice_id
        )

    async def invoices_of_account(
        self, account_id: ProviderAccountId, window: Window
    ) -> Page[Invoice]:
        await self._question("invoices_of_account", account_id)
        self._account(account_id)
        return self._page(self._billed(account_id), window, lambda one: one.provider_invoice_id)

    async def search_invoices(self, question: InvoiceQuestion, window: Window) -> Page[Invoice]:
        await self._question("search_invoices")
        found = [one for one in self.invoices if question.matches(one, at=one.observed_at)]
        return self._page(found, window, lambda one: one.provider_invoice_id)

    async def store_configuration(self) -> StoreConfiguration:
        await self._question("store_configuration")
        if self.configuration is None:
            raise ProviderContractBroken(self.info.key)
        return self.configuration

    def _billed(self, account_id: ProviderAccountId) -> list[Invoice]:
        return [one for one in self.invoices if one.provider_account_id == account_id]


class GiftCardsInMemory(_Source):
    """
    `ReadsGiftCards`.

    Attributes:
        owners: E-mail, document or id at this source that each card is found by.
    """

    def __init__(self, info: SourceInfo, *cards: GiftCard, owner: str | None = None) -> None:
        super().__init__(info)
        self.cards = list(cards)
        self.owners = {card.provider_card_id: owner for card in cards}
        self.stories: list[CardStory] = []
        self.authorizations: dict[ProviderHoldId, CardMovement] = {}

    async def gift_card(self, card_id: ProviderCardId) -> GiftCard:
        await self._question("gift_card", card_id)
        return self._only(self.cards, "gift card", card_id, lambda one: one.provider_card_id)

    async def search_gift_cards(
        self, question: GiftCardQuestion, window: Window
    ) -> Page[ProviderCardId]:
        await self._question("search_gift_cards")
        names = {question.email, question.document, question.provider_customer_id} - {None}
        found = [
            card.provider_card_id
            for card in self.cards
            if (not names or self.owners.get(card.provider_card_id) in names)
            and question.redemption_code in (None, card.redemption_code.reveal())
            and question.relation_name in (None, card.details.relation_name)
        ]
        return self._page(found, window, lambda _: "")

    async def card_transactions(self, card_id: ProviderCardId) -> tuple[ProviderHoldId, ...]:
        await self._question("card_transactions", card_id)
        mine = [one.transaction for one in self.stories if _is_of(one, card_id)]
        newest_first = sorted(mine, key=lambda one: one.occurred_at, reverse=True)
        return tuple(one.provider_hold_id for one in newest_first)

    async def card_transaction(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardTransaction:
        await self._question("card_transaction", transaction_id)
        return self._story(card, transaction_id).transaction

    async def card_authorization(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> CardMovement | None:
        await self._question("card_authorization", transaction_id)
        self._story(card, transaction_id)
        return self.authorizations.get(transaction_id)

    async def card_settlements(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]:
        await self._question("card_settlements", transaction_id)
        return self._story(card, transaction_id).settlements

    async def card_cancellations(
        self, card: GiftCard, transaction_id: ProviderHoldId
    ) -> tuple[CardMovement, ...]:
        await self._question("card_cancellations", transaction_id)
        return self._story(card, transaction_id).cancellations

    def tell(
        self,
        transaction: CardTransaction,
        *,
        settled: Sequence[CardMovement] = NO_MOVEMENTS,
        cancelled: Sequence[CardMovement] = NO_MOVEMENTS,
    ) -> None:
        """Write down a transaction and what happened to it."""
        self.stories.append(
            CardStory(
                transaction=transaction,
                settlements=tuple(settled),
                cancellations=tuple(cancelled),
            )
        )

    def _story(self, card: GiftCard, transaction_id: ProviderHoldId) -> CardStory:
        return self._only(
            [one for one in self.stories if _is_of(one, card.provider_card_id)],
            "transaction",
            transaction_id,
            lambda one: one.transaction.provider_hold_id,
        )


def _is_of(story: CardStory, card_id: ProviderCardId) -> bool:
    return story.transaction.provider_card_id == card_id


class StoreCreditInMemory(_Source):
    """`ReadsStoreCredit`."""

    def __init__(self, info: SourceInfo, *accounts: StoreCreditAccount) -> None:
        super().__init__(info)
        self.store_credit = list(accounts)
        self.store_credit_entries: list[LedgerEntry] = []

    async def store_credit_account(self, account_id: ProviderStoreCreditId) -> StoreCreditAccount:
        await self._question("store_credit_account", account_id)
        return self._only(
            self.store_credit,
            "store credit account",
            account_id,
            lambda one: one.provider_store_credit_id,
        )

    async def search_store_credit(
        self, question: StoreCreditQuestion, window: Window
    ) -> Page[StoreCreditAccount]:
        await self._question("search_store_credit")
        found = [one for one in self.store_credit if _is_wanted(one, question)]
        return self._page(found, window, lambda one: one.provider_store_credit_id)

    async def store_credit_ledger(
        self, account: StoreCreditAccount, question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        await self._question("store_credit_ledger", account.provider_store_credit_id)
        return self._history(self._lines_of(account), question, window)

    async def store_credit_ledger_entry(
        self, account: StoreCreditAccount, entry_id: ProviderEntryId
    ) -> LedgerEntry:
        await self._question("store_credit_ledger_entry", entry_id)
        return self._only(self._lines_of(account), "ledger entry", entry_id, _entry_id)

    def _lines_of(self, account: StoreCreditAccount) -> list[LedgerEntry]:
        own_id = account.provider_store_credit_id
        return [entry for entry in self.store_credit_entries if entry.instrument_id == own_id]


def _is_wanted(account: StoreCreditAccount, question: StoreCreditQuestion) -> bool:
    created = account.created_at
    return (
        question.currency in (None, account.currency)
        and question.provider_customer_id in (None, account.details.provider_customer_id)
        and (question.search is None or question.search.upper() in account.currency.code)
        and (question.created_from is None or (created or FIRST) >= question.created_from)
        and (question.created_to is None or (created or LAST) <= question.created_to)
    )


class InMemoryProvider(InvoicedCreditInMemory, GiftCardsInMemory, StoreCreditInMemory):
    """Every ability in one source."""

    def __init__(
        self,
        info: SourceInfo,
        *instruments: Instrument,
        owner: str | None = None,
        configuration: StoreConfiguration | None = None,
    ) -> None:
        super().__init__(info, configuration=configuration)
        self.keep(*instruments, owner=owner)

    def keep(self, *instruments: Instrument, owner: str | None = None) -> None:
        """
        Args:
            owner: E-mail, document or id at this source that gift cards are found by.
        """
        for one in instruments:
            match one:
                case CreditAccount():
                    self.accounts.append(one)
                case GiftCard():
                    self.cards.append(one)
                    self.owners[one.provider_card_id] = owner
                case StoreCreditAccount():
                    self.store_credit.append(one)
