"""From the provider's documents to the domain, and from questions to its filters."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.store_credit import translate, wire
from adapters.transport import exact_json
from app.domain.identifiers import ProviderCustomerId, SourceKey
from app.domain.instruments import InstrumentStatus, StoreCreditAccount
from app.domain.ledger import (
    ActorKind,
    BalanceOperation,
    Direction,
    LedgerEntryKind,
    LedgerQuestion,
)
from app.domain.money import Currency, Money
from app.domain.provider import StoreCreditQuestion


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency("USD"))


def account_from(now: datetime, **changes: Any) -> StoreCreditAccount:
    document = {
        "id": "sc_acc_1",
        "currency_code": "usd",
        "customer_id": "cus_1",
        "credits": 12,
        "debits": 2,
        "balance": 10,
        "metadata": None,
        "created_at": "2026-11-22T02:48:19.702Z",
        "updated_at": "2026-11-22T02:48:19.702Z",
    }
    return translate.to_store_credit_account(
        wire.ACCOUNT.validate_python(document | changes),
        source=SourceKey("medusa"),
        observed_at=now,
    )


def entry_from(**changes: Any) -> wire.Transaction:
    document = {
        "id": "sc_trx_1",
        "amount": 5,
        "type": "credit",
        "reference": "user",
        "reference_id": "user_1",
        "note": None,
        "created_at": "2026-11-22T02:48:28.253Z",
    }
    return wire.TRANSACTION.validate_python(document | changes)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, InstrumentStatus.ACTIVE),
        ({"balance": Decimal("0.00011")}, InstrumentStatus.ACTIVE),
        ({"balance": 0}, InstrumentStatus.DEPLETED),
        ({"balance": -20}, InstrumentStatus.DEPLETED),
        ({"customer_id": None}, InstrumentStatus.UNCLAIMED),
        ({"customer_id": None, "balance": 0}, InstrumentStatus.UNCLAIMED),
        ({"customer_id": ""}, InstrumentStatus.UNCLAIMED),
    ],
)
def test_status_follows_owner_and_balance(
    changes: dict[str, Any], status: InstrumentStatus, now: datetime
) -> None:
    assert account_from(now, **changes).status is status


def test_an_account_that_parallel_claims_overdrew_keeps_its_negative_balance(
    now: datetime,
) -> None:
    assert account_from(now, balance=-20).balance == usd("-20")


@pytest.mark.parametrize("owner", [None, ""])
def test_nobody_owns_an_unclaimed_account(owner: str | None, now: datetime) -> None:
    assert account_from(now, customer_id=owner).details.provider_customer_id is None


@pytest.mark.parametrize("text", ["usd", "USD", "Usd"])
def test_a_currency_may_come_in_any_case(text: str, now: datetime) -> None:
    assert account_from(now, currency_code=text).currency == Currency("USD")


def test_amounts_are_not_rounded_to_the_decimals_of_the_currency(now: datetime) -> None:
    account = account_from(now, currency_code="jpy", balance=Decimal("1.5"))

    assert account.balance == Money(Decimal("1.5"), Currency("JPY"))


def test_the_claim_code_leaves_masked_only(now: datetime) -> None:
    account = account_from(now, code="SC-W2KQ-539A-PBW2-KQ53")

    assert account.details.masked_claim_code == "****KQ53"
    assert "W2KQ" not in repr(account)


@pytest.mark.parametrize("code", [None, ""])
def test_an_account_without_a_code_shows_none(code: str | None, now: datetime) -> None:
    assert account_from(now, code=code).details.masked_claim_code is None


def test_a_wire_account_does_not_print_its_claim_code() -> None:
    group = {"credits": 0, "debits": 0, "balance": 0}
    account = wire.ACCOUNT.validate_python(
        {
            "id": "sc_acc_1",
            "currency_code": "usd",
            "customer_id": None,
            "code": "SC-W2KQ-539A-PBW2-KQ53",
            "metadata": None,
            "created_at": "2026-11-22T02:48:19.702Z",
            "updated_at": "2026-11-22T02:48:19.702Z",
        }
        | group
    )

    assert "KQ53" not in f"{account!r} {account} {account.model_dump()}"


@pytest.mark.parametrize(
    ("reference", "type_", "operation", "direction", "actor"),
    [
        ("user", "credit", BalanceOperation.MANUAL_CREDIT, Direction.CREDIT, ActorKind.STAFF),
        ("user", "debit", BalanceOperation.MANUAL_DEBIT, Direction.DEBIT, ActorKind.STAFF),
        (
            "api-key",
            "credit",
            BalanceOperation.MANUAL_CREDIT,
            Direction.CREDIT,
            ActorKind.INTEGRATION,
        ),
        ("api-key", "debit", BalanceOperation.MANUAL_DEBIT, Direction.DEBIT, ActorKind.INTEGRATION),
        ("gift_card", "credit", BalanceOperation.ISSUE, Direction.CREDIT, ActorKind.SYSTEM),
        ("store-credit", "credit", BalanceOperation.TRANSFER, Direction.CREDIT, ActorKind.CUSTOMER),
        ("store-credit", "debit", BalanceOperation.TRANSFER, Direction.DEBIT, ActorKind.CUSTOMER),
        ("cart", "debit", BalanceOperation.SPEND, Direction.DEBIT, ActorKind.CUSTOMER),
        ("cart", "credit", BalanceOperation.OTHER, Direction.CREDIT, ActorKind.CUSTOMER),
        ("order", "debit", BalanceOperation.OTHER, Direction.DEBIT, ActorKind.SYSTEM),
        ("loyalty", "credit", BalanceOperation.OTHER, Direction.CREDIT, ActorKind.UNKNOWN),
        ("user", "void", BalanceOperation.OTHER, Direction.NEUTRAL, ActorKind.STAFF),
    ],
)
def test_an_entry_is_named_by_who_wrote_it_and_which_way_it_went(
    reference: str,
    type_: str,
    operation: BalanceOperation,
    direction: Direction,
    actor: ActorKind,
    account: StoreCreditAccount,
) -> None:
    entry = translate.to_ledger_entry(entry_from(reference=reference, type=type_), account)

    assert entry.kind is LedgerEntryKind.BALANCE_OPERATION
    assert entry.operation is operation
    assert entry.direction is direction
    assert entry.actor is not None
    assert entry.actor.kind is actor
    assert entry.native.type == type_


def test_credit_given_back_for_an_order_is_a_refund_that_names_the_order(
    account: StoreCreditAccount,
) -> None:
    entry = translate.to_ledger_entry(
        entry_from(reference="order", reference_id="order_1", type="credit"), account
    )

    assert (entry.kind, entry.operation) == (LedgerEntryKind.REFUND, None)
    assert entry.reference is not None
    assert (entry.reference.value, entry.reference.order_id) == ("order_1", "order_1")


def test_a_cart_is_no_order(account: StoreCreditAccount) -> None:
    entry = translate.to_ledger_entry(
        entry_from(reference="cart", reference_id="cart_1", type="debit"), account
    )

    assert entry.reference is not None
    assert (entry.reference.kind, entry.reference.value) == ("cart", "cart_1")
    assert entry.reference.order_id is None


@pytest.mark.parametrize(
    ("amounts", "counted"),
    [
        ('{"amount": 10.1, "raw_amount": {"value": "10.1", "precision": 20}}', "10.1"),
        ('{"amount": 0, "raw_amount": {"value": "0.0001", "precision": 20}}', "0"),
        (
            '{"amount": 33.333333333333336,'
            ' "raw_amount": {"value": "33.333333333333333333", "precision": 20}}',
            "33.333333333333333333",
        ),
        ('{"amount": 5, "raw_amount": {"value": "6", "precision": 20}}', "5"),
        ('{"amount": 9007199254740992.125}', "9007199254740992.125"),
        ('{"amount": 7.5, "raw_amount": null}', "7.5"),
    ],
)
def test_an_entry_says_what_counted_with_the_digits_that_a_double_lost(
    amounts: str, counted: str, account: StoreCreditAccount
) -> None:
    entry = entry_from(**exact_json.decode(amounts.encode()))

    assert translate.to_ledger_entry(entry, account).amount == usd(counted)


@pytest.mark.parametrize("note", [None, ""])
def test_an_empty_note_is_no_note(note: str | None, account: StoreCreditAccount) -> None:
    assert translate.to_ledger_entry(entry_from(note=note), account).note is None


def test_a_question_without_members_has_no_filters() -> None:
    assert translate.account_filters(StoreCreditQuestion()) == []
    assert translate.account_filters(StoreCreditQuestion(search="")) == []


def test_every_member_of_a_question_becomes_one_filter() -> None:
    question = StoreCreditQuestion(
        currency=Currency("USD"),
        provider_customer_id=ProviderCustomerId("cus_1"),
        search="us",
        created_from=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        created_to=datetime(2026, 2, 3, tzinfo=UTC),
    )

    assert translate.account_filters(question) == [
        ("customer_id", "cus_1"),
        ("currency_code[$ilike]", "usd"),
        ("q", "us"),
        ("created_at[$gte]", "2026-01-02T03:04:05.678Z"),
        ("created_at[$lte]", "2026-02-03T00:00:00.000Z"),
    ]


@pytest.mark.parametrize(
    "question",
    [
        LedgerQuestion(),
        LedgerQuestion(direction=Direction.DEBIT),
        LedgerQuestion(kinds=frozenset({LedgerEntryKind.REFUND, LedgerEntryKind.LIMIT_CHANGE})),
    ],
)
def test_a_ledger_can_have_the_kinds_it_knows(question: LedgerQuestion) -> None:
    assert translate.can_match_entries(question)


@pytest.mark.parametrize(
    "question",
    [
        LedgerQuestion(kinds=frozenset([LedgerEntryKind.SETTLEMENT])),
        LedgerQuestion(kinds=frozenset()),
        LedgerQuestion(purchase_order="PO-1"),
    ],
)
def test_no_ledger_has_other_kinds_or_purchase_orders(question: LedgerQuestion) -> None:
    assert not translate.can_match_entries(question)
