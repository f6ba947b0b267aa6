"""
The seed section of this stand-in, checked: every reference, every amount, every code.

- `switches`: one object, see `Switches`.
- `credentials`, `admins`, `integrations`, `ims_clients`: see `access_loading`.
- `rates`: `from`, `to`, `rate`: units of the second currency for one unit of the first.
- `websites`: `id`, `base_currency`; a credit is kept in one of these currencies.
- `customers`: members as answered, and `memberships` with `company_id` (0 for none), `status`,
  `is_default`, `job_title`, `telephone`.
- `companies`: members as answered.
- `credits`: members as answered but for `available_limit`, and `history`.

A credit's `history` holds its rows as answered, oldest first, without ids and `available_limit`;
`comment` is an object, or absent. Row ids follow time over all credits. Currency, rates and user
have defaults: the credit's own, 1 and 0, an administrator.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Any, TypeVar

from sandbox import exact_json
from sandbox.adobe.access_loading import load_access
from sandbox.adobe.amounts import Rates
from sandbox.adobe.seed_members import amount, code, currency, positive_id, rate, reference, second
from sandbox.adobe.state import (
    COMPANY_DETAILS,
    CUSTOMER_DETAILS,
    LONGEST_PURCHASE_ORDER,
    MEMBERSHIP_DETAILS,
    Company,
    Credit,
    Customer,
    HistoryRow,
    Membership,
    Shop,
)
from sandbox.adobe.switches import Switches
from sandbox.clock import Clock
from sandbox.seed import Record, SeedError, shown

Entity = TypeVar("Entity", Company, Credit, Customer)
Switch = TypeVar("Switch", bound=StrEnum)


def load_shop(section: Mapping[str, Any], clock: Clock) -> Shop:
    """
    Raises:
        SeedError: *section* is wrong; the message begins with the place.
    """
    top = Record(section, "adobe", clock.now())
    switches = _switches(top.record("switches"))
    currencies = _website_currencies(top)
    customers = _by_id(_customer(one, currencies) for one in top.records("customers"))
    companies = _by_id(_company(one, customers) for one in top.records("companies"))
    _check_memberships(customers, companies)
    shop = Shop(
        clock=clock,
        switches=switches,
        access=load_access(top, clock, switches),
        rates=_rates(top),
        website_currencies=currencies,
        customers=customers,
        companies=companies,
    )
    _add_credits(shop, top.records("credits"))
    shop.credit_ids = count(max(shop.credits, default=0) + 1)
    top.finish()
    return shop


def _switches(record: Record) -> Switches:
    chosen = {name: _chosen(record, name, usual) for name, usual in vars(Switches()).items()}
    record.finish()
    return Switches(**chosen)


def _chosen(record: Record, name: str, usual: Switch) -> Switch:
    positions = type(usual)
    return positions(record.choice(name, positions, default=usual))


def _rates(top: Record) -> Rates:
    entries: dict[tuple[str, str], Decimal] = {}
    for record in top.records("rates"):
        pair = currency(record, "from"), currency(record, "to")
        if pair in entries or pair[0] == pair[1]:
            raise SeedError(f"{record.place}: {' to '.join(pair)} needs no rate or has one")
        entries[pair] = rate(record, "rate", Decimal(0))
        if entries[pair] <= 0:
            raise SeedError(f"{record.at('rate')}: not above zero")
        record.finish()
    return Rates(entries)


def _website_currencies(top: Record) -> dict[int, str]:
    currencies = {}
    for record in top.records("websites"):
        currencies[positive_id(record, "id")] = currency(record, "base_currency")
        record.finish()
    return currencies


def _customer(record: Record, websites: Collection[int]) -> Customer:
    customer = Customer(
        id=positive_id(record, "id"),
        email=record.text("email"),
        website_id=reference(record, "website_id", websites),
        created_at=second(record, "created_at"),
        updated_at=second(record, "updated_at"),
        details=_details(record, CUSTOMER_DETAILS),
        memberships=tuple(_membership(one) for one in record.records("memberships")),
    )
    for name in ("firstname", "lastname"):
        record.text(name)
    if customer.memberships and customer.default_membership is None:
        raise SeedError(f"{record.at('memberships')}: none has is_default")
    record.finish()
    return customer


def _membership(record: Record) -> Membership:
    membership = Membership(
        company_id=record.integer("company_id", default=0),
        status=code(record, "status", range(2), default=1),
        is_default=record.flag("is_default"),
        details={name: record.text(name) for name in MEMBERSHIP_DETAILS if record.has(name)},
    )
    record.finish()
    return membership


def _company(record: Record, customers: Collection[int]) -> Company:
    company = Company(
        id=positive_id(record, "id"),
        company_name=record.text("company_name"),
        company_email=record.text("company_email"),
        status=code(record, "status", range(4), default=1),
        super_user_id=reference(record, "super_user_id", customers),
        customer_group_id=record.integer("customer_group_id", default=1),
        reject_reason=record.text_or_none("reject_reason"),
        rejected_at=second(record, "rejected_at") if record.has("rejected_at") else None,
        street=tuple(record.texts("street")),
        details=_details(record, COMPANY_DETAILS),
        extension_attributes=_extension_attributes(record),
    )
    record.finish()
    return company


def _extension_attributes(record: Record) -> Mapping[str, object]:
    if not record.has("extension_attributes"):
        return {}
    attributes = record.value("extension_attributes")
    if not isinstance(attributes, Mapping):
        raise SeedError(
            f"{record.at('extension_attributes')}: {shown(attributes)} is not an object"
        )
    return attributes


def _check_memberships(customers: Mapping[int, Customer], companies: Collection[int]) -> None:
    for customer in customers.values():
        for company_id in customer.company_ids:
            if company_id not in companies:
                raise SeedError(
                    f"adobe.customers: customer {customer.id} belongs to company {company_id}, "
                    "which is not there"
                )


def _add_credits(shop: Shop, records: Iterable[Record]) -> None:
    rows: list[tuple[Credit, Record]] = []
    for record in records:
        credit = _credit(record, shop)
        shop.credits[credit.id] = credit
        own = record.records("history")
        _check_history(credit, own, record)
        rows.extend((credit, row) for row in own)
        record.finish()
    rows.sort(key=lambda row: row[1].moment("datetime"))
    for credit, row in rows:
        added = _history_row(next(shop.history_ids), credit, row, shop)
        shop.history[added.id] = added


def _credit(record: Record, shop: Shop) -> Credit:
    credit = Credit(
        id=positive_id(record, "id"),
        company_id=reference(record, "company_id", shop.companies),
        credit_limit=amount(record, "credit_limit") if record.has("credit_limit") else None,
        balance=amount(record, "balance"),
        currency_code=currency(record, "currency_code"),
        exceed_limit=record.flag("exceed_limit"),
    )
    if credit.id in shop.credits:
        raise SeedError(f"{record.at('id')}: {credit.id} is there twice")
    if any(credit.company_id == other.company_id for other in shop.credits.values()):
        raise SeedError(f"{record.at('company_id')}: a company has one credit record")
    if credit.currency_code not in shop.website_currencies.values():
        raise SeedError(
            f"{record.at('currency_code')}: {credit.currency_code} is no website's base currency"
        )
    if credit.credit_limit is not None and credit.credit_limit < 0:
        raise SeedError(f"{record.at('credit_limit')}: below zero")
    return credit


def _check_history(credit: Credit, rows: list[Record], record: Record) -> None:
    """The newest row must have left what the record holds; without a row nothing moved."""
    moments = [row.moment("datetime") for row in rows]
    if moments != sorted(moments):
        raise SeedError(f"{record.at('history')}: the oldest row comes first")
    left = (rows[-1].amount("balance"), rows[-1].amount("credit_limit")) if rows else (0, 0)
    if left != (credit.balance, credit.credit_limit or 0):
        raise SeedError(
            f"{record.at('history')}: ends with balance {left[0]} and limit {left[1]}, "
            f"the record says {credit.balance} and {credit.credit_limit or 0}"
        )


def _history_row(row_id: int, credit: Credit, record: Record, shop: Shop) -> HistoryRow:
    user_type = code(record, "user_type", range(1, 4), default=2)
    row = HistoryRow(
        id=row_id,
        company_credit_id=credit.id,
        user_id=positive_id(record, "user_id") if record.has("user_id") else None,
        user_type=user_type,
        currency_credit=credit.currency_code,
        currency_operation=currency(record, "currency_operation", credit.currency_code),
        rate=rate(record, "rate", Decimal(1)),
        rate_credit=rate(record, "rate_credit", Decimal(0)),
        amount=amount(record, "amount"),
        balance=amount(record, "balance"),
        credit_limit=amount(record, "credit_limit"),
        type=code(record, "type", range(1, 7), default=0),
        happened_at=second(record, "datetime"),
        purchase_order=_purchase_order(record),
        custom_reference_number=record.text_or_none("custom_reference_number"),
        comment=_comment(record),
    )
    if row.user_type == 3 and row.user_id is not None and row.user_id not in shop.customers:
        raise SeedError(f"{record.at('user_id')}: there is no customer {row.user_id}")
    record.finish()
    return row


def _purchase_order(record: Record) -> str | None:
    written = record.text_or_none("purchase_order")
    if written is not None and len(written) > LONGEST_PURCHASE_ORDER:
        raise SeedError(
            f"{record.at('purchase_order')}: longer than {LONGEST_PURCHASE_ORDER} characters"
        )
    return written


def _comment(record: Record) -> str:
    """Written as an object in the seed, kept as the JSON text the shop answers."""
    if not record.has("comment"):
        return ""
    comment = record.value("comment")
    if not isinstance(comment, Mapping):
        raise SeedError(f"{record.at('comment')}: {shown(comment)} is not an object")
    return exact_json.dumps(comment).decode()


def _details(record: Record, known: Mapping[str, type[str] | type[int]]) -> dict[str, str | int]:
    return {
        name: record.text(name) if kind is str else record.integer(name, default=0)
        for name, kind in known.items()
        if record.has(name)
    }


def _by_id(entities: Iterable[Entity]) -> dict[int, Entity]:
    known: dict[int, Entity] = {}
    for entity in entities:
        if entity.id in known:
            raise SeedError(f"adobe: {type(entity).__name__} {entity.id} is there twice")
        known[entity.id] = entity
    return known
