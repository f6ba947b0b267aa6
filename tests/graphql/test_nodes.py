"""Ids: what they lead back to, and what they keep to themselves."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator, Mapping

import pytest
from pydantic import SecretStr

from app.graphql.opaque import LONGEST, Seal
from tests.graphql.graph import JSON, Graph, over_sandbox, settings

PEOPLE = ("shopper@example.com", "buyer@example.com", "collector@example.com")
PERSONAL = re.compile("collector|example|39053344705|cus_01|sc_acc|vtex-|adobe|medusa")

FIELDS = """
fragment Everything on Node {
  __typename
  id
  ... on CreditSource { key provider named: displayName }
  ... on Customer { email displayName }
  ... on CreditInstrument { nativeId observedAt version is: kind in: status }
  ... on CreditAccount { limit { amount } available { amount } }
  ... on GiftCard { balance { amount currencyCode } maskedCode expiresAt }
  ... on StoreCreditAccount { balance { amount currencyCode } totalCredited { amount } }
  ... on Invoice { number status amount { amount } dueAt version }
  ... on Hold { mode state version remaining { amount } createdAt }
  ... on LedgerEntry {
    kind direction occurredAt note amount { amount currencyCode } native { id type synthetic }
    reference { kind value }
    instrument { id }
  }
}
"""

EVERYTHING = (
    """
query Everything($email: String!) {
  sources { ...Everything }
  customer(by: {email: $email}) {
    ...Everything
    creditAccounts { nodes { ...Everything } }
    giftCards(first: 5) { nodes { ...Everything holds { nodes { ...Everything } } } }
    storeCreditAccounts { nodes { ...Everything } }
    invoices(first: 10) { nodes { ...Everything } }
    timeline(first: 100) { nodes { ...Everything } }
  }
}
"""
    + FIELDS
)

LISTS = {
    "creditAccounts",
    "giftCards",
    "holds",
    "invoices",
    "storeCreditAccounts",
    "timeline",
}

ONE = "query One($id: ID!) { node(id: $id) { ...Everything } }" + FIELDS
MANY = "query Many($ids: [ID!]!) { nodes(ids: $ids) { ...Everything } }" + FIELDS

ROOTS = {
    "CreditAccount": "creditAccount",
    "GiftCard": "giftCard",
    "Hold": "hold",
    "Invoice": "invoice",
    "StoreCreditAccount": "storeCreditAccount",
}
"""Fields that read one type by its id."""

TYPES = {
    *ROOTS,
    "BalanceOperationEntry",
    "CancellationEntry",
    "CreditSource",
    "Customer",
    "InvoicePaymentEntry",
    "LimitChangeEntry",
    "PreAuthorizationEntry",
    "RefundEntry",
    "SettlementEntry",
}


def nodes_in(value: object) -> Iterator[JSON]:
    """Every object of an answer that was asked for with the whole fragment."""
    match value:
        case dict():
            if "__typename" in value:
                yield value
            yield from itertools.chain.from_iterable(map(nodes_in, value.values()))
        case list():
            yield from itertools.chain.from_iterable(map(nodes_in, value))


def flat(node: JSON) -> JSON:
    """Without the lists that were asked for besides."""
    return {name: value for name, value in node.items() if name not in LISTS}


@pytest.fixture(scope="module")
async def met(served: Graph) -> Mapping[str, JSON]:
    """Objects that clients have met, by their ids."""
    answers = [await served.data(EVERYTHING, email=email) for email in PEOPLE]
    return {node["id"]: flat(node) for node in nodes_in(answers)}


@pytest.fixture(scope="module")
async def one_of_each(met: Mapping[str, JSON]) -> Mapping[str, str]:
    """An id for each type."""
    return {node["__typename"]: id_ for id_, node in met.items()}


async def test_the_people_of_the_sandbox_have_something_of_every_type(
    one_of_each: Mapping[str, str],
) -> None:
    assert set(one_of_each) == TYPES


@pytest.mark.parametrize("type_", sorted(TYPES))
async def test_an_id_leads_back_to_the_same_object(
    graph: Graph, met: Mapping[str, JSON], type_: str
) -> None:
    ids = [id_ for id_, node in met.items() if node["__typename"] == type_]
    for id_ in ids[:6]:
        assert (await graph.data(ONE, id=id_))["node"] == met[id_]


async def test_many_ids_at_once_answer_in_their_order(
    graph: Graph, met: Mapping[str, JSON], one_of_each: Mapping[str, str]
) -> None:
    ids = [*one_of_each.values()]
    asked = [ids[0], "src_nonsense", *reversed(ids), ids[0]]
    found = (await graph.data(MANY, ids=asked))["nodes"]
    assert found == [met.get(id_) for id_ in asked]


async def test_more_than_a_hundred_ids_at_once_are_refused(graph: Graph) -> None:
    error = await graph.error(MANY, ids=["x"] * 101)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert (await graph.data(MANY, ids=["x"] * 100))["nodes"] == [None] * 100


@pytest.mark.parametrize("type_", sorted(ROOTS))
async def test_a_field_of_one_type_answers_its_own_ids_and_null_for_all_others(
    graph: Graph, one_of_each: Mapping[str, str], type_: str
) -> None:
    query = f"query ($id: ID!) {{ found: {ROOTS[type_]}(id: $id) {{ __typename id }} }}"
    for other, id_ in one_of_each.items():
        found = (await graph.data(query, id=id_))["found"]
        assert found == ({"__typename": type_, "id": id_} if other == type_ else None)


async def test_a_customer_is_found_by_their_id(
    graph: Graph, one_of_each: Mapping[str, str]
) -> None:
    query = "query ($id: ID!) { customer(by: {id: $id}) { id } }"
    own = one_of_each["Customer"]
    assert (await graph.data(query, id=own))["customer"] == {"id": own}
    for type_, id_ in one_of_each.items():
        if type_ != "Customer":
            assert (await graph.data(query, id=id_))["customer"] is None


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "_",
        "ca",
        "ca_",
        "ca_%%%",
        "ca_YWJj",
        "cursor_YWJj",
        "nothing_YWJj",
        "Q3JlZGl0QWNjb3VudDox",
        "ca_" + "A" * 200,
        "ca_" + "A" * LONGEST,
        "ca_\u00e9\u2028\x00",
        "../../etc/passwd",
        "1",
    ],
)
async def test_garbage_is_the_id_of_nothing(graph: Graph, garbage: str) -> None:
    found = await graph.data(
        """query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id }
             creditAccount(id: $id) { id } giftCard(id: $id) { id } hold(id: $id) { id }
             invoice(id: $id) { id } storeCreditAccount(id: $id) { id }
             customer(by: {id: $id}) { id } }""",
        id=garbage,
    )
    assert found == {**dict.fromkeys(found), "nodes": [None]}
    assert graph.wire.asked == []


@pytest.mark.parametrize("type_", sorted(TYPES))
async def test_an_id_that_was_tampered_with_is_the_id_of_nothing(
    graph: Graph, one_of_each: Mapping[str, str], type_: str
) -> None:
    prefix, _, body = one_of_each[type_].partition("_")
    spoiled = [
        f"{prefix}_{body[:-3]}",
        f"{prefix}_{body}AAAA",
        *(
            f"{prefix}_{body[:at]}{swapped(body[at])}{body[at + 1 :]}"
            for at in range(0, len(body), 5)
        ),
        *(f"{other}_{body}" for other in ("ca", "gc", "cus", "src") if other != prefix),
    ]
    assert (await graph.data(MANY, ids=spoiled))["nodes"] == [None] * len(spoiled)
    assert graph.wire.asked == []


def swapped(letter: str) -> str:
    return "A" if letter != "A" else "B"


async def test_ids_of_a_gateway_with_another_secret_mean_nothing_here(
    graph: Graph, met: Mapping[str, JSON]
) -> None:
    async with over_sandbox(settings(id_secret=SecretStr("x" * 32))) as foreign:
        answer = await foreign.data(EVERYTHING, email="shopper@example.com")
    ids = [node["id"] for node in nodes_in(answer)]
    assert ids
    assert not set(ids) & set(met)
    assert (await graph.data(MANY, ids=ids[:100]))["nodes"] == [None] * len(ids[:100])


async def test_another_replica_with_the_same_secret_gives_the_same_ids(
    met: Mapping[str, JSON],
) -> None:
    async with over_sandbox() as replica:
        answer = await replica.data(EVERYTHING, email="shopper@example.com")
        ids = {node["id"] for node in nodes_in(answer)}
        assert ids <= set(met)
        found = (await replica.data(MANY, ids=sorted(ids)[:100]))["nodes"]
    assert [node["id"] for node in found] == sorted(ids)[:100]


async def test_ids_and_cursors_tell_nothing_even_when_decoded(graph: Graph) -> None:
    answer = await graph.data(
        """query { customer(by: {email: "collector@example.com"}) {
             id
             giftCards(first: 20) { edges { cursor node { id } } pageInfo { endCursor } }
             creditAccounts { edges { cursor node { id } } }
             storeCreditAccounts { edges { cursor node { id } } }
             timeline(first: 50) { edges { cursor node { id } } } } }"""
    )
    texts = list(opaque_texts(answer))
    assert len(texts) > 100
    for text in texts:
        assert not PERSONAL.search(text)
        assert not PERSONAL.search(decoded(text))


def opaque_texts(value: object) -> Iterator[str]:
    match value:
        case dict():
            for name, item in value.items():
                if name in ("id", "cursor", "endCursor"):
                    yield item
                else:
                    yield from opaque_texts(item)
        case list():
            for item in value:
                yield from opaque_texts(item)


def decoded(text: str) -> str:
    body = text.partition("_")[2]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("latin-1")


async def test_the_id_of_a_source_that_is_gone_is_the_id_of_nothing(
    one_of_each: Mapping[str, str],
) -> None:
    sources = [one for one in settings().sources if one.key == "medusa"]
    async with over_sandbox(settings(sources=sources)) as graph:
        ids = [
            one_of_each[type_]
            for type_ in ("GiftCard", "Invoice", "Hold", "SettlementEntry", "CreditAccount")
        ]
        assert (await graph.data(MANY, ids=ids))["nodes"] == [None] * len(ids)


async def test_an_id_of_what_the_provider_does_not_know_is_the_id_of_nothing(
    graph: Graph,
) -> None:
    seal = Seal(settings().id_secret.get_secret_value())
    unknown = [
        seal.seal("ca", ["vtex-credit", "99999999999_CPF"]),
        seal.seal("ca", ["adobe", "999"]),
        seal.seal("gc", ["vtex-giftcard", "nobody@example.com_1"]),
        seal.seal("sc", ["medusa", "sc_acc_unknown"]),
        seal.seal("inv", ["vtex-credit", "11222333000181_CNPJ", "unknown"]),
        seal.seal("hold", ["vtex-giftcard", "GIFT_CARD", "shopper@example.com_7", "unknown"]),
        seal.seal("le", ["vtex-credit", "CREDIT_LINE", "11144477735_CPF", "unknown"]),
        seal.seal("le", ["vtex-giftcard", "GIFT_CARD", "shopper@example.com_7", "unknown"]),
        seal.seal("le", ["medusa", "STORE_CREDIT", "sc_acc_01KGDZFR00RBZJDXFAS9B8YM57", "x"]),
        seal.seal("src", ["elsewhere"]),
    ]
    assert (await graph.data(MANY, ids=unknown))["nodes"] == [None] * len(unknown)


async def test_the_id_of_an_instrument_whose_source_is_down_is_an_error_not_a_null_without_one(
    graph: Graph, one_of_each: Mapping[str, str]
) -> None:
    await graph.fault("medusa", "error")
    answer = await graph.answer(MANY, ids=[one_of_each["StoreCreditAccount"]])
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
