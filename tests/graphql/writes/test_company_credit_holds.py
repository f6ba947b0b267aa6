"""Amounts set aside on company credit: taken at once, and given back on release."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.graphql.graph import JSON
from tests.graphql.writes.company_credit import BUYERS_COMPANY, Shop, amount_of, brl


async def held(shop: Shop, amount: str = "1000.00") -> JSON:
    account = await shop.account()
    answer = await shop.done(
        "createHold", instrumentId=account["id"], amount=brl(amount), orderId="000000901"
    )
    hold: JSON = answer["hold"]
    return hold


async def available(shop: Shop) -> str:
    account = await shop.account()
    found: str = account["available"]["amount"]
    return found


async def newest(shop: Shop, entries: int) -> list[tuple[str, str, str]]:
    """The last lines of history, newest first: what kind, how much, and for which order."""
    account = await shop.account()
    return [
        (one["native"]["type"], one["amount"]["amount"], one["reference"]["orderId"])
        for one in (await shop.ledger(account["id"]))[:entries]
    ]


async def test_a_hold_takes_the_amount_at_once_and_says_so(shop: Shop) -> None:
    hold = await held(shop)
    assert (hold["mode"], hold["state"]) == ("DEBIT_AND_REVERT", "ACTIVE")
    assert hold["remaining"]["amount"] == "1000.00"
    assert await available(shop) == "2749.5"
    assert await newest(shop, 1) == [("Purchased", "1000", "000000901")]


async def test_what_is_released_is_reverted(shop: Shop) -> None:
    hold = await held(shop)
    released = (await shop.done("releaseHold", id=hold["id"]))["hold"]
    assert released["state"] == "RELEASED"
    assert await available(shop) == "3749.5"
    assert (await newest(shop, 1)) == [("Reverted", "1000", "000000901")]


async def test_a_capture_leaves_the_history_alone_and_a_refund_after_it_is_a_refund(
    shop: Shop,
) -> None:
    hold = await held(shop)
    captured = (await shop.done("captureHold", id=hold["id"], amount=brl("1000.00")))["hold"]
    refunded = (await shop.done("refundHold", id=hold["id"], amount=brl("250.50")))["hold"]
    assert (captured["state"], refunded["state"]) == ("CAPTURED", "CAPTURED")
    assert refunded["refunded"]["amount"] == "250.50"
    assert await available(shop) == "3000"
    assert await newest(shop, 2) == [
        ("Refunded", "250.5", "000000901"),
        ("Purchased", "1000", "000000901"),
    ]


async def test_a_part_is_captured_and_the_rest_reverted(shop: Shop) -> None:
    hold = await held(shop)
    part = (await shop.done("captureHold", id=hold["id"], amount=brl("600.00")))["hold"]
    rest = (await shop.done("releaseHold", id=hold["id"]))["hold"]
    assert (part["state"], rest["state"]) == ("PARTIALLY_CAPTURED", "CAPTURED")
    assert rest["released"]["amount"] == "400.00"
    assert await available(shop) == "3149.5"
    assert (await newest(shop, 1)) == [("Reverted", "400", "000000901")]


async def test_a_released_hold_can_neither_be_captured_nor_released_again(shop: Shop) -> None:
    hold = await held(shop)
    await shop.done("releaseHold", id=hold["id"])
    for name, given in [("captureHold", {"amount": brl("1.00")}), ("releaseHold", {})]:
        error = await shop.refused(name, id=hold["id"], **given)
        assert (error["__typename"], error["state"]) == ("InvalidStateError", "RELEASED")
    assert await available(shop) == "3749.5"


@pytest.mark.parametrize(("name", "amount"), [("captureHold", "1000.01"), ("refundHold", "600.01")])
async def test_no_more_comes_of_a_hold_than_is_in_it(shop: Shop, name: str, amount: str) -> None:
    hold = await held(shop)
    await shop.done("captureHold", id=hold["id"], amount=brl("600.00"))
    error = await shop.refused(name, id=hold["id"], amount=brl(amount))
    assert error["code"] == "POLICY_VIOLATION"
    assert await available(shop) == "2749.5"


async def test_more_than_there_is_to_spend_cannot_be_held(shop: Shop) -> None:
    account = await shop.account()
    error = await shop.refused(
        "createHold", instrumentId=account["id"], amount=brl("3749.51"), orderId="000000901"
    )
    assert error["code"] == "INSUFFICIENT_CREDIT"
    assert amount_of(error["spendable"]) == Decimal("3749.5")


async def test_a_release_whose_answer_was_lost_is_found_and_made_once(shop: Shop) -> None:
    hold = await held(shop)
    await shop.graph.fault("adobe", "applied_then_500", times=1)
    answer = await shop.done("releaseHold", id=hold["id"])
    assert answer["hold"]["state"] == "RELEASED"
    assert await available(shop) == "3749.5"


async def test_a_company_that_may_exceed_its_limit_can_hold_more_than_it(shop: Shop) -> None:
    account = await shop.account(BUYERS_COMPANY)
    answer = await shop.done(
        "createHold",
        instrumentId=account["id"],
        amount={"amount": "25000.00", "currencyCode": "USD"},
        orderId="000000902",
    )
    assert answer["hold"]["state"] == "ACTIVE"
