"""Medusa store credit and its stand-in, written apart from the same contract."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.instruments import InstrumentStatus
from app.domain.ledger import Direction, LedgerEntryKind, LedgerQuestion
from app.domain.money import Currency
from app.domain.paging import Window
from app.domain.provider import StoreCreditQuestion
from tests.contract.cast import ANY_ENTRY, BUYERS_STORE_CREDIT, LIMITS, Said, customer_id, signed
from tests.contract.stack import NOW, Adapters, walked


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_long_ledger_comes_each_entry_once_newest_first(
    sources: Adapters, said: Said, limit: int
) -> None:
    medusa = sources.medusa()
    question = StoreCreditQuestion(provider_customer_id=customer_id(2), currency=Currency("USD"))
    (account,) = (await medusa.search_store_credit(question, Window())).items
    path = f"/medusa/admin/store-credit-accounts/{account.provider_id}/transactions"
    rows = (await said(f"{path}?limit=1000&order=-id"))["transactions"]

    entries = await walked(
        lambda window: medusa.store_credit_ledger(account, ANY_ENTRY, window), limit=limit
    )

    assert len(rows) == 46
    assert [(it.native.provider_entry_id, it.amount.amount) for it in entries] == [
        (row["id"], row["amount"]) for row in rows
    ]
    assert sum(map(signed, entries)) == account.balance.amount


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_stores_accounts_come_each_once_with_exact_balances(
    sources: Adapters, said: Said, limit: int
) -> None:
    medusa = sources.medusa()
    listed = (await said("/medusa/admin/store-credit-accounts?limit=1000"))["store_credit_accounts"]

    accounts = await walked(
        lambda window: medusa.search_store_credit(StoreCreditQuestion(), window), limit=limit
    )

    assert [(it.provider_id, it.balance.amount) for it in accounts] == [
        (it["id"], it["balance"]) for it in listed
    ]
    assert {it.status for it in accounts} == {
        InstrumentStatus.ACTIVE,
        InstrumentStatus.DEPLETED,
        InstrumentStatus.UNCLAIMED,
    }


async def test_a_currency_is_found_in_either_case(sources: Adapters) -> None:
    question = StoreCreditQuestion(currency=Currency("USD"), provider_customer_id=customer_id(3))

    (account,) = (await sources.medusa().search_store_credit(question, Window())).items

    assert account.currency == Currency("USD")


async def test_a_listed_account_is_the_same_read_by_its_id(sources: Adapters) -> None:
    medusa = sources.medusa()
    for listed in (await medusa.search_store_credit(StoreCreditQuestion(), Window(0, 100))).items:
        assert await medusa.store_credit_account(listed.provider_store_credit_id) == listed


@pytest.mark.parametrize(
    "question",
    [
        LedgerQuestion(direction=Direction.DEBIT),
        LedgerQuestion(from_at=NOW - timedelta(days=100)),
        LedgerQuestion(to_at=NOW - timedelta(days=100)),
        LedgerQuestion(kinds=frozenset([LedgerEntryKind.REFUND])),
        LedgerQuestion(kinds=frozenset([LedgerEntryKind.SETTLEMENT])),
    ],
    ids=repr,
)
async def test_a_filter_finds_what_reading_everything_finds(
    sources: Adapters, question: LedgerQuestion
) -> None:
    medusa = sources.medusa()
    account = await medusa.store_credit_account(BUYERS_STORE_CREDIT)
    everything = await medusa.store_credit_ledger(account, ANY_ENTRY, Window(0, 100))

    found = await walked(
        lambda window: medusa.store_credit_ledger(account, question, window), limit=7
    )

    assert found == [entry for entry in everything.items if question.matches(entry)]
