"""Adobe's words and figures, one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.adobe_company_credit.translate import (
    Owner,
    to_credit_account,
    to_ledger_entry,
    to_owner,
)
from adapters.adobe_company_credit.wire import CREDIT, HISTORY_ROW
from adapters.transport import exact_json
from app.domain.identifiers import SourceKey
from app.domain.instruments import CreditAccount, InstrumentStatus
from app.domain.ledger import (
    Actor,
    ActorKind,
    BalanceOperation,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
)
from app.domain.money import Currency, Money

ADOBE = SourceKey("adobe")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def account(members: str) -> CreditAccount:
    document = exact_json.decode(b'{"id":31,"company_id":21,%s}' % members.encode())
    return to_credit_account(
        CREDIT.validate_python(document), owner=to_owner(1), source=ADOBE, observed_at=NOW
    )


def entry(**members: object) -> LedgerEntry:
    row = {
        "id": 103,
        "company_credit_id": 7,
        "user_type": 2,
        "currency_credit": "EUR",
        "currency_operation": "EUR",
        "rate": 1,
        "amount": 0,
        "balance": 0,
        "credit_limit": 5000,
        "available_limit": 5000,
        "type": 2,
        "datetime": "2025-03-01 10:15:00",
        "comment": "",
    } | members
    return to_ledger_entry(HISTORY_ROW.validate_python(row), source=ADOBE)


@pytest.mark.parametrize(
    ("company_status", "status"),
    [
        (0, InstrumentStatus.BLOCKED),
        (1, InstrumentStatus.ACTIVE),
        (2, InstrumentStatus.BLOCKED),
        (3, InstrumentStatus.BLOCKED),
        (4, InstrumentStatus.UNKNOWN),
        (-1, InstrumentStatus.UNKNOWN),
        (None, InstrumentStatus.UNKNOWN),
    ],
)
def test_only_an_approved_company_is_active(
    company_status: int | None, status: InstrumentStatus
) -> None:
    assert to_owner(company_status) == Owner(status, status_known=True)


@pytest.mark.parametrize(
    ("limit", "balance", "available", "owed"),
    [
        ("5000", "-1250.5", "3749.5", "1250.5"),
        ("5000", "-5250.5", "-250.5", "5250.5"),
        ("5000", "749.5", "5749.5", "0"),
        ("0", "-10", "-10", "10"),
        (None, "0", "0", "0"),
        (None, "-20.25", "-20.25", "20.25"),
        (None, "20.25", "20.25", "0"),
        ("0.3", "-0.1", "0.2", "0.1"),
        ("1234567890123456.789", "-0.0001", "1234567890123456.7889", "0.0001"),
    ],
)
def test_limit_available_and_outstanding_are_exact(
    limit: str | None, balance: str, available: str, owed: str
) -> None:
    granted = "" if limit is None else f'"credit_limit":{limit},'
    read = account(
        f'"currency_code":"BRL","exceed_limit":false,{granted}'
        f'"balance":{balance},"available_limit":{available}'
    )

    brl = Currency("BRL")
    assert read.limit == (None if limit is None else Money(Decimal(limit), brl))
    assert read.available == Money(Decimal(available), brl)
    assert read.outstanding == Money(Decimal(owed), brl)


def test_leave_to_exceed_the_limit_is_told() -> None:
    figures = '"currency_code":"usd","balance":0,"available_limit":0,"exceed_limit"'

    assert account(f"{figures}:true").exceed_allowed
    assert not account(f"{figures}:false").exceed_allowed


def test_a_currency_in_small_letters_is_the_same_currency() -> None:
    read = account('"currency_code":"usd","balance":0,"available_limit":0,"exceed_limit":false')

    assert read.currency == Currency("USD")


@pytest.mark.parametrize(
    ("number", "amount", "kind", "operation", "direction", "name"),
    [
        (1, "0", LedgerEntryKind.LIMIT_CHANGE, None, Direction.NEUTRAL, "Allocated"),
        (
            1,
            "5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.OTHER,
            Direction.CREDIT,
            "Allocated",
        ),
        (2, "0.0000", LedgerEntryKind.LIMIT_CHANGE, None, Direction.NEUTRAL, "Updated"),
        (
            2,
            "5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.MANUAL_CREDIT,
            Direction.CREDIT,
            "Updated",
        ),
        (
            2,
            "-5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.MANUAL_DEBIT,
            Direction.DEBIT,
            "Updated",
        ),
        (
            3,
            "-5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.PURCHASE,
            Direction.DEBIT,
            "Purchased",
        ),
        (
            4,
            "5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.REIMBURSEMENT,
            Direction.CREDIT,
            "Reimbursed",
        ),
        (
            4,
            "-5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.REIMBURSEMENT,
            Direction.DEBIT,
            "Reimbursed",
        ),
        (5, "5", LedgerEntryKind.REFUND, None, Direction.CREDIT, "Refunded"),
        (6, "5", LedgerEntryKind.CANCELLATION, None, Direction.CREDIT, "Reverted"),
        (
            7,
            "-5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.OTHER,
            Direction.DEBIT,
            "type 7",
        ),
        (
            7,
            "5",
            LedgerEntryKind.BALANCE_OPERATION,
            BalanceOperation.OTHER,
            Direction.CREDIT,
            "type 7",
        ),
    ],
)
def test_a_type_and_a_sign_make_a_kind_and_a_direction(
    number: int,
    amount: str,
    kind: LedgerEntryKind,
    operation: BalanceOperation | None,
    direction: Direction,
    name: str,
) -> None:
    read = entry(type=number, amount=Decimal(amount))

    assert (read.kind, read.operation, read.direction) == (kind, operation, direction)
    assert read.native.type == name
    assert read.amount.amount == abs(Decimal(amount))


def test_a_limit_change_tells_the_limit_after_it_and_nothing_else_does() -> None:
    assert entry(type=2, credit_limit=4000).limit_after == Money(Decimal(4000), Currency("EUR"))
    assert entry(type=3, amount=-1, credit_limit=4000).limit_after is None


def test_an_operation_in_another_currency_keeps_both() -> None:
    """The contract's example: EUR -400, decrease 100 USD at 0.8."""
    read = entry(
        type=3,
        amount=-100,
        currency_operation="USD",
        rate=Decimal("1.25"),
        balance=-480,
        available_limit=4520,
    )

    assert read.amount == Money(Decimal(100), Currency("USD"))
    assert read.balance_after == Money(Decimal(-480), Currency("EUR"))
    assert read.available_after == Money(Decimal(4520), Currency("EUR"))
    assert read.rate == Decimal("1.25")


def test_a_rate_belongs_to_balance_operations_only() -> None:
    assert entry(type=5, amount=1).rate is None


@pytest.mark.parametrize(
    ("user_type", "actor"),
    [
        (1, Actor(ActorKind.INTEGRATION)),
        (2, Actor(ActorKind.STAFF)),
        (3, Actor(ActorKind.CUSTOMER)),
        (4, Actor(ActorKind.UNKNOWN)),
        (None, None),
    ],
)
def test_a_user_type_says_who_did_it(user_type: int | None, actor: Actor | None) -> None:
    assert entry(user_type=user_type).actor == actor


@pytest.mark.parametrize(
    ("comment", "note", "order_id"),
    [
        ("", None, None),
        (json.dumps({"custom": "wire received"}), "wire received", None),
        (json.dumps({"custom": "", "system": {"order": "000000012"}}), None, "000000012"),
        (json.dumps({"custom": None, "system": {"order": 12}}), None, "12"),
        (json.dumps({"custom": ["x"], "system": {"exceed_limit": {"value": True}}}), None, None),
        (json.dumps({"custom": "x", "system": []}), "x", None),
        ("typed by hand", "typed by hand", None),
        ('{"custom": "cut of', '{"custom": "cut of', None),
        ('"quoted"', '"quoted"', None),
        ("[" * 100_000, "[" * 100_000, None),
    ],
    ids=range(10),
)
def test_a_comment_is_json_inside_a_string_or_text(
    comment: str, note: str | None, order_id: str | None
) -> None:
    read = entry(comment=comment)

    assert read.note == note
    assert (read.reference.order_id if read.reference else None) == order_id


@pytest.mark.parametrize(
    ("members", "kind", "value", "purchase_order"),
    [
        ({"purchase_order": "PO-1"}, "purchase_order", "PO-1", "PO-1"),
        (
            {"purchase_order": "PO-1", "custom_reference_number": "REF-1"},
            "purchase_order",
            "PO-1",
            "PO-1",
        ),
        (
            {"purchase_order": "", "custom_reference_number": "REF-1"},
            "custom_reference_number",
            "REF-1",
            None,
        ),
        ({"comment": '{"system":{"order":"12"}}'}, "order", "12", None),
    ],
)
def test_a_reference_is_the_first_that_the_row_has(
    members: dict[str, object], kind: str, value: str, purchase_order: str | None
) -> None:
    reference = entry(**members).reference

    assert reference is not None
    assert (reference.kind, reference.value) == (kind, value)
    assert reference.purchase_order == purchase_order


MARK = "cg-0123456789abcdef0123456789abcdef-1"


@pytest.mark.parametrize(
    ("members", "note", "reference"),
    [
        (
            {"purchase_order": MARK, "comment": f'{{"custom":"a\\nb\\n{MARK} Purchase order: P"}}'},
            "a\nb",
            EntryReference(kind="purchase_order", value="P", purchase_order="P"),
        ),
        (
            {"purchase_order": MARK, "comment": f'{{"custom":"{MARK}","system":{{"order":"12"}}}}'},
            None,
            EntryReference(kind="order", value="12", order_id="12"),
        ),
        (
            {"purchase_order": MARK, "comment": ""},
            None,
            EntryReference(kind="custom_reference_number", value=MARK),
        ),
        (
            {"purchase_order": "P-2", "comment": f'{{"custom":"{MARK} Purchase order: P-1"}}'},
            None,
            EntryReference(kind="purchase_order", value="P-2", purchase_order="P-2"),
        ),
        (
            {"custom_reference_number": MARK, "comment": f"by hand {MARK} Purchase order: P"},
            f"by hand {MARK} Purchase order: P",
            EntryReference(kind="custom_reference_number", value=MARK),
        ),
        (
            {"purchase_order": f"{MARK}x", "comment": ""},
            None,
            EntryReference(kind="purchase_order", value=f"{MARK}x", purchase_order=f"{MARK}x"),
        ),
    ],
    ids=["whole", "no order", "mark alone", "newer order", "not at the end", "no mark"],
)
def test_what_was_written_from_here_reads_as_the_caller_wrote_it(
    members: dict[str, object], note: str | None, reference: EntryReference | None
) -> None:
    read = entry(**members)

    assert (read.note, read.reference) == (note, reference)


def test_a_row_may_refer_to_nothing() -> None:
    assert entry(purchase_order=None).reference is None
