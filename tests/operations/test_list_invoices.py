"""Lists of invoices, and sums that are either proven or not given."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import ProviderFailed, SourceProblemKind, UnsupportedOperation
from app.domain.instruments import InstrumentKind
from app.domain.invoices import Invoice, InvoiceQuestion, InvoiceStatus
from app.operations.desk import Desk
from app.operations.list_invoices import (
    InvoiceList,
    InvoiceSums,
    invoices_of_account,
    invoices_of_customer,
    invoices_of_store,
)
from app.operations.merge import Merged
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import CreditAccountsInMemory, InvoicedCreditInMemory
from tests.doubles.samples import (
    NOW,
    a_company_credit,
    a_credit_account,
    a_customer,
    a_source,
    an_invoice,
    money,
)

FIRST = a_credit_account("first")
SECOND = a_credit_account("second")
ALL = InvoiceQuestion()
OPEN = InvoiceQuestion(statuses=frozenset({InvoiceStatus.OPEN}))


@pytest.fixture
def vtex() -> InvoicedCreditInMemory:
    vtex = InvoicedCreditInMemory(a_source("vtex-br", InstrumentKind.CREDIT_LINE), FIRST, SECOND)
    vtex.invoices = [
        an_invoice("open", account_id="first", amount="10.10"),
        an_invoice("late", account_id="first", amount="20.20", due_at=NOW - timedelta(days=2)),
        an_invoice("paid", account_id="first", amount="40.40", status=InvoiceStatus.PAID),
        an_invoice("gone", account_id="second", amount="80.80", status=InvoiceStatus.CANCELLED),
        an_invoice("odd", account_id="second", amount="160", status=InvoiceStatus.UNKNOWN),
        an_invoice("more", account_id="second", amount="0.005"),
    ]
    return vtex


@pytest.fixture
def desk(vtex: InvoicedCreditInMemory) -> Desk:
    adobe = CreditAccountsInMemory(
        a_source("adobe", InstrumentKind.CREDIT_LINE), a_company_credit()
    )
    return a_desk(vtex, adobe)


def ids(page: Merged[Invoice]) -> list[str]:
    return [placed.item.provider_invoice_id for placed in page.items]


def of_account(desk: Desk, question: InvoiceQuestion = ALL) -> InvoiceList:
    found = invoices_of_account(desk, FIRST, question)
    assert found is not None
    return found


class TestPages:
    async def test_an_accounts_invoices_come_in_the_providers_order(self, desk: Desk) -> None:
        first = await of_account(desk).page(first=2, after={})
        second = await of_account(desk).page(first=2, after=first.items[-1].after)
        assert (ids(first), ids(second)) == (["open", "late"], ["paid"])
        assert (first.has_next, first.total) == (True, 3)

    async def test_a_question_filters_and_makes_the_total_unknown(self, desk: Desk) -> None:
        page = await of_account(desk, OPEN).page(first=10, after={})
        assert ids(page) == ["open", "late"]
        assert page.total is None

    async def test_a_source_without_invoices_has_no_list(self, desk: Desk) -> None:
        assert invoices_of_account(desk, a_company_credit(), ALL) is None

    async def test_a_customers_invoices_are_those_of_all_accounts(self, desk: Desk) -> None:
        listed = await invoices_of_customer(desk, a_customer(), ALL)
        page = await listed.page(first=10, after={})
        assert ids(page) == ["open", "late", "paid", "gone", "odd", "more"]
        assert page.total == 6
        assert page.problems == ()

    async def test_accounts_that_could_not_be_asked_are_told_and_make_the_total_unknown(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.spoil("second")
        listed = await invoices_of_customer(desk, a_customer(), ALL)
        page = await listed.page(first=10, after={})
        assert ids(page) == ["open", "late", "paid"]
        assert page.total is None
        assert [one.kind for one in page.problems] == [SourceProblemKind.BAD_RESPONSE]

    async def test_a_stores_invoices_are_filtered_by_the_store(self, desk: Desk) -> None:
        page = await invoices_of_store(desk, "vtex-br", OPEN).page(first=10, after={})
        assert ids(page) == ["open", "late", "more"]
        assert page.total == 3

    async def test_a_store_without_invoices_cannot_be_asked(self, desk: Desk) -> None:
        with pytest.raises(UnsupportedOperation):
            invoices_of_store(desk, "adobe", ALL)


class TestSums:
    async def test_they_are_over_all_pages(self, desk: Desk) -> None:
        listed = of_account(desk)
        await listed.page(first=1, after={})
        assert await listed.sums() == InvoiceSums(
            open=money("30.30"), overdue=money("20.20"), paid=money("40.40")
        )

    async def test_they_are_exact_over_several_accounts(self, desk: Desk) -> None:
        listed = await invoices_of_customer(desk, a_customer(), ALL)
        assert await listed.sums() == InvoiceSums(
            open=money("30.305"), overdue=money("20.20"), paid=money("40.40")
        )

    async def test_they_are_of_what_the_question_means(self, desk: Desk) -> None:
        late = InvoiceQuestion(overdue=True)
        expected = InvoiceSums(open=money("20.20"), overdue=money("20.20"), paid=money("0"))
        assert await of_account(desk, late).sums() == expected
        assert await invoices_of_store(desk, "vtex-br", late).sums() == expected

    async def test_more_invoices_than_one_window_holds_are_all_counted(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.invoices = [
            an_invoice(f"invoice-{n}", account_id="first", amount="0.01") for n in range(230)
        ]
        sums = await of_account(desk).sums()
        assert sums is not None
        assert sums.open == money("2.30")

    async def test_an_unreadable_invoice_leaves_nothing_proven(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.spoil("paid")
        assert await of_account(desk).sums() is None

    async def test_a_source_that_fails_leaves_nothing_proven(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.fail(ProviderFailed, "invoices_of_account")
        assert await of_account(desk).sums() is None

    async def test_an_account_that_could_not_be_asked_leaves_nothing_proven(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.spoil("second")
        assert await (await invoices_of_customer(desk, a_customer(), ALL)).sums() is None

    async def test_two_currencies_have_no_common_sum(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.accounts.append(a_credit_account("third", currency="USD"))
        assert await (await invoices_of_customer(desk, a_customer(), ALL)).sums() is None

    async def test_nobody_without_accounts_has_sums(self, desk: Desk) -> None:
        listed = await invoices_of_customer(desk, a_customer("nobody@example.com"), ALL)
        assert await listed.sums() is None
        assert (await listed.page(first=10, after={})).items == ()
