"""Many writers at the VTEX Customer Credit stand-in at the same time."""

import asyncio

from tests.sandbox.vtex_credit_calls import Store

WRITERS = 200


async def statuses_of(store: Store, verb: str, path: str, body: object) -> list[int]:
    """Of the same request from all writers."""
    calls = (store.send(verb, path, body) for _ in range(WRITERS))
    return [response.status_code for response in await asyncio.gather(*calls)]


async def test_two_hundred_holds_at_once_never_exceed_the_limit() -> None:
    async with Store() as store:
        statuses = await statuses_of(store, "POST", "/accounts/one/transactions", {"value": 7})
        account = await store.account()

    assert (statuses.count(200), statuses.count(400)) == (142, 58)
    assert (account["preAuthorizedCredit"], account["availableCredit"]) == (994, 6)


async def test_refunds_at_once_never_exceed_the_settlement() -> None:
    async with Store() as store:
        path = f"/accounts/one/transactions/{await store.purchase(100, installments=3)}/refunds"
        statuses = await statuses_of(store, "POST", path, {"value": 1})
        ledger = await store.ledger()

    assert (statuses.count(200), statuses.count(400)) == (100, 100)
    assert sum(value for _, value in ledger) == 0


async def test_an_invoice_is_paid_once() -> None:
    async with Store() as store:
        path = f"/accounts/one/invoices/{await store.purchase(100)}-01/payments"
        statuses = await statuses_of(store, "POST", path, None)
        ledger = await store.ledger()

    assert statuses.count(200) == 1
    assert ledger == [("Invoice", -100), ("Payment", 100)]


async def test_a_statement_id_is_posted_once() -> None:
    async with Store() as store:
        statuses = await statuses_of(store, "PUT", "/accounts/one/statements/s1", {"value": "-1"})
        account = await store.account()

    assert (statuses, account["balance"]) == ([200] * WRITERS, -1)


async def test_an_account_opens_once() -> None:
    body = {
        "document": "1",
        "documentType": "CPF",
        "email": "new@example.com",
        "creditLimit": "1",
        "tolerance": "0",
    }
    async with Store() as store:
        statuses = await statuses_of(store, "POST", "/accounts", body)

    assert (statuses.count(200), statuses.count(400)) == (1, WRITERS - 1)
