"""
The database columns that lists can be searched and sorted by; they are not the response keys.

Source: reported from older releases for credits and history; for customers and companies assumed
from their top-level members (a live search would tell).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias, TypeVar

from sandbox.adobe.state import (
    COMPANY_DETAILS,
    CUSTOMER_DETAILS,
    Company,
    Credit,
    Customer,
    HistoryRow,
)

Row = TypeVar("Row")
Stored: TypeAlias = int | Decimal | str | datetime
Columns: TypeAlias = Mapping[str, Callable[[Row], Stored | None]]

CREDIT: Columns[Credit] = {
    "entity_id": lambda credit: credit.id,
    "company_id": lambda credit: credit.company_id,
    "credit_limit": lambda credit: credit.credit_limit,
    "balance": lambda credit: credit.balance,
    "currency_code": lambda credit: credit.currency_code,
    "exceed_limit": lambda credit: int(credit.exceed_limit),
}

HISTORY_WITHOUT_REFERENCE: Columns[HistoryRow] = {
    "entity_id": lambda row: row.id,
    "company_credit_id": lambda row: row.company_credit_id,
    "user_id": lambda row: row.user_id,
    "user_type": lambda row: row.user_type,
    "currency_credit": lambda row: row.currency_credit,
    "currency_operation": lambda row: row.currency_operation,
    "rate": lambda row: row.rate,
    "rate_credit": lambda row: row.rate_credit,
    "amount": lambda row: row.amount,
    "balance": lambda row: row.balance,
    "credit_limit": lambda row: row.credit_limit,
    "available_credit": lambda row: row.available_limit,
    "type": lambda row: row.type,
    "datetime": lambda row: row.happened_at,
    "purchase_order": lambda row: row.purchase_order,
    "comment": lambda row: row.comment,
}

HISTORY: Columns[HistoryRow] = {
    **HISTORY_WITHOUT_REFERENCE,
    "custom_reference_number": lambda row: row.custom_reference_number,
}


def _company_detail(name: str) -> Callable[[Company], Stored | None]:
    return lambda company: company.details.get(name)


def _customer_detail(name: str) -> Callable[[Customer], Stored | None]:
    return lambda customer: customer.details.get(name)


COMPANY: Columns[Company] = {
    "entity_id": lambda company: company.id,
    "status": lambda company: company.status,
    "company_name": lambda company: company.company_name,
    "company_email": lambda company: company.company_email,
    "super_user_id": lambda company: company.super_user_id,
    "customer_group_id": lambda company: company.customer_group_id,
    "reject_reason": lambda company: company.reject_reason,
    "rejected_at": lambda company: company.rejected_at,
    "street": lambda company: "\n".join(company.street),
    **{name: _company_detail(name) for name in COMPANY_DETAILS},
}

CUSTOMER: Columns[Customer] = {
    "entity_id": lambda customer: customer.id,
    "email": lambda customer: customer.email,
    "website_id": lambda customer: customer.website_id,
    "created_at": lambda customer: customer.created_at,
    "updated_at": lambda customer: customer.updated_at,
    **{name: _customer_detail(name) for name in CUSTOMER_DETAILS},
}
