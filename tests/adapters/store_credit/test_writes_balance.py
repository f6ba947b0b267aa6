"""Credit and debit: the bytes that go out, and what an answer means."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from adapters.transport import exact_json
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
    RequestRefused,
    SourceProblemKind,
    UnsupportedOperation,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instruments import StoreCreditAccount
from app.domain.operation import Booking, Evidence
from app.domain.provider import Writes
from app.domain.refusals import InsufficientCredit, ProviderRejected
from tests.adapters.store_credit.movements import (
    ACCOUNT_ID,
    ACCOUNT_PATH,
    BEFORE,
    KINDS,
    LEDGER_PATH,
    SAMPLES,
    TAG,
    account_body,
    both,
    call,
    entry,
    instruction,
    refused,
    stage_ledger,
    stage_write,
    usd,
    writer,
)


def test_it_writes(client: MedusaStoreCredit) -> None:
    assert isinstance(client, Writes)
    for kind in KINDS.values():
        assert kind in client.writers
        assert kind.capability in client.info.capabilities


@both
async def test_before_a_call_the_newest_entry_is_looked_at(
    route: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(router, entry("sc_trx_2"), entry("sc_trx_1"))

    evidence = await writer(client, route).prepare(instruction(route), account)

    assert evidence == Evidence(newest_entry_id=ProviderEntryId("sc_trx_2"))
    (only,) = router.calls
    assert only.request.url.raw_path.decode() == (
        f"{LEDGER_PATH}?limit=1&offset=0&order=-id&fields=type%2Cnote%2Ccreated_at"
    )


@both
async def test_an_empty_ledger_has_no_newest_entry(
    route: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(router)

    assert await writer(client, route).prepare(instruction(route), account) == Evidence()


async def test_a_newest_entry_that_cannot_be_read_stands_in_the_way(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(router, {"id": "sc_trx_2"})

    with pytest.raises(ProviderContractBroken):
        await writer(client, "credit").prepare(instruction("credit"), account)


@both
@pytest.mark.parametrize(
    "amount",
    ["0.0001", "0.00001", "0", "-5", "0.1234567890123456", "1234567890123.456", "1E+15", "1E+400"],
)
async def test_an_amount_that_would_be_booked_as_another_is_refused_before_anything_is_asked(
    route: str,
    amount: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    with pytest.raises(InvalidQuestion):
        await writer(client, route).prepare(instruction(route, amount), account)

    assert not router.calls


@pytest.mark.parametrize("note", ["a\x00b", "half \ud800"])
async def test_a_note_that_the_database_fails_on_is_refused_before_anything_is_asked(
    note: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    with pytest.raises(InvalidQuestion):
        await writer(client, "credit").prepare(instruction("credit", note=note), account)

    assert not router.calls


@both
async def test_a_movement_goes_out_once_with_the_mark_behind_the_note(
    route: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    post = stage_write(router, route, httpx.Response(200, json=account_body()))
    stage_ledger(
        router, entry("sc_trx_9", f"Goodwill {TAG}", type_=route), entry(BEFORE, at="10:00")
    )

    booking = await writer(client, route).send(call(route, account))

    assert booking == Booking(provider_reference="sc_trx_9", entry_id=ProviderEntryId("sc_trx_9"))
    request = post.calls.last.request
    assert post.call_count == 1
    assert request.url.raw_path.decode() == f"{ACCOUNT_PATH}/{route}"
    assert request.headers["content-type"] == "application/json"
    assert request.content.decode() == f'{{"amount":10.1,"note":"Goodwill {TAG}"}}'


@pytest.mark.parametrize(
    ("amount", "digits"),
    [
        ("10.10", "10.10"),
        ("0.00011", "0.00011"),
        ("1E+3", "1000"),
        ("123456789012.345", "123456789012.345"),
        ("999999999999999", "999999999999999"),
        ("1500", "1500"),
    ],
)
async def test_an_amount_goes_out_with_its_own_digits_and_no_exponent(
    amount: str,
    digits: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    post = stage_write(router, "credit", httpx.Response(200, json=account_body()))
    stage_ledger(router)
    asked = call("credit", account, amount=amount, note=None)
    await writer(client, "credit").prepare(asked.instruction, account)

    await writer(client, "credit").send(asked)

    assert post.calls.last.request.content.decode() == f'{{"amount":{digits},"note":"{TAG}"}}'


@pytest.mark.parametrize(
    "lost",
    [httpx.Response(500), httpx.Response(200, text="<html>"), httpx.Response(401)],
    ids=["failing", "a page", "refusing"],
)
@both
async def test_a_fault_of_the_read_afterwards_leaves_it_booked(
    lost: httpx.Response,
    route: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    stage_write(router, route, httpx.Response(200, json=account_body()))
    router.get(path=LEDGER_PATH).mock(return_value=lost)

    assert await writer(client, route).send(call(route, account)) == Booking()


async def test_an_entry_that_is_not_to_be_seen_yet_leaves_it_booked(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_write(router, "credit", httpx.Response(200, json=account_body()))
    stage_ledger(router, entry(BEFORE))

    assert await writer(client, "credit").send(call("credit", account)) == Booking()


@both
async def test_more_than_the_balance_is_insufficient_credit(
    route: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_write(router, route, refused("Insufficient balance"))

    with pytest.raises(InsufficientCredit) as raised:
        await writer(client, route).send(call(route, account))

    assert (raised.value.requested, raised.value.spendable) == (usd("10.1"), usd("17.96"))


async def test_what_is_spendable_is_never_below_nothing(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_write(router, "debit", refused("Insufficient balance"), refused("Insufficient balance"))

    for observed in (replace(account, balance=usd("-20")), None):
        with pytest.raises(InsufficientCredit) as raised:
            await writer(client, "debit").send(call("debit", observed))

        assert raised.value.spendable == usd("0")


async def test_an_amount_that_the_provider_counts_as_nothing_is_the_callers_to_change(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_write(router, "credit", refused("Amount must be greater than 0"))

    with pytest.raises(InvalidQuestion):
        await writer(client, "credit").send(call("credit", account))


@pytest.mark.parametrize(
    "message",
    [
        "Invalid request: Field 'reason' is required",
        "insufficient balance",
        "Insufficient balance in something else",
        "",
    ],
)
@both
async def test_a_no_in_other_words_is_the_providers_own(
    message: str,
    route: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    stage_write(router, route, refused(message))

    with pytest.raises(ProviderRejected) as raised:
        await writer(client, route).send(call(route, account))

    assert raised.value.provider_code == "invalid_data"
    assert raised.value.source == "medusa"
    assert not message or message not in str(raised.value)


@both
async def test_an_account_that_is_not_there_is_not_found(
    route: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
    fixture: Any,
) -> None:
    body = json.loads(fixture("recorded-account-not-found.json"))
    stage_write(router, route, httpx.Response(404, json=body))

    with pytest.raises(AccountNotFound) as raised:
        await writer(client, route).send(call(route, account))

    assert raised.value.kind == "store credit account"


@both
async def test_a_release_without_the_route_does_not_support_it(
    route: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
    fixture: Any,
) -> None:
    page = httpx.Response(404, html=fixture("recorded-no-such-route.html"))
    stage_write(router, route, page)

    with pytest.raises(UnsupportedOperation) as raised:
        await writer(client, route).send(call(route, account))

    assert raised.value.capability == KINDS[route].capability


async def test_a_note_beyond_what_a_body_may_hold_is_the_callers_to_shorten(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    body = {"type": "unknown_error", "message": "request entity too large"}
    stage_write(router, "credit", httpx.Response(413, json=body))

    with pytest.raises(InvalidQuestion):
        await writer(client, "credit").send(call("credit", account, note="x" * 200_000))


NO_ANSWER: dict[str, tuple[httpx.Response | Exception, SourceProblemKind]] = {
    "timeout": (httpx.ReadTimeout("late"), SourceProblemKind.TIMEOUT),
    "half sent": (httpx.WriteError("reset"), SourceProblemKind.UNREACHABLE),
    "reset": (httpx.ReadError("reset"), SourceProblemKind.UNREACHABLE),
    "hung up": (httpx.RemoteProtocolError("bye"), SourceProblemKind.BAD_RESPONSE),
    "failed": (
        httpx.Response(500, json={"code": "unknown_error", "type": "unknown_error"}),
        SourceProblemKind.UPSTREAM_ERROR,
    ),
    "bad gateway": (httpx.Response(502, html="<html>"), SourceProblemKind.UPSTREAM_ERROR),
    "database lost": (
        httpx.Response(401, json={"message": "Unauthorized"}),
        SourceProblemKind.CREDENTIALS_REJECTED,
    ),
    "conflict": (
        httpx.Response(409, json={"type": "conflict", "message": "x"}),
        SourceProblemKind.BAD_RESPONSE,
    ),
    "moved": (httpx.Response(302), SourceProblemKind.BAD_RESPONSE),
    "a page": (httpx.Response(200, html="<html>Sorry</html>"), SourceProblemKind.BAD_RESPONSE),
    "empty": (httpx.Response(200), SourceProblemKind.BAD_RESPONSE),
    "nothing": (httpx.Response(204), SourceProblemKind.BAD_RESPONSE),
    "cut off": (
        httpx.Response(200, text='{"store_credit_account":{"id":"sc'),
        SourceProblemKind.BAD_RESPONSE,
    ),
    "another type": (httpx.Response(200, json=[]), SourceProblemKind.BAD_RESPONSE),
    "another account": (
        httpx.Response(200, json=account_body("sc_acc_other")),
        SourceProblemKind.BAD_RESPONSE,
    ),
    "a refusal of somebody else": (
        httpx.Response(400, html="<html>Bad Request</html>"),
        SourceProblemKind.BAD_RESPONSE,
    ),
    "a refusal in a sentence": (
        httpx.Response(400, json={"type": "No. Never!", "message": "no"}),
        SourceProblemKind.BAD_RESPONSE,
    ),
    "not found of somebody else": (
        httpx.Response(404, json={"error": "no such host"}),
        SourceProblemKind.BAD_RESPONSE,
    ),
}


@both
@pytest.mark.parametrize("name", NO_ANSWER)
async def test_no_readable_answer_is_an_unknown_outcome_and_nothing_else_is_asked(
    name: str,
    route: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    happens, kind = NO_ANSWER[name]
    post = router.post(path=f"{ACCOUNT_PATH}/{route}").mock(side_effect=[happens])

    with pytest.raises(OutcomeUnknown) as raised:
        await writer(client, route).send(call(route, account))

    assert raised.value.kind is kind
    assert [it.request.method for it in router.calls] == ["POST"]
    assert post.call_count == 1


@pytest.mark.parametrize(
    ("happens", "fault"),
    [
        (httpx.ConnectError("refused"), ProviderUnreachable),
        (httpx.ConnectTimeout("late"), ProviderTimedOut),
        (httpx.Response(429), ProviderThrottled),
        (httpx.Response(403), ProviderRefusedUs),
    ],
)
async def test_what_was_refused_before_work_changed_nothing(
    happens: Any,
    fault: type[ProviderFault],
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    router.post(path=f"{ACCOUNT_PATH}/credit").mock(side_effect=[happens])

    with pytest.raises(fault):
        await writer(client, "credit").send(call("credit", account))


def captured(route: str) -> list[Any]:
    start = f"POST /admin/store-credit-accounts/{{id}}/{route} →"
    decoded: dict[str, Any] = exact_json.decode(SAMPLES.read_bytes()) if SAMPLES.exists() else {}
    return [
        pytest.param(exchange, id=key.removeprefix(start).strip())
        for key, exchange in decoded.items()
        if key.startswith(start) and "query" not in exchange["request"]
    ]


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")
@pytest.mark.parametrize(
    ("route", "exchange"),
    [
        pytest.param(route, *parameter.values, id=f"{route} {parameter.id}")
        for route in KINDS
        for parameter in captured(route)
    ],
)
async def test_every_captured_answer_is_a_booking_or_a_clear_no(
    route: str,
    exchange: dict[str, Any],
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    body = exchange["body"]
    known = body.get("store_credit_account", {"id": ACCOUNT_ID})["id"]
    router.post(path=f"/admin/store-credit-accounts/{known}/{route}").respond(
        exchange["status"],
        content=exact_json.encode(body),
        headers={"content-type": exchange["content_type"]},
    )
    router.get(path=f"/admin/store-credit-accounts/{known}/transactions").respond(500)
    asked = call(route, account)
    asked = replace(asked, instruction=replace(asked.instruction, account_id=known))

    if exchange["status"] == 200:
        assert await writer(client, route).send(asked) == Booking()
        return
    with pytest.raises(RequestRefused):
        await writer(client, route).send(asked)


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")
@both
async def test_the_body_has_the_members_and_types_of_a_captured_one(
    route: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    (taken,) = (it.values[0]["request"]["body"] for it in captured(route) if it.id == "200")
    post = stage_write(router, route, httpx.Response(200, json=account_body()))
    stage_ledger(router)

    await writer(client, route).send(call(route, account))

    sent = exact_json.decode(post.calls.last.request.content)
    assert {name: type(value) for name, value in sent.items()} == {
        name: type(value) for name, value in taken.items()
    }
