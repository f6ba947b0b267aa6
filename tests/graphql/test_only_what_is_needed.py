"""A query asks the sources it needs, each for a fact once."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from tests.graphql.graph import SOURCES, Graph, customer, over_sandbox, query_of, settings
from tests.graphql.spendable import QUERY

SHOPPER, BUYER, COLLECTOR = "shopper", "buyer", "collector"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (query_of(SHOPPER, "id email displayName"), set()),
        (query_of(SHOPPER, "links { nativeId source { key provider capabilities } }"), set()),
        ("{ viewer { level scopes } }", set()),
        ("{ sources { id key displayName defaultCurrency } }", set()),
        ("{ sources { storeConfiguration { toleranceEnabled } } }", {"vtex-credit"}),
        (query_of(SHOPPER, "storeCreditAccounts { nodes { id } }"), {"medusa"}),
        (query_of(SHOPPER, "giftCards { nodes { id } }"), {"vtex-giftcard"}),
        (query_of(SHOPPER, "creditAccounts { nodes { id } }"), {"vtex-credit", "adobe"}),
        (query_of(SHOPPER, "invoices { nodes { id } }"), {"vtex-credit"}),
        ('{ invoices(source: "vtex-credit", first: 1) { nodes { id } } }', {"vtex-credit"}),
        (query_of(SHOPPER, "timeline(first: 1) { nodes { id } }"), set(SOURCES)),
        (
            query_of(SHOPPER, "timeline(filter: {instrumentKinds: [GIFT_CARD]}) { nodes { id } }"),
            {"vtex-giftcard"},
        ),
        (
            query_of(SHOPPER, 'timeline(filter: {sources: ["medusa"]}) { nodes { id } }'),
            {"medusa"},
        ),
        ('{ creditAccounts(filter: {sources: ["adobe"]}) { nodes { id } } }', {"adobe"}),
        ("{ storeCreditAccounts(first: 1) { nodes { id } } }", {"medusa"}),
        (
            '{ searchGiftCards(search: {source: "vtex-giftcard", email: "shopper@example.com"})'
            " { nodes { id } } }",
            {"vtex-giftcard"},
        ),
    ],
)
async def test_a_query_asks_only_the_sources_its_fields_stand_on(
    graph: Graph, query: str, asked: set[str]
) -> None:
    await graph.data(query)
    assert set(graph.wire.times()) == asked


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, set(SOURCES)),
        ({"kinds": ["STORE_CREDIT"]}, {"medusa"}),
        ({"kinds": ["GIFT_CARD"]}, {"vtex-giftcard"}),
        ({"kinds": ["CREDIT_LINE"]}, {"vtex-credit", "adobe"}),
        ({"kinds": []}, set()),
        ({"sources": ["adobe"]}, {"adobe"}),
        ({"sources": ["adobe", "medusa"], "kinds": ["STORE_CREDIT"]}, {"medusa"}),
    ],
)
async def test_the_total_asks_only_the_sources_of_the_kinds_that_are_wanted(
    graph: Graph, options: dict[str, object], asked: set[str]
) -> None:
    await graph.data(QUERY, options=options)
    assert set(graph.wire.times()) == asked


async def test_an_id_asks_only_its_own_source(graph: Graph) -> None:
    found = await graph.data(query_of(SHOPPER, "storeCreditAccounts { nodes { id } }"))
    (account,) = found["customer"]["storeCreditAccounts"]["nodes"]
    graph.wire.forget()
    await graph.data("query ($id: ID!) { node(id: $id) { id } }", id=account["id"])
    assert graph.wire.times() == {"medusa": 1}


async def test_what_is_left_out_by_a_directive_is_not_asked_for(graph: Graph) -> None:
    await graph.data(
        """query ($cards: Boolean!) { customer(by: {email: "shopper@example.com"}) {
             giftCards @include(if: $cards) { nodes { id } }
             storeCreditAccounts @skip(if: $cards) { nodes { id } } } }""",
        cards=False,
    )
    assert set(graph.wire.times()) == {"medusa"}


async def test_the_same_total_under_several_names_is_asked_for_once(graph: Graph) -> None:
    await graph.data(
        """{ customer(by: {email: "shopper@example.com"}) {
               brl: spendableCredit(currency: BRL) { total { amount } }
               usd: spendableCredit(currency: USD) { total { amount } }
               creditAccounts { nodes { id spendable { amount { amount } } } }
               giftCards { nodes { id spendable { amount { amount } } } }
               storeCreditAccounts { nodes { id } } }
             again: customer(by: {email: "SHOPPER@example.com"}) {
               spendableCredit(currency: BRL) { completeness } } }"""
    )
    assert graph.wire.repeated() == []


@pytest.mark.parametrize(
    "lists",
    [
        customer(COLLECTOR, "one: giftCards { nodes { id } }"),
        customer(BUYER, "one: creditAccounts { nodes { id } }"),
        customer(BUYER, "one: storeCreditAccounts { nodes { id } }"),
        customer(BUYER, "one: invoices { nodes { id } }"),
        customer(BUYER, "one: timeline { nodes { id } }"),
        customer(BUYER, "one: creditAccounts { nodes { ledger { nodes { id } } } }"),
        customer(BUYER, "one: creditAccounts { nodes { invoices { nodes { id } } } }"),
        customer(BUYER, "one: storeCreditAccounts { nodes { ledger { nodes { id } } } }"),
        customer(
            BUYER, "one: giftCards { nodes { ledger { nodes { id } } holds { nodes { id } } } }"
        ),
        "one: creditAccounts { nodes { id } }",
        "one: storeCreditAccounts { nodes { id } }",
        'one: invoices(source: "vtex-credit") { nodes { id } openAmount { amount } }',
        'one: searchGiftCards(search: {source: "vtex-giftcard", email: "collector@example.com"})'
        " { nodes { id } }",
    ],
)
async def test_a_list_under_two_names_is_asked_for_once(graph: Graph, lists: str) -> None:
    await graph.data(f"{{ {lists} }}")
    asked_once = graph.wire.times()
    graph.wire.forget()
    await graph.data(f"{{ {lists} {lists.replace('one:', 'other:')} }}")
    assert graph.wire.repeated() == []
    assert graph.wire.times() == asked_once


async def test_a_page_of_invoices_and_the_sum_over_all_pages_share_their_reads(
    graph: Graph,
) -> None:
    await graph.data(
        query_of(
            BUYER,
            "invoices(first: 100, filter: {status: [OPEN]}) { nodes { id } openAmount { amount } }",
        )
    )
    assert graph.wire.repeated() == []


async def test_a_thing_is_read_once_however_many_fields_lead_to_it(graph: Graph) -> None:
    found = await graph.data(
        query_of(BUYER, "giftCards(first: 1) { nodes { id } } creditAccounts { nodes { id } }")
    )
    ids = [
        node["id"]
        for one in ("giftCards", "creditAccounts")
        for node in found["customer"][one]["nodes"]
    ]
    graph.wire.forget()
    await graph.data(
        """query ($ids: [ID!]!, $one: ID!) {
             nodes(ids: $ids) { id ...Deep }
             again: nodes(ids: $ids) { id ...Deep }
             node(id: $one) { ...Deep }
           }
           fragment Deep on Node {
             ... on GiftCard { holds { nodes { instrument { id } } }
                               ledger { nodes { instrument { id } } } }
             ... on CreditAccount { ledger(first: 3) { nodes { instrument { id } } }
                                    outstanding { amount }
                                    more: outstanding { amount } } }""",
        ids=ids,
        one=ids[0],
    )
    assert graph.wire.repeated() == []


async def test_the_sum_over_all_invoices_reads_them_once_however_often_it_is_asked(
    graph: Graph,
) -> None:
    await graph.data(
        """{ customer(by: {email: "buyer@example.com"}) {
               invoices(first: 0) { openAmount { amount } overdueAmount { amount }
                                    paidAmount { amount } }
               creditAccounts { nodes { outstanding { amount } } } } }"""
    )
    assert graph.wire.repeated() == []


async def test_a_search_that_names_64_cards_reads_them_in_parallel_within_bounds(
    graph: Graph,
) -> None:
    found = await graph.data(query_of(COLLECTOR, "giftCards(first: 100) { nodes { id } }"))
    assert len(found["customer"]["giftCards"]["nodes"]) == 64
    reads = [one.target for one in graph.wire.asked if one.method == "GET"]
    assert len(reads) == len(set(reads)) == 64
    assert graph.wire.most_under_way["vtex-giftcard"] == 20


async def test_the_bound_on_parallel_reads_is_the_configured_one() -> None:
    async with over_sandbox(settings(parallel_reads=3)) as graph:
        await graph.data(query_of(COLLECTOR, "giftCards(first: 30) { nodes { id } }"))
    assert graph.wire.most_under_way["vtex-giftcard"] == 3


async def test_a_page_of_cards_reads_only_the_cards_on_it(graph: Graph) -> None:
    await graph.data(query_of(COLLECTOR, "giftCards(first: 5) { nodes { id } }"))
    assert len([one for one in graph.wire.asked if one.method == "GET"]) == 5


async def test_no_question_names_a_customer_that_was_not_asked_about(graph: Graph) -> None:
    await graph.data(QUERY)
    for question in graph.wire.asked:
        text = unquote(question.target) + question.body.decode()
        assert not any(other in text for other in ("buyer@", "collector@", "overdrawn@"))


async def test_a_source_that_is_switched_off_is_neither_asked_nor_missing() -> None:
    sources = [one.model_copy(update={"enabled": one.key != "adobe"}) for one in settings().sources]
    async with over_sandbox(settings(sources=sources)) as graph:
        found = await graph.data(QUERY)
    sum_ = found["customer"]["spendableCredit"]
    assert (sum_["total"]["amount"], sum_["completeness"]) == ("1002.85", "COMPLETE")
    assert "adobe" not in graph.wire.times()


async def test_starting_the_application_asks_nobody() -> None:
    async with over_sandbox() as graph:
        assert graph.wire.asked == []
