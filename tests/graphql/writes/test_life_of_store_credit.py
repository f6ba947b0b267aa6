"""Store credit as somebody who tries it for the first time would, and its history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.graphql.graph import JSON, Graph, over_sandbox
from tests.graphql.writes.asking import (
    asked,
    balance_of,
    brl,
    done,
    refused,
    speaks_as,
)

UNCLAIMED_BRL = "SC-SABC-JE3T-WNSA-BCJE"
NEWCOMER = "cus_01K0A000000000000000000077"

TIMELINE = """
spendableCredit(currency: BRL, options: {sources: ["medusa"]}) { total { amount } }
timeline(first: 1, filter: {sources: ["medusa"]}) {
  nodes { direction note amount { amount } balanceAfter { amount } }
}
"""
ACCOUNTS = """
query ($filter: StoreCreditFilter) {
  storeCreditAccounts(filter: $filter, first: 100) {
    nodes { id nativeId currencyCode status balance { amount } }
  }
}
"""
LEDGER = """
query ($id: ID!) {
  storeCreditAccount(id: $id) {
    balance { amount }
    details { ... on MedusaStoreCreditDetails { metadata transactionGroups { nativeId } } }
    ledger { nodes { direction amount { amount } balanceAfter { amount } note } }
  }
}
"""


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    async with over_sandbox() as graph:
        yield graph


async def opened(graph: Graph, **members: Any) -> str:
    """The id of a new account of somebody who has none."""
    made = await done(
        graph,
        "openStoreCreditAccount",
        source="medusa",
        currencyCode="BRL",
        customerNativeId=NEWCOMER,
        idempotencyKey="open",
        **members,
    )
    id_: str = made["storeCreditAccount"]["id"]
    return id_


async def test_an_account_is_opened_credited_debited_and_more_is_claimed(graph: Graph) -> None:
    account = await opened(graph)
    await done(
        graph,
        "creditStoreCredit",
        id=account,
        amount=brl("50.00"),
        note="Sorry",
        idempotencyKey="credit",
    )

    too_much = await refused(
        graph, "debitStoreCredit", id=account, amount=brl("50.01"), idempotencyKey="too much"
    )
    assert too_much["__typename"] == "InsufficientCreditError"
    assert too_much["spendable"] == {"amount": "50"}
    paid = await done(
        graph, "debitStoreCredit", id=account, amount=brl("20.00"), idempotencyKey="debit"
    )
    assert paid["storeCreditAccount"]["balance"]["amount"] == "30"

    speaks_as(graph, "shopper")
    before = (await graph.data(f"{{ viewer {{ customer {{ {TIMELINE} }} }} }}"))["viewer"]
    claimed = await done(
        graph, "claimStoreCredit", source="medusa", code=UNCLAIMED_BRL, idempotencyKey="claim"
    )
    after = (await graph.data(f"{{ viewer {{ customer {{ {TIMELINE} }} }} }}"))["viewer"]

    amount = Decimal(claimed["entry"]["amount"]["amount"])
    gained = [
        Decimal(one["customer"]["spendableCredit"]["total"]["amount"]) for one in (before, after)
    ]
    assert amount > 0
    assert gained[1] - gained[0] == amount
    (newest,) = after["customer"]["timeline"]["nodes"]
    assert (newest["direction"], Decimal(newest["amount"]["amount"])) == ("CREDIT", amount)
    assert claimed["storeCreditAccount"]["customer"] == {"email": "shopper@example.com"}
    assert Decimal(claimed["storeCreditAccount"]["balance"]["amount"]) == gained[1]


async def test_a_ledger_tells_the_balance_after_each_entry(graph: Graph) -> None:
    account = await opened(graph, metadata={"ticket": 7})
    for key, name, amount in (
        ("1", "creditStoreCredit", "10"),
        ("2", "debitStoreCredit", "2.5"),
        ("3", "creditStoreCredit", "0.25"),
    ):
        await done(graph, name, id=account, amount=brl(amount), note=key, idempotencyKey=key)

    found = (await graph.data(LEDGER, id=account))["storeCreditAccount"]

    lines = found["ledger"]["nodes"]
    assert [one["note"] for one in lines] == ["3", "2", "1"]
    assert [one["balanceAfter"]["amount"] for one in lines] == ["7.75", "7.5", "10"]
    assert found["balance"]["amount"] == "7.75"
    assert found["details"] == {"metadata": {"ticket": 7}, "transactionGroups": None}


async def test_accounts_are_found_by_owner_and_currency(graph: Graph) -> None:
    account = await opened(graph)
    narrowed = {"currency": "BRL", "customerNativeId": NEWCOMER}

    found = (await graph.data(ACCOUNTS, filter=narrowed))["storeCreditAccounts"]["nodes"]

    assert [one["id"] for one in found] == [account]


async def test_a_customer_has_one_account_in_a_currency(graph: Graph) -> None:
    await opened(graph)

    error = await refused(
        graph,
        "openStoreCreditAccount",
        source="medusa",
        currencyCode="BRL",
        customerNativeId=NEWCOMER,
        idempotencyKey="once more",
    )

    assert error["__typename"] == "PolicyError"


@pytest.mark.parametrize("metadata", [[], "text", 7, {"long": "x" * 10_001}])
async def test_metadata_is_an_object_of_some_size(graph: Graph, metadata: object) -> None:
    error = await refused(
        graph,
        "openStoreCreditAccount",
        source="medusa",
        currencyCode="BRL",
        metadata=metadata,
        idempotencyKey="open",
    )

    assert (error["__typename"], error["path"]) == ("InputError", ["input", "metadata"])


async def test_a_hold_is_a_debit_that_a_release_gives_back(graph: Graph) -> None:
    account = await opened(graph)
    await done(graph, "creditStoreCredit", id=account, amount=brl("30"), idempotencyKey="credit")

    made = await done(
        graph,
        "createHold",
        instrumentId=account,
        amount=brl("20"),
        orderId="order-1",
        idempotencyKey="hold",
    )
    hold = made["hold"]
    assert (hold["mode"], hold["state"]) == ("DEBIT_AND_REVERT", "ACTIVE")
    assert await balance_of(graph, account) == 10
    await done(graph, "captureHold", id=hold["id"], amount=brl("15"), idempotencyKey="capture")
    assert await balance_of(graph, account) == 10
    rest = await done(graph, "releaseHold", id=hold["id"], idempotencyKey="release")
    assert await balance_of(graph, account) == 15
    assert (rest["hold"]["state"], rest["hold"]["released"]["amount"]) == ("CAPTURED", "5")
    back = await done(graph, "refundHold", id=hold["id"], amount=brl("15"), idempotencyKey="refund")

    assert back["hold"]["refunded"]["amount"] == "15"
    assert await balance_of(graph, account) == 30


async def test_nobody_below_a_service_moves_store_credit(graph: Graph) -> None:
    account = await opened(graph)
    speaks_as(graph, "shopper")

    for name in ("creditStoreCredit", "debitStoreCredit"):
        answer = await graph.answer(
            f"mutation ($input: StoreCreditAmountInput!) "
            f"{{ {name}(input: $input) {{ operation {{ id }} }} }}",
            input={"id": account, "amount": brl("1"), "idempotencyKey": name},
        )
        assert answer["data"] == {name: None}
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_same_key_credits_once(graph: Graph) -> None:
    account = await opened(graph)
    asking: JSON = {"id": account, "amount": brl("5"), "idempotencyKey": "credit"}

    first = await done(graph, "creditStoreCredit", **asking)
    second = await asked(graph, "creditStoreCredit", **asking)

    assert second["operation"] == {**first["operation"], "replayed": True}
    assert await balance_of(graph, account) == 5


@pytest.mark.parametrize(
    "amount", ["0.0001", "0.1234567890123456"], ids=["too little", "too many digits"]
)
async def test_an_amount_that_the_provider_would_not_keep_is_pointed_at(
    graph: Graph, amount: str
) -> None:
    account = await opened(graph)

    error = await refused(
        graph, "creditStoreCredit", id=account, amount=brl(amount), idempotencyKey="credit"
    )

    assert error["__typename"] == "InputError"
    assert error["path"] == ["input", "amount", "amount"]


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"customerNativeId": "null"}, ["input", "customerNativeId"]),
        ({"metadata": {"creditgraph_operation": "mine"}}, ["input", "metadata"]),
        ({"metadata": {"a": ["\0"]}}, ["input", "metadata"]),
    ],
    ids=["customer", "the mark", "text"],
)
async def test_an_account_that_cannot_be_opened_like_this_is_told_why(
    graph: Graph, members: JSON, path: list[str]
) -> None:
    error = await refused(
        graph,
        "openStoreCreditAccount",
        source="medusa",
        currencyCode="BRL",
        idempotencyKey="open",
        **members,
    )

    assert (error["__typename"], error["path"]) == ("InputError", path)
