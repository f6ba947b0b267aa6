"""Company credit while somebody else writes to the shop, too: Adobe keeps nobody from it."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tests.graphql.graph import JSON
from tests.graphql.writes.company_credit import (
    BUYERS_COMPANY,
    SHOPPERS_CREDIT,
    Shop,
    a_shop,
    amount_of,
    brl,
)

CHARGE = "/decreaseBalance"


async def charged(shop: Shop, amount: str = "3000.00", **more: object) -> JSON:
    account = await shop.account()
    return await shop.write(
        "decreaseCreditBalance",
        id=account["id"],
        amount=brl(amount),
        reason="PURCHASED",
        orderId="000000900",
        **more,
    )


async def test_a_purchase_that_lost_a_race_is_taken_back_and_says_so(shop: Shop) -> None:
    shop.meddler.at, shop.meddler.before = CHARGE, lambda: shop.charge_past_gateway("1000")

    answer = await charged(shop, idempotencyKey="lost", purchaseOrder="PO-1")
    again = await charged(shop, idempotencyKey="lost", purchaseOrder="PO-1")

    (error,) = answer["userErrors"]
    assert answer["operation"]["status"] == "COMPENSATED"
    assert error["__typename"] == "InsufficientCreditError"
    assert error["requested"]["amount"] == "3000.00"
    assert error["spendable"]["amount"] == "2749.50"
    assert answer["creditAccount"] is None
    assert again["operation"] == {**answer["operation"], "replayed": True}
    assert again["userErrors"] == answer["userErrors"]


async def test_what_was_taken_back_stands_in_the_history_under_the_same_order(shop: Shop) -> None:
    shop.meddler.at, shop.meddler.before = CHARGE, lambda: shop.charge_past_gateway("1000")
    await charged(shop, purchaseOrder="PO-1")

    account = await shop.account()
    undone, bought = await shop.ledger(account["id"], purchaseOrder="PO-1")

    assert account["available"]["amount"] == "2749.5"
    assert (undone["kind"], bought["operation"]) == ("CANCELLATION", "PURCHASE")
    assert undone["amount"] == bought["amount"] == {"amount": "3000", "currencyCode": "BRL"}
    assert undone["reference"] == bought["reference"]
    assert undone["reference"]["orderId"] == "000000900"


async def test_a_purchase_that_came_first_stays_when_the_other_one_went_too_far(
    shop: Shop,
) -> None:
    shop.meddler.at, shop.meddler.after = CHARGE, lambda: shop.charge_past_gateway("1000")

    answer = await charged(shop)

    assert (answer["operation"]["status"], answer["userErrors"]) == ("SUCCEEDED", [])
    assert answer["creditAccount"]["available"]["amount"] == "-250.5"


async def test_a_purchase_stays_when_the_debt_was_paid_meanwhile(shop: Shop) -> None:
    shop.meddler.at, shop.meddler.before = CHARGE, lambda: shop.charge_past_gateway("1000")
    shop.meddler.after = lambda: shop.reimburse_past_gateway("1000")
    answer = await charged(shop)
    assert answer["operation"]["status"] == "SUCCEEDED"
    assert answer["creditAccount"]["available"]["amount"] == "749.5"


async def test_a_company_that_may_exceed_its_limit_keeps_what_it_bought(shop: Shop) -> None:
    account = await shop.account(BUYERS_COMPANY)
    answer = await shop.done(
        "decreaseCreditBalance",
        id=account["id"],
        amount={"amount": "30000.00", "currencyCode": "USD"},
        reason="PURCHASED",
    )
    assert amount_of(answer["creditAccount"]["available"]) < 0


async def test_a_hold_that_lost_a_race_is_released(shop: Shop) -> None:
    account = await shop.account()
    shop.meddler.at, shop.meddler.before = CHARGE, lambda: shop.charge_past_gateway("1000")

    answer = await shop.write(
        "createHold", instrumentId=account["id"], amount=brl("3000.00"), orderId="000000900"
    )
    holds = await shop.graph.data(
        "query ($id: ID!) { creditAccount(id: $id) { holds(first: 5) "
        "{ nodes { state released { amount } remaining { amount } } } } }",
        id=account["id"],
    )

    assert answer["operation"]["status"] == "COMPENSATED"
    assert answer["userErrors"][0]["code"] == "INSUFFICIENT_CREDIT"
    assert holds["creditAccount"]["holds"]["nodes"] == [
        {"state": "RELEASED", "released": {"amount": "3000.00"}, "remaining": {"amount": "0.00"}}
    ]
    assert (await shop.account())["available"]["amount"] == "2749.5"


@pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_401"])
async def test_taking_back_survives_a_lost_answer(shop: Shop, fault: str) -> None:
    shop.meddler.at, shop.meddler.before = CHARGE, lambda: shop.charge_past_gateway("1000")
    shop.meddler.after = lambda: shop.graph.fault("adobe", fault, times=1)
    answer = await charged(shop)
    assert answer["operation"]["status"] == "COMPENSATED"
    assert (await shop.account())["available"]["amount"] == "2749.5"


async def test_a_purchase_whose_answer_was_lost_is_looked_at_as_well(shop: Shop) -> None:
    async def bought_and_next_answer_lost() -> None:
        await shop.charge_past_gateway("1000")
        await shop.graph.fault("adobe", "applied_then_500", times=1)

    shop.meddler.at, shop.meddler.before = CHARGE, bought_and_next_answer_lost
    answer = await charged(shop)
    assert answer["operation"]["status"] == "COMPENSATED"
    assert (await shop.account())["available"]["amount"] == "2749.5"


async def test_what_is_booked_twice_is_left_to_a_person(shop: Shop) -> None:
    async def booked_again() -> None:
        await shop.charge_past_gateway("3000", reference=await newest_reference(shop))

    shop.meddler.at, shop.meddler.after = CHARGE, booked_again

    answer = await charged(shop, idempotencyKey="twice")
    again = await charged(shop, idempotencyKey="twice")

    (error,) = answer["userErrors"]
    assert answer["operation"]["status"] == "NEEDS_ATTENTION"
    assert (error["__typename"], error["code"]) == ("OutcomeUnknownError", "OUTCOME_UNKNOWN")
    assert "twice" in error["message"]
    assert error["checkAfterSeconds"] == 0
    assert again["operation"]["replayed"] is True
    assert again["userErrors"] == answer["userErrors"]


async def newest_reference(shop: Shop) -> str:
    query = {
        "searchCriteria[filterGroups][0][filters][0][field]": "company_credit_id",
        "searchCriteria[filterGroups][0][filters][0][value]": SHOPPERS_CREDIT,
        "searchCriteria[sortOrders][0][field]": "entity_id",
        "searchCriteria[sortOrders][0][direction]": "DESC",
        "searchCriteria[pageSize]": "1",
    }
    response = await shop.owner.get("/adobe/rest/default/V1/companyCredits/history", params=query)
    reference: str = response.json()["items"][0]["purchase_order"]
    return reference


async def test_a_lost_update_of_the_shop_shows_in_the_account_but_not_in_the_history() -> None:
    """Both rows exist, one change of the balance is gone: what the shop says is what is shown."""
    async with a_shop(switches={"lost_update": "on"}) as shop:
        account = await shop.account()
        outside: list[asyncio.Task[None]] = []

        async def start() -> None:
            outside.append(asyncio.create_task(shop.charge_past_gateway("200.00")))

        shop.meddler.at, shop.meddler.before = CHARGE, start
        answer = await charged(shop, "100.00")
        await outside[0]
        after, history = await shop.account(), await shop.ledger(account["id"])

    assert answer["operation"]["status"] == "SUCCEEDED"
    assert {one["amount"]["amount"] for one in history[:2]} == {"100", "200"}
    assert amount_of(after["available"]) in {Decimal("3649.5"), Decimal("3549.5")}
