"""
What the shop knows. Records are immutable; an operation puts new ones in their place.

A credit record holds the present, its history rows what each operation left behind; the newest row
agrees with the record. Both are written together, without giving way to any other request.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import count

from sandbox.adobe import faults
from sandbox.adobe.access import Access, Token
from sandbox.adobe.amounts import Rates, stored_amount
from sandbox.adobe.switches import Switches
from sandbox.clock import Clock

LONGEST_PURCHASE_ORDER = 60
LONGEST_CURRENCY = 3

COMPANY_DETAILS: Mapping[str, type[str] | type[int]] = {
    "legal_name": str,
    "vat_tax_id": str,
    "reseller_id": str,
    "comment": str,
    "city": str,
    "country_id": str,
    "region": str,
    "region_id": str,
    "postcode": str,
    "telephone": str,
    "sales_representative_id": int,
}
"""Optional members of a company that the shop stores and answers as they are."""

CUSTOMER_DETAILS: Mapping[str, type[str] | type[int]] = {
    "firstname": str,
    "lastname": str,
    "middlename": str,
    "prefix": str,
    "suffix": str,
    "dob": str,
    "gender": int,
    "taxvat": str,
    "group_id": int,
    "store_id": int,
    "created_in": str,
}
"""Members of a customer that the shop stores and answers as they are."""

MEMBERSHIP_DETAILS = ("job_title", "telephone")


@dataclass(frozen=True)
class Company:
    """`details` hold some of `COMPANY_DETAILS`."""

    id: int
    company_name: str
    company_email: str
    status: int
    super_user_id: int
    customer_group_id: int
    reject_reason: str | None
    rejected_at: datetime | None
    street: tuple[str, ...]
    details: Mapping[str, str | int]
    extension_attributes: Mapping[str, object]


@dataclass(frozen=True)
class Credit:
    id: int
    company_id: int
    credit_limit: Decimal | None
    balance: Decimal
    currency_code: str
    exceed_limit: bool

    @property
    def available_limit(self) -> Decimal:
        return (self.credit_limit or Decimal(0)) + self.balance


@dataclass(frozen=True)
class HistoryRow:
    """`comment` is empty or a JSON text; `balance` and `credit_limit` are those after the row."""

    id: int
    company_credit_id: int
    user_id: int | None
    user_type: int
    currency_credit: str
    currency_operation: str
    rate: Decimal
    rate_credit: Decimal | None
    amount: Decimal
    balance: Decimal
    credit_limit: Decimal
    type: int
    happened_at: datetime
    purchase_order: str | None
    custom_reference_number: str | None
    comment: str

    @property
    def available_limit(self) -> Decimal:
        return self.credit_limit + self.balance


@dataclass(frozen=True)
class Membership:
    """A shopper's place in a company; `company_id` 0 says that there is none."""

    company_id: int
    status: int
    is_default: bool
    details: Mapping[str, str]


@dataclass(frozen=True)
class Customer:
    """`details` hold some of `CUSTOMER_DETAILS`, the first and last name among them."""

    id: int
    email: str
    website_id: int
    created_at: datetime
    updated_at: datetime
    details: Mapping[str, str | int]
    memberships: tuple[Membership, ...]

    @property
    def default_membership(self) -> Membership | None:
        return next((one for one in self.memberships if one.is_default), None)

    @property
    def company_ids(self) -> tuple[int, ...]:
        return tuple(one.company_id for one in self.memberships if one.company_id)


@dataclass(frozen=True)
class Entry:
    """What a history row says besides who wrote it and the state that it leaves behind."""

    type: int
    currency_operation: str
    amount: Decimal = Decimal(0)
    rate: Decimal = Decimal(1)
    rate_credit: Decimal = Decimal(0)
    purchase_order: str | None = None
    custom_reference_number: str | None = None
    comment: str = ""


@dataclass
class Shop:
    clock: Clock
    switches: Switches
    access: Access
    rates: Rates
    website_currencies: Mapping[int, str]
    customers: Mapping[int, Customer]
    companies: Mapping[int, Company]
    credits: dict[int, Credit] = field(default_factory=dict)
    history: dict[int, HistoryRow] = field(default_factory=dict)
    credit_ids: Iterator[int] = field(default_factory=lambda: count(1))
    history_ids: Iterator[int] = field(default_factory=lambda: count(1))

    def credit(self, credit_id: int) -> Credit:
        if credit_id not in self.credits:
            raise faults.no_credit("CompanyCreditID", credit_id)
        return self.credits[credit_id]

    def credit_of(self, company_id: int) -> Credit:
        for credit in self.credits.values():
            if credit.company_id == company_id:
                return credit
        raise faults.no_credit("CompanyID", company_id)

    def history_row(self, row_id: int) -> HistoryRow:
        if row_id not in self.history:
            raise faults.no_such_entity("id", row_id)
        return self.history[row_id]

    def has_history(self, credit_id: int) -> bool:
        return any(row.company_credit_id == credit_id for row in self.history.values())

    def company(self, company_id: int) -> Company:
        if company_id not in self.companies:
            raise faults.no_such_entity("id", company_id)
        return self.companies[company_id]

    def customer(self, customer_id: int) -> Customer:
        if customer_id not in self.customers:
            raise faults.no_such_entity("customerId", customer_id)
        return self.customers[customer_id]

    def book(self, credit: Credit, entry: Entry, by: Token) -> None:
        """
        Put *credit* in the place of the record with its id and write the row that says why.

        Raises:
            Fault: A column cannot hold its value; nothing is written then.
        """
        credit = _storable(credit)
        row = self._row(credit, entry, by)
        self.credits[credit.id] = credit
        self.history[row.id] = row

    def replace_record(self, old: Credit, credit: Credit, entry: Entry, by: Token) -> None:
        """As `book`, but under a new id, to which the rows of *old* move; *old* is gone then."""
        credit = replace(_storable(credit), id=next(self.credit_ids))
        row = self._row(credit, entry, by)
        del self.credits[old.id]
        for moving in self.history.values():
            if moving.company_credit_id == old.id:
                self.history[moving.id] = replace(moving, company_credit_id=credit.id)
        self.credits[credit.id] = credit
        self.history[row.id] = row

    def annotate(self, row: HistoryRow, purchase_order: str | None, comment: str) -> None:
        """
        Raises:
            Fault: The purchase order is too long; nothing is written then.
        """
        _check_purchase_order(purchase_order)
        self.history[row.id] = replace(row, purchase_order=purchase_order, comment=comment)

    def _row(self, credit: Credit, entry: Entry, by: Token) -> HistoryRow:
        _check_purchase_order(entry.purchase_order)
        if len(entry.currency_operation) > LONGEST_CURRENCY:
            raise faults.could_not_save()
        return HistoryRow(
            company_credit_id=credit.id,
            user_id=by.user_id,
            user_type=by.user_type,
            currency_credit=credit.currency_code,
            currency_operation=entry.currency_operation,
            rate=entry.rate,
            rate_credit=entry.rate_credit,
            amount=stored_amount(entry.amount),
            balance=credit.balance,
            credit_limit=credit.credit_limit or Decimal(0),
            type=entry.type,
            happened_at=self.clock.now().replace(microsecond=0),
            purchase_order=entry.purchase_order,
            custom_reference_number=entry.custom_reference_number,
            comment=entry.comment,
            id=next(self.history_ids),
        )


def _storable(credit: Credit) -> Credit:
    limit = credit.credit_limit
    return replace(
        credit,
        balance=stored_amount(credit.balance),
        credit_limit=None if limit is None else stored_amount(limit),
    )


def _check_purchase_order(written: str | None) -> None:
    if written is not None and len(written) > LONGEST_PURCHASE_ORDER:
        raise faults.could_not_save()
