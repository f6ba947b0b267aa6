"""VTEX Customer Credit and its stand-in, written apart from the same contract."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.customer import CustomerIdentity
from app.domain.identifiers import ProviderAccountId, ProviderInvoiceId
from app.domain.instruments import InstrumentStatus
from app.domain.invoices import InvoiceQuestion, InvoiceStatus
from app.domain.ledger import LedgerEntryKind, LedgerQuestion
from app.domain.paging import Window
from app.domain.provider import CreditAccountQuestion
from tests.contract.cast import (
    ANY_ENTRY,
    BUYERS_ACCOUNT,
    LIMITS,
    Said,
    brl,
    by_email,
    linked,
    signed,
)
from tests.contract.stack import NOW, Adapters, over_sandbox, section, walked


@pytest.mark.parametrize("limit", LIMITS)
async def test_an_accounts_invoices_come_each_once_and_in_order(
    sources: Adapters, said: Said, limit: int
) -> None:
    vtex = sources.vtex_credit()
    path = f"/vtex/api/creditcontrol/accounts/{BUYERS_ACCOUNT}/invoices"
    listed = [(it["id"], it["value"]) for it in (await said(path))["data"]]

    invoices = await walked(
        lambda window: vtex.invoices_of_account(BUYERS_ACCOUNT, window), limit=limit
    )

    assert len(listed) == 60
    assert [(it.provider_invoice_id, it.amount.amount) for it in invoices] == listed
    assert {it.status for it in invoices} == {
        InvoiceStatus.OPEN,
        InvoiceStatus.PAID,
        InvoiceStatus.CANCELLED,
    }


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_stores_invoices_come_each_once(sources: Adapters, said: Said, limit: int) -> None:
    vtex = sources.vtex_credit()
    listed = (await said("/vtex/api/creditcontrol/invoices?from=1&to=999"))["data"]

    found = await walked(
        lambda window: vtex.search_invoices(InvoiceQuestion(), window), limit=limit
    )

    assert [it.provider_invoice_id for it in found] == [it["id"] for it in listed]


@pytest.mark.parametrize(
    "question",
    [
        InvoiceQuestion(statuses=frozenset([InvoiceStatus.PAID])),
        InvoiceQuestion(statuses=frozenset([InvoiceStatus.OPEN, InvoiceStatus.CANCELLED])),
        InvoiceQuestion(overdue=True),
        InvoiceQuestion(overdue=False),
        InvoiceQuestion(due_from=NOW, due_to=NOW + timedelta(days=30)),
        InvoiceQuestion(created_to=NOW - timedelta(days=200)),
        InvoiceQuestion(note="order"),
        InvoiceQuestion(number="a"),
    ],
    ids=repr,
)
async def test_a_filter_finds_what_reading_everything_finds(
    sources: Adapters, question: InvoiceQuestion
) -> None:
    vtex = sources.vtex_credit()
    everything = await walked(
        lambda window: vtex.search_invoices(InvoiceQuestion(), window), limit=100
    )

    found = await walked(lambda window: vtex.search_invoices(question, window), limit=7)

    assert found == [it for it in everything if question.matches(it, at=NOW)]


async def test_an_invoice_is_found_by_its_number_amount_and_id(sources: Adapters) -> None:
    vtex = sources.vtex_credit()
    first = (await vtex.invoices_of_account(BUYERS_ACCOUNT, Window(0, 1))).items[0]

    by_id = await vtex.invoice(BUYERS_ACCOUNT, first.provider_invoice_id)
    lower = await vtex.invoice(BUYERS_ACCOUNT, ProviderInvoiceId(first.provider_invoice_id.lower()))
    by_number = await vtex.search_invoices(
        InvoiceQuestion(number=first.number, amount=first.amount.amount), Window()
    )

    assert by_id == lower == first
    assert by_number.items == (first,)


@pytest.mark.parametrize("limit", LIMITS)
async def test_statements_come_each_once_newest_first(
    sources: Adapters, said: Said, limit: int
) -> None:
    vtex = sources.vtex_credit()
    path = f"/vtex/api/creditcontrol/accounts/{BUYERS_ACCOUNT}/statements"
    statements = (await said(path))["statements"]

    entries = await walked(
        lambda window: vtex.credit_ledger(BUYERS_ACCOUNT, ANY_ENTRY, window), limit=limit
    )

    assert sorted(map(signed, entries)) == sorted(it["value"] for it in statements)
    moments = [entry.occurred_at for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert {entry.kind for entry in entries} == {
        LedgerEntryKind.SETTLEMENT,
        LedgerEntryKind.INVOICE_PAYMENT,
        LedgerEntryKind.LIMIT_CHANGE,
        LedgerEntryKind.BALANCE_OPERATION,
    }
    assert any(entry.actor for entry in entries)


async def test_payments_name_invoices_that_exist(sources: Adapters) -> None:
    vtex = sources.vtex_credit()
    question = LedgerQuestion(kinds=frozenset([LedgerEntryKind.INVOICE_PAYMENT]))
    payments = (await vtex.credit_ledger(BUYERS_ACCOUNT, question, Window(0, 100))).items

    for payment in payments:
        assert payment.provider_invoice_id is not None
        invoice = await vtex.invoice(BUYERS_ACCOUNT, payment.provider_invoice_id)
        assert invoice.status is InvoiceStatus.PAID
        assert invoice.provider_hold_id == payment.provider_hold_id


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_stores_accounts_come_each_once_without_closed_ones(
    sources: Adapters, said: Said, limit: int
) -> None:
    vtex = sources.vtex_credit()
    listed = await said("/vtex/api/creditcontrol/accounts?from=1&to=999")

    accounts = await walked(
        lambda window: vtex.search_credit_accounts(CreditAccountQuestion(), window),
        limit=limit,
    )

    assert len(accounts) == listed["summary"]["count"]
    assert [it.provider_account_id for it in accounts] == [it["id"] for it in listed["data"]]


@pytest.mark.parametrize(
    ("customer", "account_ids"),
    [
        (by_email("buyer"), [BUYERS_ACCOUNT]),
        (by_email("gift+wishes"), ["00000000272_CPF"]),
        (by_email("former"), []),
        (by_email("nobody"), []),
        (CustomerIdentity(document="11144477735"), ["11144477735_CPF"]),
        (CustomerIdentity(document="11222333000181"), [BUYERS_ACCOUNT]),
        (CustomerIdentity(document="99999999999"), []),
        (linked("vtex-credit", "a1b2c3"), ["a1b2c3"]),
        (linked("vtex-credit", "../storeconfig"), []),
    ],
    ids=repr,
)
async def test_a_customer_has_these_accounts(
    sources: Adapters, customer: CustomerIdentity, account_ids: list[str]
) -> None:
    page = await sources.vtex_credit().credit_accounts_of(customer)

    assert [account.provider_account_id for account in page.items] == account_ids
    assert (page.next_offset, page.faults) == (None, ())


async def test_an_account_over_its_limit_and_one_of_two_figures_are_read_as_they_are(
    sources: Adapters,
) -> None:
    vtex = sources.vtex_credit()
    (overdrawn,) = (await vtex.credit_accounts_of(by_email("overdrawn"))).items
    (disagreeing,) = (await vtex.credit_accounts_of(by_email("disagreeing"))).items

    assert overdrawn.available == brl("-220.40")
    assert disagreeing.available != disagreeing.available_other


async def test_a_closed_account_is_found_by_its_id_only(sources: Adapters) -> None:
    account = await sources.vtex_credit().credit_account(ProviderAccountId("00000000353_CPF"))

    assert account.status is InstrumentStatus.CLOSED


async def test_the_oldest_account_lacks_what_old_documents_lack(sources: Adapters) -> None:
    vtex = sources.vtex_credit()
    (account,) = (await vtex.credit_accounts_of(by_email("veteran"))).items
    invoices = (await vtex.invoices_of_account(account.provider_account_id, Window())).items

    assert invoices
    assert {it.installment_count for it in invoices} == {None}
    assert all(it.number == it.provider_invoice_id for it in invoices)


def with_defect(**defects: object) -> VtexCustomerCredit:
    return over_sandbox(section("vtex_credit", defects=defects)).vtex_credit()


@pytest.mark.parametrize("largest_page", [20, 25, 50])
@pytest.mark.parametrize("limit", LIMITS)
async def test_pages_shorter_than_asked_for_lose_nothing(limit: int, largest_page: int) -> None:
    vtex = with_defect(largest_page=largest_page)

    of_account = await walked(
        lambda window: vtex.invoices_of_account(BUYERS_ACCOUNT, window), limit=limit
    )
    of_store = await walked(
        lambda window: vtex.search_invoices(InvoiceQuestion(), window), limit=limit
    )
    accounts = await walked(
        lambda window: vtex.search_credit_accounts(CreditAccountQuestion(), window), limit=limit
    )

    assert len({invoice.provider_invoice_id for invoice in of_account}) == len(of_account) == 60
    assert len({invoice.provider_invoice_id for invoice in of_store}) == len(of_store) == 70
    assert len({account.provider_account_id for account in accounts}) == len(accounts) == 25


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_list_of_an_account_that_ignores_paging_comes_each_invoice_once(
    limit: int,
) -> None:
    """The file gives this route no parameters."""

    class WithoutQuery(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self._inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            bare = httpx.Request(
                request.method,
                request.url.copy_with(query=None),
                headers=request.headers,
                extensions=request.extensions,
            )
            return await self._inner.handle_async_request(bare)

    vtex = over_sandbox(wrap=WithoutQuery).vtex_credit()

    invoices = await walked(
        lambda window: vtex.invoices_of_account(BUYERS_ACCOUNT, window), limit=limit
    )

    assert len({invoice.provider_invoice_id for invoice in invoices}) == len(invoices) == 60


async def test_the_author_of_an_entry_is_read_in_either_spelling(sources: Adapters) -> None:
    usual, lower = sources.vtex_credit(), with_defect(lower_case_doneby=True)

    as_usual = await usual.credit_ledger(BUYERS_ACCOUNT, ANY_ENTRY, Window(0, 100))
    in_lower_case = await lower.credit_ledger(BUYERS_ACCOUNT, ANY_ENTRY, Window(0, 100))

    assert in_lower_case == as_usual


async def test_an_invoice_names_its_account_by_any_of_three_names(sources: Adapters) -> None:
    usual, old = sources.vtex_credit(), with_defect(checking_account_id=True)

    assert await old.invoices_of_account(
        BUYERS_ACCOUNT, Window(0, 100)
    ) == await usual.invoices_of_account(BUYERS_ACCOUNT, Window(0, 100))


async def test_an_invoice_may_lack_its_order() -> None:
    vtex = with_defect(invoices_without_order=True)

    invoices = await vtex.invoices_of_account(BUYERS_ACCOUNT, Window(0, 100))

    assert {invoice.order_id for invoice in invoices.items} == {None}
    assert not invoices.faults
