"""The read routes, and the table that finds them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from sandbox.medusa.credentials import Actor, Credentials
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
from sandbox.medusa.state import Account, GiftCard, State
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


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request past the guard; *actor* is None where the route asks for no sign-in."""

    state: State
    credentials: Credentials
    actor: Actor | None
    authorization: str
    path: Mapping[str, str]
    query_string: str
    body: Mapping[str, Any]


Handler = Callable[[Call], dict[str, Any]]


def find(method: str, path: str) -> tuple[Handler, Mapping[str, str]] | None:
    """The handler of a route and the variable parts of *path*, unescaped."""
    for route_method, pattern, handler in _ROUTES:
        found = pattern.fullmatch(path)
        if found and route_method == ("GET" if method == "HEAD" else method):
            return handler, {name: unquote(part) for name, part in found.groupdict().items()}
    return None


def sign_in(call: Call) -> dict[str, Any]:
    return {"token": call.credentials.signed_in(call.body.get("email"), call.body.get("password"))}


def refresh_token(call: Call) -> dict[str, Any]:
    return {"token": call.credentials.refreshed(call.authorization)}


def list_accounts(call: Call) -> dict[str, Any]:
    query = ACCOUNT_PARAMETERS.read(call.query_string)
    page = ACCOUNTS.page(call.state.accounts.values(), query)
    return _account_page(page, query, ACCOUNT_FIELDS, call.state)


def get_account(call: Call) -> dict[str, Any]:
    query = ACCOUNT_PARAMETERS.read(call.query_string)
    account = _live_account(call)
    shown = account_record(account, call.state).shown(selection(query.fields, ACCOUNT_FIELDS))
    return {"store_credit_account": shown}


def list_ledger(call: Call) -> dict[str, Any]:
    """The ledger of an account nobody knows is an empty one (recorded)."""
    query = LEDGER_PARAMETERS.read(call.query_string)
    page = LEDGER.page(call.state.ledger(call.path["id"]), query)
    wanted = selection(query.fields, ENTRY_FIELDS)
    return _paged(
        "transactions", [entry_record(entry).shown(wanted) for entry in page.rows], page, query
    )


def list_gift_cards(call: Call) -> dict[str, Any]:
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    if query.filters.get("customer_id"):
        raise unknown_error()
    page = GIFT_CARDS.page(call.state.gift_cards.values(), query)
    wanted = selection(query.fields, GIFT_CARD_FIELDS)
    shown = [gift_card_record(card, call.state).shown(wanted) for card in page.rows]
    return _paged("gift_cards", shown, page, query)


def get_gift_card(call: Call) -> dict[str, Any]:
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    card = call.state.gift_cards.get(call.path["id"])
    if card is None or card.deleted_at is not None:
        raise not_found(f"GiftCard id not found: {call.path['id']}")
    return _gift_card(card, query, GIFT_CARD_FIELDS, call.state)


def list_gift_card_orders(call: Call) -> dict[str, Any]:
    query = GIFT_CARD_PARAMETERS.read(call.query_string)
    card = call.state.gift_cards.get(call.path["id"])
    wanted = selection(query.fields, ORDER_FIELDS)
    return {"orders": [Record(order).shown(wanted) for order in card.orders] if card else []}


def get_gift_card_by_code(call: Call) -> dict[str, Any]:
    query = FIELDS_ALONE.read(call.query_string)
    for card in call.state.gift_cards.values():
        if card.code == call.path["code"] and card.deleted_at is None:
            return _gift_card(card, query, SHOPPERS_GIFT_CARD_FIELDS, call.state)
    raise not_found("Gift card not found")


def list_own_accounts(call: Call) -> dict[str, Any]:
    query = SHOPPERS_ACCOUNT_PARAMETERS.read(call.query_string)
    column = (query.order or "").removeprefix("-")
    if query.order is not None and column not in ACCOUNTS.columns | set(TOTALS):
        raise invalid_data(f"Order field {column} is not valid")
    own = [account for account in call.state.accounts.values() if _is_own(account, call)]
    return _account_page(ACCOUNTS.page(own, query), query, SHOPPERS_ACCOUNT_FIELDS, call.state)


def get_own_account(call: Call) -> dict[str, Any]:
    query = NO_PARAMETERS.read(call.query_string)
    account = _live_account(call)
    if not _is_own(account, call):
        raise _no_such_account(call)
    wanted = selection(query.fields, SHOPPERS_ACCOUNT_FIELDS)
    return {"store_credit_account": account_record(account, call.state).shown(wanted)}


def _live_account(call: Call) -> Account:
    account = call.state.accounts.get(call.path["id"])
    if account is None or account.deleted_at is not None:
        raise _no_such_account(call)
    return account


def _no_such_account(call: Call) -> Exception:
    return not_found(f"StoreCreditAccount id not found: {call.path['id']}")


def _is_own(account: Account, call: Call) -> bool:
    return call.actor is not None and account.customer_id == call.actor.id


def _gift_card(
    card: GiftCard, query: Query, defaults: tuple[str, ...], state: State
) -> dict[str, Any]:
    return {"gift_card": gift_card_record(card, state).shown(selection(query.fields, defaults))}


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


_ROUTES: Final = [
    (method, re.compile(pattern), handler)
    for method, pattern, handler in (
        ("POST", "/auth/user/emailpass", sign_in),
        ("POST", "/auth/token/refresh", refresh_token),
        ("GET", "/admin/store-credit-accounts", list_accounts),
        ("GET", "/admin/store-credit-accounts/(?P<id>[^/]+)", get_account),
        ("GET", "/admin/store-credit-accounts/(?P<id>[^/]+)/transactions", list_ledger),
        ("GET", "/admin/gift-cards", list_gift_cards),
        ("GET", "/admin/gift-cards/(?P<id>[^/]+)", get_gift_card),
        ("GET", "/admin/gift-cards/(?P<id>[^/]+)/orders", list_gift_card_orders),
        ("GET", "/store/gift-cards/(?P<code>[^/]+)", get_gift_card_by_code),
        ("GET", "/store/store-credit-accounts", list_own_accounts),
        ("GET", "/store/store-credit-accounts/(?P<id>[^/]+)", get_own_account),
    )
]
