"""The official OpenAPI file, where it is at hand, against what is sent and what can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.identifiers import ProviderAccountId, ProviderInvoiceId
from app.domain.invoices import InvoiceQuestion, InvoiceStatus
from app.domain.ledger import LedgerQuestion
from app.domain.paging import Window
from app.domain.provider import CreditAccountQuestion

SPECIFICATIONS: Final = Path(__file__).parents[3] / "../shared/providers/specs"

PREFIX: Final = "/api/creditcontrol"

ACCOUNT: Final = ProviderAccountId("fcba59e0-7f26-11ee-ba3c-511336e1518b")

FIXTURES: Final = {
    "accounts": f"{PREFIX}/accounts",
    "account": f"{PREFIX}/accounts/{{creditAccountId}}",
    "account-invoices": f"{PREFIX}/accounts/{{creditAccountId}}/invoices",
    "invoice": f"{PREFIX}/accounts/{{creditAccountId}}/invoices/{{invoiceId}}",
    "invoices": f"{PREFIX}/invoices",
    "statements": f"{PREFIX}/accounts/{{creditAccountId}}/statements",
    "store-configuration": f"{PREFIX}/storeconfig",
}


def specification(kind: str) -> dict[str, Any]:
    path = SPECIFICATIONS / f"vtex-customer-credit.{kind}.json"
    if not path.exists():
        pytest.skip(f"the vendor's file {path.name} is not at hand")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(params=["openapi", "patched.openapi"])
def official(request: pytest.FixtureRequest) -> dict[str, Any]:
    return specification(request.param)


def answer_to(document: dict[str, Any], path: str) -> dict[str, Any]:
    answers = document["paths"][path]["get"]["responses"]
    answer: dict[str, Any] = answers["200"]["content"]["application/json"]
    return answer


@pytest.mark.parametrize("name", FIXTURES)
def test_a_documented_body_is_valid_under_the_official_file(
    official: dict[str, Any], name: str, fixture: Callable[[str], str]
) -> None:
    schema = answer_to(official, FIXTURES[name])["schema"]

    jsonschema.validate(json.loads(fixture(f"{name}.documented")), schema)


async def test_every_official_sample_can_be_read(
    official: dict[str, Any], client: VtexCustomerCredit, router: respx.Router
) -> None:
    samples = {name: answer_to(official, path)["example"] for name, path in FIXTURES.items()}
    account = ProviderAccountId(samples["account"]["id"])
    invoice = ProviderInvoiceId(samples["invoice"]["id"])

    def serve(name: str) -> None:
        router.routes.clear()
        router.route().respond(text=json.dumps(samples[name]))

    serve("account")
    assert (await client.credit_account(account)).provider_account_id == account
    serve("accounts")
    accounts = await client.search_credit_accounts(CreditAccountQuestion(), Window())
    assert (len(accounts.items), accounts.faults) == (len(samples["accounts"]["data"]), ())
    serve("invoice")
    assert (await client.invoice(ACCOUNT, invoice)).provider_invoice_id == invoice
    serve("invoices")
    invoices = await client.search_invoices(InvoiceQuestion(), Window())
    assert (len(invoices.items), invoices.faults) == (len(samples["invoices"]["data"]), ())
    serve("account-invoices")
    owed = await client.invoices_of_account(ACCOUNT, Window())
    assert (len(owed.items), owed.faults) == (len(samples["account-invoices"]["data"]), ())
    serve("statements")
    ledger = await client.credit_ledger(ACCOUNT, LedgerQuestion(), Window())
    assert (len(ledger.items), ledger.faults) == (len(samples["statements"]["statements"]), ())
    serve("store-configuration")
    await client.store_configuration()


def declared_parameters(document: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    for parameter in document["paths"][path]["get"]["parameters"]:
        if "$ref" in parameter:
            yield document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        else:
            yield parameter


async def test_every_query_parameter_sent_is_declared(
    official: dict[str, Any],
    client: VtexCustomerCredit,
    router: respx.Router,
    fixture: Callable[[str], str],
    now: datetime,
) -> None:
    router.get(path__regex="accounts$").respond(text=fixture("accounts.documented"))
    router.get(path__regex="invoices$").respond(text=fixture("invoices.documented"))
    await client.search_credit_accounts(CreditAccountQuestion(email="a@example.com"), Window())
    await client.search_invoices(
        InvoiceQuestion(
            statuses=frozenset([InvoiceStatus.PAID]),
            due_from=now,
            due_to=now,
            created_from=now,
            created_to=now,
            amount=Decimal("101.22"),
            number="u8KFsGDk-1",
        ),
        Window(),
    )

    for call in router.calls:
        declared = {
            parameter["name"]: parameter
            for parameter in declared_parameters(official, call.request.url.path)
            if parameter["in"] == "query"
        }
        sent = dict(call.request.url.params)
        assert sent
        assert sent.keys() <= declared.keys()
        for name in sent.keys() & {"status"}:
            assert sent[name] in declared[name]["schema"]["enum"]


async def test_both_content_headers_are_sent_as_the_file_demands(
    official: dict[str, Any],
    client: VtexCustomerCredit,
    router: respx.Router,
    fixture: Callable[[str], str],
) -> None:
    router.route().respond(text=fixture("store-configuration.documented"))
    await client.store_configuration()

    demanded = [
        parameter["name"]
        for parameter in declared_parameters(official, f"{PREFIX}/storeconfig")
        if parameter["in"] == "header"
    ]

    assert sorted(demanded) == ["Accept", "Content-Type"]
    assert {router.calls.last.request.headers[name] for name in demanded} == {"application/json"}
