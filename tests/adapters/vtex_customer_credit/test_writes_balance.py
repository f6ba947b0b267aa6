"""The manual ledger: what goes out, what an answer means, and finding a lost one again."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    ProviderFailed,
    SourceProblemKind,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import BalanceReason, DecreaseCreditBalance
from app.domain.ledger import LedgerQuestion
from app.domain.operation import Booking, Evidence
from app.domain.paging import Window
from app.domain.provider import Call, Writer
from app.domain.refusals import InstrumentNotUsable, ProviderRejected
from app.domain.spendable import IneligibilityReason
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT,
    ACCOUNT_PATH,
    CLOSED,
    MARK,
    SOURCE,
    Fault,
    Outcome,
    Said,
    account,
    answering,
    assert_lost,
    brl,
    call,
    every_fault_before_work,
    every_lost_answer,
    written,
)

ENTRY_PATH = f"{ACCOUNT_PATH}/statements/{MARK}"

BEFORE = {"value": -15.0, "date": "2026-11-20T10:00:00Z", "origin": "Statement"}
LIMIT_CHANGE = {"value": -12.5, "date": "2026-11-22T11:59:57Z", "origin": "Credit"}
OURS = {"value": -12.5, "date": "2026-11-22T11:59:58Z", "origin": "Statement"}
SOMEBODYS = OURS | {"date": "2026-11-22T11:59:59Z", "doneBy": "clerk@example.com"}
CREDIT = OURS | {"value": 12.5}
OTHER_AMOUNT = OURS | {"value": -12.51}

Entry = dict[str, Any]


def marked(entry: Entry) -> Entry:
    return entry | {"metadata": {"transactionId": MARK.upper()}}


def instruction(amount: str = "12.50", **texts: Any) -> DecreaseCreditBalance:
    return DecreaseCreditBalance(
        source=SOURCE,
        account_id=ACCOUNT,
        amount=brl(amount),
        reason=BalanceReason.PURCHASED,
        **texts,
    )


@pytest.fixture
def writer(client: VtexCustomerCredit) -> Writer[DecreaseCreditBalance]:
    return client.writers[DecreaseCreditBalance]


@pytest.fixture
def ledger(router: respx.Router) -> respx.Route:
    """What the provider's statements are, one answer after the other."""
    return router.get(path=f"{ACCOUNT_PATH}/statements")


def shows(*entries: Entry) -> httpx.Response:
    return httpx.Response(200, json={"statements": entries})


async def prepared(
    writer: Writer[DecreaseCreditBalance], ledger: respx.Route, amount: str = "12.50"
) -> Call[DecreaseCreditBalance]:
    """A call whose account had one entry before."""
    ledger.mock(return_value=shows(BEFORE))
    evidence = await writer.prepare(instruction(amount), account())
    return call(instruction(amount), account(), evidence)


async def entry_id(client: VtexCustomerCredit) -> ProviderEntryId:
    """Of the newest entry."""
    page = await client.credit_ledger(ACCOUNT, LedgerQuestion(), Window(0, 1))
    return page.items[0].native.provider_entry_id


async def test_a_debit_goes_out_as_a_negative_text_under_the_mark(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, ledger: respx.Route
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": "-12.5"})
    this = await prepared(writer, ledger)

    await writer.send(this)

    assert written(router) == [
        Said("PUT", f"/accounts/{ACCOUNT}/statements/{MARK}", '{"value":"-12.50"}')
    ]


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.01", "-0.01"), ("1E+3", "-1000"), ("999999999999.999", "-999999999999.999")],
)
async def test_an_amount_goes_out_with_its_digits_and_no_exponent(
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    amount: str,
    text: str,
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": text})
    this = await prepared(writer, ledger, amount)

    await writer.send(this)

    assert [it.body for it in written(router)] == [f'{{"value":"{text}"}}']


async def test_the_evidence_is_the_newest_manual_entry(
    client: VtexCustomerCredit, writer: Writer[DecreaseCreditBalance], ledger: respx.Route
) -> None:
    ledger.mock(side_effect=[shows(BEFORE), shows(BEFORE, LIMIT_CHANGE), shows(LIMIT_CHANGE)])

    newest = await entry_id(client)

    assert await writer.prepare(instruction(), account()) == Evidence(newest_entry_id=newest)
    assert await writer.prepare(instruction(), account()) == Evidence(newest_entry_id=None)


@pytest.mark.parametrize("value", ["-12.5", "-12.50", -12.5])
async def test_a_booked_debit_is_told_with_its_entry(
    client: VtexCustomerCredit,
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    value: object,
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": value})
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(BEFORE, OURS))

    assert await writer.send(this) == Booking(
        provider_reference=MARK, entry_id=await entry_id(client)
    )


@pytest.mark.parametrize(
    "entries",
    [(), (BEFORE,), (BEFORE, OTHER_AMOUNT), (BEFORE, LIMIT_CHANGE), (BEFORE, OURS, SOMEBODYS)],
    ids=["none", "old", "another amount", "a change of limit", "two alike"],
)
async def test_a_booked_debit_whose_entry_is_not_certain_is_told_without_it(
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    entries: tuple[Entry, ...],
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": "-12.5"})
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(*entries))

    assert await writer.send(this) == Booking(provider_reference=MARK)


async def test_an_entry_that_bears_the_mark_is_ours_among_others_alike(
    client: VtexCustomerCredit,
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": "-12.5"})
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(BEFORE, marked(OURS)))
    ours = await entry_id(client)
    ledger.mock(return_value=shows(BEFORE, marked(OURS), SOMEBODYS))

    assert await writer.send(this) == Booking(provider_reference=MARK, entry_id=ours)


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(404), httpx.ReadTimeout("late")]
)
async def test_a_fault_of_the_read_after_it_does_not_undo_a_booking(
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    answer: httpx.Response | Exception,
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": "-12.5"})
    this = await prepared(writer, ledger)
    answering(ledger, answer)

    assert await writer.send(this) == Booking(provider_reference=MARK)


@pytest.mark.parametrize("value", ["12.5", "-12.49", "-1250", 0, None, "", True, {}])
async def test_another_value_in_the_answer_is_no_success(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, ledger: respx.Route, value: object
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": value})
    this = await prepared(writer, ledger)

    await assert_lost(writer.send(this), SourceProblemKind.BAD_RESPONSE)


async def test_a_debit_that_was_booked_as_a_credit_is_no_success(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, ledger: respx.Route
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": "-12.5"})
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(BEFORE, CREDIT))

    await assert_lost(writer.send(this), SourceProblemKind.BAD_RESPONSE)


@pytest.mark.parametrize("text", ["comment", "purchase_order", "order_id"])
async def test_a_text_that_the_provider_would_lose_is_refused(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, text: str
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await writer.prepare(instruction(**{text: "PO-1"}), account())

    path = {"comment": "comment", "purchase_order": "purchaseOrder", "order_id": "orderId"}
    assert refusal.value.path == (path[text],)
    assert not router.calls


@pytest.mark.parametrize(
    "amount", ["-1", "0.0000001", "1234567890.123456", "1E+15", "1E+999", "1E-999"]
)
async def test_an_amount_that_would_not_survive_is_refused(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, amount: str
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await writer.prepare(instruction(amount), account())

    assert refusal.value.path == ("amount", "amount")
    assert not router.calls


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (400, '{"code":1001,"message":"no"}', "1001"),
        (400, '{"error":{"code":"1402","message":"no","exception":null}}', "1402"),
        (400, '{"code":"<b>secret text</b>"}', None),
        (400, '{"code":{"a":1},"error":null}', None),
        (400, "<h1>Bad Request", None),
        (400, "", None),
        (405, "", None),
        (409, '{"code":1001}', "1001"),
    ],
)
async def test_a_refusal_is_told_by_its_code_alone(
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    status: int,
    said: str,
    code: str | None,
) -> None:
    router.put(path=ENTRY_PATH).respond(status, text=said)

    with pytest.raises(ProviderRejected) as refusal:
        await writer.send(call(instruction(), account()))

    assert (refusal.value.source, refusal.value.provider_code) == (SOURCE, code)
    assert "secret" not in repr(refusal.value)


async def test_an_account_that_is_gone_is_not_found(
    writer: Writer[DecreaseCreditBalance], router: respx.Router
) -> None:
    router.put(path=ENTRY_PATH).respond(404)

    with pytest.raises(AccountNotFound) as refusal:
        await writer.send(call(instruction(), account()))

    assert refusal.value.kind == "credit account"


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refusal_of_a_closed_account_says_that_it_is_closed(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, status: int
) -> None:
    router.put(path=ENTRY_PATH).respond(status)

    with pytest.raises(InstrumentNotUsable) as refusal:
        await writer.send(call(instruction(), CLOSED))

    assert refusal.value.reasons == (IneligibilityReason.CLOSED,)


@every_lost_answer
async def test_a_lost_answer_leaves_the_outcome_unknown(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, lost: Outcome
) -> None:
    answer, kind = lost
    answering(router.put(path=ENTRY_PATH), answer)

    await assert_lost(writer.send(call(instruction(), account())), kind)

    assert len(written(router)) == 1


@every_fault_before_work
async def test_what_did_not_begin_is_a_fault(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, fault: Fault
) -> None:
    answer, kind = fault
    answering(router.put(path=ENTRY_PATH), answer)

    with pytest.raises(kind):
        await writer.send(call(instruction(), account()))


async def test_a_lost_answer_is_asked_for_again_under_the_same_id(
    client: VtexCustomerCredit,
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
) -> None:
    router.put(path=ENTRY_PATH).respond(json={"value": "-12.5"})
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(BEFORE, OURS))

    found = await writer.find(this)

    assert found == Booking(provider_reference=MARK, entry_id=await entry_id(client))
    assert written(router) == [
        Said("PUT", f"/accounts/{ACCOUNT}/statements/{MARK}", '{"value":"-12.50"}')
    ]


@every_lost_answer
async def test_a_repeat_whose_answer_is_lost_too_tells_nothing(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, lost: Outcome
) -> None:
    answer, kind = lost
    answering(router.put(path=ENTRY_PATH), answer)

    await assert_lost(writer.find(call(instruction())), kind)


refused = pytest.mark.parametrize("status", [400, 404, 409])


@refused
@pytest.mark.parametrize(
    "entries",
    [(BEFORE,), (BEFORE, OTHER_AMOUNT), (BEFORE, CREDIT), (BEFORE, LIMIT_CHANGE)],
    ids=["old", "another amount", "a credit", "a change of limit"],
)
async def test_a_refused_repeat_without_a_new_entry_is_no_trace(
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    status: int,
    entries: tuple[Entry, ...],
) -> None:
    router.put(path=ENTRY_PATH).respond(status)
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(*entries))

    assert await writer.find(this) is None


@refused
@pytest.mark.parametrize("entries", [(BEFORE, OURS), (BEFORE, OURS, SOMEBODYS)], ids=["one", "two"])
async def test_a_refused_repeat_beside_entries_of_the_same_amount_tells_nothing(
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    status: int,
    entries: tuple[Entry, ...],
) -> None:
    router.put(path=ENTRY_PATH).respond(status)
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(*entries))

    await assert_lost(writer.find(this), SourceProblemKind.UPSTREAM_ERROR)


@refused
async def test_a_refused_repeat_beside_an_entry_that_bears_the_mark_was_booked_before(
    client: VtexCustomerCredit,
    writer: Writer[DecreaseCreditBalance],
    router: respx.Router,
    ledger: respx.Route,
    status: int,
) -> None:
    router.put(path=ENTRY_PATH).respond(status)
    this = await prepared(writer, ledger)
    ledger.mock(return_value=shows(BEFORE, marked(OURS)))
    ours = await entry_id(client)
    ledger.mock(return_value=shows(BEFORE, marked(OURS), SOMEBODYS))

    assert await writer.find(this) == Booking(provider_reference=MARK, entry_id=ours)


async def test_a_refused_repeat_of_an_account_that_is_gone_is_refused(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, ledger: respx.Route
) -> None:
    router.put(path=ENTRY_PATH).respond(404)
    this = await prepared(writer, ledger)
    ledger.respond(404)

    with pytest.raises(AccountNotFound):
        await writer.find(this)


async def test_a_refused_repeat_whose_ledger_cannot_be_read_tells_nothing(
    writer: Writer[DecreaseCreditBalance], router: respx.Router, ledger: respx.Route
) -> None:
    router.put(path=ENTRY_PATH).respond(400)
    this = await prepared(writer, ledger)
    ledger.respond(500)

    with pytest.raises(ProviderFailed):
        await writer.find(this)
