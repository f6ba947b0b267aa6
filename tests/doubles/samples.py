"""Believable values of the domain, each plain until a test says what matters about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.domain.capability import Capability
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderCustomerId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instruments import (
    AdobeCompanyCreditDetails,
    CreditAccount,
    GiftCard,
    InstrumentKind,
    InstrumentStatus,
    MedusaStoreCreditDetails,
    Secret,
    StoreCreditAccount,
    VtexCreditAccountDetails,
    VtexDocumentType,
    VtexGiftCardDetails,
)
from app.domain.invoices import Invoice, InvoiceStatus, StoreConfiguration
from app.domain.ledger import (
    CardMovement,
    CardOperation,
    CardTransaction,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    NativeEntry,
)
from app.domain.money import Currency, Money
from app.domain.provider import SourceInfo

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOPPER = "shopper@example.com"
SHOPPER_DOCUMENT = "11144477735"
SHOPPER_ID = "cus_01K0A000000000000000000001"

BRL = Currency("BRL")
USD = Currency("USD")


def money(text: str, code: str = "BRL") -> Money:
    return Money(Decimal(text), Currency(code))


def a_source(
    key: str,
    *kinds: InstrumentKind,
    provider: str = "in-memory",
    currency: str = "BRL",
    capabilities: Collection[Capability] = (Capability.READ,),
) -> SourceInfo:
    """A source of *kinds*, or of every kind when none is named."""
    return SourceInfo(
        key=SourceKey(key),
        provider=provider,
        display_name=key.title(),
        default_currency=Currency(currency),
        kinds=frozenset(kinds or InstrumentKind),
        capabilities=frozenset(capabilities),
    )


def a_customer(
    email: str | None = SHOPPER, *, document: str | None = None, **ids: str
) -> CustomerIdentity:
    """
    Args:
        ids: The customer's own id at a source, by its key with `_` for `-`.
    """
    return CustomerIdentity(
        email=email,
        document=document,
        links=tuple(
            Link(SourceKey(key.replace("_", "-")), ProviderCustomerId(own), IdentityMatch.DIRECTORY)
            for key, own in ids.items()
        ),
    )


def a_credit_account(
    account_id: str = "11144477735_CPF",
    *,
    source: str = "vtex-br",
    limit: str | None = "1000",
    available: str = "850.00",
    available_other: str | None = None,
    outstanding: str | None = None,
    held: str | None = "0",
    tolerance: str | None = None,
    currency: str = "BRL",
    status: InstrumentStatus = InstrumentStatus.ACTIVE,
    holder: str | None = SHOPPER,
    document: str | None = None,
    observed_at: datetime = NOW,
) -> CreditAccount:
    """A credit account as VTEX keeps them: two figures for what is available, a tolerance."""
    other = available if available_other is None else available_other
    return CreditAccount(
        source=SourceKey(source),
        provider_account_id=ProviderAccountId(account_id),
        currency=Currency(currency),
        status=status,
        limit=None if limit is None else money(limit, currency),
        available=money(available, currency),
        available_other=money(other, currency),
        outstanding=None if outstanding is None else money(outstanding, currency),
        held=None if held is None else money(held, currency),
        tolerance=None if tolerance is None else Decimal(tolerance),
        holder_email=holder,
        observed_at=observed_at,
        details=VtexCreditAccountDetails(
            account_id=ProviderAccountId(account_id),
            email=holder,
            document=document,
            document_type=VtexDocumentType.CPF if document else None,
            balance=money("0", currency),
            available_credit=money(available, currency),
            available_balance=money(other, currency),
            pre_authorized_credit=money(held or "0", currency),
            raw_status=status.value.title(),
        ),
    )


def a_company_credit(
    account_id: str = "31",
    *,
    source: str = "adobe",
    limit: str | None = "5000",
    available: str = "3749.50",
    exceed_allowed: bool = False,
    owner_status_known: bool = True,
    currency: str = "BRL",
    status: InstrumentStatus = InstrumentStatus.ACTIVE,
    holder: str | None = SHOPPER,
    observed_at: datetime = NOW,
) -> CreditAccount:
    """A company's credit as Adobe keeps them: one figure, perhaps without a bound."""
    return CreditAccount(
        source=SourceKey(source),
        provider_account_id=ProviderAccountId(account_id),
        currency=Currency(currency),
        status=status,
        limit=None if limit is None else money(limit, currency),
        available=money(available, currency),
        exceed_allowed=exceed_allowed,
        owner_status_known=owner_status_known,
        holder_email=holder,
        observed_at=observed_at,
        details=AdobeCompanyCreditDetails(
            credit_id=int(account_id),
            company_id=int(account_id) - 10,
            exceed_limit=exceed_allowed,
            balance=money("0", currency),
            raw_available_limit=money(available, currency),
        ),
    )


def a_gift_card(
    card_id: str = "card-1",
    *,
    source: str = "cards",
    balance: str = "40.00",
    currency: str = "BRL",
    currency_assumed: bool = False,
    status: InstrumentStatus = InstrumentStatus.ACTIVE,
    issued_at: datetime | None = NOW - timedelta(days=30),
    expires_at: datetime | None = NOW + timedelta(days=90),
    reusable: bool | None = True,
    code: str = "BEARER-SECRET-7QX4",
    relation_name: str | None = None,
    observed_at: datetime = NOW,
) -> GiftCard:
    return GiftCard(
        source=SourceKey(source),
        provider_card_id=ProviderCardId(card_id),
        redemption_code=Secret(code),
        currency=Currency(currency),
        currency_assumed=currency_assumed,
        status=status,
        balance=money(balance, currency),
        issued_at=issued_at,
        expires_at=expires_at,
        reusable=reusable,
        observed_at=observed_at,
        details=VtexGiftCardDetails(relation_name=relation_name, caption=None, discount=None),
    )


def a_store_credit(
    account_id: str = "sca-1",
    *,
    source: str = "medusa",
    balance: str = "12.30",
    currency: str = "BRL",
    status: InstrumentStatus = InstrumentStatus.ACTIVE,
    owner: str | None = SHOPPER_ID,
    created_at: datetime = NOW - timedelta(days=60),
    observed_at: datetime = NOW,
) -> StoreCreditAccount:
    return StoreCreditAccount(
        source=SourceKey(source),
        provider_store_credit_id=ProviderStoreCreditId(account_id),
        currency=Currency(currency),
        status=status,
        balance=money(balance, currency),
        total_credited=money(balance, currency),
        total_debited=money("0", currency),
        created_at=created_at,
        updated_at=created_at,
        observed_at=observed_at,
        details=MedusaStoreCreditDetails(
            provider_customer_id=None if owner is None else ProviderCustomerId(owner),
            masked_claim_code=None,
            metadata=None,
            transaction_groups=None,
        ),
    )


def an_invoice(
    invoice_id: str = "invoice-1",
    *,
    source: str = "vtex-br",
    account_id: str = "11144477735_CPF",
    amount: str = "100.00",
    currency: str = "BRL",
    status: InvoiceStatus = InvoiceStatus.OPEN,
    issued_at: datetime = NOW - timedelta(days=30),
    due_at: datetime = NOW + timedelta(days=30),
    order_id: str | None = None,
    note: str | None = None,
    hold_id: str | None = None,
) -> Invoice:
    return Invoice(
        source=SourceKey(source),
        provider_account_id=ProviderAccountId(account_id),
        provider_invoice_id=ProviderInvoiceId(invoice_id),
        provider_hold_id=None if hold_id is None else ProviderHoldId(hold_id),
        number=invoice_id.upper(),
        status=status,
        amount=money(amount, currency),
        credit_applied=money("0", currency),
        issued_at=issued_at,
        due_at=due_at,
        original_due_at=due_at,
        resolved_at=None,
        updated_at=issued_at,
        installment=1,
        installment_count=1,
        order_id=order_id,
        payment_link=None,
        note=note,
        observed_at=NOW,
    )


def a_store_configuration(
    source: str = "vtex-br", *, tolerance_enabled: bool = True
) -> StoreConfiguration:
    return StoreConfiguration(
        source=SourceKey(source),
        daily_interest_rate=Decimal("0.01"),
        tax_rate=Decimal("0.02"),
        default_limit=money("500"),
        postponement_enabled=True,
        max_postponements=2,
        max_postponement_days=30,
        tolerance_enabled=tolerance_enabled,
        self_service_enabled=False,
        automatic_accounts=False,
        max_hold_growth_rate=Decimal("0.1"),
        reminders_before=(),
        reminders_after=(),
    )


def a_ledger_entry(
    entry_id: str = "entry-1",
    *,
    source: str = "vtex-br",
    instrument_id: str = "11144477735_CPF",
    instrument_kind: InstrumentKind = InstrumentKind.CREDIT_LINE,
    kind: LedgerEntryKind = LedgerEntryKind.SETTLEMENT,
    direction: Direction = Direction.DEBIT,
    amount: str = "10.00",
    currency: str = "BRL",
    occurred_at: datetime = NOW,
    purchase_order: str | None = None,
    hold_id: str | None = None,
) -> LedgerEntry:
    return LedgerEntry(
        source=SourceKey(source),
        instrument_kind=instrument_kind,
        instrument_id=instrument_id,
        kind=kind,
        direction=direction,
        amount=money(amount, currency),
        occurred_at=occurred_at,
        native=NativeEntry(ProviderEntryId(entry_id), "Statement"),
        provider_hold_id=None if hold_id is None else ProviderHoldId(hold_id),
        reference=(
            None
            if purchase_order is None
            else EntryReference(
                kind="purchase_order", value=purchase_order, purchase_order=purchase_order
            )
        ),
    )


def a_card_transaction(
    transaction_id: str = "debit-1",
    *,
    source: str = "cards",
    card_id: str = "card-1",
    operation: CardOperation = CardOperation.DEBIT,
    amount: str = "30.00",
    currency: str = "BRL",
    occurred_at: datetime = NOW - timedelta(days=3),
) -> CardTransaction:
    return CardTransaction(
        source=SourceKey(source),
        provider_card_id=ProviderCardId(card_id),
        provider_hold_id=ProviderHoldId(transaction_id),
        operation=operation,
        amount=money(amount, currency),
        description=None,
        occurred_at=occurred_at,
        raw_operation=operation.value.title(),
    )


def a_card_movement(
    entry_id: str = "movement-1",
    *,
    amount: str = "30.00",
    currency: str = "BRL",
    occurred_at: datetime = NOW - timedelta(days=2),
) -> CardMovement:
    return CardMovement(
        provider_entry_id=ProviderEntryId(entry_id),
        amount=money(amount, currency),
        occurred_at=occurred_at,
    )
