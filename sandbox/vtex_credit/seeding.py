"""From the seed's `vtex_credit` section to a store; `docs/sandbox.md` describes the members."""

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.seed import Record, SeedError, shown
from sandbox.vtex import Access
from sandbox.vtex_credit.accounts import DOCUMENT_TYPES
from sandbox.vtex_credit.configuration import (
    AMOUNTS,
    COUNTS,
    FLAGS,
    NOTIFICATIONS,
    RATES,
    SIDES,
    StoreConfiguration,
)
from sandbox.vtex_credit.invoices import payment_of
from sandbox.vtex_credit.state import (
    FIRST_DUE,
    Account,
    AccountStatus,
    Defects,
    Entry,
    Hold,
    HoldStage,
    Invoice,
    InvoiceStatus,
    Origin,
    Store,
    total,
)

RIGHTS = (
    "Main Access",
    "Read Checking Accounts",
    "Create Checking Accounts",
    "Edit credits",
    "Read Statements",
    "Create Statements",
    "Read Invoices",
    "Create Invoices",
    "Pay Invoice",
    "Read Configuration",
    "Edit Configuration",
)

DEFAULT_OPERATOR = "operator@store.example"


def read_section(section: Mapping[str, Any], now: datetime) -> tuple[Store, Access]:
    record = Record(section, "vtex_credit", now)
    access = Access.from_seed(record.record("credentials"), RIGHTS)
    accounts: dict[str, Account] = {}
    for entry in record.records("accounts"):
        account = _account(entry)
        if account.id in accounts:
            raise SeedError(f"{entry.at('id')}: {shown(account.id)} is taken")
        accounts[account.id] = account
    store = Store(
        _configuration(record.record("store_configuration")),
        accounts,
        _defects(record.record("defects"), accounts),
        record.text_or_none("operator") or DEFAULT_OPERATOR,
    )
    record.finish()
    return store, access


def _configuration(record: Record) -> StoreConfiguration:
    configuration: dict[str, object] = {}
    for name in (*RATES, *AMOUNTS):
        configuration[name] = record.amount(name) if record.has(name) else Decimal("0.0")
    for name in COUNTS:
        configuration[name] = record.integer(name, default=0)
    for name in FLAGS:
        configuration[name] = record.flag(name)
    if record.has(NOTIFICATIONS):
        settings = record.record(NOTIFICATIONS)
        configuration[NOTIFICATIONS] = {
            side: [_notification(n) for n in settings.records(side)] for side in SIDES
        }
        settings.finish()
    record.finish()
    return StoreConfiguration(configuration)


def _notification(record: Record) -> Mapping[str, object]:
    notification = {
        "days": record.integer("days", default=0),
        "timeOfDay": record.text("timeOfDay"),
    }
    record.finish()
    return notification


def _defects(record: Record, accounts: Container[str]) -> Defects:
    defects = Defects(
        lower_case_doneby=record.flag("lower_case_doneby"),
        checking_account_id=record.flag("checking_account_id"),
        invoices_without_order=record.flag("invoices_without_order"),
        largest_page=(
            record.integer("largest_page", default=0) if record.has("largest_page") else None
        ),
        first_opening_is_refused=record.flag("first_opening_is_refused"),
        limit_changes_fail=_ids(record, "limit_changes_fail", accounts),
        closing_fails=_ids(record, "closing_fails", accounts),
        invoice_cancelling_fails=_ids(record, "invoice_cancelling_fails", accounts),
        holds_under_own_ids=record.flag("holds_under_own_ids"),
    )
    record.finish()
    return defects


def _ids(record: Record, name: str, accounts: Container[str]) -> frozenset[str]:
    for account_id in (ids := record.texts(name)):
        if account_id not in accounts:
            raise SeedError(f"{record.at(name)}: there is no account {shown(account_id)}")
    return frozenset(ids)


def _account(record: Record) -> Account:
    opened = record.moment("opened")
    account = Account(
        id=record.text("id"),
        email=record.text("email"),
        document=record.text_or_none("document"),
        document_type=_document_type(record),
        credit_limit=record.amount("credit_limit"),
        tolerance=record.amount_or_none("tolerance") or Decimal("0.0"),
        status=AccountStatus(record.choice("status", AccountStatus, default=AccountStatus.OPEN)),
        created_at=opened,
        updated_at=record.moment_or_none("updated") or opened,
        claimed_available_balance=record.amount_or_none("available_balance"),
    )
    for purchase in record.records("purchases"):
        _add_purchase(account, purchase)
    account.entries += [_adjustment(entry) for entry in record.records("adjustments")]
    account.entries.sort(key=lambda entry: entry.made_at)
    account.invoices.sort(key=lambda invoice: (invoice.created_at, invoice.id))
    _refuse_duplicates(account, record)
    for entry in record.records("holds"):
        _add_hold(account, entry)
    if account.status is AccountStatus.CLOSED and (account.invoices or account.entries):
        raise SeedError(f"{record.place}: closing deletes invoices and statements")
    record.finish()
    return account


def _document_type(record: Record) -> str | None:
    if not record.has("document_type"):
        return None
    return record.choice("document_type", DOCUMENT_TYPES, default="Other")


def _refuse_duplicates(account: Account, record: Record) -> None:
    seen: set[str] = set()
    for invoice in account.invoices:
        if invoice.id in seen:
            raise SeedError(f"{record.at('purchases')}: the invoice {invoice.id} comes twice")
        seen.add(invoice.id)


def _add_hold(account: Account, record: Record) -> None:
    value = record.amount("value")
    hold = Hold(
        transaction_id=record.text("transaction"),
        value=value,
        first_value=value,
        installments=record.integer("installments", default=1),
        settle=record.flag("settle"),
        expires_at=record.moment("expires"),
    )
    if hold.installments < 1:
        raise SeedError(f"{record.at('installments')}: a purchase has at least one")
    if hold.transaction_id.lower() in account.holds:
        raise SeedError(f"{record.at('transaction')}: {shown(hold.transaction_id)} is taken")
    account.holds[hold.transaction_id.lower()] = hold
    record.finish()


def _adjustment(record: Record) -> Entry:
    origin = record.choice("origin", (Origin.CREDIT, Origin.STATEMENT), default=Origin.STATEMENT)
    entry = Entry(
        Origin(origin), record.amount("value"), record.moment("made"), record.text_or_none("by")
    )
    record.finish()
    return entry


def _add_purchase(account: Account, record: Record) -> None:
    """A settled purchase: an `Invoice` entry for the whole, and a `Payment` entry for each paid."""
    transaction_id, order_id = record.text("transaction"), record.text_or_none("order")
    made, installments = record.moment("made"), record.records("installments")
    if not installments:
        raise SeedError(f"{record.at('installments')}: a purchase has at least one")
    before_2020 = record.flag("before_2020")
    invoices = [
        _invoice(
            entry,
            Invoice(
                transaction_id=transaction_id,
                installment=number,
                number_of_installments=len(installments),
                value=entry.amount("value"),
                credit_value=entry.amount_or_none("credit_value") or Decimal("0.0"),
                status=InvoiceStatus(
                    entry.choice("status", InvoiceStatus, default=InvoiceStatus.OPENED)
                ),
                created_at=made,
                updated_at=made,
                due_at=made + number * FIRST_DUE,
                order_id=order_id,
                before_2020=before_2020,
            ),
        )
        for number, entry in enumerate(installments, start=1)
    ]
    record.finish()
    account.holds[transaction_id.lower()] = _settled(transaction_id, invoices)
    account.invoices += invoices
    account.entries.append(
        Entry(
            Origin.INVOICE,
            -sum((invoice.value for invoice in invoices), Decimal(0)),
            made,
            transaction_id=transaction_id,
            number_of_installments=len(invoices),
        )
    )
    account.entries += [payment_of(i) for i in invoices if i.status is InvoiceStatus.PAID]


def _settled(transaction_id: str, invoices: list[Invoice]) -> Hold:
    captured = total(invoice.value + invoice.credit_value for invoice in invoices)
    return Hold(
        transaction_id=transaction_id,
        value=captured,
        first_value=captured,
        installments=len(invoices),
        settle=True,
        expires_at=invoices[0].due_at,
        stage=HoldStage.SETTLED,
    )


def _invoice(record: Record, invoice: Invoice) -> Invoice:
    if invoice.status is not InvoiceStatus.OPENED:
        invoice.resolved_at = record.moment("resolved")
        invoice.updated_at = invoice.resolved_at
    invoice.postponed = timedelta(days=record.integer("postponed_days", default=0))
    invoice.postponements = 1 if invoice.postponed else 0
    invoice.observation = record.text_or_none("observation")
    invoice.payment_link = record.text_or_none("payment_link")
    record.finish()
    return invoice
