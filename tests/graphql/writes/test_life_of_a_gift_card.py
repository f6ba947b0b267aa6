"""A gift card from its making to its end, as somebody who tries it for the first time would."""

from __future__ import annotations

from decimal import Decimal

from tests.graphql.graph import JSON, Graph, over_sandbox, query_of
from tests.graphql.writes.asking import asked, brl, done

SPENDABLE = """
spendableCredit(currency: BRL, options: {sources: ["vtex-giftcard"]}) {
  total { amount }
  byInstrument { spendable { amount { amount } eligible reasons } }
}
"""
HISTORY = """
giftCards {
  nodes {
    holds { nodes { id version orderId state } }
    ledger { nodes { kind direction amount { amount } } }
  }
}
"""
SEARCH = """
query ($search: GiftCardSearch!) {
  searchGiftCards(search: $search) { nodes { id status } unavailable { kind } }
}
"""


async def total(graph: Graph) -> tuple[Decimal, JSON]:
    """What the newcomer can spend of the card, and the verdict on it."""
    data = await graph.data(query_of("newcomer", SPENDABLE))
    spendable = data["customer"]["spendableCredit"]
    (line,) = spendable["byInstrument"]
    return Decimal(spendable["total"]["amount"]), line["spendable"]


async def test_a_card_is_issued_held_captured_released_topped_up_and_ends() -> None:
    async with over_sandbox() as graph:
        issued = await done(
            graph,
            "issueGiftCard",
            also="revealedCode",
            source="vtex-giftcard",
            owner="newcomer@example.com",
            caption="Welcome",
            expiresAt="2026-12-22T12:00:00Z",
            initialBalance="100.00",
            restrictedToOwner=False,
            idempotencyKey="issue",
        )
        card = issued["giftCard"]["id"]
        assert issued["giftCard"]["owner"] == {"email": "newcomer@example.com"}
        assert issued["revealedCode"].endswith(issued["giftCard"]["maskedCode"][-4:])
        assert (await total(graph))[0] == 100

        made = await done(
            graph,
            "createHold",
            instrumentId=card,
            amount=brl("60"),
            orderId="order-1",
            idempotencyKey="hold",
        )
        hold = made["hold"]
        assert (hold["mode"], hold["state"], hold["orderId"]) == ("NATIVE", "ACTIVE", "order-1")
        assert hold["authorization"]["amount"]["amount"] == "60"
        assert (await total(graph))[0] == 40

        taken = await done(
            graph,
            "captureHold",
            id=hold["id"],
            amount=brl("40"),
            expectedVersion=hold["version"],
            idempotencyKey="capture",
        )
        assert taken["hold"]["state"] == "PARTIALLY_CAPTURED"
        rest = await done(graph, "releaseHold", id=hold["id"], idempotencyKey="release")
        assert rest["hold"]["state"] == "CAPTURED"
        assert [one["amount"]["amount"] for one in rest["hold"]["settlements"]] == ["40"]
        assert [one["amount"]["amount"] for one in rest["hold"]["cancellations"]] == ["20"]
        assert (await total(graph))[0] == 60

        await done(
            graph,
            "creditGiftCard",
            id=card,
            amount=brl("15.50"),
            description="Top-up",
            idempotencyKey="credit",
        )
        assert await total(graph) == (
            Decimal("75.50"),
            {"amount": {"amount": "75.50"}, "eligible": True, "reasons": []},
        )
        (seen,) = (await graph.data(query_of("newcomer", HISTORY)))["customer"]["giftCards"][
            "nodes"
        ]
        assert seen["holds"]["nodes"] == [
            {name: rest["hold"][name] for name in ("id", "version", "orderId", "state")}
        ]
        assert [
            (one["kind"], one["direction"], one["amount"]["amount"])
            for one in reversed(seen["ledger"]["nodes"])
        ] == [
            ("BALANCE_OPERATION", "CREDIT", "100"),
            ("PRE_AUTHORIZATION", "DEBIT", "60"),
            ("SETTLEMENT", "NEUTRAL", "40"),
            ("CANCELLATION", "CREDIT", "20"),
            ("BALANCE_OPERATION", "CREDIT", "15.5"),
        ]

        await until(graph, "2026-12-22T12:00:00Z")

        left, verdict = await total(graph)
        assert left == 0
        assert verdict == {
            "amount": {"amount": "0.00"},
            "eligible": False,
            "reasons": ["EXPIRED"],
        }
        late = await asked(
            graph,
            "debitGiftCard",
            id=card,
            amount=brl("1"),
            description="Too late",
            idempotencyKey="late",
        )
        assert late["userErrors"][0]["reasons"] == ["EXPIRED"]

        cart = {
            "grandTotal": "30.00",
            "itemsTotal": "30.00",
            "items": [
                {"id": "1", "productId": "10", "name": "Mug", "price": "15.00", "quantity": 2}
            ],
        }
        search = {"source": "vtex-giftcard", "email": "newcomer@example.com", "cart": cart}
        found = (await graph.data(SEARCH, search=search))["searchGiftCards"]
        assert found == {"nodes": [{"id": card, "status": "EXPIRED"}], "unavailable": []}


async def until(graph: Graph, moment: str) -> None:
    assert graph.sandbox is not None
    response = await graph.sandbox.put("/_sandbox/clock", json={"now": moment})
    assert response.status_code == 200, response.text
