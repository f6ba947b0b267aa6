"""The ledger of an account: statements, which have no ids, no pages and no filters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import AccountNotFound, ProviderContractBroken
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
    SourceKey,
)
from app.domain.instruments import InstrumentKind
from app.domain.ledger import (
    Actor,
    ActorKind,
    BalanceOperation,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    LedgerQuestion,
)
from app.domain.money import Money
from app.domain.paging import Window

ACCOUNT = ProviderAccountId("55555555555_CPF")
PATH = f"/accounts/{ACCOUNT}/statements"
TRANSACTION = "A424887D0F2D45028FE5C96E9B0E1A2D"
ALL = LedgerQuestion()

Fixture = Callable[[str], str]
Brl = Callable[[str], Money]
Sent = Callable[[], list[str]]
Entries = Callable[..., None]


def entry(value: object = -5.01, day: int = 9, **members: Any) -> dict[str, Any]:
    return {
        "value": value,
        "date": f"2023-11-{day:02}T18:26:43.3361896Z",
        "origin": "Invoice",
    } | members


def entry_ids(entries: tuple[LedgerEntry, ...]) -> list[str]:
    return [entry.native.provider_entry_id for entry in entries]


@pytest.fixture
def statements(router: respx.Router, root: str) -> Entries:
    """Serves these entries and sums that do not add up."""

    def serve(*entries: object) -> None:
        body = {
            "statements": entries,
            "currentBalance": -15.0,
            "intervalBalance": -8.01,
            "previousBalance": 0,
        }
        router.get(f"{root}{PATH}").respond(text=json.dumps(body))

    return serve


async def test_the_documented_statements_are_a_ledger_newest_first(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    fixture: Fixture,
    brl: Brl,
    sent: Sent,
) -> None:
    router.get(f"{root}{PATH}").respond(text=fixture("statements.documented"))

    page = await client.credit_ledger(ACCOUNT, ALL, Window())

    assert [(it.kind, it.direction, it.amount) for it in page.items] == [
        (LedgerEntryKind.INVOICE_PAYMENT, Direction.CREDIT, brl("5.01")),
        (LedgerEntryKind.LIMIT_CHANGE, Direction.CREDIT, brl("200.0")),
        (LedgerEntryKind.LIMIT_CHANGE, Direction.DEBIT, brl("200.0")),
        (LedgerEntryKind.LIMIT_CHANGE, Direction.DEBIT, brl("500.0")),
        (LedgerEntryKind.BALANCE_OPERATION, Direction.DEBIT, brl("15.0")),
        (LedgerEntryKind.SETTLEMENT, Direction.DEBIT, brl("5.01")),
    ]
    assert (page.next_offset, page.total, page.faults) == (None, 6, ())
    assert sent() == [PATH]


async def test_a_payment_names_the_hold_and_the_invoice_it_pays(
    client: VtexCustomerCredit, router: respx.Router, fixture: Fixture, brl: Brl
) -> None:
    router.route().respond(text=fixture("statements.documented"))

    payment, *_ = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert payment == LedgerEntry(
        source=SourceKey("vtex-br"),
        instrument_kind=InstrumentKind.CREDIT_LINE,
        instrument_id=ACCOUNT,
        kind=LedgerEntryKind.INVOICE_PAYMENT,
        direction=Direction.CREDIT,
        amount=brl("5.01"),
        occurred_at=datetime(2023, 11, 17, 19, 33, 32, 665389, UTC),
        native=payment.native,
        reference=EntryReference(kind="transactionId", value=TRANSACTION),
        provider_hold_id=ProviderHoldId(TRANSACTION.lower()),
        provider_invoice_id=ProviderInvoiceId(f"{TRANSACTION}-01"),
    )
    assert (payment.native.type, payment.native.synthetic) == ("Payment", True)


async def test_a_settlement_tells_its_instalments_and_order_and_no_single_invoice(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    metadata = {
        "transactionId": TRANSACTION,
        "numberOfInstallments": 3,
        "installment": 1,
        "orderId": "1-01",
    }
    statements(entry(metadata=metadata))

    (settlement,) = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert settlement.installments == 3
    assert settlement.provider_invoice_id is None
    assert settlement.reference == EntryReference(
        kind="transactionId", value=TRANSACTION, order_id="1-01"
    )


@pytest.mark.parametrize(
    ("metadata", "reference"),
    [
        (None, None),
        ({}, None),
        ({"transactionId": None, "orderId": ""}, None),
        ({"orderId": "1-01"}, EntryReference(kind="orderId", value="1-01", order_id="1-01")),
    ],
)
async def test_an_entry_without_a_transaction_belongs_to_no_hold(
    client: VtexCustomerCredit,
    statements: Entries,
    metadata: dict[str, Any] | None,
    reference: EntryReference | None,
) -> None:
    statements(entry(5.01, origin="Payment", metadata=metadata))

    (payment,) = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert payment.reference == reference
    assert payment.provider_hold_id is None
    assert payment.provider_invoice_id is None


async def test_a_payment_without_an_instalment_names_no_invoice(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements(entry(5.01, origin="Payment", metadata={"transactionId": TRANSACTION}))

    (payment,) = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert payment.provider_hold_id == TRANSACTION.lower()
    assert payment.provider_invoice_id is None


@pytest.mark.parametrize(
    ("value", "origin", "kind", "direction", "operation"),
    [
        (-15, "Statement", "BALANCE_OPERATION", "DEBIT", "MANUAL_DEBIT"),
        (15, "Statement", "BALANCE_OPERATION", "CREDIT", "MANUAL_CREDIT"),
        (-1100, "Credit", "LIMIT_CHANGE", "DEBIT", None),
        (3300, "Credit", "LIMIT_CHANGE", "CREDIT", None),
        (0, "Credit", "LIMIT_CHANGE", "NEUTRAL", None),
        (-1, "Invoice", "SETTLEMENT", "DEBIT", None),
        (1, "Invoice", "REFUND", "CREDIT", None),
        (1, "Payment", "INVOICE_PAYMENT", "CREDIT", None),
        (-1, "Interest", "BALANCE_OPERATION", "DEBIT", "OTHER"),
        (1, "", "BALANCE_OPERATION", "CREDIT", "OTHER"),
    ],
)
async def test_an_origin_tells_the_kind_and_the_sign_the_direction(
    client: VtexCustomerCredit,
    statements: Entries,
    value: int,
    origin: str,
    kind: str,
    direction: str,
    operation: str | None,
) -> None:
    statements(entry(value, origin=origin))

    (line,) = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert line.kind is LedgerEntryKind(kind)
    assert line.direction is Direction(direction)
    assert line.operation is (BalanceOperation(operation) if operation else None)
    assert line.amount.amount == abs(value)
    assert line.native.type == origin


@pytest.mark.parametrize("name", ["doneBy", "doneby"])
async def test_who_did_it_is_read_in_both_spellings_and_only_shown_as_a_name(
    client: VtexCustomerCredit, statements: Entries, name: str
) -> None:
    statements(entry() | {name: "clerk@example.com"})

    (line,) = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert line.actor == Actor(ActorKind.UNKNOWN, "clerk@example.com")
    assert "clerk" not in repr(replace(line, actor=None))


@pytest.mark.parametrize("members", [{}, {"doneBy": None}, {"doneBy": ""}])
async def test_an_entry_that_nobody_signed_has_no_actor(
    client: VtexCustomerCredit, statements: Entries, members: dict[str, Any]
) -> None:
    statements(entry(**members))

    (line,) = (await client.credit_ledger(ACCOUNT, ALL, Window())).items

    assert line.actor is None


async def test_an_entry_keeps_its_id_when_others_join_and_however_it_is_written(
    client: VtexCustomerCredit, statements: Entries, router: respx.Router
) -> None:
    old = entry(-15.0, metadata={"transactionId": TRANSACTION})
    twin = entry("-15.00", metadata={"transactionId": TRANSACTION.lower()}, doneBy="a@example.com")
    later = entry(-3, day=20)
    statements(old, twin)
    before = entry_ids((await client.credit_ledger(ACCOUNT, ALL, Window())).items)
    router.routes.clear()
    statements(later, twin, old)

    after = entry_ids((await client.credit_ledger(ACCOUNT, ALL, Window())).items)

    assert after[1:] == before
    assert len(set(after)) == 3


async def test_equal_entries_have_ids_that_differ_and_are_counted_from_the_oldest(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements(entry(), entry(), entry())

    ids = entry_ids((await client.credit_ledger(ACCOUNT, ALL, Window())).items)

    assert [number.rpartition("-")[2] for number in ids] == ["3", "2", "1"]
    assert len({number.rpartition("-")[0] for number in ids}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"value": -5.02},
        {"date": "2023-11-09T18:26:44Z"},
        {"origin": "Statement"},
        {"metadata": {"transactionId": TRANSACTION}},
        {"metadata": {"installment": 2}},
    ],
)
async def test_entries_that_differ_in_a_fact_have_digests_of_their_own(
    client: VtexCustomerCredit, statements: Entries, change: dict[str, Any]
) -> None:
    statements(entry(), entry() | change)

    first, second = entry_ids((await client.credit_ledger(ACCOUNT, ALL, Window())).items)

    assert first.rpartition("-")[0] != second.rpartition("-")[0]


async def test_an_entry_is_found_again_by_its_id(
    client: VtexCustomerCredit, router: respx.Router, fixture: Fixture, sent: Sent
) -> None:
    router.route().respond(text=fixture("statements.documented"))
    page = await client.credit_ledger(ACCOUNT, ALL, Window())

    for line in page.items:
        found = await client.credit_ledger_entry(ACCOUNT, line.native.provider_entry_id)
        assert found == line

    assert set(sent()) == {PATH}


async def test_an_id_that_no_entry_has_is_not_found(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements(entry())

    with pytest.raises(AccountNotFound) as refusal:
        await client.credit_ledger_entry(ACCOUNT, ProviderEntryId("0" * 32 + "-1"))

    assert refusal.value.kind == "ledger entry"


@pytest.mark.parametrize("entry_id", ["", "17", "0" * 32, "0" * 32 + "-0", "../" + "0" * 32 + "-1"])
async def test_an_id_that_was_not_made_here_is_not_asked_for(
    client: VtexCustomerCredit, router: respx.Router, entry_id: str
) -> None:
    with pytest.raises(AccountNotFound):
        await client.credit_ledger_entry(ACCOUNT, ProviderEntryId(entry_id))

    assert not router.calls


async def test_a_new_account_has_an_empty_ledger(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements()

    page = await client.credit_ledger(ACCOUNT, ALL, Window())

    assert (page.items, page.next_offset, page.total) == ((), None, 0)


async def test_a_window_shows_a_part_of_the_ledger(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements(*(entry(-day, day=day) for day in range(1, 6)))

    first = await client.credit_ledger(ACCOUNT, ALL, Window(0, 2))
    last = await client.credit_ledger(ACCOUNT, ALL, Window(4, 2))

    assert [line.amount.amount for line in first.items] == [5, 4]
    assert (first.next_offset, first.total) == (2, 5)
    assert [line.amount.amount for line in last.items] == [1]
    assert last.next_offset is None


async def test_a_question_is_answered_before_the_window_is_cut(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements(*(entry(day if day % 2 else -day, day=day) for day in range(1, 7)))

    page = await client.credit_ledger(
        ACCOUNT,
        LedgerQuestion(
            direction=Direction.DEBIT,
            kinds=frozenset([LedgerEntryKind.SETTLEMENT]),
            to_at=datetime(2023, 11, 6, tzinfo=UTC),
        ),
        Window(1, 1),
    )

    assert [line.amount.amount for line in page.items] == [2]
    assert (page.next_offset, page.total) == (None, 2)


async def test_an_entry_that_cannot_be_read_is_a_fault_on_every_page(
    client: VtexCustomerCredit, statements: Entries
) -> None:
    statements(entry(-1, day=1), {"value": 3}, entry(-2, day=2))

    pages = [await client.credit_ledger(ACCOUNT, ALL, Window(at, 1)) for at in (0, 1)]

    assert [[line.amount.amount for line in page.items] for page in pages] == [[2], [1]]
    assert [len(page.faults) for page in pages] == [1, 1]
    assert [page.total for page in pages] == [None, None]


async def test_the_ledger_of_an_unknown_account_is_not_found(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    with pytest.raises(AccountNotFound) as refusal:
        await client.credit_ledger(ACCOUNT, ALL, Window())

    assert refusal.value.kind == "credit account"


async def test_statements_that_are_no_list_break_the_contract(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(text='{"statements": {}}')

    with pytest.raises(ProviderContractBroken):
        await client.credit_ledger(ACCOUNT, ALL, Window())
