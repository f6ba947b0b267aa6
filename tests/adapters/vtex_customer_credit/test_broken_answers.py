"""Every operation, given an answer that nobody can use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest
import respx

from adapters.transport.upstream import Upstream
from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.customer import CustomerIdentity
from app.domain.errors import (
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
)
from app.domain.identifiers import ProviderAccountId, ProviderInvoiceId, SourceKey
from app.domain.invoices import InvoiceQuestion
from app.domain.ledger import LedgerQuestion
from app.domain.money import Currency
from app.domain.paging import Window
from app.domain.provider import (
    CreditAccountQuestion,
    ReadsCreditAccounts,
    ReadsCreditLedger,
    ReadsInvoices,
    ReadsStoreConfiguration,
    SourceInfo,
)

Operation = Callable[[VtexCustomerCredit], Awaitable[object]]
Document = Callable[..., str]

ACCOUNT = ProviderAccountId("11111111111_CPF")

OPERATIONS: dict[str, Operation] = {
    "probe": lambda it: it.probe(),
    "account": lambda it: it.credit_account(ACCOUNT),
    "accounts of a customer": lambda it: it.credit_accounts_of(
        CustomerIdentity(email="holder@example.com")
    ),
    "account search": lambda it: it.search_credit_accounts(CreditAccountQuestion(), Window()),
    "ledger": lambda it: it.credit_ledger(ACCOUNT, LedgerQuestion(), Window()),
    "invoice": lambda it: it.invoice(ACCOUNT, ProviderInvoiceId("T-01")),
    "invoices of an account": lambda it: it.invoices_of_account(ACCOUNT, Window()),
    "invoice search": lambda it: it.search_invoices(InvoiceQuestion(), Window()),
    "store configuration": lambda it: it.store_configuration(),
}

BODIES = {
    "empty": b"",
    "HTML": b"<html><body>maintenance</body></html>",
    "truncated": b'{"data":[{"id":"1111',
    "a list": b"[]",
    "a text": b'"ok"',
    "null": b"null",
    "another document": b'{"message":"An error has occurred."}',
    "not UTF-8": b'{"id":"\xff"}',
    "nested without end": b"[" * 100_000,
}

every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


@every_operation
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_an_answer_that_is_not_the_document_breaks_the_contract(
    client: VtexCustomerCredit, router: respx.Router, operation: Operation, body: bytes
) -> None:
    router.route().respond(200, content=body)

    with pytest.raises(ProviderContractBroken):
        await operation(client)


@every_operation
@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (302, ProviderContractBroken),
        (400, ProviderContractBroken),
        (401, ProviderRefusedUs),
        (403, ProviderRefusedUs),
        (405, ProviderContractBroken),
        (429, ProviderThrottled),
        (500, ProviderFailed),
        (503, ProviderFailed),
    ],
)
async def test_a_status_that_is_no_answer_is_a_fault(
    client: VtexCustomerCredit,
    router: respx.Router,
    operation: Operation,
    status: int,
    fault: type[ProviderFault],
) -> None:
    router.route().respond(status, text='{"code":1099,"message":"secret of the provider"}')

    with pytest.raises(fault) as caught:
        await operation(client)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "members",
    [
        {"availableCredit": None},
        {"availableCredit": "much"},
        {"availableCredit": "NaN"},
        {"availableCredit": True},
        {"availableCredit": [0, [1], 2]},
        {"id": ""},
        {"id": 17},
        {"status": None},
        {"createdAt": 17},
        {"createdAt": "0001-01-01T00:00:00+14:00"},
    ],
    ids=str,
)
async def test_a_member_of_the_wrong_kind_breaks_the_contract_without_being_repeated(
    client: VtexCustomerCredit,
    router: respx.Router,
    document: Document,
    members: dict[str, object],
) -> None:
    router.route().respond(text=document("account.documented", **members))

    with pytest.raises(ProviderContractBroken) as caught:
        await client.credit_account(ACCOUNT)

    assert "holder@example.com" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_the_client_has_the_abilities_of_the_read_side(client: VtexCustomerCredit) -> None:
    for ability in (
        ReadsCreditAccounts,
        ReadsCreditLedger,
        ReadsInvoices,
        ReadsStoreConfiguration,
    ):
        assert isinstance(client, ability)


async def test_closing_the_client_closes_its_transport() -> None:
    closed: list[str] = []

    class Transport(httpx.AsyncBaseTransport):
        async def aclose(self) -> None:
            closed.append("closed")

    upstream = Upstream(
        SourceKey("vtex-br"),
        base_url="https://store.example",
        headers={},
        timeout=httpx.Timeout(2),
        transport=Transport(),
    )
    info = SourceInfo(
        key=SourceKey("vtex-br"),
        provider="vtex.customer-credit",
        display_name="VTEX",
        default_currency=Currency("BRL"),
        kinds=frozenset(),
    )

    await VtexCustomerCredit(upstream, info).aclose()

    assert closed == ["closed"]
