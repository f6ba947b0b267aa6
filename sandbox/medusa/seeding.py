"""From the seed's `medusa` section to a state and the credentials that open it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sandbox.clock import Clock
from sandbox.medusa.credentials import Actor, Credentials, Tokens, User
from sandbox.medusa.dates import to_milliseconds
from sandbox.medusa.numbers import kept
from sandbox.medusa.state import (
    Account,
    Customer,
    DataModel,
    Defects,
    Entry,
    GiftCard,
    Outage,
    Release,
    State,
)
from sandbox.seed import Record, SeedError, shown

SMALLEST_GIFT_CARD = Decimal(1)

Kept = TypeVar("Kept", Customer, Account, GiftCard)


def read_section(section: Mapping[str, Any], clock: Clock) -> tuple[State, Credentials]:
    record = Record(section, "medusa", clock.now())
    state = State(_defects(record.record("defects")))
    for member in record.records("customers"):
        _keep(state.customers, _customer(member), member)
    for member in record.records("accounts"):
        _check_is_alone(account := _account(member), state, member)
        _keep(state.accounts, account, member)
        state.ledgers[account.id] = _ledger(member, account.id)
        member.finish()
    for member in record.records("gift_cards"):
        _keep(state.gift_cards, _gift_card(member, state), member)
    credentials = _credentials(record.record("credentials"), clock)
    record.finish()
    return state, credentials


def _defects(record: Record) -> Defects:
    down = record.record("database_down")
    since, until = down.moment_or_none("from"), down.moment_or_none("until")
    down.finish()
    if until and not (since and since < until):
        raise SeedError(f"{down.at('until')}: there is no earlier moment from which it is down")
    defects = Defects(
        release=Release(record.choice("release", Release, default=Release.CURRENT)),
        data_model=DataModel(record.choice("data_model", DataModel, default=DataModel.CURRENT)),
        outage=Outage(since, until) if since else None,
    )
    record.finish()
    return defects


def _keep(table: dict[str, Kept], row: Kept, record: Record) -> None:
    if row.id in table:
        raise SeedError(f"{record.at('id')}: {shown(row.id)} is taken")
    table[row.id] = row


def _customer(record: Record) -> Customer:
    customer = Customer(
        id=record.text("id"),
        email=record.text_or_none("email"),
        first_name=record.text_or_none("first_name"),
        last_name=record.text_or_none("last_name"),
        company_name=record.text_or_none("company_name"),
        phone=record.text_or_none("phone"),
        has_account=record.flag("has_account", default=True),
        metadata=_metadata(record),
        created_by=record.text_or_none("created_by"),
        created_at=_created_at(record),
        updated_at=_updated_at(record),
        deleted_at=_moment_or_none(record, "deleted_at"),
        groups=_rows(record, "groups"),
        addresses=_rows(record, "addresses"),
    )
    record.finish()
    return customer


def _account(record: Record) -> Account:
    return Account(
        id=record.text("id"),
        code=record.text_or_none("code"),
        currency_code=record.text("currency_code"),
        customer_id=record.text_or_none("customer_id"),
        metadata=_metadata(record),
        created_at=_created_at(record),
        updated_at=_updated_at(record),
        deleted_at=_moment_or_none(record, "deleted_at"),
    )


def _check_is_alone(account: Account, state: State, record: Record) -> None:
    for other in state.accounts.values():
        if account.code is not None and account.code == other.code:
            raise SeedError(f"{record.at('code')}: {other.id} has it already")
        same_owner = account.customer_id is not None and account.customer_id == other.customer_id
        if same_owner and account.currency_code == other.currency_code:
            raise SeedError(f"{record.at('currency_code')}: the customer has {other.id} in it")


def _ledger(record: Record, account_id: str) -> list[Entry]:
    entries = [_entry(line, account_id) for line in record.records("ledger")]
    if len({entry.id for entry in entries}) < len(entries):
        raise SeedError(f"{record.at('ledger')}: an id stands there twice")
    return sorted(entries, key=lambda entry: entry.id)


def _entry(record: Record, account_id: str) -> Entry:
    kind = record.text("type")
    if kind not in ("credit", "debit"):
        raise SeedError(f"{record.at('type')}: {shown(kind)} is none of credit, debit")
    entry = Entry(
        id=record.text("id"),
        account_id=account_id,
        type="credit" if kind == "credit" else "debit",
        amount=_amount(record, "amount"),
        reference=record.text("reference"),
        reference_id=record.text("reference_id"),
        note=record.text_or_none("note"),
        metadata=_metadata(record),
        created_at=_created_at(record),
        updated_at=_updated_at(record),
        deleted_at=_moment_or_none(record, "deleted_at"),
    )
    record.finish()
    return entry


def _gift_card(record: Record, state: State) -> GiftCard:
    card = GiftCard(
        id=record.text("id"),
        account_id=record.text("account_id"),
        status=record.choice("status", ("pending", "redeemed"), default="redeemed"),
        code=record.text("code"),
        value=_amount(record, "value"),
        currency_code=record.text("currency_code"),
        line_item_id=record.text_or_none("line_item_id"),
        reference=record.text_or_none("reference"),
        reference_id=record.text_or_none("reference_id"),
        expires_at=_moment_or_none(record, "expires_at"),
        note=record.text_or_none("note"),
        metadata=_metadata(record),
        created_at=_created_at(record),
        updated_at=_updated_at(record),
        deleted_at=_moment_or_none(record, "deleted_at"),
        orders=_rows(record, "orders"),
    )
    record.finish()
    _check_card(card, state, record)
    return card


def _check_card(card: GiftCard, state: State, record: Record) -> None:
    if card.account_id not in state.accounts:
        raise SeedError(f"{record.at('account_id')}: there is no account {shown(card.account_id)}")
    if card.value < SMALLEST_GIFT_CARD:
        raise SeedError(f"{record.at('value')}: {card.value} is below {SMALLEST_GIFT_CARD}")
    for other in state.gift_cards.values():
        if card.code == other.code:
            raise SeedError(f"{record.at('code')}: {other.id} has it already")


def _credentials(record: Record, clock: Clock) -> Credentials:
    users: dict[str, User] = {}
    secret_keys: dict[str, Actor] = {}
    fixed_tokens: dict[str, Actor] = {}
    for member in record.records("users"):
        user = User(
            id=member.text("id"), email=member.text("email"), password=member.text("password")
        )
        users[user.email] = user
        for token in member.texts("tokens"):
            fixed_tokens[token] = Actor("user", user.id)
        member.finish()
    for member in record.records("secret_keys"):
        secret_keys[member.text("key")] = Actor("api-key", member.text("id"))
        member.finish()
    for member in record.records("customer_tokens"):
        fixed_tokens[member.text("token")] = Actor("customer", member.text("customer_id"))
        member.finish()
    credentials = Credentials(
        users=users,
        secret_keys=secret_keys,
        publishable_keys=frozenset(record.texts("publishable_keys")),
        tokens=Tokens(fixed_tokens, clock),
    )
    record.finish()
    return credentials


def _amount(record: Record, name: str) -> Decimal:
    amount = record.amount(name)
    if amount <= 0:
        raise SeedError(f"{record.at(name)}: {shown(amount)} is not above 0")
    return kept(amount)


def _metadata(record: Record) -> Mapping[str, Any] | None:
    if not record.has("metadata"):
        return None
    record.record("metadata")
    metadata: Mapping[str, Any] = record.value("metadata")
    return metadata


def _rows(record: Record, name: str) -> Sequence[Mapping[str, Any]]:
    """Objects that are shown as they are written."""
    return record.value(name) if record.records(name) else []


def _created_at(record: Record) -> datetime:
    return to_milliseconds(record.moment("created_at"))


def _updated_at(record: Record) -> datetime:
    return _moment_or_none(record, "updated_at") or _created_at(record)


def _moment_or_none(record: Record, name: str) -> datetime | None:
    at = record.moment_or_none(name)
    return at and to_milliseconds(at)
