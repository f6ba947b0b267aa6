"""Every member of every filter keeps what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.graphql.graph import JSON, Graph

Keeps = Callable[[JSON], bool]

INVOICES = """query ($filter: InvoiceFilter) { customer(by: {email: "buyer@example.com"}) {
  invoices(first: 100, filter: $filter) { nodes {
    id number status amount { amount } dueAt issuedAt isOverdue note orderId } } } }"""

STORE_INVOICES = """query ($filter: InvoiceFilter) {
  invoices(source: "vtex-credit", first: 100, filter: $filter) { nodes {
    id number status amount { amount } dueAt issuedAt isOverdue note orderId } } }"""

TIMELINE = """query ($filter: LedgerFilter) { customer(by: {email: "buyer@example.com"}) {
  timeline(first: 100, filter: $filter) { nodes {
    id kind direction occurredAt source { key } reference { purchaseOrder }
    instrument { kind } } pageInfo { hasNextPage } } } }"""

ACCOUNTS = """query ($filter: CreditAccountFilter) { creditAccounts(first: 100, filter: $filter) {
  nodes { id source { key } status limit { amount } outstanding { amount }
    details { ... on VtexCreditAccountDetails { email }
              ... on AdobeCompanyCreditDetails { companyId } } } } }"""

STORE_CREDIT = """query ($filter: StoreCreditFilter) {
  storeCreditAccounts(first: 100, filter: $filter) { nodes {
    id source { key } currencyCode createdAt
    details { ... on MedusaStoreCreditDetails { customerId } } } } }"""

CARDS = """query ($search: GiftCardSearch!) { searchGiftCards(search: $search, first: 100) {
  nodes { id nativeId maskedCode } } }"""


async def nodes(graph: Graph, query: str, **variables: object) -> list[JSON]:
    found = await graph.data(query, **variables)
    while "nodes" not in found:
        (found,) = found.values()
    listed: list[JSON] = found["nodes"]
    return listed


def amount_of(money: JSON | None) -> Decimal | None:
    return None if money is None else Decimal(money["amount"])


INVOICE_FILTERS: list[tuple[JSON, Keeps]] = [
    ({}, lambda one: True),
    ({"status": []}, lambda one: False),
    ({"status": ["OPEN"]}, lambda one: one["status"] == "OPEN"),
    ({"status": ["PAID", "CANCELLED"]}, lambda one: one["status"] in ("PAID", "CANCELLED")),
    ({"overdue": True}, lambda one: one["isOverdue"]),
    ({"overdue": False}, lambda one: not one["isOverdue"]),
    (
        {"dueFrom": "2026-06-01T00:00:00Z"},
        lambda one: one["dueAt"] >= "2026-06-01T00:00:00Z",
    ),
    ({"dueTo": "2026-06-01T00:00:00Z"}, lambda one: one["dueAt"] <= "2026-06-01T00:00:00Z"),
    (
        {"createdFrom": "2026-06-01T00:00:00Z"},
        lambda one: one["issuedAt"] >= "2026-06-01T00:00:00Z",
    ),
    (
        {"createdTo": "2026-06-01T00:00:00Z"},
        lambda one: one["issuedAt"] <= "2026-06-01T00:00:00Z",
    ),
    ({"amount": "568.85"}, lambda one: one["amount"]["amount"] == "568.85"),
    ({"amount": "568.850"}, lambda one: one["amount"]["amount"] == "568.85"),
    ({"number": "ziwwr0xb"}, lambda one: "ziwwr0xb" in one["number"].lower()),
    ({"number": "-2"}, lambda one: "-2" in one["number"]),
    (
        {"status": ["OPEN"], "overdue": True, "dueFrom": "2026-06-01T00:00:00Z"},
        lambda one: one["isOverdue"] and one["dueAt"] >= "2026-06-01T00:00:00Z",
    ),
]


@pytest.mark.parametrize("query", [INVOICES, STORE_INVOICES], ids=["customer", "store"])
@pytest.mark.parametrize(("filter_", "keeps"), INVOICE_FILTERS, ids=str)
async def test_invoices_are_narrowed(graph: Graph, query: str, filter_: JSON, keeps: Keeps) -> None:
    every = await nodes(graph, query)
    assert await nodes(graph, query, filter=filter_) == [one for one in every if keeps(one)]


@pytest.mark.parametrize("member", ["note", "orderId"])
async def test_invoices_are_found_by_their_remark_and_by_their_order(
    graph: Graph, member: str
) -> None:
    every = await nodes(graph, STORE_INVOICES)
    sought = next(one[member] for one in every if one[member])
    found = await nodes(graph, STORE_INVOICES, filter={member: sought})
    assert found == [one for one in every if one[member] and sought in one[member]]


LEDGER_FILTERS: list[tuple[JSON, Keeps]] = [
    ({"kinds": ["SETTLEMENT"]}, lambda one: one["kind"] == "SETTLEMENT"),
    (
        {"kinds": ["LIMIT_CHANGE", "INVOICE_PAYMENT"]},
        lambda one: one["kind"] in ("LIMIT_CHANGE", "INVOICE_PAYMENT"),
    ),
    ({"kinds": []}, lambda one: False),
    ({"direction": "CREDIT"}, lambda one: one["direction"] == "CREDIT"),
    ({"direction": "DEBIT"}, lambda one: one["direction"] == "DEBIT"),
    ({"direction": "NEUTRAL"}, lambda one: one["direction"] == "NEUTRAL"),
    (
        {"from": "2026-09-01T00:00:00Z"},
        lambda one: one["occurredAt"] >= "2026-09-01T00:00:00Z",
    ),
    ({"to": "2026-01-01T00:00:00Z"}, lambda one: one["occurredAt"] <= "2026-01-01T00:00:00Z"),
    ({"instrumentKinds": ["GIFT_CARD"]}, lambda one: one["instrument"]["kind"] == "GIFT_CARD"),
    ({"sources": ["medusa"]}, lambda one: one["source"]["key"] == "medusa"),
    (
        {"sources": ["adobe", "medusa"], "direction": "DEBIT"},
        lambda one: one["source"]["key"] in ("adobe", "medusa") and one["direction"] == "DEBIT",
    ),
]


@pytest.fixture(scope="module")
async def history(served: Graph) -> list[JSON]:
    """The whole timeline of the buyer."""
    query = (
        TIMELINE.replace("($filter: LedgerFilter)", "($after: String)")
        .replace("filter: $filter", "after: $after")
        .replace("hasNextPage", "hasNextPage endCursor")
    )
    entries: list[JSON] = []
    after = None
    while True:
        data = await served.data(query, after=after)
        page = data["customer"]["timeline"]
        entries += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return entries


@pytest.mark.parametrize(("filter_", "keeps"), LEDGER_FILTERS, ids=str)
async def test_history_is_narrowed(
    graph: Graph, history: list[JSON], filter_: JSON, keeps: Keeps
) -> None:
    found = await nodes(graph, TIMELINE, filter=filter_)
    assert found == [one for one in history if keeps(one)][:100]


async def test_history_is_found_by_purchase_order(graph: Graph, history: list[JSON]) -> None:
    references = [one["reference"] or {} for one in history]
    orders = sorted({order for one in references if (order := one.get("purchaseOrder"))})
    assert orders
    for sought in orders[:3]:
        found = await nodes(graph, TIMELINE, filter={"purchaseOrder": sought})
        assert found == [
            one for one in history if (one["reference"] or {}).get("purchaseOrder") == sought
        ]


ACCOUNT_FILTERS: list[tuple[JSON, Keeps]] = [
    ({}, lambda one: True),
    ({"sources": ["adobe"]}, lambda one: one["source"]["key"] == "adobe"),
    ({"sources": []}, lambda one: False),
    ({"companyId": 22}, lambda one: one["details"].get("companyId") == 22),
    ({"status": "BLOCKED"}, lambda one: one["status"] == "BLOCKED"),
    ({"status": "CLOSED"}, lambda one: one["status"] == "CLOSED"),
    (
        {"limitMin": "1000"},
        lambda one: (amount_of(one["limit"]) or Decimal(0)) >= 1000,
    ),
    (
        {"sources": ["adobe"], "outstandingMin": "0.01"},
        lambda one: (
            one["source"]["key"] == "adobe"
            and (amount_of(one["outstanding"]) or Decimal(0)) >= Decimal("0.01")
        ),
    ),
    (
        {"sources": ["vtex-credit"], "email": "buyer@example.com"},
        lambda one: one["details"].get("email") == "buyer@example.com",
    ),
]


@pytest.mark.parametrize(("filter_", "keeps"), ACCOUNT_FILTERS, ids=str)
async def test_credit_accounts_are_narrowed(graph: Graph, filter_: JSON, keeps: Keeps) -> None:
    every = await nodes(graph, ACCOUNTS)
    assert await nodes(graph, ACCOUNTS, filter=filter_) == [one for one in every if keeps(one)]


STORE_CREDIT_FILTERS: list[tuple[JSON, Keeps]] = [
    ({}, lambda one: True),
    ({"sources": ["medusa"]}, lambda one: True),
    ({"sources": []}, lambda one: False),
    ({"currency": "JPY"}, lambda one: one["currencyCode"] == "JPY"),
    ({"currency": "USD"}, lambda one: one["currencyCode"] == "USD"),
    ({"search": "kw"}, lambda one: one["currencyCode"] == "KWD"),
    (
        {"customerNativeId": "cus_01K0A000000000000000000003"},
        lambda one: one["details"]["customerId"] == "cus_01K0A000000000000000000003",
    ),
    (
        {"createdFrom": "2026-08-01T00:00:00Z"},
        lambda one: one["createdAt"] >= "2026-08-01T00:00:00Z",
    ),
    (
        {"createdTo": "2026-08-01T00:00:00Z"},
        lambda one: one["createdAt"] <= "2026-08-01T00:00:00Z",
    ),
]


@pytest.mark.parametrize(("filter_", "keeps"), STORE_CREDIT_FILTERS, ids=str)
async def test_store_credit_is_narrowed(graph: Graph, filter_: JSON, keeps: Keeps) -> None:
    every = await nodes(graph, STORE_CREDIT)
    assert await nodes(graph, STORE_CREDIT, filter=filter_) == [one for one in every if keeps(one)]


@pytest.mark.parametrize(
    ("search", "cards"),
    [
        ({"email": "shopper@example.com"}, 3),
        ({"email": "collector@example.com"}, 64),
        ({"email": "nobody@example.com"}, 0),
        ({"nativeCustomerId": "shopper@example.com"}, 3),
        ({"document": "11144477735"}, 3),
        (
            {
                "email": "shopper@example.com",
                "cart": {
                    "orderId": "order-1",
                    "grandTotal": "100.00",
                    "itemsTotal": "90.00",
                    "shipping": "10.00",
                    "items": [
                        {
                            "id": "1",
                            "productId": "9",
                            "name": "Shoes",
                            "price": "90.00",
                            "quantity": 1,
                        }
                    ],
                },
            },
            3,
        ),
    ],
    ids=str,
)
async def test_gift_cards_are_found_by_their_owner(graph: Graph, search: JSON, cards: int) -> None:
    found = await nodes(graph, CARDS, search={"source": "vtex-giftcard", **search})
    assert len(found) == cards


async def test_a_gift_card_is_found_by_its_code(graph: Graph) -> None:
    data = await graph.data(
        """{ customer(by: {email: "shopper@example.com"}) { giftCards(first: 1) { nodes {
               id redemptionCode } } } }"""
    )
    (card,) = data["customer"]["giftCards"]["nodes"]
    search = {"source": "vtex-giftcard", "redemptionCode": card["redemptionCode"]}
    assert [one["id"] for one in await nodes(graph, CARDS, search=search)] == [card["id"]]
