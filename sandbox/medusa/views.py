"""Rows as the server serializes them: all columns in its order, relations on request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.medusa.dates import date_text
from sandbox.medusa.fields import Selection
from sandbox.medusa.numbers import Double, counted, raw
from sandbox.medusa.state import Account, Customer, Entry, GiftCard, State, Totals

ACCOUNT_FIELDS = (
    "id",
    "currency_code",
    "customer_id",
    "code",
    "*customer",
    "*transaction_groups",
    "credits",
    "debits",
    "balance",
    "updated_at",
    "created_at",
    "metadata",
)
SHOPPERS_ACCOUNT_FIELDS = tuple(name for name in ACCOUNT_FIELDS if name != "code")
ENTRY_FIELDS = (
    "id",
    "amount",
    "type",
    "reference",
    "reference_id",
    "note",
    "updated_at",
    "created_at",
    "metadata",
)
GIFT_CARD_FIELDS = (
    "id",
    "status",
    "code",
    "value",
    "currency_code",
    "line_item_id",
    "reference_id",
    "reference",
    "expires_at",
    "note",
    "updated_at",
    "created_at",
    "metadata",
)
SHOPPERS_GIFT_CARD_FIELDS = tuple(
    name
    for name in GIFT_CARD_FIELDS
    if name not in {"line_item_id", "reference_id", "reference", "metadata"}
)
CLAIMED_FIELDS = ("id", "code", "customer_id", "currency_code", "balance")
ORDER_FIELDS = ("id", "display_id", "version", "status")
TOTALS = ("balance", "debits", "credits")


@dataclass(frozen=True)
class Record:
    """
    One row.

    *columns* are in the order in which the server shows them when all are asked for; a column of
    *keys* comes along with the relation it leads to.
    """

    columns: Mapping[str, Any]
    relations: Mapping[str, Callable[[], "Record | list[Record] | None"]] = field(
        default_factory=dict
    )
    keys: Mapping[str, str] = field(default_factory=dict)

    def shown(self, selection: Selection) -> dict[str, Any]:
        names = [*self.columns] if selection.everything else []
        names += [*selection.columns, "id"]
        wanted = [name for name in self.relations if name in selection.relations]
        names += [self.keys[name] for name in wanted if name in self.keys]
        shown = {name: self.columns[name] for name in names if name in self.columns}
        for name in wanted:
            match self.relations[name]():
                case list() as rows:
                    shown[name] = [row.shown(selection.relations[name]) for row in rows]
                case Record() as row:
                    shown[name] = row.shown(selection.relations[name])
        return shown


def account_record(account: Account, state: State) -> Record:
    totals = state.totals(account.id)
    early = state.defects.is_early
    return Record(
        columns={
            "id": account.id,
            **({} if early else {"code": account.code}),
            "currency_code": account.currency_code,
            "customer_id": account.customer_id,
            "metadata": account.metadata,
            "created_at": date_text(account.created_at),
            "updated_at": date_text(account.updated_at),
            "deleted_at": date_text(account.deleted_at),
            "balance": Double(totals.balance),
            "credits": Double(totals.credits),
            "debits": Double(totals.debits),
        },
        relations={
            "transactions": lambda: [
                entry_record(entry) for entry in state.live_ledger(account.id)
            ],
            **({"transaction_groups": lambda: _groups(account, state)} if early else {}),
            "customer": lambda: _customer_record(state.customer_of(account)),
            "gift_cards": lambda: [
                gift_card_record(card, state) for card in state.gift_cards_of(account.id)
            ],
        },
        keys={"customer": "customer_id"},
    )


def _groups(account: Account, state: State) -> list[Record]:
    """One group for each kind of reference (our choice: no document says what a group is for)."""
    groups: dict[str, list[Entry]] = {}
    for entry in state.live_ledger(account.id):
        groups.setdefault(entry.reference, []).append(entry)
    return [_group_record(code, Totals.of(entries)) for code, entries in groups.items()]


def _group_record(code: str, totals: Totals) -> Record:
    return Record(
        {
            "code": code,
            "credits": Double(totals.credits),
            "debits": Double(totals.debits),
            "balance": Double(totals.balance),
        }
    )


def entry_record(entry: Entry) -> Record:
    return Record(
        columns={
            "id": entry.id,
            "type": entry.type,
            "reference": entry.reference,
            "reference_id": entry.reference_id,
            "note": entry.note,
            "account_id": entry.account_id,
            "metadata": entry.metadata,
            "raw_amount": raw(entry.amount),
            "created_at": date_text(entry.created_at),
            "updated_at": date_text(entry.updated_at),
            "deleted_at": date_text(entry.deleted_at),
            "amount": Double(counted(entry.amount)),
        }
    )


def gift_card_record(card: GiftCard, state: State) -> Record:
    return Record(
        columns={
            "id": card.id,
            "status": card.status,
            "code": card.code,
            "currency_code": card.currency_code,
            "expires_at": date_text(card.expires_at),
            "reference_id": card.reference_id,
            "reference": card.reference,
            "line_item_id": card.line_item_id,
            "note": card.note,
            "metadata": card.metadata,
            "raw_value": raw(card.value),
            "created_at": date_text(card.created_at),
            "updated_at": date_text(card.updated_at),
            "deleted_at": date_text(card.deleted_at),
            "value": Double(card.value),
        },
        relations={
            "store_credit_account": lambda: account_record(state.accounts[card.account_id], state)
        },
    )


def _customer_record(customer: Customer | None) -> Record | None:
    if customer is None:
        return None
    return Record(
        columns={
            "id": customer.id,
            "company_name": customer.company_name,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "email": customer.email,
            "phone": customer.phone,
            "has_account": customer.has_account,
            "metadata": customer.metadata,
            "created_by": customer.created_by,
            "created_at": date_text(customer.created_at),
            "updated_at": date_text(customer.updated_at),
            "deleted_at": date_text(customer.deleted_at),
        },
        relations={
            "groups": lambda: _plain_records(customer.groups),
            "addresses": lambda: _plain_records(customer.addresses),
        },
    )


def _plain_records(rows: Sequence[Mapping[str, Any]]) -> list[Record]:
    return [Record(row) for row in rows]
