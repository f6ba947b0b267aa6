"""Invoices that are paid, put off, noted on and cancelled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.graphql.graph import JSON, Graph, as_caller, every_page, query_of
from tests.graphql.writes.credit_shop import INVOICE, SOURCE, CreditShop, brl, credit_shop


async def test_an_invoice_knows_the_hold_it_was_captured_of(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 100, installments=2)
    await store.moved("captureHold", hold, 100)

    invoices = await store.invoices(account)

    assert [one["hold"] for one in invoices] == [{"id": hold["id"]}] * 2
    assert [(one["installment"], one["installmentCount"]) for one in invoices] == [(1, 2), (2, 2)]


async def test_an_invoice_of_a_purchase_that_the_gateway_did_not_make_has_no_hold(
    graph: Graph,
) -> None:
    found = await graph.data(
        query_of("shopper", "creditAccounts { nodes { invoices { nodes { id hold { id } } } } }")
    )

    nodes = found["customer"]["creditAccounts"]["nodes"][0]["invoices"]["nodes"]
    assert nodes
    assert all(one["hold"] is None for one in nodes)


async def test_an_invoice_is_paid_once_and_not_cancelled_then(store: CreditShop) -> None:
    invoice = await store.billed()
    store.written()

    paid = (await store.done("markInvoicePaid", INVOICE, id=invoice["id"]))["invoice"]
    again = (await store.done("markInvoicePaid", INVOICE, id=invoice["id"]))["invoice"]
    refusal = await store.refused("cancelInvoice", id=invoice["id"])

    assert (paid["status"], paid["resolvedAt"]) == ("PAID", "2026-11-22T12:00:00Z")
    assert again == paid
    assert (refusal["__typename"], refusal["state"]) == ("InvalidStateError", "PAID")
    assert [(method, path) for method, path, _ in store.written()] == [("POST", "payments")]


async def test_an_invoice_is_cancelled_and_the_credit_is_there_again(store: CreditShop) -> None:
    account = await store.opened()
    hold = await store.held(account, 100)
    await store.moved("captureHold", hold, 100)
    (invoice,) = await store.invoices(account)

    cancelled = await store.done("cancelInvoice", INVOICE, id=invoice["id"])

    assert cancelled["invoice"]["status"] == "CANCELLED"
    state = await store.state(account)
    assert (state["available"]["amount"], state["outstanding"]["amount"]) == ("1000.00", "0")


async def test_what_is_not_given_of_an_invoice_stays(store: CreditShop) -> None:
    invoice = await store.billed()
    link = "https://pay.example/1"

    await store.done("updateInvoice", id=invoice["id"], note="Called", paymentLink=link)
    after = (await store.done("updateInvoice", INVOICE, id=invoice["id"], status="PAID"))["invoice"]

    assert (after["status"], after["note"], after["paymentLink"]) == ("PAID", "Called", link)
    refusal = await store.refused("updateInvoice", id=invoice["id"], status="OPEN")
    assert (refusal["state"], refusal["allowed"]) == ("PAID", ["OPEN"])


async def test_an_invoice_of_an_older_version_is_not_changed(store: CreditShop) -> None:
    invoice = await store.billed()
    await store.done("updateInvoice", id=invoice["id"], note="Called")

    refusal = await store.refused(
        "markInvoicePaid", id=invoice["id"], expectedVersion=invoice["version"]
    )

    assert refusal["__typename"] == "StaleVersionError"


async def test_terms_of_postponement_follow_each_postponement(store: CreditShop) -> None:
    invoice = await store.billed()
    assert invoice["postponement"] == {
        "allowed": True,
        "maxDays": 30,
        "maxTimes": 2,
        "daysLeft": 30,
        "timesUsed": 0,
        "reason": None,
    }

    put_off = (await store.done("postponeInvoice", INVOICE, id=invoice["id"], days=20))["invoice"]
    too_far = await store.refused("postponeInvoice", id=invoice["id"], days=11)
    last = (await store.done("postponeInvoice", INVOICE, id=invoice["id"], days=9))["invoice"]
    too_often = await store.refused("postponeInvoice", id=invoice["id"], days=1)

    assert put_off["originalDueAt"] == invoice["dueAt"] == "2026-12-22T12:00:00Z"
    assert put_off["dueAt"] == "2027-01-11T12:00:00Z"
    assert put_off["postponement"] | {"allowed": True} == {
        **invoice["postponement"],
        "daysLeft": 10,
        "timesUsed": None,
    }
    assert last["postponement"]["daysLeft"] == 1
    assert [too_far["policy"], too_often["policy"]] == ["maxPostponementDays", "maxPostponements"]


@pytest.mark.parametrize("days", [0, -1, 3651, 2_147_483_647])
async def test_an_invoice_is_put_off_by_some_days(store: CreditShop, days: int) -> None:
    invoice = await store.billed()
    store.written()

    refusal = await store.refused("postponeInvoice", id=invoice["id"], days=days)

    assert refusal["path"] == ["input", "days"]
    assert store.written() == []


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"postponementEnabled": False}, "postponementEnabled"),
        ({"maxPostponements": 0}, "maxPostponements"),
        ({"maxPostponementDays": 0}, "maxPostponementDays"),
    ],
)
async def test_terms_say_what_is_against_it_as_the_refusal_does(
    terms: dict[str, Any], reason: str
) -> None:
    async with credit_shop() as store:
        invoice = await store.billed()
        await store.done("updateStoreConfiguration", source=SOURCE, **terms)

        refusal = await store.refused("postponeInvoice", id=invoice["id"], days=1)
        node = "query($id: ID!) { invoice(id: $id) { postponement { allowed reason } } }"
        found = await store.graph.data(node, id=invoice["id"])

        assert found["invoice"]["postponement"] == {"allowed": False, "reason": reason}
        assert refusal["policy"] == reason


async def test_an_invoice_that_has_ended_cannot_be_put_off(store: CreditShop) -> None:
    invoice = await store.billed()
    paid = (await store.done("markInvoicePaid", INVOICE, id=invoice["id"]))["invoice"]

    refusal = await store.refused("postponeInvoice", id=invoice["id"], days=1)

    assert (paid["postponement"]["allowed"], paid["postponement"]["reason"]) == (False, "status")
    assert (refusal["__typename"], refusal["state"]) == ("InvalidStateError", "PAID")


async def test_an_invoice_is_overdue_by_whole_days_until_it_is_paid() -> None:
    async with credit_shop() as store:
        invoice = await store.billed("80.10")
        assert (invoice["isOverdue"], invoice["daysOverdue"]) == (False, 0)

        await store.time_goes_on(days=33)
        node = f"query($id: ID!) {{ {INVOICE.replace('invoice', 'invoice(id: $id)', 1)} }}"
        late = (await store.graph.data(node, id=invoice["id"]))["invoice"]
        paid = (await store.done("markInvoicePaid", INVOICE, id=invoice["id"]))["invoice"]

        assert (late["isOverdue"], late["daysOverdue"]) == (True, 3)
        assert (paid["isOverdue"], paid["daysOverdue"]) == (False, 0)


async def test_sums_cover_all_pages_whatever_page_is_shown(graph: Graph) -> None:
    accounts = "creditAccounts { nodes { id source { key } outstanding { amount } } }"
    found = (await graph.data(query_of("buyer", accounts)))["customer"]["creditAccounts"]["nodes"]
    (account,) = [one for one in found if one["source"]["key"] == SOURCE]
    query = """query($id: ID!, $first: Int, $after: String) { creditAccount(id: $id) {
      invoices(first: $first, after: $after) {
        openAmount { amount } overdueAmount { amount } paidAmount { amount }
        nodes { status isOverdue amount { amount } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    } }"""

    pages = await every_page(graph, query, "creditAccount", "invoices", first=17, id=account["id"])

    shown = [one for page in pages for one in page["nodes"]]
    owed = [one for one in shown if one["status"] == "OPEN"]
    paid = [one for one in shown if one["status"] == "PAID"]
    late = [one for one in owed if one["isOverdue"]]
    assert (len(shown), len(pages)) == (60, 4)
    assert 0 < len(late) < len(owed)
    sums = {"openAmount": summed(owed), "overdueAmount": summed(late), "paidAmount": summed(paid)}
    for page in pages:
        assert {name: Decimal(page[name]["amount"]) for name in sums} == sums
    assert Decimal(account["outstanding"]["amount"]) == sums["openAmount"]


def summed(invoices: list[JSON]) -> Decimal:
    return sum((Decimal(one["amount"]["amount"]) for one in invoices), Decimal(0))


async def test_a_shopper_puts_off_their_own_invoices_and_no_others() -> None:
    async with credit_shop() as store:
        graph = store.graph
        invoices = "creditAccounts { nodes { invoices { nodes { id status } } } }"
        ids = {}
        for who in ("shopper", "buyer"):
            found = await graph.data(query_of(who, invoices))
            nodes = found["customer"]["creditAccounts"]["nodes"][0]["invoices"]["nodes"]
            ids[who] = next(one["id"] for one in nodes if one["status"] == "OPEN")
        graph.client.headers.update(as_caller("shopper"))
        store.written()

        own = await store.done(
            "postponeInvoice", "invoice { id hold { id } }", id=ids["shopper"], days=1
        )
        foreign = await store.refused("postponeInvoice", id=ids["buyer"], days=1)
        unknown = await store.refused("postponeInvoice", id="inv_nonsense", days=1)

        assert own["invoice"]["id"] == ids["shopper"]
        assert foreign == unknown
        assert foreign["__typename"] == "NotFoundError"
        assert len(store.written()) == 1


@pytest.mark.parametrize("mutation", ["markInvoicePaid", "cancelInvoice"])
async def test_an_empty_or_lost_answer_is_looked_up_in_the_invoice(mutation: str) -> None:
    async with credit_shop() as store:
        invoice = await store.billed()
        await store.graph.fault("vtex-credit", "applied_then_500", times=1)

        done = await store.done(mutation, INVOICE, id=invoice["id"])

        assert done["invoice"]["status"] == {"markInvoicePaid": "PAID"}.get(mutation, "CANCELLED")


async def test_terms_are_merged_and_written_whole() -> None:
    async with credit_shop() as store:
        terms = """storeConfiguration {
          defaultLimit { amount } maxPostponementDays postponementEnabled toleranceEnabled version
          remindersBefore { days timeOfDay } remindersAfter { days timeOfDay }
        }"""
        first = await store.done(
            "updateStoreConfiguration", terms, source=SOURCE, defaultLimit=brl("12.50")
        )
        ((_, _, body),) = store.written()
        version = first["storeConfiguration"]["version"]
        second = await store.done(
            "updateStoreConfiguration",
            terms,
            source=SOURCE,
            maxPostponementDays=45,
            remindersAfter=[],
            expectedVersion=version,
        )
        stale = await store.refused(
            "updateStoreConfiguration", source=SOURCE, taxRate="0.1", expectedVersion=version
        )

        assert (len(body), body["defaultCreditValue"], body["toleranceEnabled"]) == (11, 12.5, True)
        assert second["storeConfiguration"] == {
            **first["storeConfiguration"],
            "maxPostponementDays": 45,
            "remindersAfter": [],
            "version": second["storeConfiguration"]["version"],
        }
        assert stale["__typename"] == "StaleVersionError"


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"taxRate": "-0.1"}, ["input", "taxRate"]),
        ({"defaultLimit": brl(-1)}, ["input", "defaultLimit", "amount"]),
        (
            {"defaultLimit": {"amount": "1", "currencyCode": "USD"}},
            ["input", "defaultLimit", "currencyCode"],
        ),
        ({"source": "nowhere"}, None),
    ],
)
async def test_terms_that_make_no_sense_are_not_set(
    store: CreditShop, members: dict[str, Any], path: list[str] | None
) -> None:
    store.written()

    refusal = await store.refused("updateStoreConfiguration", **{"source": SOURCE, **members})

    assert (refusal["__typename"], refusal["path"]) == ("InputError", path)
    assert store.written() == []
