"""
What the shop knows. Records are immutable; an operation puts new ones in their place.

Amounts are decimals with 4 places, rates with 12. A credit record holds the present, its history
rows what each operation left behind; the newest row agrees with the record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import count

from sandbox.adobe import faults
from sandbox.clock import Clock

AMOUNT_PLACES = 4
RATE_PLACES = 12

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


class GroupedFilters(StrEnum):
    """How filters of one group combine when credits or history are searched."""

    OR = "or"
    AND = "and"


class PagePastEnd(StrEnum):
    REPEAT_LAST = "repeat_last"
    EMPTY = "empty"


class InputLimits(StrEnum):
    OFF = "off"
    ON = "on"


class IntegrationBearer(StrEnum):
    """Whether the token of an integration is taken as a bearer token."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class ReferenceColumn(StrEnum):
    """Whether this release knows `custom_reference_number`."""

    BOTH = "both"
    PURCHASE_ORDER_ONLY = "purchase_order_only"


@dataclass(frozen=True)
class Switches:
    """Where releases and merchants' settings differ; the defaults are the likelier ones."""

    filters_in_group: GroupedFilters = GroupedFilters.OR
    page_past_end: PagePastEnd = PagePastEnd.REPEAT_LAST
    input_limits: InputLimits = InputLimits.OFF
    integration_bearer: IntegrationBearer = IntegrationBearer.REFUSED
    reference_column: ReferenceColumn = ReferenceColumn.BOTH


class TokenKind(StrEnum):
    ADMIN = "admin"
    INTEGRATION = "integration"
    IMS = "ims"


@dataclass(frozen=True)
class Token:
    kind: TokenKind
    permissions: frozenset[str]
    expires_at: datetime | None


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


@dataclass
class Shop:
    clock: Clock
    switches: Switches
    tokens: Mapping[str, Token]
    website_currencies: Mapping[int, str]
    customers: Mapping[int, Customer]
    companies: Mapping[int, Company]
    credits: dict[int, Credit] = field(default_factory=dict)
    history: dict[int, HistoryRow] = field(default_factory=dict)
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

    def company(self, company_id: int) -> Company:
        if company_id not in self.companies:
            raise faults.no_such_entity("id", company_id)
        return self.companies[company_id]

    def customer(self, customer_id: int) -> Customer:
        if customer_id not in self.customers:
            raise faults.no_such_entity("customerId", customer_id)
        return self.customers[customer_id]

    def authorize(self, authorization: str, resource: str) -> None:
        """
        Raises:
            Fault: *authorization* is not exactly the word Bearer and a token that may do this.
        """
        scheme, _, presented = authorization.partition(" ")
        token = self.tokens.get(presented)
        if scheme.lower() != "bearer" or token is None or not self._grants(token, resource):
            raise faults.not_authorized(resource)

    def _grants(self, token: Token, resource: str) -> bool:
        if (
            token.kind is TokenKind.INTEGRATION
            and self.switches.integration_bearer is IntegrationBearer.REFUSED
        ):
            return False
        if token.expires_at is not None and token.expires_at <= self.clock.now():
            return False
        return resource in token.permissions
