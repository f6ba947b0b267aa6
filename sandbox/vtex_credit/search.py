"""The query parameters of the account and invoice searches."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from sandbox.vtex import Refused
from sandbox.vtex_credit.refusals import refused
from sandbox.vtex_credit.state import Account, Invoice, InvoiceStatus

T = TypeVar("T")
Query = Mapping[str, str]
Line = tuple[Account, Invoice]
Criterion = Callable[[Line], bool]

FIRST_PAGE = 20
"""Documented for accounts, assumed for invoices."""

ACCOUNT_STATUSES = ("Open", "Closed", "Cancelled", "Opened", "Paid")
"""What the file and its prose list; only Open ever matches, closed accounts are never listed."""


def page(found: list[T], query: Query, *, unasked: int | None, largest: int | None) -> list[T]:
    """
    The part `from`..`to` (1-based, both included) of *found*.

    Args:
        unasked: How many come when neither is given; None for all.
    """
    first, last = _position(query, "from"), _position(query, "to")
    if first is None and last is None:
        first, last = 1, len(found) if unasked is None else unasked
    first = first or 1
    last = last or first + FIRST_PAGE - 1
    if last < first:
        raise refused("'to' comes before 'from'.")
    cut = found[first - 1 : last]
    return cut if largest is None else cut[:largest]


def _position(query: Query, name: str) -> int | None:
    written = query.get(name)
    if not written:
        return None
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", written):
        raise _bad(name, written)
    return int(written)


def accounts_matching(accounts: Iterable[Account], query: Query) -> list[Account]:
    email, status = query.get("email"), query.get("status")
    if status and status not in ACCOUNT_STATUSES:
        raise _bad("status", status)
    return [
        account
        for account in accounts
        if (not email or account.email == email) and (not status or account.status == status)
    ]


def invoices_matching(lines: Iterable[Line], query: Query) -> list[Line]:
    """All criteria, or any with `op=or`; a range counts as one criterion (assumed)."""
    operator = (query.get("op") or "and").lower()
    if operator not in ("and", "or"):
        raise _bad("op", operator)
    criteria = _criteria(query)
    combine = any if operator == "or" and criteria else all
    return [line for line in lines if combine(criterion(line) for criterion in criteria)]


def _criteria(query: Query) -> list[Criterion]:
    made = (
        _between(query, "createdDate", lambda invoice: invoice.created_at),
        _between(query, "dueDate", lambda invoice: invoice.postponed_due_at),
        _value(query),
        _status(query),
        _friendly_id(query),
        _observation(query),
        _account_id(query),
    )
    return [criterion for criterion in made if criterion is not None]


def _between(query: Query, name: str, moment_of: Callable[[Invoice], datetime]) -> Criterion | None:
    first, last = _moment(query, f"{name}From"), _moment(query, f"{name}To")
    if first is None and last is None:
        return None
    return lambda line: (
        (first is None or moment_of(line[1]) >= first)
        and (last is None or moment_of(line[1]) <= last)
    )


def _moment(query: Query, name: str) -> datetime | None:
    """A bare date is its first instant in UTC, for both ends (assumed)."""
    written = query.get(name)
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise _bad(name, written) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _value(query: Query) -> Criterion | None:
    written = query.get("value")
    if not written:
        return None
    try:
        value = Decimal(written)
    except InvalidOperation:
        raise _bad("value", written) from None
    if not value.is_finite():
        raise _bad("value", written)
    return lambda line: line[1].value == value


def _status(query: Query) -> Criterion | None:
    written = query.get("status")
    if not written:
        return None
    if written not in tuple(InvoiceStatus):
        raise _bad("status", written)
    return lambda line: line[1].status == written


def _friendly_id(query: Query) -> Criterion | None:
    written = query.get("friendlyId")
    return (lambda line: line[1].friendly_id == written) if written else None


def _observation(query: Query) -> Criterion | None:
    """A part of the note is enough, whatever its case (assumed)."""
    written = query.get("observation", "").lower()
    return (lambda line: written in (line[1].observation or "").lower()) if written else None


def _account_id(query: Query) -> Criterion | None:
    written = query.get("creditAccountId")
    return (lambda line: line[0].id == written) if written else None


def _bad(name: str, written: str) -> Refused:
    return refused(f"The value '{written}' is not valid for {name}.")
