"""Captures and refunds: proved by the invoices of the hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import (
    InvalidQuestion,
    ProviderContractBroken,
    ProviderFailed,
    SourceProblemKind,
)
from app.domain.instructions import CaptureHoldOnCredit, Instruction, RefundHoldOnCredit
from app.domain.operation import Booking, Evidence
from app.domain.provider import Writer
from app.domain.refusals import InvalidState, ProviderRejected
from tests.adapters.vtex_customer_credit.scenes import (
    CAPTURE,
    HOLD,
    INVOICE_BODY,
    REFUND,
    Backend,
)
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT_PATH,
    account,
    assert_lost,
    brl,
    call,
    written,
)

HOLD_PATH = f"{ACCOUNT_PATH}/transactions/{HOLD}"

CREDIT = {"value": 5.0, "date": "2026-11-20T10:00:00Z", "origin": "Statement"}
NEW_CREDIT = {
    "value": 30.0,
    "date": "2026-11-22T11:59:59Z",
    "origin": "Invoice",
    "metadata": {"transactionId": HOLD.upper()},
}
DEBIT = NEW_CREDIT | {"value": -30.0}
PAYMENT = NEW_CREDIT | {"origin": "Payment"}


@pytest.fixture
def backend(router: respx.Router) -> Backend:
    return Backend(router)


@pytest.fixture
def capturing(client: VtexCustomerCredit) -> Writer[CaptureHoldOnCredit]:
    return client.writers[CaptureHoldOnCredit]


@pytest.fixture
def refunding(client: VtexCustomerCredit) -> Writer[RefundHoldOnCredit]:
    return client.writers[RefundHoldOnCredit]


def instalment(number: int, value: float, **members: Any) -> Mapping[str, Any]:
    invoice_id = f"{HOLD.upper()}-{number:02}"
    return {**INVOICE_BODY, "id": invoice_id, "value": value, "installment": number, **members}


def foreign(number: int) -> Mapping[str, Any]:
    """Of another purchase."""
    return instalment(number, 1000, id=f"F-{number}", transactionId="F" * 32)


async def test_the_evidence_is_what_the_invoices_of_the_hold_say(
    capturing: Writer[CaptureHoldOnCredit], backend: Backend
) -> None:
    assert await capturing.prepare(CAPTURE, account()) == Evidence(figure=brl("0"))

    backend.shows_invoices(
        foreign(1), instalment(1, 25.5, status="Paid"), instalment(2, 24.45), foreign(2)
    )

    assert await capturing.prepare(CAPTURE, account()) == Evidence(figure=brl("49.95"))


async def test_the_invoices_of_a_hold_are_looked_for_on_every_page(
    capturing: Writer[CaptureHoldOnCredit], router: respx.Router, backend: Backend
) -> None:
    every = [foreign(number) for number in range(130)] + [instalment(1, 49.95)]

    def page(request: Any) -> Any:
        first, last = (int(request.url.params[end]) for end in ("from", "to"))
        return respx.MockResponse(200, json={"data": every[first - 1 : last]})

    backend.invoices.mock(side_effect=page)

    assert await capturing.prepare(CAPTURE, account()) == Evidence(figure=brl("49.95"))


async def test_an_invoice_that_cannot_be_read_stands_in_the_way(
    capturing: Writer[CaptureHoldOnCredit],
    refunding: Writer[RefundHoldOnCredit],
    backend: Backend,
) -> None:
    backend.shows_invoices(instalment(1, 1), {"id": ""})

    for attempt in (
        capturing.prepare(CAPTURE, account()),
        capturing.find(call(CAPTURE)),
        refunding.prepare(REFUND, account()),
        refunding.find(call(REFUND)),
    ):
        with pytest.raises(ProviderContractBroken):
            await attempt


@pytest.mark.parametrize(
    "instruction", [replace(CAPTURE, amount=brl("-1")), replace(REFUND, amount=brl("1E-7"))]
)
async def test_an_amount_that_would_not_survive_is_refused(
    client: VtexCustomerCredit, router: respx.Router, instruction: Instruction
) -> None:
    with pytest.raises(InvalidQuestion):
        await client.writers[type(instruction)].prepare(instruction, account())

    assert not router.calls


@pytest.mark.parametrize(
    "said", [{"id": HOLD, "value": 49.94}, {"id": HOLD[::-1], "value": 49.95}, {"value": 49.95}]
)
async def test_another_settlement_in_the_answer_is_no_success(
    capturing: Writer[CaptureHoldOnCredit], router: respx.Router, said: dict[str, Any]
) -> None:
    router.put(path=f"{HOLD_PATH}/settlement").respond(json=said)

    await assert_lost(capturing.send(call(CAPTURE, account())), SourceProblemKind.BAD_RESPONSE)


@pytest.mark.parametrize(
    ("before", "invoices", "found"),
    [
        ("0", [], None),
        ("0", [foreign(1)], None),
        ("0", [instalment(1, 49.95)], Booking(provider_reference=HOLD)),
        ("0", [instalment(1, 24.97), instalment(2, 24.98)], Booking(provider_reference=HOLD)),
        ("20", [instalment(1, 20)], None),
        ("20", [instalment(1, 49.95)], Booking(provider_reference=HOLD)),
        ("49.95", [instalment(1, 49.95)], Booking(provider_reference=HOLD)),
    ],
)
async def test_a_capture_is_found_in_the_invoices_of_the_hold(
    capturing: Writer[CaptureHoldOnCredit],
    router: respx.Router,
    backend: Backend,
    before: str,
    invoices: list[Mapping[str, Any]],
    found: Booking | None,
) -> None:
    backend.shows_invoices(*invoices)

    assert await capturing.find(call(CAPTURE, None, Evidence(figure=brl(before)))) == found
    assert not written(router)


async def test_another_amount_than_before_and_wanted_does_not_tell_of_a_capture(
    capturing: Writer[CaptureHoldOnCredit], backend: Backend
) -> None:
    backend.shows_invoices(instalment(1, 30))
    this = call(CAPTURE, None, Evidence(figure=brl("20")))

    await assert_lost(capturing.find(this), SourceProblemKind.TIMEOUT)


async def test_another_amount_in_the_answer_to_a_refund_is_no_success(
    refunding: Writer[RefundHoldOnCredit], router: respx.Router
) -> None:
    router.post(path=f"{HOLD_PATH}/refunds").respond(json={"value": 29.99})

    await assert_lost(refunding.send(call(REFUND, account())), SourceProblemKind.BAD_RESPONSE)


@pytest.mark.parametrize(
    ("captured", "kind"),
    [("0", InvalidState), ("29.99", InvalidQuestion), ("30", ProviderRejected)],
)
async def test_a_refused_refund_is_judged_by_what_was_captured(
    refunding: Writer[RefundHoldOnCredit], router: respx.Router, captured: str, kind: type
) -> None:
    router.post(path=f"{HOLD_PATH}/refunds").respond(400)

    with pytest.raises(kind):
        await refunding.send(call(REFUND, account(), Evidence(figure=brl(captured))))


async def prepared_refund(refunding: Writer[RefundHoldOnCredit], backend: Backend) -> Evidence:
    """Of a hold of which 50 was captured, on an account that had one credit before."""
    backend.shows_invoices(instalment(1, 25), instalment(2, 25))
    backend.shows_entries(CREDIT)
    return await refunding.prepare(REFUND, account())


async def test_the_evidence_of_a_refund_is_the_invoices_and_the_newest_credit(
    refunding: Writer[RefundHoldOnCredit], backend: Backend
) -> None:
    evidence = await prepared_refund(refunding, backend)

    assert evidence.figure == brl("50")
    backend.shows_entries(CREDIT, DEBIT, PAYMENT)
    assert await refunding.prepare(REFUND, account()) == evidence


async def test_invoices_that_fell_by_the_amount_prove_a_refund(
    refunding: Writer[RefundHoldOnCredit], router: respx.Router, backend: Backend
) -> None:
    evidence = await prepared_refund(refunding, backend)
    backend.shows_invoices(instalment(1, 20, creditValue=5), instalment(2, 0, creditValue=25))
    backend.shows_entries(CREDIT, NEW_CREDIT)

    found = await refunding.find(call(REFUND, None, evidence))

    assert found == Booking(provider_reference=HOLD)
    assert not written(router)


async def test_invoices_and_ledger_as_before_are_no_trace_of_a_refund(
    refunding: Writer[RefundHoldOnCredit], backend: Backend
) -> None:
    evidence = await prepared_refund(refunding, backend)
    backend.shows_entries(CREDIT, DEBIT, PAYMENT)

    assert await refunding.find(call(REFUND, None, evidence)) is None


@pytest.mark.parametrize(
    ("left", "entries"),
    [((25, 25), (CREDIT, NEW_CREDIT)), ((25, 0), (CREDIT,)), ((0, 0), (CREDIT, NEW_CREDIT))],
    ids=["a new credit", "fell by less", "fell by more"],
)
async def test_anything_else_does_not_tell_of_a_refund(
    refunding: Writer[RefundHoldOnCredit],
    backend: Backend,
    left: tuple[float, float],
    entries: tuple[Mapping[str, Any], ...],
) -> None:
    evidence = await prepared_refund(refunding, backend)
    backend.shows_invoices(instalment(1, left[0]), instalment(2, left[1]))
    backend.shows_entries(*entries)

    await assert_lost(refunding.find(call(REFUND, None, evidence)), SourceProblemKind.TIMEOUT)


async def test_a_provider_that_is_still_away_tells_nothing(
    capturing: Writer[CaptureHoldOnCredit],
    refunding: Writer[RefundHoldOnCredit],
    backend: Backend,
) -> None:
    backend.invoices.respond(500)

    for attempt in (capturing.find(call(CAPTURE)), refunding.find(call(REFUND))):
        with pytest.raises(ProviderFailed):
            await attempt
