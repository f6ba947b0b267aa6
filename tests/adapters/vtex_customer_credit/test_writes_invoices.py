"""One invoice: noted on, paid, cancelled, postponed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    ProviderFailed,
    SourceProblemKind,
)
from app.domain.instructions import OnInvoice, PostponeInvoice, UpdateInvoice
from app.domain.invoices import InvoiceStatus
from app.domain.operation import NO_EVIDENCE, Booking
from app.domain.provider import Writer
from app.domain.refusals import InvalidState, PolicyViolation, ProviderRejected
from tests.adapters.vtex_customer_credit.scenes import (
    CANCEL,
    INVOICE,
    INVOICE_BODY,
    OF_INVOICE,
    PAY,
    POSTPONE,
    UPDATE_INVOICE,
    Backend,
    written_as,
)
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT_PATH,
    account,
    assert_lost,
    call,
    written,
)

INVOICE_PATH = f"{ACCOUNT_PATH}/invoices/{INVOICE}"


@pytest.fixture
def backend(router: respx.Router) -> Backend:
    return Backend(router)


@pytest.fixture
def updating(client: VtexCustomerCredit) -> Writer[UpdateInvoice]:
    return client.writers[UpdateInvoice]


@pytest.fixture
def postponing(client: VtexCustomerCredit) -> Writer[PostponeInvoice]:
    return client.writers[PostponeInvoice]


async def send(client: VtexCustomerCredit, instruction: OnInvoice) -> Booking:
    return await client.writers[type(instruction)].send(call(instruction, account()))


async def find(client: VtexCustomerCredit, instruction: OnInvoice) -> Booking | None:
    return await client.writers[type(instruction)].find(call(instruction))


@pytest.mark.parametrize(
    ("instruction", "members"),
    [
        (PAY, {"status": "Paid"}),
        (CANCEL, {"status": "Cancelled"}),
        (UPDATE_INVOICE, {"paymentLink": "https://pay.example.com/1"}),
        (UpdateInvoice(**OF_INVOICE, status=InvoiceStatus.PAID), {"status": "Paid"}),
        (UpdateInvoice(**OF_INVOICE, note="Kept"), {}),
        (UpdateInvoice(**OF_INVOICE, note=""), {"observation": None}),
    ],
)
async def test_what_is_as_wanted_already_is_left_as_it_is(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    instruction: OnInvoice,
    members: dict[str, Any],
) -> None:
    backend.shows_invoice(**members)

    assert await send(client, instruction) == Booking()
    assert await find(client, instruction) == Booking()
    assert not written(router)


@pytest.mark.parametrize(
    ("instruction", "word", "state"),
    [
        (PAY, "Cancelled", "CANCELLED"),
        (CANCEL, "Paid", "PAID"),
        (PAY, "Overdue", "UNKNOWN"),
        (CANCEL, "Overdue", "UNKNOWN"),
    ],
)
async def test_an_invoice_that_has_ended_otherwise_is_refused(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    instruction: OnInvoice,
    word: str,
    state: str,
) -> None:
    backend.shows_invoice(status=word)

    with pytest.raises(InvalidState) as refusal:
        await send(client, instruction)

    assert (refusal.value.state, refusal.value.allowed) == (state, ("OPEN",))
    assert not written(router)


@pytest.mark.parametrize("members", [{"status": "Opened"}, {"id": f"{INVOICE[:-1]}2"}])
async def test_another_invoice_in_the_answer_to_a_payment_is_no_success(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, members: dict[str, Any]
) -> None:
    said = {**INVOICE_BODY, "status": "Paid", **members}
    router.post(path=f"{INVOICE_PATH}/payments").respond(text=written_as(said))

    await assert_lost(send(client, PAY), SourceProblemKind.BAD_RESPONSE)


@pytest.mark.parametrize("instruction", [PAY, CANCEL, UPDATE_INVOICE, POSTPONE])
async def test_an_invoice_as_before_shows_no_trace(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, instruction: OnInvoice
) -> None:
    assert await find(client, instruction) is None
    assert not written(router)


@pytest.mark.parametrize(("instruction", "word"), [(PAY, "Cancelled"), (CANCEL, "Paid")])
async def test_an_end_that_somebody_else_gave_it_refuses_ours(
    client: VtexCustomerCredit, backend: Backend, instruction: OnInvoice, word: str
) -> None:
    backend.shows_invoice(status=word)

    with pytest.raises(InvalidState):
        await find(client, instruction)


@pytest.mark.parametrize("instruction", [PAY, CANCEL])
async def test_a_status_nobody_knows_tells_nothing(
    client: VtexCustomerCredit, backend: Backend, instruction: OnInvoice
) -> None:
    backend.shows_invoice(status="Overdue")

    await assert_lost(find(client, instruction), SourceProblemKind.TIMEOUT)


every_instruction = pytest.mark.parametrize("instruction", [PAY, CANCEL, UPDATE_INVOICE, POSTPONE])


@every_instruction
async def test_a_provider_that_is_still_away_tells_nothing(
    client: VtexCustomerCredit, backend: Backend, instruction: OnInvoice
) -> None:
    backend.invoice.respond(500)

    with pytest.raises(ProviderFailed):
        await find(client, instruction)


@every_instruction
async def test_nothing_has_to_be_known_before(
    client: VtexCustomerCredit, router: respx.Router, instruction: OnInvoice
) -> None:
    prepare = client.writers[type(instruction)].prepare

    assert await prepare(instruction, account()) == NO_EVIDENCE
    assert not router.calls


@pytest.mark.parametrize("instruction", [PAY, CANCEL, UPDATE_INVOICE])
async def test_an_invoice_nobody_knows_is_not_changed(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, instruction: OnInvoice
) -> None:
    backend.invoice.respond(404)

    with pytest.raises(AccountNotFound) as refusal:
        await send(client, instruction)

    assert refusal.value.kind == "invoice"
    assert not written(router)


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"note": "New"}, '{"status":"Opened","observation":"New","paymentLink":null}'),
        ({"note": ""}, '{"status":"Opened","observation":"","paymentLink":null}'),
        (
            {"status": InvoiceStatus.CANCELLED},
            '{"status":"Cancelled","observation":"Kept","paymentLink":null}',
        ),
    ],
)
async def test_what_is_not_given_goes_out_as_it_was(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    given: dict[str, Any],
    body: str,
) -> None:
    router.put(path=INVOICE_PATH).respond(200)

    await send(client, UpdateInvoice(**OF_INVOICE, **given))

    assert [it.body for it in written(router)] == [body]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"note": "a\0b"}, ("note",)),
        ({"payment_link": "\ud800"}, ("paymentLink",)),
        ({"status": InvoiceStatus.UNKNOWN}, ("status",)),
    ],
)
async def test_what_no_invoice_can_be_is_refused(
    updating: Writer[UpdateInvoice], given: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await updating.prepare(UpdateInvoice(**OF_INVOICE, **given), account())

    assert refusal.value.path == path


async def test_a_status_nobody_knows_cannot_be_sent_back(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.shows_invoice(status="Overdue")

    with pytest.raises(InvalidState) as refusal:
        await send(client, UPDATE_INVOICE)

    assert refusal.value.allowed == ("OPEN", "PAID", "CANCELLED")
    assert not written(router)


async def test_a_refused_change_of_an_ended_invoice_says_where_it_stands(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.shows_invoice(status="Paid")
    router.put(path=INVOICE_PATH).respond(400)

    with pytest.raises(InvalidState) as refusal:
        await send(client, UpdateInvoice(**OF_INVOICE, status=InvoiceStatus.OPEN))

    assert refusal.value.state == "PAID"


async def test_a_refused_note_on_an_ended_invoice_has_another_reason(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.shows_invoice(status="Paid")
    router.put(path=INVOICE_PATH).respond(400)

    with pytest.raises(ProviderRejected):
        await send(client, UPDATE_INVOICE)


@pytest.mark.parametrize("days", [0, -1, 10_001])
async def test_a_postponement_is_by_some_days(
    postponing: Writer[PostponeInvoice], days: int
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await postponing.prepare(replace(POSTPONE, days=days), account())

    assert refusal.value.path == ("days",)


@pytest.mark.parametrize(
    ("terms", "policy"),
    [
        ({"postponementEnabled": False}, "postponementEnabled"),
        ({"invoicePostponementLimit": 0}, "maxPostponements"),
        ({"maxPostponementDays": 9}, "maxPostponementDays"),
    ],
)
async def test_a_refused_postponement_names_the_term_that_is_against_it(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    terms: dict[str, Any],
    policy: str,
) -> None:
    router.put(path=f"{INVOICE_PATH}/postponement").respond(400)
    backend.shows_terms(**terms)

    with pytest.raises(PolicyViolation) as refusal:
        await send(client, POSTPONE)

    assert refusal.value.policy == policy


async def test_earlier_postponements_count_against_the_most_days(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    router.put(path=f"{INVOICE_PATH}/postponement").respond(400)
    backend.shows_invoice(dueDate="2027-01-12T12:00:00Z")

    with pytest.raises(PolicyViolation) as refusal:
        await send(client, POSTPONE)

    assert refusal.value.policy == "maxPostponementDays"


async def test_what_was_postponed_before_and_has_days_left_was_postponed_often_enough(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    router.put(path=f"{INVOICE_PATH}/postponement").respond(400)
    backend.shows_terms(maxPostponementDays=90)
    backend.shows_invoice(dueDate="2027-01-12T12:00:00Z")

    with pytest.raises(PolicyViolation) as refusal:
        await send(client, POSTPONE)

    assert refusal.value.policy == "maxPostponements"


async def test_a_refused_postponement_of_an_ended_invoice_says_where_it_stands(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    router.put(path=f"{INVOICE_PATH}/postponement").respond(400)
    backend.shows_invoice(status="Cancelled")

    with pytest.raises(InvalidState) as refusal:
        await send(client, POSTPONE)

    assert refusal.value.state == "CANCELLED"


@pytest.mark.parametrize("unread", ["invoice", "terms"])
async def test_a_refused_postponement_stays_refused_when_nothing_tells_why(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, unread: str
) -> None:
    router.put(path=f"{INVOICE_PATH}/postponement").respond(400, json={"code": 7})
    getattr(backend, unread).respond(500)

    with pytest.raises(ProviderRejected) as refusal:
        await send(client, POSTPONE)

    assert refusal.value.provider_code == "7"


async def test_a_postponement_is_found_in_the_day_the_invoice_is_due(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.shows_invoice(dueDate="2027-01-01T12:00:00Z")

    assert await find(client, POSTPONE) == Booking()
    assert not written(router)


async def test_another_due_day_does_not_tell_of_a_postponement(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.shows_invoice(dueDate="2027-01-11T12:00:00Z")

    await assert_lost(find(client, POSTPONE), SourceProblemKind.TIMEOUT)
