"""Lists: every item once over all pages, in order, with ends that are true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from app.domain.errors import ProviderFailed
from app.domain.instruments import CreditAccount, InstrumentKind
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import (
    NOW,
    a_credit_account,
    a_gift_card,
    a_ledger_entry,
    a_source,
    an_invoice,
)
from tests.graphql.graph import JSON, Graph, every_page, over_doubles, over_sandbox, query_of

PAGE = """
  totalCount
  edges { cursor node { id } }
  nodes { id MORE }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  unavailable { source { key } kind }
"""

SHOPPER, BUYER, COLLECTOR = (
    f'customer(by: {{email: "{name}@example.com"}})' for name in ("shopper", "buyer", "collector")
)


@dataclass(frozen=True)
class List:
    """
    A connection.

    Attributes:
        path: Fields that lead to it; the last one takes `first` and `after`.
        items: How many there are in the built-in data.
        known: Whether its sources say so.
        more: Fields of its items.
    """

    name: str
    path: Sequence[str]
    items: int
    known: bool = True
    more: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def query(self) -> str:
        *outer, last = self.path
        arguments = "first: $first, after: $after"
        opened = last.replace(")", f", {arguments})") if ")" in last else f"{last}({arguments})"
        body = f"{opened} {{ {PAGE.replace('MORE', self.more)} }}"
        for name in reversed(outer):
            body = f"{name} {{ {body} }}"
        return f"query Page($first: Int, $after: String) {{ {body} }}"

    @property
    def names(self) -> list[str]:
        return [name.partition("(")[0] for name in self.path]


LEDGER = "occurredAt source { key }"

LISTS = [
    List("credit accounts", ["creditAccounts"], 36, known=False),
    List("store-credit accounts", ["storeCreditAccounts"], 25),
    List("invoices of a customer", [BUYER, "invoices"], 60, known=False),
    List("invoices of a store", ['invoices(source: "vtex-credit")'], 70, known=False),
    List("gift cards", [COLLECTOR, "giftCards"], 64, known=False),
    List(
        "gift cards found",
        ['searchGiftCards(search: {source: "vtex-giftcard", email: "collector@example.com"})'],
        64,
        known=False,
    ),
    List("store credit of a customer", [COLLECTOR, "storeCreditAccounts"], 4),
    List("timeline", [BUYER, "timeline"], 170, known=False, more=LEDGER),
    List("timeline of a shopper", [SHOPPER, "timeline"], 16, known=False, more=LEDGER),
]

all_lists = pytest.mark.parametrize("list_", LISTS, ids=str)


def ids_of(pages: Sequence[JSON]) -> list[str]:
    return [node["id"] for page in pages for node in page["nodes"]]


async def page_of(graph: Graph, list_: List, **variables: object) -> JSON:
    page = await graph.data(list_.query, **variables)
    for name in list_.names:
        page = page[name]
    return page


@all_lists
async def test_every_item_is_on_exactly_one_page_whatever_their_size(
    graph: Graph, list_: List
) -> None:
    whole = await every_page(graph, list_.query, *list_.names, first=100)
    items = ids_of(whole)
    assert len(items) == len(set(items)) == list_.items
    for first in (1, 7):
        pages = await every_page(graph, list_.query, *list_.names, first=first)
        assert ids_of(pages) == items
        assert [len(page["nodes"]) for page in pages[:-1]] == [first] * (len(pages) - 1)


@all_lists
async def test_any_item_is_a_place_to_go_on_from(graph: Graph, list_: List) -> None:
    whole = await page_of(graph, list_, first=100)
    items = ids_of([whole])
    for index in range(0, len(items), max(1, len(items) // 8)):
        rest = await page_of(graph, list_, first=3, after=whole["edges"][index]["cursor"])
        assert ids_of([rest]) == items[index + 1 : index + 4]
        assert rest["pageInfo"]["hasPreviousPage"] is True


async def test_going_on_from_the_middle_of_a_page_takes_one_more_question(graph: Graph) -> None:
    """Not one for every few items before it."""
    (list_,) = [one for one in LISTS if one.name == "invoices of a store"]
    whole = await page_of(graph, list_, first=60)
    graph.wire.forget()
    await page_of(graph, list_, first=3, after=whole["edges"][50]["cursor"])
    assert len(graph.wire.asked) == 1


@all_lists
async def test_edges_and_nodes_and_the_ends_of_a_page_agree(graph: Graph, list_: List) -> None:
    page = await page_of(graph, list_, first=4)
    assert [edge["node"]["id"] for edge in page["edges"]] == ids_of([page])
    assert len({edge["cursor"] for edge in page["edges"]}) == 4
    assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
    assert page["unavailable"] == []


@all_lists
async def test_the_number_of_items_is_told_where_it_is_known(graph: Graph, list_: List) -> None:
    page = await page_of(graph, list_, first=2)
    assert page["totalCount"] == (list_.items if list_.known else None)


@all_lists
async def test_a_page_of_nothing_still_tells_whether_there_is_more(
    graph: Graph, list_: List
) -> None:
    page = await page_of(graph, list_, first=0)
    assert page["nodes"] == page["edges"] == []
    assert page["pageInfo"]["hasNextPage"] is True


@all_lists
@pytest.mark.parametrize("first", [-1, 101, 2_147_483_647])
async def test_a_page_of_a_wrong_size_is_refused(graph: Graph, list_: List, first: int) -> None:
    error = await graph.error(list_.query, first=first)
    assert error["extensions"]["code"] == ("INVALID_INPUT" if first < 0 else "LIST_TOO_LONG")
    assert graph.wire.asked == [] or list_.names[-1] == "invoices"


@all_lists
@pytest.mark.parametrize("cursor", ["", "nonsense", "cursor_", "cursor_AAAA", "MQ==", "x" * 20_000])
async def test_a_cursor_that_was_not_made_here_is_refused(
    graph: Graph, list_: List, cursor: str
) -> None:
    error = await graph.error(list_.query, first=1, after=cursor)
    assert error["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(("list_", "other"), list(permutations(LISTS, 2)), ids=str)
async def test_a_cursor_of_another_list_is_refused(graph: Graph, list_: List, other: List) -> None:
    cursor = (await page_of(graph, other, first=1))["pageInfo"]["endCursor"]
    error = await graph.error(list_.query, first=1, after=cursor)
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_cursor_of_the_same_list_otherwise_narrowed_is_refused(graph: Graph) -> None:
    narrowed = List("open", [BUYER, "invoices(filter: {status: [OPEN]})"], 0)
    cursor = (await page_of(graph, narrowed, first=1))["pageInfo"]["endCursor"]
    error = await graph.error(LISTS[2].query, first=1, after=cursor)
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_cursor_of_somebody_elses_list_is_refused(graph: Graph) -> None:
    theirs = List("theirs", [COLLECTOR, "creditAccounts"], 1)
    ours = List("ours", [BUYER, "creditAccounts"], 2)
    cursor = (await page_of(graph, theirs, first=1))["edges"][0]["cursor"]
    error = await graph.error(ours.query, first=1, after=cursor)
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_an_id_is_no_cursor(graph: Graph) -> None:
    page = await page_of(graph, LISTS[0], first=1)
    error = await graph.error(LISTS[0].query, first=1, after=page["nodes"][0]["id"])
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_cursor_is_good_on_every_replica(graph: Graph) -> None:
    first = await page_of(graph, LISTS[2], first=5)
    next_here = await page_of(graph, LISTS[2], first=5, after=first["pageInfo"]["endCursor"])
    async with over_sandbox() as replica:
        there = await page_of(replica, LISTS[2], first=5, after=first["pageInfo"]["endCursor"])
    assert ids_of([there]) == ids_of([next_here])


@pytest.mark.parametrize("email", ["shopper@example.com", "buyer@example.com"])
async def test_the_timeline_merges_all_sources_newest_first(graph: Graph, email: str) -> None:
    query = """query ($email: String!, $first: Int, $after: String) {
      customer(by: {email: $email}) { timeline(first: $first, after: $after) {
        nodes { id occurredAt source { key } }
        pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
    pages = await every_page(graph, query, "customer", "timeline", first=9, email=email)
    entries = [entry for page in pages for entry in page["nodes"]]
    moments = [entry["occurredAt"] for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert len({entry["source"]["key"] for entry in entries}) == 4


async def test_the_timeline_is_all_ledgers_put_together(graph: Graph) -> None:
    data = await graph.data(
        """{ customer(by: {email: "buyer@example.com"}) {
               creditAccounts { nodes { source { key } ...Story } }
               giftCards { nodes { ...Story } }
               storeCreditAccounts { nodes { currencyCode ...Story } } } }
           fragment Story on CreditInstrument {
             ledger(first: 100) { totalCount nodes { id } pageInfo { hasNextPage } } }"""
    )
    ledgers = [node["ledger"] for lists in data["customer"].values() for node in lists["nodes"]]
    assert not any(ledger["pageInfo"]["hasNextPage"] for ledger in ledgers)
    timeline = ids_of(await every_page(graph, LISTS[7].query, *LISTS[7].names, first=50))
    assert sorted(timeline) == sorted(ids_of(ledgers))


@pytest.mark.parametrize(
    ("source", "items", "known"), [("vtex-credit", 67, True), ("adobe", 48, True)]
)
async def test_the_ledger_of_a_credit_account_pages_to_its_end(
    graph: Graph,
    source: str,
    items: int,
    known: bool,  # noqa: FBT001  # a column of the table
) -> None:
    query = """query ($id: ID!, $first: Int, $after: String) { creditAccount(id: $id) {
      ledger(first: $first, after: $after) { totalCount nodes { id occurredAt }
        pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
    accounts = await graph.data(query_of("buyer", "creditAccounts { nodes { id source { key } } }"))
    (id_,) = [
        node["id"]
        for node in accounts["customer"]["creditAccounts"]["nodes"]
        if node["source"]["key"] == source
    ]
    pages = await every_page(graph, query, "creditAccount", "ledger", first=11, id=id_)
    entries = [entry for page in pages for entry in page["nodes"]]
    assert len({entry["id"] for entry in entries}) == len(entries) == items
    assert [entry["occurredAt"] for entry in entries] == sorted(
        (entry["occurredAt"] for entry in entries), reverse=True
    )
    assert (pages[0]["totalCount"] == items) is known


async def test_the_ledger_of_a_store_credit_pages_to_its_end(graph: Graph) -> None:
    query = """query ($first: Int, $after: String) { customer(by: {email: "buyer@example.com"}) {
      storeCreditAccounts(first: 1) { nodes { currencyCode
        ledger(first: $first, after: $after) { totalCount
          nodes { id direction amount { amount } }
          pageInfo { hasNextPage hasPreviousPage endCursor } }
        balance { amount } } } } }"""
    entries: list[JSON] = []
    after = None
    while True:
        data = await graph.data(query, first=10, after=after)
        (account,) = data["customer"]["storeCreditAccounts"]["nodes"]
        ledger = account["ledger"]
        entries += ledger["nodes"]
        after = ledger["pageInfo"]["endCursor"]
        if not ledger["pageInfo"]["hasNextPage"]:
            break
    assert len({entry["id"] for entry in entries}) == len(entries) == ledger["totalCount"] == 46
    signs = {"CREDIT": 1, "DEBIT": -1}
    balance = sum(signs[one["direction"]] * Decimal(one["amount"]["amount"]) for one in entries)
    assert balance == Decimal(account["balance"]["amount"])


SUMS = """query Sums($filter: InvoiceFilter, $first: Int, $after: String) {
  customer(by: {email: "buyer@example.com"}) {
    invoices(filter: $filter, first: $first, after: $after) {
      openAmount { amount currencyCode } overdueAmount { amount } paidAmount { amount }
      nodes { status isOverdue amount { amount } }
      pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"status": ["OPEN"]},
        {"status": ["PAID", "CANCELLED"]},
        {"overdue": True},
        {"overdue": False},
        {"dueFrom": "2026-06-01T00:00:00Z", "dueTo": "2026-10-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_the_sums_of_invoices_cover_all_pages_of_the_list_asked_for(
    graph: Graph, filter_: JSON
) -> None:
    pages = await every_page(graph, SUMS, "customer", "invoices", first=7, filter=filter_)
    invoices = [invoice for page in pages for invoice in page["nodes"]]
    assert invoices

    def sum_of(wanted: list[JSON]) -> Decimal:
        return sum((Decimal(one["amount"]["amount"]) for one in wanted), Decimal(0))

    for page in pages:
        assert page["openAmount"]["currencyCode"] == "BRL"
        assert [
            Decimal(page[name]["amount"]) for name in ("openAmount", "overdueAmount", "paidAmount")
        ] == [
            sum_of([one for one in invoices if one["status"] == "OPEN"]),
            sum_of([one for one in invoices if one["isOverdue"]]),
            sum_of([one for one in invoices if one["status"] == "PAID"]),
        ]


async def test_a_sum_that_cannot_be_proven_is_null() -> None:
    provider = invoiced(a_credit_account(source="store"), invoices=3)
    provider.spoil("invoice-1")
    async with over_doubles(provider) as graph:
        page = (await graph.data(SUMS.replace("buyer", "shopper"), first=2))["customer"]["invoices"]
    assert page["openAmount"] is page["overdueAmount"] is page["paidAmount"] is None
    assert len(page["nodes"]) == 2


def invoiced(account: CreditAccount, *, invoices: int) -> InMemoryProvider:
    provider = InMemoryProvider(a_source("store", InstrumentKind.CREDIT_LINE), account)
    provider.invoices = [
        an_invoice(f"invoice-{number}", source="store") for number in range(invoices)
    ]
    return provider


async def test_a_source_that_is_away_for_one_page_is_not_skipped_on_the_next() -> None:
    one, other = (
        InMemoryProvider(
            a_source(key),
            *(a_credit_account(f"{key}-{number}", source=key) for number in range(3)),
        )
        for key in ("one", "other")
    )
    query = List("accounts", ["creditAccounts"], 6)
    async with over_doubles(one, other) as graph:
        one.fail(ProviderFailed)
        without = await page_of(graph, query, first=2)
        assert [problem["source"]["key"] for problem in without["unavailable"]] == ["one"]
        one.recover()
        after = without["pageInfo"]["endCursor"]
        rest = await page_of(graph, query, first=10, after=after)
    assert len(ids_of([without, rest])) == len(set(ids_of([without, rest]))) == 6


async def test_the_timeline_of_somebody_with_hundreds_of_cards_goes_on_to_its_end() -> None:
    cards = [a_gift_card(f"card-{number}", source="cards") for number in range(300)]
    lines = 2
    provider = InMemoryProvider(a_source("cards"), *cards, owner="shopper@example.com")
    account = a_credit_account("line", source="cards")
    provider.keep(account)
    provider.entries = [
        a_ledger_entry(
            f"entry-{number}",
            source="cards",
            instrument_id="line",
            occurred_at=NOW - timedelta(days=number),
        )
        for number in range(lines)
    ]
    list_ = List("timeline", [SHOPPER, "timeline"], lines)
    async with over_doubles(provider) as graph:
        pages = await every_page(graph, list_.query, *list_.names, first=1)
    assert len(ids_of(pages)) == lines
