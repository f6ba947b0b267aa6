"""From hold to debt and back: settle, settle again, refund."""

import hashlib
from datetime import datetime
from decimal import Decimal

from sandbox.vtex_credit.configuration import StoreConfiguration
from sandbox.vtex_credit.holds import require_growth, require_live, require_room
from sandbox.vtex_credit.refusals import refused
from sandbox.vtex_credit.state import (
    FIRST_DUE,
    Account,
    Entry,
    Hold,
    HoldStage,
    Invoice,
    InvoiceStatus,
    Origin,
    total,
)

SMALLEST = Decimal("0.01")
"""No currency is named anywhere; assumed that instalments are cut to hundredths."""


def settle(
    account: Account, hold: Hold, value: Decimal, now: datetime, configuration: StoreConfiguration
) -> None:
    """Make *value* the whole amount owed for *hold*; again with another one, change it to that."""
    if hold.stage is HoldStage.SETTLED:
        _change_settlement(account, hold, value, now, configuration)
        return
    require_live(hold, now)
    require_growth(hold, value, configuration)
    require_room(account, value - hold.value, now, configuration)
    hold.stage = HoldStage.SETTLED
    for number, part in enumerate(_split(value, hold.installments), start=1):
        account.invoices.append(_invoice(hold, number, part, now))
    _post(account, hold, -value, now)


def _change_settlement(
    account: Account, hold: Hold, value: Decimal, now: datetime, configuration: StoreConfiguration
) -> None:
    """
    Assumed: paid and cancelled invoices stay as they are and the open ones share the rest; when
    none is open, what is added becomes a new one. After a refund the amount is final.
    """
    invoices = account.invoices_of(hold)
    captured = total(i.value + i.credit_value for i in invoices)
    if value == captured:
        return
    opened = [i for i in invoices if i.status is InvoiceStatus.OPENED]
    resolved = total(i.value for i in invoices if i not in opened)
    if value < resolved or hold.refunded_to_balance or any(i.credit_value for i in invoices):
        raise refused("The settlement cannot be changed to this value any more.")
    require_growth(hold, value, configuration)
    require_room(account, value - captured, now, configuration)
    if not opened:
        opened = [_further_invoice(account, hold, now)]
    for invoice, part in zip(opened, _split(value - resolved, len(opened)), strict=True):
        invoice.value, invoice.updated_at = part, now
    _post(account, hold, captured - value, now)


def refund(operator: str, account: Account, hold: Hold, value: Decimal, now: datetime) -> None:
    """
    Assumed: open invoices are lowered from the last instalment backwards; what exceeds them has
    been paid and goes to the balance. A cancelled invoice has nothing to give back.
    """
    if hold.stage is not HoldStage.SETTLED:
        raise refused("The transaction has not been settled.")
    invoices = account.invoices_of(hold)
    kept = total(i.value for i in invoices if i.status is not InvoiceStatus.CANCELLED)
    if value > kept - hold.refunded_to_balance:
        raise refused("The refund exceeds the settled value.")
    lowered = _lower_open_invoices(invoices, value, now)
    if lowered:
        _post(account, hold, lowered, now)
    if rest := value - lowered:
        hold.refunded_to_balance += rest
        account.entries.append(Entry(Origin.STATEMENT, rest, now, done_by=operator))


def _lower_open_invoices(invoices: list[Invoice], value: Decimal, now: datetime) -> Decimal:
    """By *value* at most; how much it was."""
    left = value
    for invoice in reversed(invoices):
        part = min(left, invoice.value)
        if invoice.status is InvoiceStatus.OPENED and part:
            invoice.value -= part
            invoice.credit_value += part
            invoice.updated_at = now
            left -= part
    return value - left


def _split(value: Decimal, parts: int) -> list[Decimal]:
    """Equal ones, the remainder with the last."""
    each = value // (parts * SMALLEST) * SMALLEST
    return [each] * (parts - 1) + [value - each * (parts - 1)]


def _invoice(hold: Hold, number: int, value: Decimal, now: datetime) -> Invoice:
    return Invoice(
        transaction_id=hold.transaction_id,
        installment=number,
        number_of_installments=hold.installments,
        value=value,
        credit_value=Decimal("0.0"),
        status=InvoiceStatus.OPENED,
        created_at=now,
        updated_at=now,
        due_at=now + number * FIRST_DUE,
        order_id=_order_id(hold),
    )


def _further_invoice(account: Account, hold: Hold, now: datetime) -> Invoice:
    hold.installments += 1
    invoice = _invoice(hold, hold.installments, Decimal(0), now)
    invoice.due_at = now + FIRST_DUE
    account.invoices.append(invoice)
    return invoice


def _order_id(hold: Hold) -> str:
    """Assumed: the file demands an order, so there is one even if none was placed."""
    digest = hashlib.sha256(hold.transaction_id.encode()).digest()
    return f"{int.from_bytes(digest[:8]) % 10**13:013d}-01"


def _post(account: Account, hold: Hold, value: Decimal, now: datetime) -> None:
    account.entries.append(
        Entry(
            Origin.INVOICE,
            value,
            now,
            transaction_id=hold.transaction_id,
            number_of_installments=hold.installments,
        )
    )
