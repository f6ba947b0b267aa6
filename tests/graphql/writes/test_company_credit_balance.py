"""Moving what a company owes, and finding it again in the history."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graphql.writes.company_credit import (
    NEWCOMERS_COMPANY,
    Shop,
    a_shop,
    amount_of,
    brl,
)

BOTH_WAYS = {"UPDATED", "REIMBURSED"}
UP = [*BOTH_WAYS, "REFUNDED", "REVERTED"]
DOWN = [*BOTH_WAYS, "PURCHASED"]


@pytest.mark.parametrize(
    ("reason", "kind", "operation"),
    [
        ("UPDATED", "BALANCE_OPERATION", "MANUAL_CREDIT"),
        ("REIMBURSED", "BALANCE_OPERATION", "REIMBURSEMENT"),
        ("REFUNDED", "REFUND", None),
        ("REVERTED", "CANCELLATION", None),
    ],
)
async def test_an_increase_is_told_by_its_reason(
    shop: Shop, reason: str, kind: str, operation: str | None
) -> None:
    account = await shop.account()
    answer = await shop.done(
        "increaseCreditBalance",
        id=account["id"],
        amount=brl("100.25"),
        reason=reason,
        comment="by wire",
        purchaseOrder="PO/7, späť_1%",
        orderId="000000042",
    )
    entry = answer["entry"]
    assert (entry["kind"], entry.get("operation"), entry["direction"]) == (
        kind,
        operation,
        "CREDIT",
    )
    assert answer["creditAccount"]["available"]["amount"] == "3849.75"
    assert entry["availableAfter"]["amount"] == "3849.75"
    assert entry["balanceAfter"]["amount"] == "-1150.25"
    assert entry["native"]["type"] == reason.capitalize()
    assert entry["note"] == "by wire"
    assert entry["actor"] == {"kind": "INTEGRATION"}
    assert entry["reference"] == {
        "kind": "purchase_order",
        "value": "PO/7, späť_1%",
        "purchaseOrder": "PO/7, späť_1%",
        "orderId": "000000042",
    }


@pytest.mark.parametrize(
    ("reason", "operation"),
    [("UPDATED", "MANUAL_DEBIT"), ("REIMBURSED", "REIMBURSEMENT"), ("PURCHASED", "PURCHASE")],
)
async def test_a_decrease_is_told_by_its_reason(shop: Shop, reason: str, operation: str) -> None:
    account = await shop.account()
    answer = await shop.done(
        "decreaseCreditBalance", id=account["id"], amount=brl("100.25"), reason=reason
    )
    entry = answer["entry"]
    assert (entry["operation"], entry["direction"]) == (operation, "DEBIT")
    assert answer["creditAccount"]["available"]["amount"] == "3649.25"
    assert Decimal(entry["rate"]) == 1
    assert entry["reference"]["purchaseOrder"] is None


async def test_a_first_allocation_raises_the_limit(shop: Shop) -> None:
    account = await shop.account(NEWCOMERS_COMPANY)
    answer = await shop.done(
        "increaseCreditBalance",
        id=account["id"],
        amount={"amount": "700.00", "currencyCode": "USD"},
        reason="ALLOCATED",
    )
    assert answer["creditAccount"]["limit"]["amount"] == "700"
    assert answer["entry"]["limitAfter"]["amount"] == "700"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("increaseCreditBalance", "PURCHASED"),
        ("increaseCreditBalance", "ALLOCATED"),
        ("decreaseCreditBalance", "ALLOCATED"),
        ("decreaseCreditBalance", "REFUNDED"),
        ("decreaseCreditBalance", "REVERTED"),
    ],
)
async def test_a_reason_that_does_not_fit_is_refused(shop: Shop, name: str, reason: str) -> None:
    account = await shop.account()
    error = await shop.refused(name, id=account["id"], amount=brl("1.00"), reason=reason)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "reason"])


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("0", "BRL", "INVALID_INPUT"),
        ("-1.00", "BRL", "INVALID_INPUT"),
        ("0.00001", "BRL", "INVALID_INPUT"),
        ("9999999999999999.01", "BRL", "INVALID_INPUT"),
        ("1.00", "USD", "CURRENCY_MISMATCH"),
        ("3749.51", "BRL", "INSUFFICIENT_CREDIT"),
    ],
)
async def test_an_amount_that_cannot_be_charged_is_refused(
    shop: Shop, amount: str, currency: str, code: str
) -> None:
    account = await shop.account()
    error = await shop.refused(
        "decreaseCreditBalance",
        id=account["id"],
        amount={"amount": amount, "currencyCode": currency},
        reason="PURCHASED",
    )
    assert error["code"] == code
    assert await shop.account() == account


async def test_the_same_key_moves_money_once(shop: Shop) -> None:
    account = await shop.account()
    move = {"id": account["id"], "amount": brl("100.00"), "reason": "REIMBURSED"}
    first = await shop.done("increaseCreditBalance", **move, idempotencyKey="once")
    again = await shop.done("increaseCreditBalance", **move, idempotencyKey="once")
    assert again["operation"]["replayed"] is True
    assert again["entry"] == first["entry"]
    assert (await shop.account())["available"]["amount"] == "3849.5"


cents = st.integers(1, 400_000).map(lambda number: Decimal(number) / 100)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("increaseCreditBalance"), st.sampled_from(UP), cents),
        st.tuples(st.just("decreaseCreditBalance"), st.sampled_from(DOWN), cents),
        st.tuples(st.just("setCreditLimit"), st.none(), cents),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=8, deadline=None)
@given(moves=moves)
async def test_the_books_balance_whatever_is_done(
    moves: list[tuple[str, str | None, Decimal]],
) -> None:
    """What was answered adds up, and so do the account and its history."""
    async with a_shop() as shop:
        account = await shop.account()
        available, limit = amount_of(account["available"]), amount_of(account["limit"])
        lines = len(await shop.ledger(account["id"]))
        for name, reason, amount in moves:
            what = {"limit": brl(str(amount))} if reason is None else {"amount": brl(str(amount))}
            more = {} if reason is None else {"reason": reason}
            answer = await shop.write(name, id=account["id"], **what, **more)
            if reason == "PURCHASED" and amount > max(available, Decimal(0)):
                assert answer["operation"]["status"] == "REJECTED"
                continue
            assert answer["operation"]["status"] == "SUCCEEDED", answer
            lines += 0 if reason is None and amount == limit else 1
            signed = {"increaseCreditBalance": amount, "decreaseCreditBalance": -amount}
            available += signed.get(name, amount - limit)
            limit = amount if reason is None else limit
            told = answer["creditAccount"]
            assert (amount_of(told["available"]), amount_of(told["limit"])) == (available, limit)
        history, after = await shop.ledger(account["id"]), await shop.account()
    assert len(history) == lines
    assert amount_of(after["available"]) == amount_of(history[0]["availableAfter"]) == available
    sign = {"CREDIT": 1, "DEBIT": -1, "NEUTRAL": 0}
    moved = sum(sign[one["direction"]] * amount_of(one["amount"]) for one in history)
    assert moved == amount_of(after["details"]["balance"])
