"""Mutations as clients meet them: payloads, receipts, replays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.domain.instructions import CreditGiftCard, DebitGiftCard, SettleGiftCard
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal
from app.main import ENDPOINT
from tests.doubles.patience import AT_ONCE
from tests.doubles.samples import money
from tests.doubles.writes_in_memory import Mishap
from tests.graphql.graph import NOW, as_caller
from tests.graphql.ordering import MOVES, SECRET, Move, Shop, a_shop, brl

EACH = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
ENTRY = "entry { __typename id kind direction amount { amount } instrument { id } }"


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with a_shop() as open_one:
        yield open_one


@EACH
async def test_money_moves_and_the_payload_shows_the_instrument_and_the_receipt(
    shop: Shop, move: Move
) -> None:
    payload = await shop.order(move.name)

    assert payload["userErrors"] == []
    assert payload[move.instrument]["figure"] == {"amount": move.after}
    assert payload[move.instrument]["id"] == shop.ids[move.on]
    receipt = payload["operation"]
    assert receipt["id"].startswith("op_")
    assert receipt["upstreamRequestId"].startswith("reference-of-")
    assert {name: receipt[name] for name in ("name", "status", "idempotencyKey", "replayed")} == {
        "name": move.name,
        "status": "SUCCEEDED",
        "idempotencyKey": "key-1",
        "replayed": False,
    }
    assert receipt["startedAt"] == receipt["completedAt"] == NOW.isoformat()[:-6] + "Z"


async def test_the_receipt_names_the_correlation_id_of_the_request(shop: Shop) -> None:
    move = MOVES["creditGiftCard"]
    response = await shop.graph.post(
        """mutation ($input: GiftCardAmountInput!) {
             creditGiftCard(input: $input) { operation { correlationId } } }""",
        input=shop.input_of(move),
    )
    told = response.json()["data"]["creditGiftCard"]["operation"]["correlationId"]
    assert told == response.headers["X-Correlation-Id"]


@EACH
async def test_the_line_that_was_booked_is_shown(shop: Shop, move: Move) -> None:
    entry = (await shop.order(move.name, also=ENTRY))["entry"]
    assert entry["amount"] == {"amount": "10.00"}
    assert entry["instrument"] == {"id": shop.ids[move.on]}
    up = move.name.startswith(("credit", "increase"))
    assert entry["direction"] == ("CREDIT" if up else "DEBIT")


@EACH
async def test_a_replay_shows_what_came_of_it_then_and_asks_nobody(shop: Shop, move: Move) -> None:
    first = await shop.order(move.name)
    await shop.order(move.name, idempotencyKey="key-2", amount=brl("1.00"))
    asked = list(shop.provider.asked)

    again = await shop.order(move.name)

    assert again["operation"] == {**first["operation"], "replayed": True}
    assert again[move.instrument] == first[move.instrument]
    assert again["userErrors"] == []
    assert shop.provider.asked == asked


async def test_a_replay_of_a_refusal_is_the_same_refusal(shop: Shop) -> None:
    shop.provider.befall(CreditGiftCard, Mishap.REFUSED)
    first = await shop.order("creditGiftCard")
    again = await shop.order("creditGiftCard")
    assert again["userErrors"] == first["userErrors"] != []
    assert again["operation"]["replayed"]
    assert again["giftCard"] is None


async def test_a_success_whose_card_could_not_be_read_is_shown_as_it_is_now(shop: Shop) -> None:
    async def lose_sight(_: object) -> None:
        shop.provider.spoil("card-1")

    shop.provider.on_arrival = lose_sight
    query = """mutation ($input: GiftCardAmountInput!) { creditGiftCard(input: $input) {
                 operation { status } giftCard { balance { amount } } } }"""
    move = MOVES["creditGiftCard"]
    blind = await shop.graph.answer(query, input=shop.input_of(move))
    shop.provider.on_arrival = None
    shop.provider.mend("card-1")
    now = await shop.graph.data(query, input=shop.input_of(move))

    assert blind["data"]["creditGiftCard"] == {
        "operation": {"status": "SUCCEEDED"},
        "giftCard": None,
    }
    assert blind["errors"][0]["path"] == ["creditGiftCard", "giftCard"]
    assert now["creditGiftCard"]["giftCard"] == {"balance": {"amount": "50.00"}}


async def test_mutations_of_one_document_run_in_order_and_see_one_another(shop: Shop) -> None:
    card = MOVES["creditGiftCard"]
    found = await shop.graph.data(
        """mutation ($first: GiftCardAmountInput!, $then: GiftCardAmountInput!) {
             then: creditGiftCard(input: $first) { giftCard { balance { amount } } }
             first: debitGiftCard(input: $then) { giftCard { balance { amount } } } }""",
        first=shop.input_of(card),
        then=shop.input_of(card, amount=brl("50.00")),
    )
    assert found["then"]["giftCard"]["balance"] == {"amount": "50.00"}
    assert found["first"]["giftCard"]["balance"] == {"amount": "0.00"}
    assert [type(one) for _, one in shop.provider.moved] == [
        CreditGiftCard,
        DebitGiftCard,
        SettleGiftCard,
    ]


async def test_the_version_that_a_payload_shows_is_good_for_the_next_call(shop: Shop) -> None:
    first = await shop.order("creditGiftCard")
    second = await shop.order(
        "creditGiftCard",
        idempotencyKey="key-2",
        expectedVersion=first["giftCard"]["version"],
    )
    assert second["userErrors"] == []
    assert second["giftCard"]["version"] != first["giftCard"]["version"]


@EACH
async def test_the_request_may_not_be_cancelled_once_something_is_to_be_changed(
    shop: Shop, move: Move
) -> None:
    assert shop.doubles.must_finish == []
    await shop.order(move.name)
    assert shop.doubles.must_finish == [ENDPOINT]


async def test_whoever_may_not_change_anything_may_be_cancelled(shop: Shop) -> None:
    shop.graph.client.headers.update(as_caller("shopper"))
    await shop.graph.answer(
        "mutation ($input: GiftCardAmountInput!) {"
        " creditGiftCard(input: $input) { operation { id } } }",
        input=shop.input_of(MOVES["creditGiftCard"]),
    )
    assert shop.doubles.must_finish == []


@EACH
async def test_nothing_is_changed_by_get(shop: Shop, move: Move) -> None:
    asked = list(shop.provider.asked)
    asks = f"{move.name}(input: $input) {{ operation {{ id }} }}"
    query = f"mutation ($input: {move.input}!) {{ {asks} }}"
    variables = json.dumps({"input": shop.input_of(move)})
    response = await shop.graph.client.get(
        ENDPOINT, params={"query": query, "variables": variables}
    )
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert shop.provider.asked == asked


async def test_what_takes_long_is_told_and_can_be_asked_for_again() -> None:
    async with a_shop(patience=replace(AT_ONCE, answer=timedelta(0))) as shop:
        shop.provider.hang("send")
        early = await shop.order("creditGiftCard")
        shop.provider.answer()
        await shop.doubles.operations.finish()
        late = await shop.order("creditGiftCard")

    (refusal,) = early["userErrors"]
    assert (refusal["code"], refusal["retryable"]) == ("IDEMPOTENCY_IN_PROGRESS", True)
    assert refusal["original"] == {"id": early["operation"]["id"], "status": "IN_PROGRESS"}
    assert early["giftCard"] is None
    assert late["operation"]["id"] == early["operation"]["id"]
    assert late["giftCard"]["figure"] == {"amount": "50.00"}


async def test_what_nobody_knows_is_told_and_known_later() -> None:
    at = NOW

    async with a_shop(clock=lambda: at) as shop:
        shop.provider.befall(CreditGiftCard, Mishap.BOOKED_LATE)
        lost = await shop.order("creditGiftCard")
        unknown = await shop.receipt(id=lost["operation"]["id"])
        shop.provider.catch_up()
        at += timedelta(seconds=lost["userErrors"][0]["checkAfterSeconds"])
        await shop.settle()
        settled = await shop.receipt(id=lost["operation"]["id"])
        again = await shop.order("creditGiftCard")

    (refusal,) = lost["userErrors"]
    assert (refusal["__typename"], refusal["code"]) == ("OutcomeUnknownError", "OUTCOME_UNKNOWN")
    assert refusal["operation"] == {"id": lost["operation"]["id"], "status": "UNKNOWN"}
    assert refusal["checkAfterSeconds"] >= 1
    assert not refusal["retryable"]
    assert lost["operation"]["completedAt"] is None
    assert unknown is not None
    assert settled is not None
    assert (unknown["status"], settled["status"]) == ("UNKNOWN", "SUCCEEDED")
    assert again["userErrors"] == []
    assert again["giftCard"]["figure"] == {"amount": "50.00"}


async def test_the_journal_being_away_is_told_and_nothing_is_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise JournalUnavailable

    asked = list(shop.provider.asked)
    monkeypatch.setattr(Journal, "start", away)
    answer = await shop.graph.answer(
        "mutation ($input: GiftCardAmountInput!) {"
        " creditGiftCard(input: $input) { operation { id } } }",
        input=shop.input_of(MOVES["creditGiftCard"]),
    )
    (error,) = answer["errors"]
    assert answer["data"] == {"creditGiftCard": None}
    assert error["extensions"]["code"] == "RECORDS_UNAVAILABLE"
    assert shop.provider.asked == asked


async def test_no_code_of_a_card_is_in_a_payload_the_journal_or_a_log(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        shop.provider.befall(DebitGiftCard, Mishap.LOST_BEFORE_BOOKING)
        payloads = [
            await shop.order("creditGiftCard", also=ENTRY),
            await shop.order("creditGiftCard", also=ENTRY),
            await shop.order("debitGiftCard"),
        ]
    folder = shop.doubles.journal
    kept = b"".join(one.read_bytes() for one in folder.parent.glob(f"{folder.name}*"))
    told = json.dumps([payloads, logs], default=repr) + caplog.text

    assert payloads[0]["giftCard"]["maskedCode"] == payloads[1]["giftCard"]["maskedCode"]
    assert SECRET not in told
    assert len(kept) > 10_000
    for secret in (SECRET, SECRET[-4:], "other@example.com", "shopper@example.com", "10.00"):
        assert secret.encode() not in kept


async def test_a_code_that_was_masked_in_the_journal_is_read_again_for_who_may_see_it(
    shop: Shop,
) -> None:
    query = """mutation ($input: GiftCardAmountInput!) { creditGiftCard(input: $input) {
                 giftCard { redemptionCode } } }"""
    for _ in range(2):
        found = await shop.graph.data(query, input=shop.input_of(MOVES["creditGiftCard"]))
        assert found["creditGiftCard"]["giftCard"] == {"redemptionCode": SECRET}


@pytest.mark.parametrize("amount", ["10.000", "10"])
async def test_the_same_amount_written_differently_is_the_same_request(
    shop: Shop, amount: str
) -> None:
    await shop.order("creditGiftCard")
    again = await shop.order("creditGiftCard", amount=brl(amount))
    assert again["operation"]["replayed"]
    assert shop.provider.cards[0].balance == money("50.00")


async def test_a_member_that_is_null_is_another_request_than_one_that_says_something(
    shop: Shop,
) -> None:
    await shop.order("creditGiftCard", orderId="o-1")
    assert (await shop.refusal("creditGiftCard"))["code"] == "IDEMPOTENCY_KEY_REUSED"
