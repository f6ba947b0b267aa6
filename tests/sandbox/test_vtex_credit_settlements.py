"""Settlements and refunds of the VTEX Customer Credit stand-in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.vtex_credit_calls import Store, section_of

HOLDS = "/accounts/one/transactions"


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store() as opened:
        yield opened


async def settle(store: Store, hold_id: str, value: object) -> Any:
    return await store.call("PUT", f"{HOLDS}/{hold_id}/settlement", {"value": value})


async def refund(store: Store, hold_id: str, value: object) -> Any:
    return await store.call("POST", f"{HOLDS}/{hold_id}/refunds", {"value": value})


async def pay(store: Store, hold_id: str, installment: int) -> None:
    path = f"/accounts/one/invoices/{hold_id}-{installment:02d}/payments"
    await store.call("POST", path)


async def values(store: Store) -> list[Any]:
    return [invoice["value"] for invoice in await store.invoices()]


async def numbers(store: Store) -> tuple[Any, Any]:
    """Held, and available."""
    account = await store.account()
    return account["preAuthorizedCredit"], account["availableCredit"]


async def test_one_purchase_is_held_then_owed_then_paid(store: Store) -> None:
    """The contract's worked example."""
    hold_id = await store.hold(Decimal("150.50"), settle=True, installments=1)
    while_held = await numbers(store)
    answer = await settle(store, hold_id, Decimal("150.50"))
    while_owed = await numbers(store)
    await pay(store, hold_id, 1)

    assert answer == {"value": Decimal("150.50"), "id": hold_id.upper()}
    assert while_held == (Decimal("150.50"), Decimal("849.50"))
    assert while_owed == (0, Decimal("849.50"))
    assert await numbers(store) == (0, 1000)
    assert await store.ledger() == [
        ("Invoice", Decimal("-150.50")),
        ("Payment", Decimal("150.50")),
    ]


async def test_a_settlement_makes_an_invoice_for_each_installment(store: Store) -> None:
    hold_id = await store.purchase(100, installments=3)
    first, second, third = await store.invoices()
    (entry,) = (await store.call("GET", "/accounts/one/statements"))["statements"]

    assert [i["value"] for i in (first, second, third)] == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]
    assert [i["dueDate"][:10] for i in (first, second, third)] == [
        "2026-07-01",
        "2026-07-31",
        "2026-08-30",
    ]
    assert third["id"] == f"{hold_id.upper()}-03"
    assert (third["status"], third["creditValue"]) == ("Opened", 0)
    assert (third["installment"], third["numberOfInstallments"]) == (3, 3)
    assert first["orderId"] == third["orderId"] != ""
    assert entry["metadata"] == {"transactionId": hold_id.upper(), "numberOfInstallments": 3}


async def test_what_a_settlement_leaves_of_the_hold_is_released(store: Store) -> None:
    hold_id = await store.hold(500)
    await settle(store, hold_id, 200)

    assert await numbers(store) == (0, 800)


async def test_a_settlement_grows_by_the_rate_of_the_store() -> None:
    terms = {"maxPreAuthorizationGrowthRate": Decimal("0.1")}
    async with Store(section_of(terms=terms)) as store:
        path = f"{HOLDS}/{await store.hold(100)}/settlement"
        assert await store.refusal("PUT", path, {"value": Decimal("110.01")}) == 400
        await store.call("PUT", path, {"value": 110})
        assert await store.refusal("PUT", path, {"value": Decimal("110.01")}) == 400

        assert await values(store) == [110]


async def test_a_settlement_grows_into_free_credit_only() -> None:
    terms = {"maxPreAuthorizationGrowthRate": 1}
    async with Store(section_of(terms=terms)) as store:
        path = f"{HOLDS}/{await store.hold(900)}/settlement"
        assert await store.refusal("PUT", path, {"value": 1001}) == 400
        await store.call("PUT", path, {"value": 950})
        assert await store.refusal("PUT", path, {"value": 1001}) == 400
        await store.call("PUT", path, {"value": 1000})


async def test_a_hold_over_a_lowered_limit_can_still_be_settled(store: Store) -> None:
    hold_id = await store.hold(600)
    await store.call("PUT", "/accounts/one/creditlimit", {"value": 0})
    await settle(store, hold_id, 600)

    assert await numbers(store) == (0, -600)


async def test_settling_again_with_the_same_value_changes_nothing(store: Store) -> None:
    hold_id = await store.purchase(100, installments=2)
    before = await store.everything()
    store.clock.advance(timedelta(days=40))
    await settle(store, hold_id, 100)

    assert await store.everything() == before


async def test_settling_again_changes_the_invoices(store: Store) -> None:
    hold_id = await store.purchase(100, installments=2)
    await settle(store, hold_id, Decimal("70.01"))

    assert await values(store) == [35, Decimal("35.01")]
    assert await store.ledger() == [("Invoice", -100), ("Invoice", Decimal("29.99"))]
    assert await numbers(store) == (0, Decimal("929.99"))


async def test_settling_again_leaves_paid_invoices_alone() -> None:
    async with Store(section_of(terms={"maxPreAuthorizationGrowthRate": 1})) as store:
        hold_id = await store.purchase(90, installments=3)
        await pay(store, hold_id, 1)
        await settle(store, hold_id, 130)

        assert await values(store) == [30, 50, 50]
        path = f"{HOLDS}/{hold_id}/settlement"
        assert await store.refusal("PUT", path, {"value": 29}) == 400


async def test_a_higher_value_after_the_payment_makes_a_new_invoice() -> None:
    async with Store(section_of(terms={"maxPreAuthorizationGrowthRate": 1})) as store:
        hold_id = await store.purchase(100)
        await pay(store, hold_id, 1)
        store.clock.advance(timedelta(days=5))
        await settle(store, hold_id, 120)
        _, added = await store.invoices()

    assert (added["id"], added["value"], added["status"]) == (f"{hold_id.upper()}-02", 20, "Opened")
    assert added["dueDate"][:10] == "2026-07-06"


async def test_after_a_refund_the_settled_value_is_final(store: Store) -> None:
    hold_id = await store.purchase(100)
    await refund(store, hold_id, 1)

    path = f"{HOLDS}/{hold_id}/settlement"
    assert await store.refusal("PUT", path, {"value": 99}) == 400
    assert await settle(store, hold_id, 100) == {"value": 100, "id": hold_id.upper()}


@pytest.mark.parametrize("value", [0, -1, "10", None, 10**12, True])
@pytest.mark.parametrize("path", ["settlement", "refunds"])
async def test_settlements_and_refunds_need_a_positive_number(
    store: Store, path: str, value: object
) -> None:
    hold_id = await store.purchase(100)
    verb = "PUT" if path == "settlement" else "POST"

    assert await store.refusal(verb, f"{HOLDS}/{hold_id}/{path}", {"value": value}) == 400


async def test_a_settled_hold_is_no_hold_any_more(store: Store) -> None:
    path = f"{HOLDS}/{await store.purchase(100)}"

    assert await store.refusal("DELETE", path) == 400
    change = {"value": 50, "settle": True, "installments": 1}
    assert await store.refusal("PUT", path, change) == 400


async def test_a_refund_lowers_open_invoices_from_the_last_backwards(store: Store) -> None:
    hold_id = await store.purchase(90, installments=3)
    answer = await refund(store, hold_id, 45)

    assert answer == {"value": 45}
    assert await values(store) == [30, 15, 0]
    assert [i["creditValue"] for i in await store.invoices()] == [0, 15, 30]
    assert await numbers(store) == (0, 955)
    assert await store.ledger() == [("Invoice", -90), ("Invoice", 45)]


async def test_what_has_been_paid_is_refunded_to_the_balance(store: Store) -> None:
    hold_id = await store.purchase(90, installments=3)
    await pay(store, hold_id, 1)
    await pay(store, hold_id, 3)
    await refund(store, hold_id, 50)

    assert await values(store) == [30, 0, 30]
    assert (await store.account())["balance"] == 20
    assert (await store.ledger())[-2:] == [("Invoice", 30), ("Statement", 20)]


async def test_refunds_never_exceed_what_was_settled(store: Store) -> None:
    hold_id = await store.purchase(90, installments=3)
    await pay(store, hold_id, 1)
    await refund(store, hold_id, 80)
    path = f"{HOLDS}/{hold_id}/refunds"

    assert await store.refusal("POST", path, {"value": Decimal("10.01")}) == 400
    await refund(store, hold_id, 10)
    assert await store.refusal("POST", path, {"value": Decimal("0.01")}) == 400


async def test_a_refund_repeated_is_a_second_refund(store: Store) -> None:
    hold_id = await store.purchase(100)
    for _ in range(2):
        await refund(store, hold_id, 30)

    assert await values(store) == [40]


async def test_a_cancelled_invoice_has_nothing_to_give_back(store: Store) -> None:
    hold_id = await store.purchase(90, installments=3)
    await store.call("DELETE", f"/accounts/one/invoices/{hold_id}-02")

    path = f"{HOLDS}/{hold_id}/refunds"
    assert await store.refusal("POST", path, {"value": 61}) == 400
    await refund(store, hold_id, 60)
    assert await values(store) == [0, 30, 0]
    assert (await store.account())["balance"] == 0


async def test_what_was_not_settled_cannot_be_refunded(store: Store) -> None:
    hold_id = await store.hold(100)

    assert await store.refusal("POST", f"{HOLDS}/{hold_id}/refunds", {"value": 1}) == 400


async def test_a_seeded_purchase_can_be_refunded() -> None:
    purchase = {
        "transaction": "AA",
        "made": "now-40d",
        "installments": [
            {"value": 30, "status": "Paid", "resolved": "now-9d"},
            {"value": 20, "credit_value": 10},
        ],
    }
    async with Store(section_of({"purchases": [purchase]})) as store:
        assert await store.refusal("POST", f"{HOLDS}/aa/refunds", {"value": 51}) == 400
        await refund(store, "aa", 50)

        assert await values(store) == [30, 0]
        assert (await store.account())["balance"] == 30
