"""What can be done to an invoice of the VTEX Customer Credit stand-in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.vtex_credit_calls import TERMS, Store, section_of


class OneInvoice:
    """A store with one open invoice of 100."""

    def __init__(self, store: Store, hold_id: str) -> None:
        self.store = store
        self.path = f"/accounts/one/invoices/{hold_id}-01"

    async def send(self, verb: str, path: str = "", body: object = None) -> Any:
        return await self.store.call(verb, self.path + path, body)

    async def refusal(self, verb: str, path: str = "", body: object = None) -> int:
        return await self.store.refusal(verb, self.path + path, body)

    async def read(self) -> Any:
        return await self.store.call("GET", self.path)


@pytest.fixture
async def invoice() -> AsyncIterator[OneInvoice]:
    async with Store() as store:
        yield OneInvoice(store, await store.purchase(100))


async def test_paying_answers_the_paid_invoice_and_restores_the_credit(
    invoice: OneInvoice,
) -> None:
    invoice.store.clock.advance(timedelta(days=2))
    paid = await invoice.send("POST", "/payments")
    statements = await invoice.store.call("GET", "/accounts/one/statements")

    assert paid == await invoice.read()
    assert paid["status"] == "Paid"
    assert paid["resolvedAt"] == paid["updatedAt"] == "2026-06-03T12:00:00Z"
    assert (await invoice.store.account())["availableCredit"] == 1000
    assert statements["statements"][-1] == {
        "value": 100,
        "date": "2026-06-03T12:00:00Z",
        "origin": "Payment",
        "metadata": {
            "transactionId": paid["transactionId"],
            "installment": 1,
            "orderId": paid["orderId"],
        },
    }
    assert statements["intervalBalance"] == 0


async def test_cancelling_restores_the_credit_and_posts_nothing(invoice: OneInvoice) -> None:
    response = await invoice.store.send("DELETE", invoice.path)
    cancelled = await invoice.read()

    assert (response.status_code, response.content) == (200, b"")
    assert cancelled["status"] == "Cancelled"
    assert cancelled["resolvedAt"] == "2026-06-01T12:00:00Z"
    assert (await invoice.store.account())["availableCredit"] == 1000
    assert await invoice.store.ledger() == [("Invoice", -100)]


@pytest.mark.parametrize("status", ["Paid", "Cancelled"])
async def test_a_resolved_invoice_takes_no_other_status(invoice: OneInvoice, status: str) -> None:
    await invoice.send("PUT", "", {"status": status})

    for other in {"Opened", "Paid", "Cancelled"} - {status}:
        assert await invoice.refusal("PUT", "", {"status": other, "observation": "x"}) == 400
    assert await invoice.refusal("POST", "/payments") == 400
    assert await invoice.refusal("DELETE") == 400
    assert await invoice.refusal("PUT", "/postponement", {"dueDays": 1}) == 400


async def test_a_change_to_paid_is_a_payment(invoice: OneInvoice) -> None:
    for _ in range(2):
        response = await invoice.store.send("PUT", invoice.path, {"status": "Paid"})
        assert (response.status_code, response.content) == (200, b"")

    assert await invoice.store.ledger() == [("Invoice", -100), ("Payment", 100)]


async def test_notes_and_links_stay_until_they_are_replaced_or_null(invoice: OneInvoice) -> None:
    note = {"status": "Opened", "observation": "Call first", "paymentLink": "https://pay.example"}
    await invoice.send("PUT", "", note)
    noted = await invoice.read()
    await invoice.send("PUT", "", {"status": "Opened"})
    unchanged = await invoice.read()
    await invoice.send("PUT", "", {"status": "Opened", "observation": None, "paymentLink": ""})
    removed = await invoice.read()

    assert (noted["observation"], noted["paymentLink"]) == ("Call first", "https://pay.example")
    assert unchanged == noted
    assert "observation" not in removed
    assert removed["paymentLink"] == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "Open"},
        {"status": 1},
        {"status": "Paid", "observation": 5},
        {"status": "Paid", "paymentLink": ["https://pay.example"]},
    ],
)
async def test_a_change_is_refused_for(invoice: OneInvoice, body: object) -> None:
    assert await invoice.refusal("PUT", "", body) == 400


async def test_postponing_moves_the_due_date_and_not_the_original_one(
    invoice: OneInvoice,
) -> None:
    response = await invoice.store.send("PUT", f"{invoice.path}/postponement", {"dueDays": 10})
    postponed = await invoice.read()

    assert (response.status_code, response.content) == (200, b"")
    assert postponed["dueDate"] == "2026-07-11T12:00:00Z"
    assert postponed["originalDueDate"] == "2026-07-01T12:00:00Z"
    assert postponed["status"] == "Opened"


async def test_postponing_ends_with_the_days_the_store_allows_in_total(
    invoice: OneInvoice,
) -> None:
    assert await invoice.refusal("PUT", "/postponement", {"dueDays": 31}) == 400
    await invoice.send("PUT", "/postponement", {"dueDays": 20})
    assert await invoice.refusal("PUT", "/postponement", {"dueDays": 11}) == 400
    await invoice.send("PUT", "/postponement", {"dueDays": 10})


async def test_postponing_ends_with_the_number_the_store_allows(invoice: OneInvoice) -> None:
    for _ in range(2):
        await invoice.send("PUT", "/postponement", {"dueDays": 1})

    assert await invoice.refusal("PUT", "/postponement", {"dueDays": 1}) == 400


@pytest.mark.parametrize("terms", [{"postponementEnabled": False}, {"invoicePostponementLimit": 0}])
async def test_a_store_may_not_allow_postponing(terms: dict[str, Any]) -> None:
    async with Store(section_of(terms={**TERMS, **terms})) as store:
        invoice = OneInvoice(store, await store.purchase(100))

        assert await invoice.refusal("PUT", "/postponement", {"dueDays": 1}) == 400


async def test_a_seeded_postponement_counts() -> None:
    installments = [{"value": 10, "postponed_days": 25}]
    purchase = {"transaction": "aa", "made": "now-40d", "installments": installments}
    async with Store(section_of({"purchases": [purchase]})) as store:
        invoice = OneInvoice(store, "aa")
        assert await invoice.refusal("PUT", "/postponement", {"dueDays": 6}) == 400
        await invoice.send("PUT", "/postponement", {"dueDays": 2})
        assert await invoice.refusal("PUT", "/postponement", {"dueDays": 2}) == 400


@pytest.mark.parametrize("days", [0, -1, "10", None, 10**9])
async def test_days_are_a_whole_positive_number(invoice: OneInvoice, days: object) -> None:
    assert await invoice.refusal("PUT", "/postponement", {"dueDays": days}) == 400


async def test_an_unknown_invoice_is_not_found(invoice: OneInvoice) -> None:
    invoice.path = invoice.path.removesuffix("-01") + "-02"

    assert await invoice.refusal("PUT", "", {"status": "Paid"}) == 404
    assert await invoice.refusal("DELETE") == 404
    assert await invoice.refusal("POST", "/payments") == 404
    assert await invoice.refusal("PUT", "/postponement", {"dueDays": 1}) == 404


async def test_defect_cancelling_invoices_may_fail() -> None:
    async with Store(section_of(defects={"invoice_cancelling_fails": ["one"]})) as store:
        invoice = OneInvoice(store, await store.purchase(100))

        assert await invoice.refusal("DELETE") == 500
        assert await invoice.refusal("PUT", "", {"status": "Cancelled", "observation": "x"}) == 500
        await invoice.send("POST", "/payments")
