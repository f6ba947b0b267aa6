"""What happens to one invoice: noted on, paid, cancelled, postponed."""

from datetime import datetime, timedelta

from sandbox.vtex_credit.configuration import StoreConfiguration
from sandbox.vtex_credit.refusals import published_failure, refused
from sandbox.vtex_credit.request_body import Members
from sandbox.vtex_credit.state import (
    Account,
    Defects,
    Entry,
    Invoice,
    InvoiceStatus,
    Origin,
)


def change(
    account: Account, invoice: Invoice, sent: Members, now: datetime, defects: Defects
) -> None:
    """
    The status it has already is no change; a paid or cancelled one takes no other (assumed).

    Assumed: a note or link left out stays, null removes it.
    """
    status = InvoiceStatus(sent.choice("status", InvoiceStatus))
    observation = sent.note("observation")
    payment_link = sent.note("paymentLink")
    if status is not invoice.status:
        _require_opened(invoice)
        if status is InvoiceStatus.PAID:
            pay(account, invoice, now)
        else:
            cancel(account, invoice, now, defects)
    if sent.states("observation"):
        invoice.observation = observation
    if sent.states("paymentLink"):
        invoice.payment_link = payment_link
    invoice.updated_at = now


def pay(account: Account, invoice: Invoice, now: datetime) -> None:
    _resolve(invoice, InvoiceStatus.PAID, now)
    account.entries.append(payment_of(invoice))


def payment_of(invoice: Invoice) -> Entry:
    assert invoice.resolved_at is not None
    return Entry(
        Origin.PAYMENT,
        invoice.value,
        invoice.resolved_at,
        transaction_id=invoice.transaction_id,
        installment=invoice.installment,
        order_id=invoice.order_id,
    )


def cancel(account: Account, invoice: Invoice, now: datetime, defects: Defects) -> None:
    """Posts no entry: the contract names none."""
    if account.id in defects.invoice_cancelling_fails:
        raise published_failure()
    _resolve(invoice, InvoiceStatus.CANCELLED, now)


def postpone(invoice: Invoice, days: int, now: datetime, configuration: StoreConfiguration) -> None:
    """As often, and by as many days in total, as the store allows."""
    _require_opened(invoice)
    postponed = invoice.postponed + timedelta(days=days)
    if invoice.postponements >= configuration.postponements:
        raise refused("The invoice cannot be postponed any more.")
    if postponed > timedelta(days=configuration.postponement_days):
        raise refused("The invoice cannot be postponed by so many days.")
    invoice.postponed = postponed
    invoice.postponements += 1
    invoice.updated_at = now


def _resolve(invoice: Invoice, status: InvoiceStatus, now: datetime) -> None:
    _require_opened(invoice)
    invoice.status = status
    invoice.resolved_at = invoice.updated_at = now


def _require_opened(invoice: Invoice) -> None:
    """Documented for cancelling what was paid; assumed for the rest."""
    if invoice.status is not InvoiceStatus.OPENED:
        raise refused(f"The invoice is {invoice.status}.")
