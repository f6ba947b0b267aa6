"""
What the four providers say of these people, in the shapes of their own contracts.

The answers are made when they are first asked for and kept as bytes: a stub that makes documents
would be measured with every contestant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import simplejson

from benchmarks.gateways.people import (
    EVERYBODY,
    Customer,
    card_balance,
    invoice_value,
    owner_of_card,
)

VTEX_CREDIT: Final = "vtex.customer-credit"
VTEX_GIFTCARD: Final = "vtex.giftcard"
ADOBE: Final = "adobe.company-credit"
MEDUSA: Final = "medusa.store-credit"
PROVIDERS: Final = (VTEX_CREDIT, VTEX_GIFTCARD, ADOBE, MEDUSA)

_SINCE: Final = "2025-01-15T12:00:00Z"
_ENDS: Final = "2099-01-01T00:00:00Z"
_RANGE: Final = re.compile(rb"resources=(\d+)-(\d+)")

_BY_EMAIL: Final = {one.email: one for one in EVERYBODY}
_BY_NUMBER: Final = {str(one.number): one for one in EVERYBODY}
_BY_ACCOUNT: Final = {one.credit_account_id: one for one in EVERYBODY}
_BY_COMPANY: Final = {str(one.company_id): one for one in EVERYBODY}
_BY_MEDUSA_ID: Final = {one.medusa_id: one for one in EVERYBODY}

Document = Mapping[str, Any] | Sequence[Any]
Query = Mapping[str, list[str]]


class Asked(NamedTuple):
    """A request to a provider, as far as an answer depends on it."""

    method: bytes
    target: bytes
    rest_range: bytes = b""
    body: bytes = b""


class Answer(NamedTuple):
    """
    Attributes:
        fact: Which operation was asked, for the counts.
        content: The whole answer as it goes over the wire.
    """

    provider: str
    fact: str
    content: bytes


class UnknownQuestion(LookupError):
    """A path, or somebody, that no provider here has."""


def answer(asked: Asked) -> Answer:
    """
    Raises:
        UnknownQuestion
    """
    parts = urlsplit(asked.target.decode("ascii"))
    for route in _ROUTES:
        if found := route.path.fullmatch(parts.path):
            query = parse_qs(parts.query)
            try:
                document = route.document(asked, query, *found.groups())
            except (KeyError, ValueError) as exc:
                raise UnknownQuestion(asked.target.decode("ascii")) from exc
            return Answer(route.provider, route.fact, http_answer(200, document))
    raise UnknownQuestion(asked.target.decode("ascii"))


def http_answer(status: int, document: object) -> bytes:
    body = simplejson.dumps(document, use_decimal=True, separators=(",", ":")).encode()
    head = (
        f"HTTP/1.1 {status} Stub\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _credit_accounts(asked: Asked, query: Query) -> Document:
    customer = _BY_EMAIL[query["email"][0]]
    return {"data": [_credit_account(customer)], "summary": {"count": len(EVERYBODY)}}


def _credit_account(customer: Customer) -> Document:
    available = customer.available_credit
    return {
        "id": customer.credit_account_id,
        "balance": 0,
        "creditLimit": available,
        "availableCredit": available,
        "availableBalance": available,
        "preAuthorizedCredit": 0,
        "tolerance": 0,
        "status": "Open",
        "email": customer.email,
        "document": customer.document,
        "documentType": "CPF",
        "description": "",
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
    }


def _invoices(asked: Asked, query: Query, account_id: str) -> Document:
    customer = _BY_ACCOUNT[account_id]
    first, last = int(query.get("from", ["1"])[0]), int(query.get("to", ["100"])[0])
    shown = range(customer.invoices)[first - 1 : last]
    return {
        "data": [_invoice(customer, place) for place in shown],
        "summary": {"total": 0, "count": len(shown), "totalPaid": 0, "totalCancelled": 0},
    }


def _invoice(customer: Customer, place: int) -> Document:
    transaction = f"{customer.number * 1000 + place:032X}"
    return {
        "id": f"{transaction}-01",
        "friendlyId": f"{place:08}-1",
        "transactionId": transaction,
        "accountId": customer.credit_account_id,
        "creditAccountId": customer.credit_account_id,
        "status": "Opened",
        "value": invoice_value(place),
        "creditValue": 0,
        "createdAt": f"2025-02-{place % 28 + 1:02}T10:00:00.1234567Z",
        "updatedAt": _SINCE,
        "originalDueDate": _ENDS,
        "dueDate": _ENDS,
        "installment": 1,
        "numberOfInstallments": 1,
        "orderId": f"v{place}-01",
    }


def _card_search(asked: Asked, query: Query) -> Document:
    client = simplejson.loads(asked.body)["client"]
    customer = _BY_EMAIL[client["email"]]
    found = _RANGE.fullmatch(asked.rest_range or b"resources=0-49")
    if asked.method != b"POST" or found is None:
        raise ValueError("a search is posted, for a range")
    first, last = map(int, found.groups())
    return {
        "items": [
            {"id": card_id, "_self": {"href": f"cards/{card_id}"}}
            for card_id in customer.card_ids[first : last + 1]
        ],
        "paging": {"page": 0, "perPage": last - first + 1, "total": customer.cards, "pages": 1},
    }


def _card(asked: Asked, query: Query, card_id: str) -> Document:
    owner = _owner(card_id)
    return {
        "id": card_id,
        "redemptionToken": "ABCD-EFGH-IJKL-MNOP",
        "redemptionCode": "ABCD-EFGH-IJKL-MNOP",
        "balance": card_balance(card_id),
        "relationName": f"loyalty of {owner.number}",
        "emissionDate": _SINCE,
        "expiringDate": _ENDS,
        "currencyCode": "BRL",
        "transaction": {"href": f"cards/{card_id}/transactions"},
    }


def _card_transactions(asked: Asked, query: Query, card_id: str) -> Document:
    return [
        {
            "id": str(place),
            "cardId": card_id,
            "_self": {"href": f"cards/{card_id}/transactions/{place}"},
        }
        for place in range(_owner(card_id).transactions)
    ]


def _card_transaction(asked: Asked, query: Query, card_id: str, place: str) -> Document:
    href = f"cards/{card_id}/transactions/{_known(card_id, place)}"
    return {
        "value": card_balance(card_id),
        "description": "Issued",
        "date": _SINCE,
        "requestId": f"request-{card_id}",
        "operation": "Credit",
        "settlement": {"href": f"{href}/settlements"},
        "cancellation": {"href": f"{href}/cancellations"},
        "authorization": {"href": f"{href}/authorization"},
    }


def _no_movements(asked: Asked, query: Query, card_id: str, place: str, list_name: str) -> Document:
    _known(card_id, place)
    return []


def _company_credit(asked: Asked, query: Query, company_id: str) -> Document:
    customer = _BY_COMPANY[company_id]
    return {
        "id": customer.number,
        "company_id": customer.company_id,
        "credit_limit": customer.available_limit,
        "balance": 0,
        "currency_code": "BRL",
        "exceed_limit": False,
        "available_limit": customer.available_limit,
    }


def _company(asked: Asked, query: Query, company_id: str) -> Document:
    return {"id": _BY_COMPANY[company_id].company_id, "status": 1}


def _store_credit(asked: Asked, query: Query) -> Document:
    customer = _BY_MEDUSA_ID[query["customer_id"][0]]
    account = {
        "id": f"sc_acc_{customer.number:026}",
        "currency_code": "brl",
        "customer_id": customer.medusa_id,
        "code": "SC-W2KQ-539A-PBW2-KQ53",
        "credits": customer.store_credit,
        "debits": 0,
        "balance": customer.store_credit,
        "metadata": None,
        "created_at": "2025-01-15T12:00:00.000Z",
        "updated_at": "2025-01-15T12:00:00.000Z",
    }
    limit = int(query.get("limit", ["15"])[0])
    return {"store_credit_accounts": [account], "count": 1, "offset": 0, "limit": limit}


def _owner(card_id: str) -> Customer:
    owner = _BY_NUMBER[str(owner_of_card(card_id))]
    if card_id not in owner.card_ids:
        raise KeyError(card_id)
    return owner


def _known(card_id: str, place: str) -> str:
    if int(place) >= _owner(card_id).transactions:
        raise KeyError(place)
    return place


class _Route(NamedTuple):
    provider: str
    fact: str
    path: re.Pattern[str]
    document: Callable[..., Document]


def _route(provider: str, fact: str, path: str, document: Callable[..., Document]) -> _Route:
    return _Route(provider, fact, re.compile(path), document)


_CREDIT: Final = "/vtex/api/creditcontrol/accounts"
_CARDS: Final = "/vtex/api/giftcards"
_SHOP: Final = "/adobe/rest/default/V1"
_ROUTES: Final = (
    _route(VTEX_CREDIT, "accounts of an e-mail", _CREDIT, _credit_accounts),
    _route(VTEX_CREDIT, "invoices of an account", f"{_CREDIT}/([^/]+)/invoices", _invoices),
    _route(VTEX_GIFTCARD, "card search", f"{_CARDS}/_search", _card_search),
    _route(VTEX_GIFTCARD, "card", rf"{_CARDS}/(\d+)", _card),
    _route(VTEX_GIFTCARD, "transactions", rf"{_CARDS}/(\d+)/transactions", _card_transactions),
    _route(VTEX_GIFTCARD, "transaction", rf"{_CARDS}/(\d+)/transactions/(\d+)", _card_transaction),
    _route(
        VTEX_GIFTCARD,
        "movements of a transaction",
        rf"{_CARDS}/(\d+)/transactions/(\d+)/(settlements|cancellations)",
        _no_movements,
    ),
    _route(ADOBE, "credit of a company", rf"{_SHOP}/companyCredits/company/(\d+)", _company_credit),
    _route(ADOBE, "company", rf"{_SHOP}/company/(\d+)", _company),
    _route(MEDUSA, "accounts of a customer", "/medusa/admin/store-credit-accounts", _store_credit),
)
