"""
The accounts of a store and how their numbers relate.

    used            = sum of value over Opened invoices
    held            = sum of live holds
    availableCredit = creditLimit - used - held
    spending room   = availableCredit + creditLimit x tolerance, if the store enables tolerance
    balance         = sum of the manual debits and credits only
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum, auto

from sandbox.vtex_credit.configuration import StoreConfiguration
from sandbox.vtex_credit.refusals import not_found, refused

FIRST_DUE = timedelta(days=30)
"""Documented: first due after 30 days, each next one 30 days later."""


class AccountStatus(StrEnum):
    OPEN = "Open"
    CLOSED = "Closed"


class InvoiceStatus(StrEnum):
    OPENED = "Opened"
    PAID = "Paid"
    CANCELLED = "Cancelled"


class Origin(StrEnum):
    CREDIT = "Credit"
    INVOICE = "Invoice"
    PAYMENT = "Payment"
    STATEMENT = "Statement"


class HoldStage(Enum):
    HELD = auto()
    SETTLED = auto()
    CANCELLED = auto()


@dataclass
class Hold:
    """A pre-authorization; kept when it is over, for its refunds and so that its id stays taken."""

    transaction_id: str
    value: Decimal
    first_value: Decimal
    installments: int
    settle: bool
    expires_at: datetime
    stage: HoldStage = HoldStage.HELD
    refunded_to_balance: Decimal = Decimal(0)

    def is_live(self, now: datetime) -> bool:
        return self.stage is HoldStage.HELD and self.expires_at > now


@dataclass(frozen=True)
class Holder:
    """A dependent, who shares the limit of the account."""

    id: str
    email: str
    created_at: datetime


@dataclass
class Invoice:
    """One installment of a purchase."""

    transaction_id: str
    installment: int
    number_of_installments: int
    value: Decimal
    credit_value: Decimal
    status: InvoiceStatus
    created_at: datetime
    updated_at: datetime
    due_at: datetime
    order_id: str | None
    postponed: timedelta = timedelta()
    postponements: int = 0
    resolved_at: datetime | None = None
    observation: str | None = None
    payment_link: str | None = None
    before_2020: bool = False

    @property
    def id(self) -> str:
        return f"{self.transaction_id.upper()}-{self.installment:02d}"

    @property
    def friendly_id(self) -> str | None:
        """Eight characters that look random, a hyphen, the installment; none before 2020."""
        if self.before_2020:
            return None
        digest = hashlib.sha256(self.transaction_id.encode()).digest()
        letters = base64.b64encode(digest, b"xX").decode()[:8]
        return f"{letters}-{self.installment}"

    @property
    def postponed_due_at(self) -> datetime:
        return self.due_at + self.postponed


@dataclass
class Entry:
    """One line of the statements."""

    origin: Origin
    value: Decimal
    made_at: datetime
    done_by: str | None = None
    transaction_id: str | None = None
    installment: int | None = None
    number_of_installments: int | None = None
    order_id: str | None = None


@dataclass
class Account:
    id: str
    email: str
    document: str | None
    document_type: str | None
    credit_limit: Decimal
    tolerance: Decimal
    status: AccountStatus
    created_at: datetime
    updated_at: datetime
    holds: dict[str, Hold] = field(default_factory=dict)
    """By id in lower case."""
    invoices: list[Invoice] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    holders: dict[str, Holder] = field(default_factory=dict)
    manual_entries: dict[str, Decimal] = field(default_factory=dict)
    """What was posted under which statement id."""
    claimed_available_balance: Decimal | None = None
    """Published defect: an availableBalance that disagrees with availableCredit."""

    def used(self) -> Decimal:
        return total(i.value for i in self.invoices if i.status is InvoiceStatus.OPENED)

    def held(self, now: datetime) -> Decimal:
        return total(hold.value for hold in self.holds.values() if hold.is_live(now))

    def available_credit(self, now: datetime) -> Decimal:
        return self.credit_limit - self.used() - self.held(now)

    def spending_room(self, now: datetime, configuration: StoreConfiguration) -> Decimal:
        tolerance = self.tolerance if configuration.tolerance_enabled else 0
        return self.available_credit(now) + self.credit_limit * tolerance

    def available_balance(self, now: datetime) -> Decimal:
        if self.claimed_available_balance is not None:
            return self.claimed_available_balance
        return self.available_credit(now)

    def manual_balance(self) -> Decimal:
        return total(e.value for e in self.entries if e.origin is Origin.STATEMENT)

    def interval_balance(self) -> Decimal:
        return total(entry.value for entry in self.entries)

    def hold(self, transaction_id: str) -> Hold:
        if hold := self.holds.get(transaction_id.lower()):
            return hold
        raise not_found("transaction")

    def invoice(self, invoice_id: str) -> Invoice:
        for invoice in self.invoices:
            if invoice.id == invoice_id.upper():
                return invoice
        raise not_found("invoice")

    def invoices_of(self, hold: Hold) -> list[Invoice]:
        """In the order of their installments."""
        wanted = hold.transaction_id.lower()
        found = [i for i in self.invoices if i.transaction_id.lower() == wanted]
        return sorted(found, key=lambda invoice: invoice.installment)


@dataclass(frozen=True)
class Defects:
    """Published faults of the real answers that a seed can switch on."""

    lower_case_doneby: bool = False
    checking_account_id: bool = False
    invoices_without_order: bool = False
    largest_page: int | None = None
    first_opening_is_refused: bool = False
    limit_changes_fail: frozenset[str] = frozenset()
    closing_fails: frozenset[str] = frozenset()
    invoice_cancelling_fails: frozenset[str] = frozenset()
    """These three hold the ids of the accounts concerned."""
    holds_under_own_ids: bool = False
    """Older versions of the API made a hold by PUT to an id that the caller chose."""


@dataclass
class Store:
    configuration: StoreConfiguration
    accounts: dict[str, Account]
    defects: Defects
    operator: str
    """E-mail shown as the author of manual entries."""
    refused_openings: set[str] = field(default_factory=set)

    def account(self, account_id: str) -> Account:
        if account := self.accounts.get(account_id):
            return account
        raise not_found("Credit Account")

    def changeable_account(self, account_id: str) -> Account:
        """Assumed: nothing changes on a closed account, not even by closing it again."""
        account = self.account(account_id)
        if account.status is AccountStatus.CLOSED:
            raise refused("The Credit Account is closed.")
        return account

    def open_accounts(self) -> list[Account]:
        return [a for a in self.accounts.values() if a.status is AccountStatus.OPEN]

    def invoices(self) -> Iterator[tuple[Account, Invoice]]:
        for account in self.accounts.values():
            for invoice in account.invoices:
                yield account, invoice


def total(values: Iterable[Decimal]) -> Decimal:
    """Starts at 0.0, the way this provider writes nothing."""
    return sum(values, Decimal("0.0"))
