"""From the seed's `vtex_giftcard` section to a store; `docs/sandbox.md` describes the members."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.seed import Record, SeedError, shown
from sandbox.vtex import Access
from sandbox.vtex_giftcard.dialect import RIGHT
from sandbox.vtex_giftcard.hub import EDIT, VIEW
from sandbox.vtex_giftcard.limits import Limits
from sandbox.vtex_giftcard.protocol import TokensByKey, provider_keys
from sandbox.vtex_giftcard.state import (
    Card,
    DateForm,
    Defects,
    Movement,
    Operation,
    Store,
    Transaction,
)

RIGHTS = (RIGHT, VIEW, EDIT)
SHORTEST_CODE = 6


@dataclass(frozen=True)
class Seeded:
    store: Store
    access: Access
    provider_keys: TokensByKey
    limits: Limits | None


def read_section(section: Mapping[str, Any], now: datetime) -> Seeded:
    record = Record(section, "vtex_giftcard", now)
    access = Access.from_seed(record.record("credentials"), RIGHTS)
    keys = provider_keys(record.records("provider_keys"))
    limits = Limits.from_seed(record.record("limits")) if record.has("limits") else None
    store = Store({}, _defects(record.record("defects")))
    for entry in record.records("cards"):
        _add(store, _card(entry), entry)
    record.finish()
    return Seeded(store, access, keys, limits)


def _defects(record: Record) -> Defects:
    switches = {name: record.flag(name) for name in Defects.__dataclass_fields__}
    record.finish()
    return Defects(**switches)


def _add(store: Store, card: Card, record: Record) -> None:
    for name in {card.id, card.answered_id}:
        if name in store.cards:
            raise SeedError(f"{record.at('id')}: {shown(name)} is taken")
    if store.by_code(card.code):
        raise SeedError(f"{record.at('code')}: the code is taken")
    store.add(card)


def _card(record: Record) -> Card:
    code = record.text("code")
    if len(code) < SHORTEST_CODE:
        raise SeedError(f"{record.at('code')}: a code has at least {SHORTEST_CODE} characters")
    card = Card(
        id=record.text("id"),
        code=code,
        token=record.text_or_none("token") or code,
        emitted_at=record.moment("emitted"),
        expires_at=record.moment("expires"),
        profile_id=record.text_or_none("profile_id"),
        document=record.text_or_none("document"),
        currency=record.text_or_none("currency"),
        relation_name=record.text_or_none("relation_name"),
        caption=record.text_or_none("caption"),
        restricted_to_owner=record.flag("restricted_to_owner"),
        multiple_credits=record.flag("multiple_credits"),
        multiple_redemptions=record.flag("multiple_redemptions", default=True),
        deactivated=record.flag("deactivated"),
        answers_by_number=record.flag("answers_by_number"),
        dates=DateForm(record.choice("dates", DateForm, default=DateForm.TICKS)),
    )
    if record.has("balance"):
        card.transactions.append(_opening_credit(card, record))
    card.transactions += [_transaction(card, entry) for entry in record.records("transactions")]
    card.transactions.sort(key=lambda transaction: transaction.made_at)
    _refuse_duplicates(card, record)
    record.finish()
    return card


def _opening_credit(card: Card, record: Record) -> Transaction:
    """`balance` is short for a first credit of that value."""
    return Transaction(
        id=_derived_id(card.id, "opening"),
        operation=Operation.CREDIT,
        value=record.amount("balance"),
        description="Opening credit",
        made_at=card.emitted_at,
        request_id="opening",
    )


def _transaction(card: Card, record: Record) -> Transaction:
    request_id = record.text("request_id")
    transaction = Transaction(
        id=record.text_or_none("id") or _derived_id(card.id, request_id),
        operation=Operation(record.choice("operation", Operation, default=Operation.DEBIT)),
        value=record.amount("value"),
        description=record.text_or_none("description") or "",
        made_at=record.moment("made"),
        request_id=request_id,
    )
    transaction.settlements = _movements(transaction, record, "settlements")
    transaction.cancellations = _movements(transaction, record, "cancellations")
    record.finish()
    return transaction


def _movements(transaction: Transaction, record: Record, name: str) -> list[Movement]:
    movements = []
    for index, entry in enumerate(record.records(name)):
        oid = _derived_id(transaction.id, f"{name}/{index}")
        movements.append(Movement(oid, entry.amount("value"), entry.moment("made")))
        entry.finish()
    if sum(movement.value for movement in movements) > transaction.value:
        raise SeedError(f"{record.at(name)}: more than the transaction's value")
    return movements


def _refuse_duplicates(card: Card, record: Record) -> None:
    for attribute in ("id", "request_id"):
        values = [getattr(transaction, attribute) for transaction in card.transactions]
        if len(set(values)) < len(values):
            raise SeedError(f"{record.at('transactions')}: {attribute} comes twice")


def _derived_id(owner: str, name: str) -> str:
    """32 hex digits, the same at every start."""
    return hashlib.sha256(f"{owner}/{name}".encode()).hexdigest()[:32]
