"""Response bodies, member by member as the reference and the guides show them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.vtex import ticks
from sandbox.vtex_credit.state import (
    Account,
    Defects,
    Entry,
    Hold,
    Holder,
    Invoice,
    InvoiceStatus,
    total,
)

Body = dict[str, Any]

DEPENDENT = 2


def account_body(account: Account, now: datetime) -> Body:
    identity = {"document": account.document, "documentType": account.document_type}
    return {
        "id": account.id,
        "balance": account.manual_balance(),
        **_present(identity),
        "status": account.status,
        "creditLimit": account.credit_limit,
        "updatedAt": ticks(account.updated_at),
        "createdAt": ticks(account.created_at),
        "description": "",
        "availableCredit": account.available_credit(now),
        "preAuthorizedCredit": account.held(now),
        "email": account.email,
        "tolerance": account.tolerance,
        "availableBalance": account.available_balance(now),
    }


def account_body_without_document(account: Account, now: datetime) -> Body:
    """The answers to a change of limit or tolerance never declare the document."""
    body = account_body(account, now)
    return {n: v for n, v in body.items() if n not in ("document", "documentType")}


def hold_body(hold: Hold) -> Body:
    return {"id": hold.transaction_id, "value": hold.value, "installments": hold.installments}


def created_hold_body(hold: Hold) -> Body:
    """The only answer that tells when the hold falls off; in UTC, though it does not say so."""
    return {**hold_body(hold), "expirationDate": ticks(hold.expires_at).removesuffix("Z")}


def holder_body(holder: Holder) -> Body:
    return {
        "id": holder.id,
        "level": DEPENDENT,
        "claims": {"email": holder.email},
        "createdAt": ticks(holder.created_at),
    }


def invoice_body(account: Account, invoice: Invoice, defects: Defects) -> Body:
    owner = (
        {"checkingAccountId": account.id}
        if defects.checking_account_id
        else {"accountId": account.id, "creditAccountId": account.id}
    )
    since_2020: Body = {
        "friendlyId": invoice.friendly_id,
        "numberOfInstallments": invoice.number_of_installments,
    }
    optional = {
        "resolvedAt": ticks(invoice.resolved_at) if invoice.resolved_at else None,
        "paymentLink": invoice.payment_link,
        "observation": invoice.observation,
        "orderId": None if defects.invoices_without_order else invoice.order_id,
    }
    return {
        "id": invoice.id,
        **owner,
        **({} if invoice.before_2020 else since_2020),
        "status": invoice.status,
        "value": invoice.value,
        "creditValue": invoice.credit_value,
        "createdAt": ticks(invoice.created_at),
        "updatedAt": ticks(invoice.updated_at),
        "originalDueDate": ticks(invoice.due_at),
        "dueDate": ticks(invoice.postponed_due_at),
        "installment": invoice.installment,
        "transactionId": invoice.transaction_id.upper(),
        **_present(optional),
    }


def invoice_list_body(page: Iterable[tuple[Account, Invoice]], defects: Defects) -> Body:
    """The summary covers this page, not the account."""
    lines = list(page)

    def sum_of(status: InvoiceStatus) -> object:
        return total(invoice.value for _, invoice in lines if invoice.status is status)

    return {
        "data": [invoice_body(account, invoice, defects) for account, invoice in lines],
        "summary": {
            "total": sum_of(InvoiceStatus.OPENED),
            "count": len(lines),
            "totalPaid": sum_of(InvoiceStatus.PAID),
            "totalCancelled": sum_of(InvoiceStatus.CANCELLED),
        },
    }


def statements_body(account: Account, defects: Defects) -> Body:
    return {
        "statements": [_entry_body(entry, defects) for entry in account.entries],
        "currentBalance": account.manual_balance(),
        "intervalBalance": account.interval_balance(),
        "previousBalance": total(iter(())),
    }


def _entry_body(entry: Entry, defects: Defects) -> Body:
    author = "doneby" if defects.lower_case_doneby else "doneBy"
    transaction_id = entry.transaction_id.upper() if entry.transaction_id else None
    metadata = _present(
        {
            "transactionId": transaction_id,
            "numberOfInstallments": entry.number_of_installments,
            "installment": entry.installment,
            "orderId": entry.order_id,
        }
    )
    return {
        "value": entry.value,
        "date": ticks(entry.made_at),
        "origin": entry.origin,
        **_present({author: entry.done_by, "metadata": metadata or None}),
    }


def _present(members: Body) -> Body:
    return {name: value for name, value in members.items() if value is not None}
