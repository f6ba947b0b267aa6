"""The read routes, and those that sign somebody in."""

from typing import Any

from sandbox.medusa.call import (
    Answer,
    Call,
    account_answer,
    gift_card_answer,
    live_account,
    live_gift_card,
    no_such_account,
)
from sandbox.medusa.errors import invalid_data, not_found, unknown_error
from sandbox.medusa.fields import selection
from sandbox.medusa.querystring import (
    ACCOUNT_PARAMETERS,
    FIELDS_ALONE,
    GIFT_CARD_PARAMETERS,
    LEDGER_PARAMETERS,
    NO_PARAMETERS,
    SHOPPERS_ACCOUNT_PARAMETERS,
    Query,
)
from sandbox.medusa.search import ACCOUNTS, GIFT_CARDS, LEDGER, Page
from sandbox.medusa.state import Account, State
from sandbox.medusa.views import (
    ACCOUNT_FIELDS,
    ENTRY_FIELDS,
    GIFT_CARD_FIELDS,
    ORDER_FIELDS,
    SHOPPERS_ACCOUNT_FIELDS,
    SHOPPERS_GIFT_CARD_FIELDS,
    TOTALS,
    Record,
    account_record,
    entry_record,
    gift_card_record,
)


async def sign_in(call: Call) -> Answer:
    return {"token": call.credentials.signed_in(call.body.get("email"), call.body.get("password"))}


async def refresh_token(call: Call) -> Answer:
    return {"token": call.credentials.refreshed(call.authorization)}


async def list_accounts(call: Call) -> Answer:
    query = ACCOUNT_PARAMETERS.read(call.query_string)
    page = ACCOUNTS.page(call.state.accounts.values(), query)
    return _account_page(page, query, ACCOUNT_FIELDS, call.state)


async def get_account(call: Call) -> Answer:
    query = ACCOUNT_PARAMETERS.read(call.query_string)
    return account_answer(live_account(call), query, ACCOUNT_FIELDS, call.state)


async def list_ledger(call: Call) -> Answer:
    """The ledger of an account nobody knows is an empty one (recorded)."""
    query = LEDGER_PARAMETERS.read(call.query_string)
    page = LEDGER.page(call.state.ledger(call.path["id"]), query)
    wanted = selection(query.fields, ENTRY_FIELDS)
    return _paged(
        "transactions", [entry_record(entry).shown(wanted) for entry in page.rows], page, query
    )


async def list_gift_cards(call: Call) -> Answer:
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    if query.filters.get("customer_id"):
        raise unknown_error()
    page = GIFT_CARDS.page(call.state.gift_cards.values(), query)
    wanted = selection(query.fields, GIFT_CARD_FIELDS)
    shown = [gift_card_record(card, call.state).shown(wanted) for card in page.rows]
    return _paged("gift_cards", shown, page, query)


async def get_gift_card(call: Call) -> Answer:
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    return gift_card_answer(live_gift_card(call), query, GIFT_CARD_FIELDS, call.state)


async def list_gift_card_orders(call: Call) -> Answer:
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    card = call.state.gift_cards.get(call.path["id"])
    wanted = selection(query.fields, ORDER_FIELDS)
    return {"orders": [Record(order).shown(wanted) for order in card.orders] if card else []}


async def get_gift_card_by_code(call: Call) -> Answer:
    query = FIELDS_ALONE.read(call.query_string)
    for card in call.state.gift_cards.values():
        if card.code == call.path["code"] and card.deleted_at is None:
            return gift_card_answer(card, query, SHOPPERS_GIFT_CARD_FIELDS, call.state)
    raise not_found("Gift card not found")


async def list_own_accounts(call: Call) -> Answer:
    query = SHOPPERS_ACCOUNT_PARAMETERS.read(call.query_string)
    _check_order(query, call.state)
    own = [account for account in call.state.accounts.values() if _is_own(account, call)]
    return _account_page(ACCOUNTS.page(own, query), query, SHOPPERS_ACCOUNT_FIELDS, call.state)


async def get_own_account(call: Call) -> Answer:
    query = NO_PARAMETERS.read(call.query_string)
    account = live_account(call)
    if not _is_own(account, call):
        raise no_such_account(call)
    return account_answer(account, query, SHOPPERS_ACCOUNT_FIELDS, call.state)


def _check_order(query: Query, state: State) -> None:
    """Columns of store routes are bound to a list from 2.21.0 on (documented)."""
    column = (query.order or "").removeprefix("-")
    listed = query.order is None or column in ACCOUNTS.columns | set(TOTALS)
    if not listed and not state.defects.is_unlocked:
        raise invalid_data(f"Order field {column} is not valid")


def _is_own(account: Account, call: Call) -> bool:
    return account.customer_id == call.caller.id


def _account_page(
    page: Page[Account], query: Query, defaults: tuple[str, ...], state: State
) -> dict[str, Any]:
    """On lists the totals come back whatever `fields` says, last in each account (recorded)."""
    wanted = selection(query.fields, defaults)
    for name in TOTALS:
        wanted.columns.pop(name, None)
    rows = []
    for account in page.rows:
        record = account_record(account, state)
        rows.append(record.shown(wanted) | {name: record.columns[name] for name in TOTALS})
    return _paged("store_credit_accounts", rows, page, query)


def _paged(name: str, rows: list[dict[str, Any]], page: Page[Any], query: Query) -> dict[str, Any]:
    return {name: rows, "count": page.count, "offset": query.offset, "limit": query.limit}
