"""Credit that is set aside, captured, given back and released."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.graphql.writes.credit_shop import HOLD, CreditShop, brl, credit_shop


def figures(hold: dict[str, Any]) -> tuple[str, ...]:
    """State, and then what was set aside, captured, refunded, released and is left."""
    names = ("amount", "captured", "refunded", "released", "remaining")
    return (hold["state"], *(hold[name]["amount"] for name in names))


async def test_a_hold_goes_out_so_that_it_can_be_released(store: CreditShop) -> None:
    account = await store.opened()
    store.written()

    hold = await store.held(account, "150.50", installments=2)
    ((method, _, body),) = store.written()
    released = (await store.done("releaseHold", HOLD, id=hold["id"]))["hold"]

    assert method == "POST"
    assert body == {
        "value": 150.5,
        "settle": False,
        "installments": 2,
        "expirationDate": "2026-11-29T12:00:00Z",
    }
    assert (hold["mode"], hold["orderId"], hold["installments"]) == ("NATIVE", "order-1", 2)
    assert hold["expiresAt"] == "2026-11-29T12:00:00Z"
    assert figures(hold) == ("ACTIVE", "150.50", "0", "0", "0", "150.50")
    assert figures(released) == ("RELEASED", "150.50", "0", "0", "150.50", "0.00")


async def test_a_hold_is_found_by_its_id_and_on_its_account_newest_first(
    store: CreditShop,
) -> None:
    account = await store.opened()
    first, second = await store.held(account, 1), await store.held(account, 2)

    found = await store.graph.data(
        """query($id: ID!, $account: ID!) {
          hold(id: $id) { id amount { amount } instrument { id } }
          creditAccount(id: $account) { holds(first: 1) {
            totalCount nodes { id } pageInfo { hasNextPage } } }
        }""",
        id=first["id"],
        account=account["id"],
    )

    assert found["hold"] == {
        "id": first["id"],
        "amount": {"amount": "1"},
        "instrument": {"id": account["id"]},
    }
    holds = found["creditAccount"]["holds"]
    assert [one["id"] for one in holds["nodes"]] == [second["id"]]
    assert (holds["totalCount"], holds["pageInfo"]["hasNextPage"]) == (2, True)


async def test_a_second_capture_sends_what_is_captured_in_all(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, "150.50", installments=2)
    store.written()

    part = await store.moved("captureHold", hold, 100)
    whole = await store.moved("captureHold", hold, "50.50")

    assert [body for _, _, body in store.written()] == [{"value": 100}, {"value": 150.5}]
    assert figures(part) == ("PARTIALLY_CAPTURED", "150.50", "100", "0", "0", "50.50")
    assert figures(whole) == ("CAPTURED", "150.50", "150.50", "0", "0", "0.00")
    assert [one["amount"]["amount"] for one in await store.invoices(account)] == ["75.25", "75.25"]


async def test_what_a_hold_sets_aside_is_changed_whatever_it_was(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 100)

    changed = await store.moved("updateHold", hold, 105, installments=3)

    assert figures(changed) == ("ACTIVE", "105", "0", "0", "0", "105")
    assert changed["installments"] == 3
    assert Decimal((await store.state(account))["held"]["amount"]) == 105


async def test_part_of_a_hold_is_released_and_the_rest_goes_on(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 100)
    store.written()

    part = await store.moved("releaseHold", hold, 30)
    changed = await store.moved("updateHold", hold, 60)
    rest = await store.moved("captureHold", hold, 60)

    assert [body["value"] for _, _, body in store.written()] == [70, 60, 60]
    assert figures(part) == ("ACTIVE", "100", "0", "0", "30", "70")
    assert figures(changed) == ("ACTIVE", "90", "0", "0", "30", "60")
    assert figures(rest) == ("CAPTURED", "90", "60", "0", "30", "0")


async def test_what_is_left_after_a_capture_is_released_without_a_call(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 100)
    await store.moved("captureHold", hold, 60)
    store.written()

    released = (await store.done("releaseHold", HOLD, id=hold["id"]))["hold"]

    assert store.written() == []
    assert figures(released) == ("CAPTURED", "100", "60", "0", "40", "0")
    assert (await store.state(account))["outstanding"]["amount"] == "60.00"


async def test_no_more_is_captured_than_was_set_aside(store: CreditShop) -> None:
    hold = await store.held(await store.opened(), 100)

    refusal = await store.refused("captureHold", id=hold["id"], amount=brl("100.01"))

    assert (refusal["policy"], refusal["limit"]) == ("captureWithinHold", {"amount": "100"})


async def test_no_more_is_refunded_than_was_captured(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 100)
    early = await store.refused("refundHold", id=hold["id"], amount=brl(1))
    await store.moved("captureHold", hold, 80)
    await store.moved("refundHold", hold, "30.10")

    refusal = await store.refused("refundHold", id=hold["id"], amount=brl("49.91"))
    rest = await store.moved("refundHold", hold, "49.90")

    assert (early["__typename"], early["state"]) == ("InvalidStateError", "ACTIVE")
    assert (refusal["policy"], refusal["limit"]) == ("refundWithinCaptured", {"amount": "49.90"})
    assert rest["refunded"]["amount"] == "80.00"
    assert (await store.state(account))["outstanding"]["amount"] == "0.00"


async def test_after_a_refund_no_more_is_captured_and_nobody_is_asked(store: CreditShop) -> None:
    hold = await store.held(await store.opened(), 100)
    await store.moved("captureHold", hold, 80)
    await store.moved("refundHold", hold, 10)
    store.written()

    refusal = await store.refused("captureHold", id=hold["id"], amount=brl(5))

    assert (refusal["__typename"], refusal["state"]) == ("InvalidStateError", "REFUNDED")
    assert store.written() == []


async def test_a_captured_hold_is_neither_changed_nor_released(store: CreditShop) -> None:
    hold = await store.held(await store.opened(), 100)
    await store.moved("captureHold", hold, 100)

    changed = await store.refused("updateHold", id=hold["id"], amount=brl(90))
    released = await store.refused("releaseHold", id=hold["id"])

    assert (changed["state"], changed["allowed"]) == ("CAPTURED", ["ACTIVE"])
    assert (released["state"], released["allowed"]) == (
        "CAPTURED",
        ["ACTIVE", "PARTIALLY_CAPTURED"],
    )


async def test_more_than_can_be_spent_is_not_set_aside(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 900)

    created = await store.refused(
        "createHold", instrumentId=account["id"], amount=brl("100.01"), orderId="order-2"
    )
    changed = await store.refused("updateHold", id=hold["id"], amount=brl("1000.01"))

    for refusal, asked, spendable in ((created, "100.01", 100), (changed, "1000.01", 1000)):
        assert refusal["__typename"] == "InsufficientCreditError"
        assert refusal["requested"]["amount"] == asked
        assert Decimal(refusal["spendable"]["amount"]) == spendable


@pytest.mark.parametrize("mutation", ["updateHold", "captureHold", "refundHold", "releaseHold"])
async def test_an_amount_that_makes_no_sense_is_refused(store: CreditShop, mutation: str) -> None:
    hold = await store.held(await store.opened(), 100)
    if mutation == "refundHold":
        await store.moved("captureHold", hold, 100)
    store.written()

    for amount in ("0", "-1"):
        refusal = await store.refused(mutation, id=hold["id"], amount=brl(amount))
        assert refusal["path"] == ["input", "amount", "amount"]
    foreign = {"amount": "1", "currencyCode": "USD"}
    refusal = await store.refused(mutation, id=hold["id"], amount=foreign)
    assert (refusal["expected"], refusal["actual"]) == ("BRL", "USD")
    assert store.written() == []


@pytest.mark.parametrize("installments", [0, -1, 121, 2_147_483_647])
async def test_nobody_pays_in_so_many_instalments(store: CreditShop, installments: int) -> None:
    account = await store.opened()
    hold = await store.held(account, 100)
    store.written()

    created = await store.refused(
        "createHold",
        instrumentId=account["id"],
        amount=brl(1),
        orderId="order-2",
        installments=installments,
    )
    changed = await store.refused(
        "updateHold", id=hold["id"], amount=brl(1), installments=installments
    )

    assert created["path"] == changed["path"] == ["input", "installments"]
    assert store.written() == []


async def test_a_hold_of_an_older_version_is_not_taken_further(store: CreditShop) -> None:
    hold = await store.held(await store.opened(), 100)
    await store.moved("updateHold", hold, 90)

    refusal = await store.refused(
        "captureHold", id=hold["id"], amount=brl(1), expectedVersion=hold["version"]
    )

    assert refusal["__typename"] == "StaleVersionError"


async def test_a_hold_that_fell_off_is_expired_and_cannot_be_captured() -> None:
    async with credit_shop() as store:
        account = await store.opened()
        hold = await store.held(account, 100, expiresAt="2026-11-23T12:00:00Z")
        await store.time_goes_on(days=1)

        refusal = await store.refused("captureHold", id=hold["id"], amount=brl(1))
        state = await store.state(account)

        assert (refusal["state"], [one["state"] for one in state["holds"]["nodes"]]) == (
            "EXPIRED",
            ["EXPIRED"],
        )
        assert (state["held"]["amount"], state["available"]["amount"]) == ("0.0", "1000.00")


@pytest.mark.parametrize("mode", ["applied_then_500", "applied_then_401", "malformed"])
async def test_a_change_whose_answer_was_lost_is_found_in_the_sum_of_holds(mode: str) -> None:
    async with credit_shop() as store:
        account = await store.opened()
        await store.held(account, "33.33")
        hold = await store.held(account, 100)
        await store.graph.fault("vtex-credit", mode, times=1, calls="writes")

        changed = await store.moved("updateHold", hold, "77.70")

        assert figures(changed) == ("ACTIVE", "77.70", "0", "0", "0", "77.70")
        assert (await store.state(account))["held"]["amount"] == "111.03"
