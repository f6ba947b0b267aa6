"""What a client finds in the history of company credit, and the texts it can change there."""

from __future__ import annotations

import pytest

from tests.graphql.writes.company_credit import BUYERS_COMPANY, Shop, brl


async def test_a_purchase_order_finds_what_was_written_here_and_what_was_not(shop: Shop) -> None:
    account = await shop.account()
    await shop.charge_past_gateway("10", reference="PO-1")
    for order in ["PO-1", "PO-11", None]:
        await shop.done(
            "decreaseCreditBalance",
            id=account["id"],
            amount=brl("20.00"),
            reason="PURCHASED",
            **({"purchaseOrder": order} if order else {}),
        )
    found = await shop.ledger(account["id"], purchaseOrder="PO-1")
    credits = await shop.ledger(account["id"], purchaseOrder="PO-1", direction="CREDIT")
    assert [one["amount"]["amount"] for one in found] == ["20", "10"]
    assert {one["reference"]["value"] for one in found} == {"PO-1"}
    assert credits == await shop.ledger(account["id"], purchaseOrder="%") == []


@pytest.mark.parametrize("order", ['"', "100%_\\", "Purchase order: x", "日本", "'; --", "a" * 120])
async def test_any_purchase_order_is_found_again_and_only_it(shop: Shop, order: str) -> None:
    account = await shop.account()
    for one in [order, f"{order}1", f"1{order}"]:
        await shop.done(
            "increaseCreditBalance",
            id=account["id"],
            amount=brl("1.00"),
            reason="REIMBURSED",
            comment="Purchase order: x",
            purchaseOrder=one,
        )
    (found,) = await shop.ledger(account["id"], purchaseOrder=order)
    assert (found["reference"]["purchaseOrder"], found["note"]) == (order, "Purchase order: x")


async def test_a_history_is_turned_by_pages_of_one_purchase_order(shop: Shop) -> None:
    account = await shop.account()
    for amount in ["1.00", "2.00", "3.00"]:
        await shop.done(
            "increaseCreditBalance",
            id=account["id"],
            amount=brl(amount),
            reason="REIMBURSED",
            purchaseOrder="PO-1",
        )
    seen: list[str] = []
    after = None
    while len(seen) < 4:
        answer = await shop.graph.data(
            """query ($id: ID!, $after: String) { creditAccount(id: $id) {
              ledger(first: 1, after: $after, filter: {purchaseOrder: "PO-1"}) {
                nodes { amount { amount } } pageInfo { hasNextPage endCursor } } } }""",
            id=account["id"],
            after=after,
        )
        page = answer["creditAccount"]["ledger"]
        seen += [one["amount"]["amount"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["3", "2", "1"]


async def test_a_payment_is_annotated_and_keeps_what_is_not_given(shop: Shop) -> None:
    account = await shop.account()
    paid = await shop.done(
        "increaseCreditBalance",
        id=account["id"],
        amount=brl("100.00"),
        reason="REIMBURSED",
        comment="wire",
        purchaseOrder="PO-1",
        orderId="000000042",
    )
    entry_id = paid["entry"]["id"]
    renamed = await shop.done("annotateLedgerEntry", id=entry_id, purchaseOrder="PO-2")
    noted = await shop.done("annotateLedgerEntry", id=entry_id, comment="wire of the 3rd")
    cleared = await shop.done("annotateLedgerEntry", id=entry_id, purchaseOrder="")

    told = [(one["entry"]["note"], one["entry"]["reference"]) for one in (renamed, noted, cleared)]
    assert [(note, reference["purchaseOrder"]) for note, reference in told] == [
        ("wire", "PO-2"),
        ("wire of the 3rd", "PO-2"),
        ("wire of the 3rd", None),
    ]
    assert {reference["orderId"] for _, reference in told} == {"000000042"}
    assert (await shop.account())["available"]["amount"] == "3849.5"


async def test_a_purchase_cannot_be_annotated(shop: Shop) -> None:
    account = await shop.account()
    bought = await shop.done(
        "decreaseCreditBalance", id=account["id"], amount=brl("1.00"), reason="PURCHASED"
    )
    error = await shop.refused("annotateLedgerEntry", id=bought["entry"]["id"], comment="x")
    assert (error["state"], error["allowed"]) == ("Purchased", ["Reimbursed"])


@pytest.mark.parametrize(
    ("wanted", "types"),
    [
        ({"operations": ["PURCHASE"]}, {"Purchased"}),
        ({"operations": ["REIMBURSEMENT"]}, {"Reimbursed"}),
        ({"operations": ["MANUAL_DEBIT", "MANUAL_CREDIT"]}, {"Updated"}),
        ({"kinds": ["LIMIT_CHANGE"]}, {"Allocated", "Updated"}),
        ({"kinds": ["REFUND"]}, {"Refunded"}),
        ({"kinds": ["CANCELLATION"]}, {"Reverted"}),
    ],
)
async def test_each_type_of_adobe_can_be_asked_for(
    shop: Shop, wanted: dict[str, list[str]], types: set[str]
) -> None:
    account = await shop.account(BUYERS_COMPANY)
    everything = await shop.ledger(account["id"])
    found = await shop.ledger(account["id"], **wanted)
    assert {one["native"]["type"] for one in found} == types
    assert all(one in everything for one in found)
