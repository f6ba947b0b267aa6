"""Credit accounts that are opened, changed, shared and closed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.graphql.graph import NOW, as_caller, over_sandbox
from tests.graphql.writes.credit_shop import ACCOUNT, SOURCE, CreditShop, brl


async def test_an_account_is_opened_with_amounts_as_text(store: CreditShop) -> None:
    store.written()
    asked = store.opening(limit=brl("1000.50"), tolerance="0.10")
    account = (await store.done("openCreditAccount", ACCOUNT, **asked))["creditAccount"]

    assert (account["status"], account["tolerance"]) == ("ACTIVE", "0.10")
    assert account["limit"] == account["available"] == {"amount": "1000.50"}
    assert account["nativeId"] == f"{asked['document']}_CPF"
    assert store.written() == [
        (
            "POST",
            "accounts",
            {
                "document": asked["document"],
                "documentType": "CPF",
                "email": asked["email"],
                "creditLimit": "1000.50",
                "tolerance": "0.10",
                "description": "",
            },
        )
    ]


async def test_an_account_that_is_open_is_not_opened_again(store: CreditShop) -> None:
    asked = store.opening()
    await store.done("openCreditAccount", **asked)
    store.written()

    refusal = await store.refused("openCreditAccount", ACCOUNT, **asked)

    assert (refusal["__typename"], refusal["state"]) == ("InvalidStateError", "ACTIVE")
    assert store.written() == []


async def test_the_same_key_opens_one_account(store: CreditShop) -> None:
    asked = store.opening()
    first = await store.done("openCreditAccount", ACCOUNT, key="the same", **asked)
    store.written()
    again = await store.done("openCreditAccount", ACCOUNT, key="the same", **asked)

    assert again["operation"] == {**first["operation"], "replayed": True}
    assert again["creditAccount"]["id"] == first["creditAccount"]["id"]
    assert store.written() == []


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"email": " "}, ["input", "email"]),
        ({"document": ""}, ["input", "document"]),
        ({"limit": brl("-1")}, ["input", "limit", "amount"]),
        ({"limit": brl("1234567890123456.00")}, ["input", "limit", "amount"]),
        ({"tolerance": "-0.1"}, ["input", "tolerance"]),
    ],
)
async def test_an_account_that_makes_no_sense_is_not_opened(
    store: CreditShop, members: dict[str, Any], path: list[str]
) -> None:
    store.written()

    refusal = await store.refused("openCreditAccount", **store.opening(**members))

    assert (refusal["__typename"], refusal["path"]) == ("InputError", path)
    assert store.written() == []


async def test_another_source_opens_no_accounts(store: CreditShop) -> None:
    refusal = await store.refused("openCreditAccount", **store.opening(source="adobe"))

    assert refusal["__typename"] == "UnsupportedError"


async def test_an_upsert_opens_then_changes_and_reopens_only_with_leave(store: CreditShop) -> None:
    asked = {"source": SOURCE, "nativeId": "12345678909_CPF", "email": "up@example.com"}
    opened = await store.done("upsertCreditAccount", ACCOUNT, **asked, limit=brl(50))
    account = opened["creditAccount"]
    changed = await store.done("upsertCreditAccount", ACCOUNT, **asked, limit=brl(70))
    assert (account["limit"]["amount"], changed["creditAccount"]["limit"]["amount"]) == ("50", "70")

    await store.done("closeCreditAccount", id=account["id"])
    refusal = await store.refused("upsertCreditAccount", ACCOUNT, **asked, limit=brl(90))
    assert (refusal["__typename"], refusal["state"]) == ("InvalidStateError", "CLOSED")

    again = await store.done(
        "upsertCreditAccount", ACCOUNT, **asked, limit=brl(90), reopenClosed=True
    )
    assert again["creditAccount"]["status"] == "ACTIVE"
    assert again["creditAccount"]["limit"]["amount"] == "90"


async def test_every_update_names_the_whole_identity(store: CreditShop) -> None:
    account = await store.opened()
    store.written()

    await store.done("updateCreditAccount", id=account["id"], tolerance="0.2")

    ((method, _, body),) = store.written()
    kept = account["details"]
    assert (method, body) == (
        "PUT",
        {
            "email": kept["email"],
            "document": kept["document"],
            "documentType": kept["documentType"],
            "tolerance": 0.2,
        },
    )


async def test_an_update_changes_what_is_given_and_keeps_the_rest(store: CreditShop) -> None:
    account = await store.opened(tolerance="0.1")

    moved = await store.done(
        "updateCreditAccount", ACCOUNT, id=account["id"], email="moved@example.com"
    )

    after = moved["creditAccount"]
    assert after["details"] == {**account["details"], "email": "moved@example.com"}
    assert (after["limit"], after["tolerance"]) == (account["limit"], account["tolerance"])


async def test_what_only_another_provider_keeps_is_refused_rather_than_lost(
    store: CreditShop,
) -> None:
    account = await store.opened()

    refusal = await store.refused("updateCreditAccount", id=account["id"], exceedLimit=True)

    assert (refusal["__typename"], refusal["path"]) == ("InputError", ["input", "exceedLimit"])


async def test_a_limit_and_a_tolerance_are_set_whatever_they_were(store: CreditShop) -> None:
    account = await store.opened()

    limited = await store.done("setCreditLimit", ACCOUNT, id=account["id"], limit=brl("900.10"))
    tolerated = await store.done("setCreditTolerance", ACCOUNT, id=account["id"], tolerance="0.25")

    assert Decimal(limited["creditAccount"]["limit"]["amount"]) == Decimal("900.10")
    assert tolerated["creditAccount"]["tolerance"] == "0.25"


async def test_a_limit_of_another_currency_or_of_an_older_version_is_not_set(
    store: CreditShop,
) -> None:
    account = await store.opened()
    store.written()

    foreign = await store.refused(
        "setCreditLimit", id=account["id"], limit={"amount": "1", "currencyCode": "USD"}
    )
    stale = await store.refused(
        "setCreditLimit", id=account["id"], limit=brl(1), expectedVersion="another"
    )

    assert (foreign["expected"], foreign["actual"]) == ("BRL", "USD")
    assert foreign["path"] == ["input", "limit", "currencyCode"]
    assert stale["__typename"] == "StaleVersionError"
    assert store.written() == []


async def test_a_limit_that_the_provider_cannot_change_leaves_the_outcome_open() -> None:
    """Its 500 of a change of limit, lasting for an account, proves nothing either way."""
    async with over_sandbox() as graph:
        store = CreditShop(graph)
        account = await store.opened()
        await graph.fault("vtex-credit", "error", calls="writes", status=500)

        payload = await store.ask("setCreditLimit", id=account["id"], limit=brl(1))

        assert payload["operation"]["status"] == "UNKNOWN"
        (error,) = payload["userErrors"]
        assert error["__typename"] == "OutcomeUnknownError"


async def test_a_balance_is_debited_once_under_the_operations_own_name(store: CreditShop) -> None:
    account = await store.opened()
    store.written()
    asked = {"id": account["id"], "amount": brl("15.30"), "reason": "UPDATED"}
    fields = f"{ACCOUNT} entry {{ kind direction amount {{ amount }} }}"

    first = await store.done("decreaseCreditBalance", fields, key="debit", **asked)
    again = await store.done("decreaseCreditBalance", fields, key="debit", **asked)

    balance = first["creditAccount"]["details"]["balance"]["amount"]
    assert Decimal(balance) == Decimal("-15.30")
    assert first["creditAccount"]["available"] == account["available"]
    assert first["entry"]["direction"] == "DEBIT"
    assert again["operation"]["replayed"]
    ((method, mark, body),) = store.written()
    assert (method, mark, body) == (
        "PUT",
        first["operation"]["upstreamRequestId"],
        {"value": "-15.30"},
    )


async def test_a_key_is_not_used_for_another_amount(store: CreditShop) -> None:
    account = await store.opened()
    asked = {"id": account["id"], "reason": "UPDATED"}
    await store.done("decreaseCreditBalance", key="one amount", amount=brl(1), **asked)
    store.written()

    payload = await store.ask("decreaseCreditBalance", key="one amount", amount=brl(2), **asked)

    assert [one["code"] for one in payload["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert store.written() == []


async def test_nobody_raises_the_manual_balance(store: CreditShop) -> None:
    account = await store.opened()

    refusal = await store.refused(
        "increaseCreditBalance", id=account["id"], amount=brl(1), reason="UPDATED"
    )

    assert refusal["__typename"] == "UnsupportedError"


async def test_a_holder_is_added_and_removed_by_the_id_that_is_told_once(
    store: CreditShop,
) -> None:
    account = await store.opened()

    added = await store.done(
        "addAccountHolder",
        "holder { nativeId email createdAt } creditAccount { id }",
        accountId=account["id"],
        email="child@example.com",
    )
    of_holder = {"accountId": account["id"], "holderNativeId": added["holder"]["nativeId"]}
    removed = await store.done("removeAccountHolder", "removedNativeId", **of_holder)
    refusal = await store.refused("removeAccountHolder", "removedNativeId", **of_holder)

    assert added["holder"]["email"] == "child@example.com"
    assert added["holder"]["createdAt"] == NOW.isoformat().replace("+00:00", "Z")
    assert removed["removedNativeId"] == of_holder["holderNativeId"]
    assert refusal["__typename"] == "NotFoundError"


async def test_an_account_is_closed_for_good_with_a_body(store: CreditShop) -> None:
    account = await store.opened()
    store.written()

    closed = await store.done("closeCreditAccount", ACCOUNT, id=account["id"])
    ((method, _, body),) = store.written()
    again = await store.refused("closeCreditAccount", id=account["id"])
    held = await store.refused(
        "createHold", instrumentId=account["id"], amount=brl(1), orderId="order-1"
    )

    assert (method, body) == ("DELETE", {})
    assert closed["creditAccount"]["status"] == "CLOSED"
    assert (again["__typename"], again["state"]) == ("InvalidStateError", "CLOSED")
    assert (held["__typename"], held["reasons"]) == ("InstrumentNotUsableError", ["CLOSED"])


async def test_an_account_that_owes_or_holds_is_closed_only_with_leave(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 20)
    held = await store.refused("closeCreditAccount", id=account["id"])
    await store.moved("captureHold", hold, 20)
    owing = await store.refused("closeCreditAccount", id=account["id"])

    assert held["policy"] == owing["policy"] == "requireZeroOutstanding"
    closed = await store.done(
        "closeCreditAccount", ACCOUNT, id=account["id"], requireZeroOutstanding=False
    )
    assert closed["creditAccount"]["status"] == "CLOSED"


async def test_staff_alone_opens_accounts(store: CreditShop) -> None:
    query = (
        "mutation($i: OpenCreditAccountInput!) { openCreditAccount(input: $i) "
        "{ operation { id } } }"
    )
    asked = {**store.opening(), "idempotencyKey": "not mine"}
    admin = dict(store.graph.client.headers)
    store.graph.client.headers.update(as_caller("service"))
    try:
        error = await store.graph.error(query, i=asked)
    finally:
        store.graph.client.headers.update(admin)

    assert error["extensions"]["code"] == "FORBIDDEN"
