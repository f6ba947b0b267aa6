"""What is said once, what is refused, and what is shown of a card that was just made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest

from tests.graphql.graph import JSON, Graph, over_sandbox
from tests.graphql.writes.asking import (
    a_card,
    asked,
    balance_of,
    brl,
    done,
    mutation,
    refused,
    speaks_as,
)

ISSUE: Final[JSON] = {
    "source": "vtex-giftcard",
    "owner": "newcomer@example.com",
    "caption": "Welcome",
    "expiresAt": "2026-12-22T12:00:00Z",
    "initialBalance": "10.00",
    "idempotencyKey": "issue",
}
OWNER: Final = "query ($id: ID!) { giftCard(id: $id) { owner { email } backedBy { id } } }"


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with over_sandbox() as graph:
        yield graph


async def test_making_a_card_is_one_operation_and_its_code_is_told_once(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await done(graph, "issueGiftCard", also="revealedCode", **ISSUE)
    second = await asked(graph, "issueGiftCard", also="revealedCode", **ISSUE)

    code = first["revealedCode"]
    assert code
    assert second["revealedCode"] is None
    assert second["operation"] == {**first["operation"], "replayed": True}
    assert second["giftCard"] == first["giftCard"]
    assert first["entry"]["amount"]["amount"] == "10"
    told = "".join(capsys.readouterr())
    assert told.count("redemption code revealed") == 1
    assert code not in told


async def test_whoever_does_not_ask_for_the_code_leaves_no_trace_of_it(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    await done(graph, "issueGiftCard", **ISSUE)

    assert "redemption code revealed" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("name", ["issueGiftCard", "creditGiftCard"])
async def test_a_service_makes_no_money(graph: Graph, name: str) -> None:
    members: JSON = ISSUE
    if name == "creditGiftCard":
        card = await a_card(graph, "5")
        members = {"id": card, "amount": brl("1"), "description": "x", "idempotencyKey": "k"}
    speaks_as(graph, "service")

    answer = await graph.answer(mutation(name), input=members)

    assert answer["data"] == {name: None}
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("10.01", "BRL", "InsufficientCreditError"),
        ("0", "BRL", "InputError"),
        ("-1", "BRL", "InputError"),
        ("0.00001", "BRL", "InputError"),
        ("1", "USD", "CurrencyMismatchError"),
        ("1" + "0" * 40, "BRL", "InputError"),
    ],
)
async def test_what_cannot_be_taken_is_a_typed_refusal_and_moves_nothing(
    graph: Graph, amount: str, currency: str, expected: str
) -> None:
    card = await a_card(graph, "10.00")

    error = await refused(
        graph,
        "debitGiftCard",
        id=card,
        amount={"amount": amount, "currencyCode": currency},
        description="x",
        idempotencyKey="debit",
    )

    assert error["__typename"] == expected
    assert await balance_of(graph, card) == 10


async def test_a_refund_of_part_of_a_hold_counts_against_what_was_captured(graph: Graph) -> None:
    """The provider only knows that something was given back, and not that it had been captured."""
    card = await a_card(graph, "100")
    made = await done(
        graph,
        "createHold",
        instrumentId=card,
        amount=brl("100"),
        orderId="order-1",
        idempotencyKey="hold",
    )
    hold = made["hold"]["id"]
    await done(graph, "captureHold", id=hold, amount=brl("30"), idempotencyKey="capture")
    for n in (1, 2, 3):
        back = await done(
            graph, "refundHold", id=hold, amount=brl("10"), idempotencyKey=f"refund {n}"
        )
        assert back["hold"]["refunded"]["amount"] == str(n * 10)

    error = await refused(
        graph, "refundHold", id=hold, amount=brl("0.01"), idempotencyKey="one too many"
    )

    assert (error["__typename"], error["policy"]) == ("PolicyError", "refundWithinCaptured")
    assert await balance_of(graph, card) == 30


async def test_a_captured_hold_takes_no_more(graph: Graph) -> None:
    card = await a_card(graph, "50")
    made = await done(
        graph,
        "createHold",
        instrumentId=card,
        amount=brl("20"),
        orderId="order-1",
        idempotencyKey="hold",
    )
    hold = made["hold"]["id"]
    beyond = await refused(
        graph, "captureHold", id=hold, amount=brl("20.01"), idempotencyKey="beyond"
    )
    assert (beyond["policy"], beyond["limit"]["amount"]) == ("captureWithinHold", "20")
    await done(graph, "captureHold", id=hold, amount=brl("20"), idempotencyKey="capture")

    again = await refused(graph, "captureHold", id=hold, amount=brl("1"), idempotencyKey="again")

    assert again["__typename"] == "InvalidStateError"


async def test_what_a_refund_used_up_of_a_hold_is_released_and_not_captured(graph: Graph) -> None:
    card = await a_card(graph, "100")
    made = await done(
        graph,
        "createHold",
        instrumentId=card,
        amount=brl("100"),
        orderId="order-1",
        idempotencyKey="hold",
    )
    hold = made["hold"]["id"]
    await done(graph, "captureHold", id=hold, amount=brl("60"), idempotencyKey="capture")
    back = await done(graph, "refundHold", id=hold, amount=brl("20"), idempotencyKey="refund")
    assert [back["hold"][name]["amount"] for name in ("remaining", "capturable")] == ["40", "20"]

    beyond = await refused(
        graph, "captureHold", id=hold, amount=brl("20.01"), idempotencyKey="beyond"
    )
    assert (beyond["policy"], beyond["limit"]["amount"]) == ("captureWithinHold", "20")
    await done(graph, "captureHold", id=hold, amount=brl("20"), idempotencyKey="the rest")
    end = await done(graph, "releaseHold", id=hold, idempotencyKey="release")

    assert end["hold"]["state"] == "CAPTURED"
    assert [
        end["hold"][name]["amount"]
        for name in ("captured", "refunded", "released", "remaining", "capturable")
    ] == ["80", "20", "20", "0", "0"]
    assert await balance_of(graph, card) == 40


async def test_an_answer_that_gets_lost_moves_nothing_twice(graph: Graph) -> None:
    card = await a_card(graph, "50")
    await graph.fault("vtex-giftcard", "applied_then_500", times=1)

    await done(
        graph,
        "debitGiftCard",
        id=card,
        amount=brl("20"),
        description="Lost",
        idempotencyKey="debit",
    )

    assert await balance_of(graph, card) == 30


async def test_the_owner_is_shown_where_the_card_tells(graph: Graph) -> None:
    named = await a_card(graph, "5")
    listed = """
    { searchGiftCards(search: {source: "vtex-giftcard", redemptionCode: "GWED-DART-JLJW-OLYS"}) {
      nodes { owner { email } backedBy { id } }
    } }
    """

    own = (await graph.data(OWNER, id=named))["giftCard"]
    nobodys = (await graph.data(listed))["searchGiftCards"]["nodes"]

    assert own == {"owner": {"email": "newcomer@example.com"}, "backedBy": None}
    assert nobodys == [{"owner": None, "backedBy": None}]


async def test_a_search_gives_every_card_once_page_by_page(graph: Graph) -> None:
    query = """
    query ($after: String) {
      searchGiftCards(
        search: {source: "vtex-giftcard", email: "collector@example.com"} first: 25 after: $after
      ) { nodes { id } pageInfo { hasNextPage endCursor } unavailable { kind } }
    }
    """
    seen: list[str] = []
    after = None
    while True:
        page = (await graph.data(query, after=after))["searchGiftCards"]
        assert page["unavailable"] == []
        seen += [one["id"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(seen) == len(set(seen)) > 50
