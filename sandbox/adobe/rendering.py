"""
Answers. What is missing is left out instead of sent as null, but for a company's rejection.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.adobe.state import (
    Company,
    Credit,
    Customer,
    HistoryRow,
    Membership,
)
from sandbox.adobe.switches import ReferenceColumn, Switches


def credit_answer(credit: Credit) -> dict[str, Any]:
    return _without_missing(
        {
            "id": credit.id,
            "company_id": credit.company_id,
            "credit_limit": _number(credit.credit_limit),
            "balance": _number(credit.balance),
            "currency_code": credit.currency_code,
            "exceed_limit": credit.exceed_limit,
            "available_limit": _number(credit.available_limit),
        }
    )


def history_answer(row: HistoryRow, switches: Switches) -> dict[str, Any]:
    answer = _without_missing(
        {
            "id": row.id,
            "company_credit_id": row.company_credit_id,
            "user_id": row.user_id,
            "user_type": row.user_type,
            "currency_credit": row.currency_credit,
            "currency_operation": row.currency_operation,
            "rate": _number(row.rate),
            "rate_credit": _number(row.rate_credit),
            "amount": _number(row.amount),
            "balance": _number(row.balance),
            "credit_limit": _number(row.credit_limit),
            "available_limit": _number(row.available_limit),
            "type": row.type,
            "datetime": timestamp(row.happened_at),
            "purchase_order": row.purchase_order,
            "custom_reference_number": row.custom_reference_number,
            "comment": row.comment,
        }
    )
    if switches.reference_column is ReferenceColumn.PURCHASE_ORDER_ONLY:
        answer.pop("custom_reference_number", None)
    return answer


def company_answer(company: Company) -> dict[str, Any]:
    return {
        "id": company.id,
        "status": company.status,
        "company_name": company.company_name,
        "company_email": company.company_email,
        **company.details,
        "street": company.street,
        "customer_group_id": company.customer_group_id,
        "reject_reason": company.reject_reason,
        "rejected_at": company.rejected_at and timestamp(company.rejected_at),
        "super_user_id": company.super_user_id,
        "extension_attributes": company.extension_attributes,
    }


def listed_customer_answer(customer: Customer) -> dict[str, Any]:
    """A customer in a list: without the company membership, which a list answer may lack."""
    return {
        "id": customer.id,
        "created_at": timestamp(customer.created_at),
        "updated_at": timestamp(customer.updated_at),
        "email": customer.email,
        "website_id": customer.website_id,
        **customer.details,
        "addresses": [],
        "disable_auto_group_change": 0,
        "extension_attributes": {"is_subscribed": False},
    }


def customer_answer(customer: Customer) -> dict[str, Any]:
    answer = listed_customer_answer(customer)
    attributes = answer["extension_attributes"]
    if (default := customer.default_membership) is not None:
        attributes["company_attributes"] = _membership(customer, default)
    if len(customer.company_ids) > 1:
        attributes["all_company_attributes"] = [
            {**_membership(customer, one), "is_default": one.is_default}
            for one in customer.memberships
        ]
    return answer


def timestamp(moment: datetime) -> str:
    """UTC without a zone marker."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _membership(customer: Customer, membership: Membership) -> dict[str, Any]:
    return {
        "customer_id": customer.id,
        "company_id": membership.company_id,
        **membership.details,
        "status": membership.status,
    }


def _number(value: Decimal | None) -> Decimal | None:
    """Without trailing zeros and without the sign of zero: 1000, 3749.5."""
    return None if value is None else (value + 0).normalize()


def _without_missing(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
