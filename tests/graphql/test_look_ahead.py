"""What a document wants to know is what its sources are asked for."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from graphql import GraphQLObjectType

from app.domain.provider import StoreCreditFacts
from app.graphql.look_ahead import STANDS_ON, store_credit_facts
from app.graphql.schema import build_schema
from tests.graphql.graph import Graph, customer, query_of

DETAILS = "details {{ ... on MedusaStoreCreditDetails {{ {} }} }}"
ENTRANCES = {
    "a customer's": customer("buyer", "storeCreditAccounts(first: 3) { nodes { ...Wanted } }"),
    "all": "storeCreditAccounts(first: 3) { nodes { ...Wanted } }",
    "of a line": customer("buyer", "timeline { nodes { instrument { ...Wanted } } }"),
}


def members_asked_for(graph: Graph) -> set[str]:
    """The `fields` of all questions about accounts."""
    return {
        value
        for one in graph.wire.asked
        if "store-credit-accounts" in one.target and "/transactions" not in one.target
        for name, value in parse_qsl(urlsplit(one.target).query)
        if name == "fields"
    }


@pytest.mark.parametrize(
    ("fields", "members"),
    [
        (
            f"id status balance {{ amount }} {DETAILS.format('customerId')}",
            "-customer,-code,-metadata,-transaction_groups",
        ),
        (DETAILS.format("code: maskedClaimCode"), "-customer,-metadata,-transaction_groups"),
        (DETAILS.format("metadata"), "-customer,-code,-transaction_groups"),
        (DETAILS.format("transactionGroups { code }"), "-customer,-code,-metadata"),
        (DETAILS.format("metadata maskedClaimCode"), "-customer,-transaction_groups"),
        ("version", "-customer"),
    ],
    ids=["figures", "code", "metadata", "groups", "two", "version"],
)
@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_of_store_credit_only_what_is_selected_is_asked_for(
    graph: Graph, entrance: str, fields: str, members: str
) -> None:
    await graph.data(
        f"{{ {ENTRANCES[entrance]} }} fragment Wanted on StoreCreditAccount {{ {fields} }}"
    )

    assert members_asked_for(graph) == {members}


async def test_fields_that_want_less_and_more_of_an_account_share_its_read(graph: Graph) -> None:
    less = "storeCreditAccounts { nodes { id } }"
    more = "all: storeCreditAccounts { nodes { " + DETAILS.format("metadata") + " } }"

    found = await graph.data(query_of("shopper", f"{less} {more}"))

    assert graph.wire.times() == {"medusa": 1}
    (account,) = found["customer"]["all"]["nodes"]
    assert account["details"]["metadata"] == {"origin": "returns"}


async def test_a_version_is_the_same_whatever_else_is_selected(graph: Graph) -> None:
    found = [
        await graph.data(query_of("shopper", f"storeCreditAccounts {{ nodes {{ {fields} }} }}"))
        for fields in ("version", "version " + DETAILS.format("metadata maskedClaimCode"))
    ]

    first, second = (one["customer"]["storeCreditAccounts"]["nodes"][0]["version"] for one in found)
    assert first == second


def test_every_field_that_a_provider_may_leave_out_has_its_fact() -> None:
    details = build_schema()._schema.type_map["MedusaStoreCreditDetails"]
    assert isinstance(details, GraphQLObjectType)
    assert set(details.fields) - {"customerId"} == set(STANDS_ON) - {"version"}
    assert store_credit_facts(" ".join(STANDS_ON)) is StoreCreditFacts.EVERY


@pytest.mark.parametrize(
    "document",
    ["{ conversion }", "{ metadata2 my_metadata }", "{ indicativeConversion versions }", ""],
)
def test_a_part_of_another_name_is_no_name(document: str) -> None:
    assert store_credit_facts(document) is StoreCreditFacts.NONE
