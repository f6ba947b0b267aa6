"""Company credit, tried as a new user would."""

from __future__ import annotations

from tests.graphql.writes.company_credit import Shop, brl

CUSTOMER = """{ customer(by: {email: "shopper@example.com"}) {
  spendableCredit(currency: BRL, options: {sources: ["adobe"]}) {
    total { amount } byInstrument { instrument { id } counted } } } }"""


async def test_a_line_of_credit_is_raised_drawn_on_paid_and_explained(shop: Shop) -> None:
    account = await shop.account()
    assert account["available"]["amount"] == "3749.5"

    raised = await shop.done(
        "setCreditLimit",
        id=account["id"],
        limit=brl("6000.00"),
        comment="grown",
        expectedVersion=account["version"],
    )
    assert raised["creditAccount"]["limit"]["amount"] == "6000"
    assert raised["creditAccount"]["available"]["amount"] == "4749.5"

    bought = await shop.done(
        "decreaseCreditBalance",
        id=account["id"],
        amount=brl("1000.00"),
        reason="PURCHASED",
        comment="spring order",
        purchaseOrder="PO-2026-7",
        orderId="000000777",
    )
    assert bought["creditAccount"]["available"]["amount"] == "3749.5"
    assert bought["entry"]["operation"] == "PURCHASE"

    for reason, amount, available in [
        ("REIMBURSED", "400.00", "4149.5"),
        ("REFUNDED", "100.00", "4249.5"),
        ("REVERTED", "50.25", "4299.75"),
    ]:
        given_back = await shop.done(
            "increaseCreditBalance",
            id=account["id"],
            amount=brl(amount),
            reason=reason,
            purchaseOrder="PO-2026-7",
            orderId="000000777",
        )
        assert given_back["creditAccount"]["available"]["amount"] == available

    history = await shop.ledger(account["id"], purchaseOrder="PO-2026-7")
    assert [(one["native"]["type"], one["amount"]["amount"]) for one in history] == [
        ("Reverted", "50.25"),
        ("Refunded", "100"),
        ("Reimbursed", "400"),
        ("Purchased", "1000"),
    ]
    assert {one["reference"]["orderId"] for one in history} == {"000000777"}
    assert [one["note"] for one in history] == [None, None, None, "spring order"]

    annotated = await shop.done(
        "annotateLedgerEntry", id=history[2]["id"], comment="wire of the 3rd"
    )
    assert annotated["entry"]["note"] == "wire of the 3rd"
    assert annotated["entry"]["reference"]["purchaseOrder"] == "PO-2026-7"

    spendable = (await shop.graph.data(CUSTOMER))["customer"]["spendableCredit"]
    assert spendable["total"]["amount"] == "4299.75"
    assert spendable["byInstrument"] == [{"instrument": {"id": account["id"]}, "counted": True}]
