"""
The write routes.

Between a write and the answer, others have their turn: the account is read again for the answer,
so it may already show what they did (recorded).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.medusa.books import NewGiftCard, Origin
from sandbox.medusa.call import (
    Answer,
    Call,
    account_answer,
    gift_card_answer,
    live_account,
    live_gift_card,
)
from sandbox.medusa.dates import javascript_date
from sandbox.medusa.errors import invalid_data, unknown_error
from sandbox.medusa.querystring import (
    ACCOUNT_PARAMETERS,
    GIFT_CARD_PARAMETERS,
    NO_PARAMETERS,
    Query,
)
from sandbox.medusa.schemas import (
    CLAIM,
    EARLY_NEW_ACCOUNT,
    GIFT_CARD_CHANGE,
    MOVEMENT,
    NEW_ACCOUNT,
    NEW_GIFT_CARD,
)
from sandbox.medusa.state import Account
from sandbox.medusa.views import ACCOUNT_FIELDS, CLAIMED_FIELDS, GIFT_CARD_FIELDS


async def create_account(call: Call) -> Answer:
    schema = EARLY_NEW_ACCOUNT if call.state.defects.is_early else NEW_ACCOUNT
    asked = schema.read(call.body)
    query = ACCOUNT_PARAMETERS.read(call.query_string)
    if not asked["currency_code"]:
        raise invalid_data("Currency code is required to create a store credit account")
    account = call.books.open_account(
        currency_code=asked["currency_code"],
        customer_id=asked.get("customer_id"),
        metadata=asked.get("metadata"),
    )
    return await _read_again(account, query, call)


async def credit_account(call: Call) -> Answer:
    amount, origin, query = _movement(call)
    account = live_account(call)
    call.books.book(account.id, "credit", amount, origin)
    return await _read_again(account, query, call)


async def debit_account(call: Call) -> Answer:
    amount, origin, query = _movement(call)
    account = live_account(call)
    call.books.debit(account.id, amount, origin)
    return await _read_again(account, query, call)


async def claim(call: Call) -> Answer:
    """
    The answer shows the source, now empty.

    Assumed: no parameters; the owner is looked at before the balance. The balance is looked at
    twice, and between the two somebody else may claim the same code.
    """
    code = CLAIM.read(call.body)["code"]
    query = NO_PARAMETERS.read(call.query_string)
    source = _claimable(code, call)
    amount = call.state.totals(source.id).balance
    await _others_first()
    call.books.transfer(source, amount, call.caller.id)
    await _others_first()
    return account_answer(source, query, CLAIMED_FIELDS, call.state)


async def create_gift_card(call: Call) -> Answer:
    """The status asked for is not kept (recorded)."""
    asked = NEW_GIFT_CARD.read(call.body)
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    card = call.books.issue_gift_card(
        NewGiftCard(
            code=asked.get("code", ""),
            value=asked["value"],
            currency_code=asked["currency_code"],
            line_item_id=asked.get("line_item_id"),
            reference=asked.get("reference"),
            reference_id=asked.get("reference_id"),
            expires_at=_expiry(asked),
            note=asked.get("note"),
            metadata=asked.get("metadata"),
        )
    )
    return gift_card_answer(card, query, GIFT_CARD_FIELDS, call.state)


async def change_gift_card(call: Call) -> Answer:
    """Assumed: metadata is merged key by key, and `{}` leaves even `updated_at` as it is."""
    asked = dict(GIFT_CARD_CHANGE.read(call.body))
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    card = live_gift_card(call)
    if "expires_at" in asked:
        asked["expires_at"] = _expiry(asked)
    if "metadata" in asked:
        asked["metadata"] = {**(card.metadata or {}), **asked["metadata"]}
    changed = call.books.change_gift_card(card, asked)
    return gift_card_answer(changed, query, GIFT_CARD_FIELDS, call.state)


def _movement(call: Call) -> tuple[Decimal, Origin, Query]:
    asked = MOVEMENT.read(call.body)
    query = ACCOUNT_PARAMETERS.read(call.query_string)
    if asked["amount"] <= 0:
        raise invalid_data("Amount must be greater than 0")
    origin = Origin(call.caller.kind, call.caller.id, asked.get("note", ""))
    return asked["amount"], origin, query


def _claimable(code: str, call: Call) -> Account:
    if not code:
        raise invalid_data("Code is required to claim a store credit account")
    for account in call.state.accounts.values():
        if account.code == code and account.deleted_at is None:
            _check_claimable(account, call)
            return account
    raise unknown_error()


def _check_claimable(account: Account, call: Call) -> None:
    if account.customer_id == call.caller.id:
        raise invalid_data("Customer already owns the store credit account")
    if account.customer_id is not None:
        raise invalid_data("Cannot claim a store credit account that belongs to a customer")
    if call.state.totals(account.id).balance <= 0:
        raise invalid_data("Cannot claim a store credit account with no balance")


def _expiry(asked: Mapping[str, Any]) -> datetime | None:
    """
    Raises:
        Refusal: 500 for what is no date (recorded).
    """
    if asked.get("expires_at") is None:
        return None
    at = javascript_date(asked["expires_at"])
    if at is None:
        raise unknown_error()
    return at


async def _read_again(account: Account, query: Query, call: Call) -> Answer:
    await _others_first()
    return account_answer(account, query, ACCOUNT_FIELDS, call.state)


async def _others_first() -> None:
    await asyncio.sleep(0)
