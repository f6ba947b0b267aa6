"""What is due, what is overdue, and which invoices a question means."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.invoices import InvoiceQuestion, InvoiceStatus
from tests.doubles.samples import NOW, an_invoice

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("due_at", "overdue", "days"),
    [
        (NOW + timedelta(days=1), False, 0),
        (NOW, False, 0),
        (NOW - MOMENT, True, 0),
        (NOW - timedelta(days=1) + MOMENT, True, 0),
        (NOW - timedelta(days=1), True, 1),
        (NOW - timedelta(days=400), True, 400),
    ],
)
def test_an_open_invoice_is_overdue_after_the_instant_it_is_due(
    due_at: object, overdue: object, days: int
) -> None:
    assert isinstance(due_at, type(NOW))
    invoice = an_invoice(due_at=due_at)
    assert invoice.is_overdue(NOW) is overdue
    assert invoice.days_overdue(NOW) == days


@pytest.mark.parametrize("status", set(InvoiceStatus) - {InvoiceStatus.OPEN})
def test_only_an_open_invoice_can_be_overdue(status: InvoiceStatus) -> None:
    invoice = an_invoice(status=status, due_at=NOW - timedelta(days=10))
    assert not invoice.is_overdue(NOW)
    assert invoice.days_overdue(NOW) == 0


INVOICE = an_invoice(
    "inv-0042",
    amount="100.50",
    issued_at=NOW - timedelta(days=30),
    due_at=NOW - timedelta(days=1),
    note="Straße, second truck",
    order_id="order-7",
)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (InvoiceQuestion(), True),
        (InvoiceQuestion(statuses=frozenset({InvoiceStatus.OPEN})), True),
        (InvoiceQuestion(statuses=frozenset([InvoiceStatus.PAID, InvoiceStatus.CANCELLED])), False),
        (InvoiceQuestion(statuses=frozenset()), False),
        (InvoiceQuestion(overdue=True), True),
        (InvoiceQuestion(overdue=False), False),
        (InvoiceQuestion(due_from=NOW - timedelta(days=1)), True),
        (InvoiceQuestion(due_from=NOW - timedelta(days=1) + MOMENT), False),
        (InvoiceQuestion(due_to=NOW - timedelta(days=1)), True),
        (InvoiceQuestion(due_to=NOW - timedelta(days=1) - MOMENT), False),
        (InvoiceQuestion(created_from=NOW - timedelta(days=30)), True),
        (InvoiceQuestion(created_from=NOW - timedelta(days=30) + MOMENT), False),
        (InvoiceQuestion(created_to=NOW - timedelta(days=30)), True),
        (InvoiceQuestion(created_to=NOW - timedelta(days=30) - MOMENT), False),
        (InvoiceQuestion(amount=Decimal("100.5")), True),
        (InvoiceQuestion(amount=Decimal("100.51")), False),
        (InvoiceQuestion(number="inv-0042"), True),
        (InvoiceQuestion(number="0042"), True),
        (InvoiceQuestion(number="0043"), False),
        (InvoiceQuestion(note="STRASSE"), True),
        (InvoiceQuestion(note="first truck"), False),
        (InvoiceQuestion(order_id="order-7"), True),
        (InvoiceQuestion(order_id="order"), False),
        (InvoiceQuestion(order_id="order-7", overdue=False), False),
    ],
)
def test_every_member_of_a_question_must_hold(question: InvoiceQuestion, *, wanted: bool) -> None:
    assert question.matches(INVOICE, at=NOW) is wanted


def test_an_invoice_without_a_note_contains_no_text() -> None:
    assert not InvoiceQuestion(note="").matches(an_invoice(note=None), at=NOW)


def test_what_is_overdue_depends_on_the_moment_of_reading() -> None:
    question = InvoiceQuestion(overdue=True)
    assert not question.matches(INVOICE, at=NOW - timedelta(days=2))
    assert question.matches(INVOICE, at=NOW)
