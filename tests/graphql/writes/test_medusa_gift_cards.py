"""Medusa's gift cards: a card, the account behind it, and one amount of money."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.graphql.graph import JSON, Graph, over_sandbox, settings

SEARCH = """
query ($code: String!) {
  searchGiftCards(search: {source: "medusa", redemptionCode: $code}) {
    nodes {
      status
      balance { amount }
      owner { id }
      backedBy { nativeId status balance { amount } }
      spendable { amount { amount } reasons }
      holds { nodes { amount { amount } } }
      ledger { nodes { direction amount { amount } } }
    }
  }
}
"""


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    """A store whose cards are looked at too."""
    built_in = settings()
    sources = [
        one.model_copy(update={"gift_cards": True}) if one.key == "medusa" else one
        for one in built_in.sources
    ]
    async with over_sandbox(built_in.model_copy(update={"sources": sources})) as graph:
        yield graph


async def found(graph: Graph, code: str) -> JSON:
    (card,) = (await graph.data(SEARCH, code=code))["searchGiftCards"]["nodes"]
    one: JSON = card
    return one


async def test_a_card_shows_the_account_behind_it(graph: Graph) -> None:
    card = await found(graph, "GIFT-R28T-ML95-74R2-8TML")

    assert card["backedBy"] == {
        "nativeId": "sc_acc_01M656TX50FC3EXTT5W56KD8C9",
        "status": "UNCLAIMED",
        "balance": card["balance"],
    }
    assert card["owner"] is None
    assert card["spendable"] == {"amount": {"amount": "100.00"}, "reasons": []}
    assert card["ledger"]["nodes"] == [{"direction": "CREDIT", "amount": {"amount": "100"}}]


async def test_a_card_that_ended_pays_nothing_although_the_account_has_money(
    graph: Graph,
) -> None:
    card = await found(graph, "GIFT-YSQL-N8F9-T3YS-QLN8")

    assert card["status"] == "EXPIRED"
    assert card["spendable"] == {"amount": {"amount": "0.00"}, "reasons": ["EXPIRED"]}
    assert card["backedBy"]["balance"]["amount"] == "25"
