"""A credit account as somebody who tries it for the first time would, and on a bad day."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.graphql.graph import JSON
from tests.graphql.writes.credit_shop import ACCOUNT, HOLD, INVOICE, CreditShop, brl, credit_shop

SOON = 0.02
"""Seconds between two look-ups of what is not known, so that a test does not wait for them."""


async def test_an_account_is_opened_drawn_on_billed_put_off_paid_and_refunded() -> None:
    async with credit_shop() as store:
        account = await store.opened()
        hold = await store.held(account, "150.50", installments=2)
        captured = await store.moved("captureHold", hold, "150.50")
        assert captured["state"] == "CAPTURED"

        first, second = await store.invoices(account)
        assert [first["amount"]["amount"], second["amount"]["amount"]] == ["75.25", "75.25"]
        await store.done("postponeInvoice", id=second["id"], days=10)
        await store.done("markInvoicePaid", id=first["id"])
        refunded = await store.moved("refundHold", hold, "20.25")

        assert refunded["refunded"]["amount"] == "20.25"
        await assert_all_is_told(store, account)


async def assert_all_is_told(store: CreditShop, account: JSON) -> None:
    """The books after all of it, on a limit of 1000.00."""
    state = await store.state(account)
    assert [state[name]["amount"] for name in ("held", "outstanding", "available")] == [
        "0.0",
        "55.00",
        "945.00",
    ]
    paid, open_one = sorted(state["invoices"]["nodes"], key=lambda one: one["installment"])
    assert (paid["status"], paid["amount"]["amount"]) == ("PAID", "75.25")
    assert (open_one["status"], open_one["amount"]["amount"]) == ("OPEN", "55.00")
    assert open_one["creditApplied"]["amount"] == "20.25"
    assert (open_one["postponement"]["daysLeft"], open_one["postponement"]["timesUsed"]) == (
        20,
        None,
    )
    entries = state["ledger"]["nodes"]
    assert [(one["__typename"], one["direction"], one["amount"]["amount"]) for one in entries] == [
        ("RefundEntry", "CREDIT", "20.25"),
        ("InvoicePaymentEntry", "CREDIT", "75.25"),
        ("SettlementEntry", "DEBIT", "150.50"),
    ]


class BadDay:
    """
    A client that knows the rules: one key for one wish, sent again until it is settled. The sandbox
    carries out every third of its wishes and answers 500.
    """

    def __init__(self, store: CreditShop, *, lost_first: int) -> None:
        self._store = store
        self._wishes = 0
        self._lost_first = lost_first
        self.lost: list[str] = []

    async def wish(self, mutation: str, fields: str, **members: Any) -> JSON:
        """The payload of what succeeded; under a new key where the first came to nothing."""
        if self._wishes % 3 == self._lost_first:
            self.lost.append(mutation)
            await self._store.graph.fault("vtex-credit", "applied_then_500", times=1)
        self._wishes += 1
        for attempt in range(3):
            key = f"wish-{self._wishes}-{attempt}"
            payload = await self._store.ask(mutation, fields, key=key, **members)
            if payload["operation"]["status"] == "UNKNOWN":
                assert payload["userErrors"][0]["__typename"] == "OutcomeUnknownError"
                await self._settled(key)
                payload = await self._store.ask(mutation, fields, key=key, **members)
                assert payload["operation"]["replayed"]
            if payload["operation"]["status"] == "SUCCEEDED":
                return payload
            assert payload["operation"]["status"] == "REJECTED"
        raise AssertionError(f"{mutation} does not succeed")

    async def _settled(self, key: str) -> None:
        """What is not known of a hold is known when it falls off."""
        await self._store.time_goes_on(days=8)
        query = """query($key: String!) {
          operation(by: {idempotencyKey: $key}) { status completedAt }
        }"""
        async with asyncio.timeout(20):
            while True:
                found = (await self._store.graph.data(query, key=key))["operation"]
                if found["status"] not in ("UNKNOWN", "IN_PROGRESS"):
                    assert found["completedAt"]
                    return


@pytest.mark.parametrize("lost_first", [0, 1, 2])
async def test_nothing_moves_twice_when_every_third_answer_is_lost(lost_first: int) -> None:
    async with credit_shop(settle_every_seconds=SOON) as store:
        day = BadDay(store, lost_first=lost_first)

        opened = await day.wish("openCreditAccount", ACCOUNT, **store.opening())
        account = opened["creditAccount"]
        asked = {"instrumentId": account["id"], "amount": brl("150.50"), "orderId": "order-1"}
        hold = (await day.wish("createHold", HOLD, **asked, installments=2))["hold"]
        await day.wish("captureHold", HOLD, id=hold["id"], amount=brl("150.50"))
        first, second = await store.invoices(account)
        await day.wish("postponeInvoice", INVOICE, id=second["id"], days=10)
        await day.wish("markInvoicePaid", INVOICE, id=first["id"])
        await day.wish("refundHold", HOLD, id=hold["id"], amount=brl("20.25"))

        lost = [
            ["openCreditAccount", "postponeInvoice"],
            ["createHold", "markInvoicePaid"],
            ["captureHold", "refundHold"],
        ]
        assert day.lost == lost[lost_first]
        await assert_all_is_told(store, account)
