"""
A real little ledger with every ability of `app.domain.provider`.

`InMemoryProvider` has all abilities, the narrow providers below it what one kind of backend has.
All of them keep plain lists; only `InMemoryProvider` changes them when it is told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from app.domain.customer import CustomerIdentity
from app.domain.errors import IdentityNotLinked, ProviderContractBroken
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
    StoreCreditFacts,
    StoreCreditQuestion,
)
from tests.doubles.source_in_memory import SourceInMemory, line_id
from tests.doubles.writes_in_memory import WritesInMemory

NO_MOVEMENTS: Final[tuple[CardMovement, ...]] = ()
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)


class CreditAccountsInMemory(SourceInMemory):
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
        return self._only(self._entries(account_id), "ledger entry", entry_id, line_id)

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


class GiftCardsInMemory(SourceInMemory):
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
            and question.relation_name
            in (None, card.details.relation_name if card.details else None)
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


class StoreCreditInMemory(SourceInMemory):
    """`ReadsStoreCredit`."""

    def __init__(self, info: SourceInfo, *accounts: StoreCreditAccount) -> None:
        super().__init__(info)
        self.store_credit = list(accounts)
        self.store_credit_entries: list[LedgerEntry] = []

    async def store_credit_account(
        self,
        account_id: ProviderStoreCreditId,
        facts: StoreCreditFacts = StoreCreditFacts.EVERY,
    ) -> StoreCreditAccount:
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
        return self._only(self._lines_of(account), "ledger entry", entry_id, line_id)

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


class InMemoryProvider(
    InvoicedCreditInMemory, GiftCardsInMemory, StoreCreditInMemory, WritesInMemory
):
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
