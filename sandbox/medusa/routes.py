"""The table of the routes that are served, by method and path."""

import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import unquote

from sandbox.medusa import reading, writing
from sandbox.medusa.call import Handler
from sandbox.medusa.state import Defects

_ROUTES: Final[list[tuple[str, re.Pattern[str], Handler]]] = [
    (method, re.compile(pattern), handler)
    for method, pattern, handler in (
        ("POST", "/auth/user/emailpass", reading.sign_in),
        ("POST", "/auth/token/refresh", reading.refresh_token),
        ("GET", "/admin/store-credit-accounts", reading.list_accounts),
        ("POST", "/admin/store-credit-accounts", writing.create_account),
        ("GET", "/admin/store-credit-accounts/(?P<id>[^/]+)", reading.get_account),
        ("POST", "/admin/store-credit-accounts/(?P<id>[^/]+)/credit", writing.credit_account),
        ("POST", "/admin/store-credit-accounts/(?P<id>[^/]+)/debit", writing.debit_account),
        ("GET", "/admin/store-credit-accounts/(?P<id>[^/]+)/transactions", reading.list_ledger),
        ("GET", "/admin/gift-cards", reading.list_gift_cards),
        ("POST", "/admin/gift-cards", writing.create_gift_card),
        ("GET", "/admin/gift-cards/(?P<id>[^/]+)", reading.get_gift_card),
        ("POST", "/admin/gift-cards/(?P<id>[^/]+)", writing.change_gift_card),
        ("GET", "/admin/gift-cards/(?P<id>[^/]+)/orders", reading.list_gift_card_orders),
        ("GET", "/store/gift-cards/(?P<code>[^/]+)", reading.get_gift_card_by_code),
        ("GET", "/store/store-credit-accounts", reading.list_own_accounts),
        ("POST", "/store/store-credit-accounts/claim", writing.claim),
        ("GET", "/store/store-credit-accounts/(?P<id>[^/]+)", reading.get_own_account),
    )
]


def find(method: str, path: str, defects: Defects) -> tuple[Handler, Mapping[str, str]] | None:
    """The handler of a route and the variable parts of *path*, unescaped."""
    missing = _missing(defects)
    for route_method, pattern, handler in _ROUTES:
        found = pattern.fullmatch(path)
        served = found and handler not in missing
        if found and served and route_method == ("GET" if method == "HEAD" else method):
            return handler, {name: unquote(part) for name, part in found.groupdict().items()}
    return None


def _missing(defects: Defects) -> Collection[Handler]:
    """Debits came with 2.21.1 (recorded); without codes there is nothing to claim (assumed)."""
    return [
        *([writing.debit_account] if defects.is_unlocked else []),
        *([writing.claim] if defects.is_early else []),
    ]
