"""Credit accounts, what is owed on them, and the store's terms."""

from __future__ import annotations

import pytest

from app.domain.errors import AccountNotFound, ProviderContractBroken, ProviderFailed
from app.domain.identifiers import ProviderAccountId
from app.domain.instruments import InstrumentKind
from app.domain.invoices import InvoiceStatus
from app.operations.desk import Desk
from app.operations.read_credit_accounts import credit_account, outstanding, store_configuration
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import CreditAccountsInMemory, InvoicedCreditInMemory
from tests.doubles.samples import (
    a_company_credit,
    a_credit_account,
    a_source,
    a_store_configuration,
    an_invoice,
    money,
)

ACCOUNT = a_credit_account()
ACCOUNT_ID = ACCOUNT.provider_account_id


@pytest.fixture
def vtex() -> InvoicedCreditInMemory:
    return InvoicedCreditInMemory(
        a_source("vtex-br", InstrumentKind.CREDIT_LINE),
        ACCOUNT,
        configuration=a_store_configuration(),
    )


@pytest.fixture
def desk(vtex: InvoicedCreditInMemory) -> Desk:
    return a_desk(vtex, CreditAccountsInMemory(a_source("adobe", InstrumentKind.CREDIT_LINE)))


async def test_one_account_is_read_once_a_request(desk: Desk, vtex: InvoicedCreditInMemory) -> None:
    for _ in range(3):
        assert await credit_account(desk, vtex, ACCOUNT_ID) == ACCOUNT
    assert vtex.times_asked() == 1


async def test_an_account_nobody_knows_is_not_found(
    desk: Desk, vtex: InvoicedCreditInMemory
) -> None:
    with pytest.raises(AccountNotFound):
        await credit_account(desk, vtex, ProviderAccountId("nobody"))


async def test_the_terms_of_a_store_are_read_once_a_request(
    desk: Desk, vtex: InvoicedCreditInMemory
) -> None:
    for _ in range(2):
        assert await store_configuration(desk, vtex) == a_store_configuration()
    assert vtex.times_asked() == 1


class TestOutstanding:
    async def test_it_is_the_providers_figure_where_it_has_one(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        assert await outstanding(desk, a_credit_account(outstanding="7.00")) == money("7.00")
        assert vtex.asked == []

    async def test_else_it_is_the_sum_of_all_open_invoices(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.invoices = [an_invoice(f"invoice-{n}", amount="0.10") for n in range(250)]
        vtex.invoices += [
            an_invoice(f"closed-{status}", amount="50", status=status)
            for status in set(InvoiceStatus) - {InvoiceStatus.OPEN}
        ]
        vtex.invoices.append(an_invoice("of-another", account_id="another", amount="99"))
        assert await outstanding(desk, ACCOUNT) == money("25.00")

    async def test_nothing_owed_is_zero(self, desk: Desk) -> None:
        assert await outstanding(desk, ACCOUNT) == money("0")

    async def test_it_is_unknown_where_there_is_no_figure_and_no_invoices(self, desk: Desk) -> None:
        assert await outstanding(desk, a_company_credit()) is None

    async def test_an_unreadable_invoice_is_a_fault_and_not_a_smaller_debt(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.invoices = [an_invoice("one"), an_invoice("two")]
        vtex.spoil("two")
        with pytest.raises(ProviderContractBroken):
            await outstanding(desk, ACCOUNT)

    async def test_invoices_that_cannot_be_read_are_a_fault(
        self, desk: Desk, vtex: InvoicedCreditInMemory
    ) -> None:
        vtex.fail(ProviderFailed, "invoices_of_account")
        with pytest.raises(ProviderFailed):
            await outstanding(desk, ACCOUNT)
