"""The three doors to gift cards, each configured as a source, answer the graph alike."""

from __future__ import annotations

from typing import Any, Final

import pytest
from pydantic import SecretStr

from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from tests.graphql.graph import JSON, Graph, over_sandbox, settings
from tests.graphql.writes.asking import a_card, balance_of, brl, done

VTEX: Final = {
    "app_key": SecretStr("vtexappkey-sandbox"),
    "app_token": SecretStr("sandbox-vtex-token"),
}
PROVIDER: Final = {
    "app_key": SecretStr("provider-sandbox"),
    "app_token": SecretStr("sandbox-provider-token"),
}
FLAVOURS: Final[dict[str, dict[str, Any]]] = {
    "native": {"base_url": "http://127.0.0.1:1/vtex", "credentials": VTEX},
    "hub": {
        "base_url": "http://127.0.0.1:1/vtex",
        "credentials": VTEX,
        "provider_id": "VtexGiftCard",
    },
    "provider-protocol": {
        "base_url": "http://127.0.0.1:1/vtex/protocol",
        "credentials": PROVIDER,
    },
}
CART: Final = {
    "orderId": "order-1",
    "grandTotal": "25.00",
    "itemsTotal": "30.00",
    "discounts": "5.00",
    "items": [
        {
            "id": "1",
            "productId": "10",
            "refId": "mug-15",
            "name": "Mug",
            "price": "15.00",
            "quantity": 2,
        }
    ],
}
CARDS: Final = """
query ($search: GiftCardSearch!) {
  searchGiftCards(search: $search) { nodes { id } }
}
"""


def only(flavour: str) -> Any:
    """The built-in settings with one source."""
    source = VtexGiftcardSettings.model_validate(
        {
            "key": "vtex-giftcard",
            "provider": "vtex.giftcard",
            "default_currency": "BRL",
            "flavour": flavour,
            **FLAVOURS[flavour],
        }
    )
    return settings(sources=[source], customers=[])


def transactions(graph: Graph) -> list[bytes]:
    """The bodies of debits and credits, as they went out."""
    return [
        one.body
        for one in graph.wire.asked
        if one.method == "POST" and one.target.endswith("/transactions")
    ]


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_card_lives_behind_every_door(flavour: str) -> None:
    async with over_sandbox(only(flavour)) as graph:
        card = await a_card(graph, "100.00")
        made = await done(
            graph,
            "createHold",
            instrumentId=card,
            amount=brl("60"),
            orderId="order-1",
            cart=CART,
            idempotencyKey="hold",
        )
        hold = made["hold"]["id"]
        await done(graph, "captureHold", id=hold, amount=brl("40"), idempotencyKey="capture")
        await done(graph, "releaseHold", id=hold, idempotencyKey="release")
        back = await done(graph, "refundHold", id=hold, amount=brl("10"), idempotencyKey="refund")
        assert counted(back["hold"]) == ("60", "40", "20", "10")
        await done(
            graph,
            "debitGiftCard",
            id=card,
            amount=brl("25"),
            description="Mugs",
            cart=CART,
            idempotencyKey="debit",
        )
        assert await balance_of(graph, card) == 45

        search = {"source": "vtex-giftcard", "email": "newcomer@example.com", "cart": CART}
        found = (await graph.data(CARDS, search=search))["searchGiftCards"]["nodes"]
        assert [one["id"] for one in found] == [card]


def counted(hold: JSON) -> tuple[str, ...]:
    return tuple(hold[name]["amount"] for name in ("amount", "captured", "released", "refunded"))


@pytest.mark.parametrize(("flavour", "told"), [("native", 0), ("hub", 1), ("provider-protocol", 1)])
async def test_the_cart_goes_where_a_transaction_comes_with_an_order(
    flavour: str, told: int
) -> None:
    async with over_sandbox(only(flavour)) as graph:
        card = await a_card(graph, "100.00")
        graph.wire.forget()

        await done(
            graph,
            "debitGiftCard",
            id=card,
            amount=brl("25"),
            description="Mugs",
            cart=CART,
            idempotencyKey="debit",
        )

        (body,) = transactions(graph)
        assert body.count(b'"refId":"mug-15"') == told
        assert body.count(b'"orderId":"order-1"') == told
        assert b"order-1" in body
