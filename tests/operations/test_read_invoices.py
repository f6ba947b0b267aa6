"""Invoices, one by one or by the settlement that made them."""

from __future__ import annotations

import pytest

from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.identifiers import ProviderInvoiceId
from app.domain.instruments import InstrumentKind
from app.operations.desk import Desk
from app.operations.read_invoices import invoice, invoices_of_settlement
from tests.doubles.desk import a_desk
from tests.doubles.in_memory_provider import CreditAccountsInMemory, InvoicedCreditInMemory
from tests.doubles.samples import a_credit_account, a_ledger_entry, a_source, an_invoice

ACCOUNT = a_credit_account()
MADE = [an_invoice("1-of-2", hold_id="HOLD-7"), an_invoice("2-of-2", hold_id="hold-7")]
SETTLEMENT = a_ledger_entry(hold_id="Hold-7")


@pytest.fixture
def vtex() -> InvoicedCreditInMemory:
    vtex = InvoicedCreditInMemory(a_source("vtex-br", InstrumentKind.CREDIT_LINE), ACCOUNT)
    vtex.invoices = [
        *MADE,
        an_invoice("of-another-hold", hold_id="hold-8"),
        an_invoice("of-no-hold"),
        an_invoice("of-another-account", account_id="another", hold_id="hold-7"),
    ]
    return vtex


@pytest.fixture
def desk(vtex: InvoicedCreditInMemory) -> Desk:
    return a_desk(vtex, CreditAccountsInMemory(a_source("adobe", InstrumentKind.CREDIT_LINE)))


async def test_one_invoice_is_read_once_a_request(desk: Desk, vtex: InvoicedCreditInMemory) -> None:
    for _ in range(2):
        found = await invoice(desk, vtex, ACCOUNT.provider_account_id, ProviderInvoiceId("1-of-2"))
        assert found == MADE[0]
    assert vtex.times_asked() == 1


async def test_an_invoice_of_another_account_is_not_found(
    desk: Desk, vtex: InvoicedCreditInMemory
) -> None:
    with pytest.raises(AccountNotFound, match="invoice"):
        await invoice(
            desk, vtex, ACCOUNT.provider_account_id, ProviderInvoiceId("of-another-account")
        )


async def test_a_settlement_made_the_invoices_of_its_hold(desk: Desk) -> None:
    assert await invoices_of_settlement(desk, SETTLEMENT) == MADE


async def test_a_settlement_of_a_hold_without_invoices_made_none(desk: Desk) -> None:
    assert await invoices_of_settlement(desk, a_ledger_entry(hold_id="hold-9")) == []


async def test_it_is_unknown_without_a_hold_or_where_no_invoices_are_kept(desk: Desk) -> None:
    assert await invoices_of_settlement(desk, a_ledger_entry()) is None
    elsewhere = a_ledger_entry(source="adobe", hold_id="hold-7")
    assert await invoices_of_settlement(desk, elsewhere) is None


async def test_an_unreadable_invoice_might_be_one_of_them(
    desk: Desk, vtex: InvoicedCreditInMemory
) -> None:
    vtex.spoil("of-no-hold")
    with pytest.raises(ProviderContractBroken):
        await invoices_of_settlement(desk, SETTLEMENT)
