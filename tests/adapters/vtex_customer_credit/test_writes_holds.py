"""Holds: the provider shows their sum alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
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
from app.domain.identifiers import ProviderHoldId
from app.domain.instructions import (
    ChangeHoldOnCredit,
    HoldOnCredit,
    Instruction,
    ReleaseHoldOnCredit,
)
from app.domain.operation import Booking, Evidence
from app.domain.provider import Writer
from app.domain.refusals import (
    InstrumentNotUsable,
    InsufficientCredit,
    InvalidState,
    ProviderRejected,
)
from tests.adapters.vtex_customer_credit.scenes import (
    CHANGE,
    HOLD,
    INVOICE_BODY,
    OF_ACCOUNT,
    PLACE,
    RELEASE,
    Backend,
)
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT_PATH,
    CLOSED,
    NOW,
    Outcome,
    account,
    answering,
    assert_lost,
    brl,
    call,
    every_lost_answer,
    written,
)

HOLDS_PATH = f"{ACCOUNT_PATH}/transactions"
HOLD_PATH = f"{HOLDS_PATH}/{HOLD}"

BEFORE = Evidence(figure=brl("100"))


@pytest.fixture
def backend(router: respx.Router) -> Backend:
    return Backend(router)


@pytest.fixture
def placing(client: VtexCustomerCredit) -> Writer[HoldOnCredit]:
    return client.writers[HoldOnCredit]


@pytest.fixture
def changing(client: VtexCustomerCredit) -> Writer[ChangeHoldOnCredit]:
    return client.writers[ChangeHoldOnCredit]


@pytest.fixture
def releasing(client: VtexCustomerCredit) -> Writer[ReleaseHoldOnCredit]:
    return client.writers[ReleaseHoldOnCredit]


@pytest.mark.parametrize("instruction", [PLACE, CHANGE, RELEASE])
async def test_the_evidence_is_the_sum_of_all_holds_before(
    client: VtexCustomerCredit, router: respx.Router, instruction: Instruction
) -> None:
    writer = client.writers[type(instruction)]

    assert await writer.prepare(instruction, account(held="12.34")) == Evidence(figure=brl("12.34"))
    with pytest.raises(AccountNotFound):
        await writer.prepare(instruction, None)
    assert not router.calls


@pytest.mark.parametrize(
    ("instruction", "path"),
    [
        (replace(PLACE, amount=brl("-1")), ("amount", "amount")),
        (replace(PLACE, amount=brl("0.0000001")), ("amount", "amount")),
        (replace(PLACE, installments=0), ("installments",)),
        (replace(PLACE, installments=10**9), ("installments",)),
        (replace(PLACE, expires_at=NOW), ("expiresAt",)),
        (replace(PLACE, expires_at=NOW - timedelta(days=1)), ("expiresAt",)),
        (replace(CHANGE, amount=brl("-1")), ("amount", "amount")),
        (replace(CHANGE, installments=-1), ("installments",)),
    ],
)
async def test_a_hold_that_makes_no_sense_is_refused(
    client: VtexCustomerCredit, instruction: Instruction, path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await client.writers[type(instruction)].prepare(instruction, account())

    assert refusal.value.path == path


async def test_a_hold_without_an_end_goes_out_without_one(
    placing: Writer[HoldOnCredit], router: respx.Router
) -> None:
    router.post(path=HOLDS_PATH).respond(json={"id": HOLD, "value": 49.7, "installments": 2})

    await placing.send(call(replace(PLACE, expires_at=None), account()))

    assert written(router)[0].body == '{"value":49.70,"settle":false,"installments":2}'


async def test_the_end_of_a_hold_goes_out_in_utc(
    placing: Writer[HoldOnCredit], router: respx.Router
) -> None:
    router.post(path=HOLDS_PATH).respond(json={"id": HOLD, "value": 49.7})
    there = datetime(2026, 11, 25, 9, 30, tzinfo=timezone(timedelta(hours=-3)))

    await placing.send(call(replace(PLACE, expires_at=there), account()))

    assert '"expirationDate":"2026-11-25T12:30:00Z"' in written(router)[0].body


async def test_a_hold_is_named_in_lower_case(
    placing: Writer[HoldOnCredit], router: respx.Router
) -> None:
    router.post(path=HOLDS_PATH).respond(json={"id": HOLD.upper(), "value": "49.7"})

    booking = await placing.send(call(PLACE, account()))

    assert booking == Booking(provider_reference=HOLD.upper(), hold_id=HOLD)


@pytest.mark.parametrize("said", [{"id": HOLD, "value": 49.69}, {"id": "", "value": 49.7}])
async def test_another_hold_in_the_answer_is_no_success(
    placing: Writer[HoldOnCredit], router: respx.Router, said: dict[str, Any]
) -> None:
    router.post(path=HOLDS_PATH).respond(json=said)

    await assert_lost(placing.send(call(PLACE, account())), SourceProblemKind.BAD_RESPONSE)


async def test_a_refused_hold_above_what_can_be_spent_says_so(
    placing: Writer[HoldOnCredit], router: respx.Router
) -> None:
    router.post(path=HOLDS_PATH).respond(400, json={"code": 1001})

    with pytest.raises(InsufficientCredit) as refusal:
        await placing.send(call(PLACE, account(available="49.695")))

    assert (refusal.value.requested, refusal.value.spendable) == (brl("49.70"), brl("49.69"))


async def test_a_refused_hold_within_what_can_be_spent_has_another_reason(
    placing: Writer[HoldOnCredit], router: respx.Router
) -> None:
    router.post(path=HOLDS_PATH).respond(400, json={"code": 1001})

    with pytest.raises(ProviderRejected):
        await placing.send(call(PLACE, account(available="49.70")))


async def test_a_refused_hold_on_a_closed_account_says_that_it_is_closed(
    placing: Writer[HoldOnCredit], router: respx.Router
) -> None:
    router.post(path=HOLDS_PATH).respond(400)

    with pytest.raises(InstrumentNotUsable):
        await placing.send(call(PLACE, replace(CLOSED, available=brl("0"))))


async def test_a_sum_of_holds_as_before_is_no_trace_of_one(
    placing: Writer[HoldOnCredit], changing: Writer[ChangeHoldOnCredit], backend: Backend
) -> None:
    backend.shows_account(preAuthorizedCredit="100.00")

    assert await placing.find(call(PLACE, None, BEFORE)) is None
    assert await changing.find(call(CHANGE, None, BEFORE)) is None


@pytest.mark.parametrize("held", [105.30, "94.7"])
async def test_a_sum_of_holds_that_differs_by_the_change_is_proof_of_it(
    changing: Writer[ChangeHoldOnCredit], backend: Backend, held: object
) -> None:
    backend.shows_account(preAuthorizedCredit=held)
    wanted = brl("55") if held == 105.30 else brl("44.40")

    found = await changing.find(call(replace(CHANGE, amount=wanted), None, BEFORE))

    assert found == Booking(provider_reference=HOLD)


async def test_a_refused_change_above_what_can_be_spent_says_so(
    changing: Writer[ChangeHoldOnCredit], router: respx.Router
) -> None:
    router.put(path=f"{HOLDS_PATH}/{HOLD}").respond(400, json={"code": 1001})

    with pytest.raises(InsufficientCredit) as refusal:
        await changing.send(call(CHANGE, account(available="5.29")))

    assert (refusal.value.requested, refusal.value.spendable) == (brl("55"), brl("54.99"))


async def test_a_refused_change_within_what_can_be_spent_has_another_reason(
    changing: Writer[ChangeHoldOnCredit], router: respx.Router
) -> None:
    router.put(path=f"{HOLDS_PATH}/{HOLD}").respond(400, json={"code": 1001})

    with pytest.raises(ProviderRejected):
        await changing.send(call(CHANGE, account(available="5.30")))


@pytest.mark.parametrize("held", [149.70, 149.69, 99, 0], ids=["ours", "more", "less", "none"])
async def test_another_sum_of_holds_tells_nothing_as_nobody_knows_the_id(
    placing: Writer[HoldOnCredit],
    changing: Writer[ChangeHoldOnCredit],
    backend: Backend,
    held: float,
) -> None:
    backend.shows_account(preAuthorizedCredit=held)
    endless = replace(PLACE, expires_at=None)

    for attempt in (
        placing.find(call(PLACE, None, BEFORE)),
        placing.find(call(endless, None, BEFORE)),
        changing.find(call(CHANGE, None, BEFORE)),
    ):
        await assert_lost(attempt, SourceProblemKind.TIMEOUT)


async def test_a_lost_hold_is_no_more_once_it_has_expired(
    placing: Writer[HoldOnCredit], backend: Backend
) -> None:
    backend.shows_account(preAuthorizedCredit=149.70)

    assert await placing.find(call(replace(PLACE, expires_at=NOW), None, BEFORE)) is None


async def test_a_provider_that_is_still_away_tells_nothing(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.account.respond(500)
    router.delete(path=HOLD_PATH).respond(400)

    for instruction in (PLACE, CHANGE, RELEASE):
        with pytest.raises(ProviderFailed):
            await client.writers[type(instruction)].find(call(instruction, None, BEFORE))


@pytest.mark.parametrize("said", [{"id": HOLD, "value": 54}, {"id": HOLD[::-1], "value": 55}])
async def test_another_hold_in_the_answer_to_a_change_is_no_success(
    changing: Writer[ChangeHoldOnCredit], router: respx.Router, said: dict[str, Any]
) -> None:
    router.put(path=HOLD_PATH).respond(json=said)

    await assert_lost(changing.send(call(CHANGE, account())), SourceProblemKind.BAD_RESPONSE)


async def test_a_hold_that_was_captured_cannot_be_released(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router, backend: Backend
) -> None:
    router.delete(path=HOLD_PATH).respond(400)
    backend.shows_invoices(INVOICE_BODY)

    for attempt in (releasing.send, releasing.find):
        with pytest.raises(InvalidState) as refusal:
            await attempt(call(RELEASE, account(), BEFORE))
        assert (refusal.value.state, refusal.value.allowed) == ("CAPTURED", ("ACTIVE",))


async def test_a_refused_release_stays_refused_when_nothing_tells_why(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router, backend: Backend
) -> None:
    router.delete(path=HOLD_PATH).respond(400, json={"code": 7})
    backend.invoices.respond(500)

    with pytest.raises(ProviderRejected) as refusal:
        await releasing.send(call(RELEASE, account(), BEFORE))

    assert refusal.value.provider_code == "7"


async def test_a_release_whose_answer_was_lost_is_asked_for_once_more(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router
) -> None:
    router.delete(path=HOLD_PATH).respond(200)

    found = await releasing.find(call(RELEASE, None, BEFORE))

    assert found == Booking(provider_reference=HOLD)
    assert len(written(router)) == 1


@every_lost_answer
async def test_a_second_release_whose_answer_is_lost_too_tells_nothing(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router, lost: Outcome
) -> None:
    answer, kind = lost
    answering(router.delete(path=HOLD_PATH), answer)

    await assert_lost(releasing.find(call(RELEASE, None, BEFORE)), kind)


refused_again = pytest.mark.parametrize("answer", [httpx.Response(400), httpx.Response(404)])


@refused_again
async def test_a_hold_that_is_neither_there_nor_captured_nor_in_the_sum_was_released(
    releasing: Writer[ReleaseHoldOnCredit],
    router: respx.Router,
    backend: Backend,
    answer: httpx.Response,
) -> None:
    answering(router.delete(path=HOLD_PATH), answer)
    backend.shows_account(preAuthorizedCredit=45)
    backend.shows_invoices({**INVOICE_BODY, "transactionId": HOLD[::-1]})

    found = await releasing.find(call(RELEASE, None, BEFORE))

    assert found == Booking(provider_reference=HOLD)


async def test_a_hold_that_is_refused_and_still_in_the_sum_was_not_released(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router, backend: Backend
) -> None:
    router.delete(path=HOLD_PATH).respond(400, json={"code": 7})
    backend.shows_account(preAuthorizedCredit=100)

    with pytest.raises(ProviderRejected):
        await releasing.find(call(RELEASE, None, BEFORE))


async def test_a_greater_sum_of_holds_does_not_tell_whether_one_was_released(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router, backend: Backend
) -> None:
    router.delete(path=HOLD_PATH).respond(404)
    backend.shows_account(preAuthorizedCredit=100.01)

    await assert_lost(releasing.find(call(RELEASE, None, BEFORE)), SourceProblemKind.TIMEOUT)


@pytest.mark.parametrize("name", ["", "..", "a\nb", "x" * 600])
async def test_an_id_that_no_hold_can_have_is_refused(
    releasing: Writer[ReleaseHoldOnCredit], router: respx.Router, name: str
) -> None:
    release = ReleaseHoldOnCredit(**OF_ACCOUNT, hold_id=ProviderHoldId(name))

    with pytest.raises(InvalidQuestion):
        await releasing.send(call(release, account(), BEFORE))

    assert not router.calls
