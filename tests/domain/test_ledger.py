"""Which lines of a history a question means."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.ledger import Direction, LedgerEntryKind, LedgerQuestion
from tests.doubles.samples import NOW, a_ledger_entry

MOMENT = timedelta(microseconds=1)
ENTRY = a_ledger_entry(purchase_order="PO-7")


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (LedgerQuestion(), True),
        (LedgerQuestion(kinds=frozenset({LedgerEntryKind.SETTLEMENT})), True),
        (LedgerQuestion(kinds=frozenset({LedgerEntryKind.REFUND})), False),
        (LedgerQuestion(kinds=frozenset()), False),
        (LedgerQuestion(direction=Direction.DEBIT), True),
        (LedgerQuestion(direction=Direction.NEUTRAL), False),
        (LedgerQuestion(from_at=NOW), True),
        (LedgerQuestion(from_at=NOW + MOMENT), False),
        (LedgerQuestion(to_at=NOW), True),
        (LedgerQuestion(to_at=NOW - MOMENT), False),
        (LedgerQuestion(purchase_order="PO-7"), True),
        (LedgerQuestion(purchase_order="PO"), False),
        (LedgerQuestion(purchase_order="PO-7", direction=Direction.CREDIT), False),
    ],
)
def test_every_member_of_a_question_must_hold(question: LedgerQuestion, *, wanted: bool) -> None:
    assert question.matches(ENTRY) is wanted


def test_an_entry_without_a_reference_belongs_to_no_purchase_order() -> None:
    assert not LedgerQuestion(purchase_order="PO-7").matches(a_ledger_entry())
