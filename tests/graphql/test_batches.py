"""Things of one source that are wanted by id in the same moment cost one call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.graphql.opaque import Seal
from tests.graphql.graph import (
    Graph,
    as_caller,
    over_sandbox,
    query_of,
    settings,
)

EVERY_STORE_CREDIT = "{ found: storeCreditAccounts(first: 100) { nodes { id nativeId } } }"
EVERY_COMPANY = (
    '{ found: creditAccounts(first: 100, filter: {sources: ["adobe"]}) { nodes { id nativeId } } }'
)
NODES = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on StoreCreditAccount { balance { amount } }
    ... on CreditAccount { available { amount } status }
  }
}
"""
ONE = NODES.replace("$ids: [ID!]!", "$id: ID!").replace("nodes(ids: $ids)", "node(id: $id)")
FIELDS = "-customer,-code,-metadata,-transaction_groups"


async def ids_of(graph: Graph, query: str) -> Sequence[str]:
    found = (await graph.data(query))["found"]["nodes"]
    graph.wire.forget()
    return [one["id"] for one in found]


def paths(graph: Graph) -> list[str]:
    return [urlsplit(one.target).path for one in graph.wire.asked]


def sealed(*parts: str) -> str:
    seal = Seal(settings().id_secret.get_secret_value())
    return seal.seal("sc" if parts[0] == "medusa" else "ca", list(parts))


async def test_store_credit_by_many_ids_is_one_call(graph: Graph) -> None:
    ids = [*await ids_of(graph, EVERY_STORE_CREDIT)][:12]
    alone = [(await graph.data(ONE, id=one))["node"] for one in ids]
    graph.wire.forget()

    assert (await graph.data(NODES, ids=ids))["nodes"] == alone

    (only,) = graph.wire.asked
    asked = parse_qs(urlsplit(only.target).query)
    assert urlsplit(only.target).path == "/medusa/admin/store-credit-accounts"
    assert len(asked.pop("id")) == len(ids)
    assert asked == {"limit": ["12"], "offset": ["0"], "order": ["id"], "fields": [FIELDS]}


async def test_company_credits_by_many_ids_are_one_call_and_one_for_the_companies(
    graph: Graph,
) -> None:
    ids = await ids_of(graph, EVERY_COMPANY)
    assert len(ids) > 2
    alone = [(await graph.data(ONE, id=one))["node"] for one in ids]
    graph.wire.forget()

    assert (await graph.data(NODES, ids=ids))["nodes"] == alone

    assert [path.rsplit("/", 1)[1] for path in paths(graph)] == ["companyCredits", "company"]
    assert "[conditionType]=in" in unquote(graph.wire.asked[0].target)


async def test_one_alone_is_read_by_itself(graph: Graph) -> None:
    store_credit = (await ids_of(graph, EVERY_STORE_CREDIT))[0]
    company = (await ids_of(graph, EVERY_COMPANY))[0]

    await graph.data(NODES, ids=[store_credit, company, store_credit])

    assert sorted(path.rsplit("/", 2)[1] for path in paths(graph)) == [
        "company",
        "companyCredits",
        "store-credit-accounts",
    ]


async def test_one_that_is_gone_is_null_among_the_others(graph: Graph) -> None:
    ids = [*await ids_of(graph, EVERY_STORE_CREDIT)][:2]
    gone = [sealed("medusa", "sc_acc_gone"), sealed("adobe", "999")]
    companies = [*await ids_of(graph, EVERY_COMPANY)][:2]

    found = (await graph.data(NODES, ids=[ids[0], *gone, ids[1], *companies]))["nodes"]

    assert [one and one["id"] for one in found] == [ids[0], None, None, ids[1], *companies]


async def test_a_source_that_is_down_is_an_error_at_each_of_its_own(graph: Graph) -> None:
    ids = [*await ids_of(graph, EVERY_STORE_CREDIT)][:3]
    company = (await ids_of(graph, EVERY_COMPANY))[0]
    await graph.fault("medusa", "error")

    answer = await graph.answer(NODES, ids=[ids[0], company, *ids[1:]])

    assert [one and one["id"] for one in answer["data"]["nodes"]] == [None, company, None, None]
    assert sorted(one["path"] for one in answer["errors"]) == [
        ["nodes", 0],
        ["nodes", 2],
        ["nodes", 3],
    ]
    codes = {one["extensions"]["code"] for one in answer["errors"]}
    assert codes == {"UPSTREAM_UNAVAILABLE"}


async def test_a_shopper_gets_their_own_in_one_call_and_nobody_elses(graph: Graph) -> None:
    own = (await graph.data(query_of("buyer", "storeCreditAccounts { nodes { id } }")))["customer"]
    theirs = [one["id"] for one in own["storeCreditAccounts"]["nodes"]]
    shoppers = (await graph.data(query_of("shopper", "storeCreditAccounts { nodes { id } }")))[
        "customer"
    ]["storeCreditAccounts"]["nodes"]
    graph.client.headers.update(as_caller("shopper"))
    graph.wire.forget()

    found = (await graph.data(NODES, ids=[*theirs, shoppers[0]["id"]]))["nodes"]

    assert [one and one["id"] for one in found] == [None] * len(theirs) + [shoppers[0]["id"]]
    assert not any(one in target.target for target in graph.wire.asked for one in theirs)


@pytest.fixture
async def with_cards() -> AsyncIterator[Graph]:
    built_in = settings()
    sources = [
        one.model_copy(update={"gift_cards": True}) if one.key == "medusa" else one
        for one in built_in.sources
    ]
    async with over_sandbox(built_in.model_copy(update={"sources": sources})) as graph:
        yield graph


async def test_the_accounts_behind_many_cards_are_one_call(with_cards: Graph) -> None:
    codes = ("GIFT-R28T-ML95-74R2-8TML", "GIFT-YSQL-N8F9-T3YS-QLN8")
    search = 'searchGiftCards(search: {source: "medusa", redemptionCode: "%s"}) { nodes { id } }'
    found = await with_cards.data(
        "{ %s }" % " ".join(f"c{n}: {search % code}" for n, code in enumerate(codes))
    )
    ids = [one["nodes"][0]["id"] for one in found.values()]
    with_cards.wire.forget()

    cards = await with_cards.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on GiftCard { backedBy { nativeId } } } }",
        ids=ids,
    )

    behind = [one["backedBy"]["nativeId"] for one in cards["nodes"]]
    assert len(set(behind)) == 2
    (only,) = (one for one in with_cards.wire.asked if "store-credit-accounts" in one.target)
    assert parse_qs(urlsplit(only.target).query)["id"] == behind


async def test_the_accounts_that_lines_of_a_timeline_lead_to_are_one_call(graph: Graph) -> None:
    query = query_of(
        "buyer",
        'timeline(first: 100, filter: {sources: ["medusa"]}) { nodes { instrument { id } } }',
    )

    lines = (await graph.data(query))["customer"]["timeline"]["nodes"]

    assert len({one["instrument"]["id"] for one in lines}) > 1
    by_id = [one for one in graph.wire.asked if "id=sc_acc" in one.target]
    assert len(by_id) == 1
    assert not any(path.rsplit("/", 1)[1].startswith("sc_acc") for path in paths(graph))
