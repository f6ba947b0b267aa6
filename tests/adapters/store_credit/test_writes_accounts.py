"""Opening an account, and finding one whose answer was lost."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
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
    ProviderFailed,
    ProviderTimedOut,
    RequestRefused,
    UnsupportedOperation,
)
from app.domain.identifiers import (
    ProviderCustomerId,
    ProviderEntryId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instructions import DebitStoreCredit, OpenStoreCreditAccount
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.paging import Window
from app.domain.provider import Call, StoreCreditQuestion, Writer
from app.domain.refusals import PolicyViolation, ProviderRejected
from tests.adapters.store_credit.account_list import CUSTOMER, MARK, PATH, row, stage_list

SAMPLES = Path(__file__).parents[3] / "../shared/providers/store-credit.samples.json"
OPENED = Booking(provider_reference="sc_acc_new", created_id="sc_acc_new")
ALREADY_THERE = (
    f"Store credit account with customer_id: {CUSTOMER}, currency_code: usd, already exists."
)


def opening(
    *, customer: str | None = CUSTOMER, metadata: str | None = '{"tier":"gold"}'
) -> OpenStoreCreditAccount:
    return OpenStoreCreditAccount(
        source=SourceKey("medusa"),
        currency=Currency("USD"),
        customer_id=None if customer is None else ProviderCustomerId(customer),
        metadata=metadata,
    )


def claiming() -> OpenStoreCreditAccount:
    """An opening that there is money for."""
    money = DebitStoreCredit(
        source=SourceKey("medusa"),
        account_id=ProviderStoreCreditId("sc_acc_unowned"),
        amount=Money(Decimal(40), Currency("USD")),
    )
    return replace(opening(metadata=None), filled_from=money)


def call_of(instruction: OpenStoreCreditAccount) -> Call[OpenStoreCreditAccount]:
    return Call(instruction=instruction, mark=MARK, evidence=NO_EVIDENCE, observed=None)


def call(evidence: Evidence = NO_EVIDENCE, **changes: Any) -> Call[OpenStoreCreditAccount]:
    return Call(instruction=opening(**changes), mark=MARK, evidence=evidence, observed=None)


@pytest.fixture
def writer(client: MedusaStoreCredit) -> Writer[OpenStoreCreditAccount]:
    return client.writers[OpenStoreCreditAccount]


def stage_opening(router: respx.Router, status: int, body: object) -> respx.Route:
    return router.post(path=PATH).respond(status, json=body)


def asked(router: respx.Router) -> str:
    raw: bytes = router.calls.last.request.url.raw_path
    return raw.decode()


async def test_a_customer_without_an_account_may_get_one(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router)

    assert await writer.prepare(opening(), None) == NO_EVIDENCE
    assert asked(router) == (
        f"{PATH}?customer_id={CUSTOMER}&currency_code%5B%24ilike%5D=usd&limit=100&offset=0"
        "&order=-id&fields=currency_code%2Ccustomer_id%2Cmetadata%2Ccreated_at"
    )


@pytest.mark.parametrize("currency", ["usd", "USD"])
async def test_a_second_account_of_a_customer_in_one_currency_is_refused_before_it_is_sent(
    currency: str, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row(currency=currency, mark=None))

    with pytest.raises(PolicyViolation):
        await writer.prepare(opening(), None)


@pytest.mark.parametrize(
    "broken", [row(customer="cus_other"), row(customer=None), {"id": "sc_acc_1"}]
)
async def test_a_list_of_somebody_elses_accounts_tells_nothing(
    broken: dict[str, object], writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, broken)

    with pytest.raises(ProviderContractBroken):
        await writer.prepare(opening(), None)
    with pytest.raises(ProviderContractBroken):
        await writer.find(call())


async def test_before_an_account_of_nobodys_is_opened_the_newest_one_is_looked_at(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row("sc_acc_2", customer=None), row("sc_acc_1", customer=None))

    evidence = await writer.prepare(opening(customer=None), None)

    assert evidence == Evidence(newest_entry_id=ProviderEntryId("sc_acc_2"))
    assert asked(router) == (
        f"{PATH}?customer_id=null&limit=1&offset=0&order=-id"
        "&fields=currency_code%2Ccustomer_id%2Cmetadata%2Ccreated_at"
    )


async def test_the_first_account_of_nobodys_has_none_before_it(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router)

    assert await writer.prepare(opening(customer=None), None) == NO_EVIDENCE


async def test_a_newest_account_that_cannot_be_read_stands_in_the_way(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, {"id": "sc_acc_2"})

    with pytest.raises(ProviderContractBroken):
        await writer.prepare(opening(customer=None), None)


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "null",
        "[]",
        "5",
        '"text"',
        "{",
        '{"a":NaN}',
        '{"a":"\\u0000"}',
        '{"a\\u0000":1}',
        '{"a":[{"b":["\\u0000"]}]}',
        '{"a":"\\ud800"}',
        '{"a":"\ud800"}',
        '{"creditgraph_operation":"mine"}',
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
async def test_metadata_that_the_provider_cannot_keep_is_refused_before_anything_is_asked(
    metadata: str, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    with pytest.raises(InvalidQuestion):
        await writer.prepare(opening(metadata=metadata), None)

    assert not router.calls


@pytest.mark.parametrize("customer", ["", "null", "a\x00b", "x" * 513])
async def test_a_customer_that_cannot_be_found_again_is_refused_before_anything_is_asked(
    customer: str, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    with pytest.raises(InvalidQuestion):
        await writer.prepare(opening(customer=customer), None)

    assert not router.calls


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        (
            {},
            f'{{"currency_code":"usd","customer_id":"{CUSTOMER}",'
            f'"metadata":{{"tier":"gold","creditgraph_operation":"{MARK}"}}}}',
        ),
        (
            {"customer": None, "metadata": None},
            f'{{"currency_code":"usd","metadata":{{"creditgraph_operation":"{MARK}"}}}}',
        ),
        (
            {"customer": None, "metadata": '{"rate":1.10,"tags":["a",null,true]}'},
            '{"currency_code":"usd","metadata":{"rate":1.10,"tags":["a",null,true],'
            f'"creditgraph_operation":"{MARK}"}}}}',
        ),
    ],
)
async def test_an_opening_goes_out_once_with_the_mark_beside_the_metadata(
    changes: dict[str, Any],
    body: str,
    writer: Writer[OpenStoreCreditAccount],
    router: respx.Router,
) -> None:
    made = row(customer=None if "customer" in changes else CUSTOMER)
    stage_opening(router, 200, {"store_credit_account": made})

    assert await writer.send(call(**changes)) == OPENED

    (only,) = router.calls
    assert only.request.content.decode() == body
    assert only.request.headers["content-type"] == "application/json"


async def test_metadata_comes_back_without_the_mark(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    only_mark = row("sc_acc_2") | {"metadata": {"creditgraph_operation": MARK}}
    stage_list(router, row("sc_acc_1"), only_mark, row("sc_acc_3", mark=None))

    page = await client.search_store_credit(StoreCreditQuestion(), Window())

    assert [it.details.metadata for it in page.items] == [{"tier": "gold"}, None, None]


async def test_a_customer_who_got_one_meanwhile_gets_no_second(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_opening(router, 400, {"type": "invalid_data", "message": ALREADY_THERE})

    with pytest.raises(PolicyViolation):
        await writer.send(call())


@pytest.mark.parametrize(
    "message",
    [
        ALREADY_THERE.replace("usd", "eur"),
        "Invalid request: Field 'customer_id' is required",
        "Currency code is required to create a store credit account",
    ],
)
async def test_a_no_in_other_words_is_the_providers_own(
    message: str, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_opening(router, 400, {"type": "invalid_data", "message": message})

    with pytest.raises(ProviderRejected) as raised:
        await writer.send(call())

    assert raised.value.provider_code == "invalid_data"
    assert message not in str(raised.value)


async def test_what_is_too_long_or_not_there_is_refused(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    answers = [
        (httpx.Response(413, json={"message": "request entity too large"}), InvalidQuestion),
        (httpx.Response(404, json={"type": "not_found", "message": "x"}), AccountNotFound),
        (httpx.Response(404, html="<html>"), UnsupportedOperation),
    ]
    for answer, refusal in answers:
        router.post(path=PATH).mock(return_value=answer)

        with pytest.raises(refusal):
            await writer.send(call())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"store_credit_account": row(customer="cus_other")}),
        httpx.Response(200, json={"store_credit_account": row(currency="eur")}),
        httpx.Response(200, text='{"store_credit_account":{"id":"sc'),
        httpx.Response(200, html="<html>"),
        httpx.Response(200),
        httpx.Response(400, html="<html>"),
        httpx.Response(401, json={"message": "Unauthorized"}),
        httpx.Response(500, json={"type": "unknown_error"}),
        httpx.Response(502, html="<html>"),
        httpx.ReadTimeout("late"),
        httpx.ReadError("reset"),
    ],
    ids=repr,
)
async def test_no_readable_answer_is_an_unknown_outcome(
    answer: Any, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    router.post(path=PATH).mock(side_effect=[answer])

    with pytest.raises(OutcomeUnknown):
        await writer.send(call())

    assert len(router.calls) == 1


async def test_a_lost_opening_is_found_by_its_mark_among_the_customers_accounts(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row("sc_acc_other", currency="USD", mark="cg-other"), row())

    assert await writer.find(call()) == OPENED


async def test_an_opening_that_left_no_account_may_still_come(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router)
    assert await writer.find(call()) is None

    stage_list(router, row())
    assert await writer.find(call()) == OPENED


@pytest.mark.parametrize("mark", [None, "cg-other"])
async def test_an_account_that_somebody_else_opened_proves_that_this_call_opened_none(
    mark: str | None, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row(mark=mark))

    with pytest.raises(PolicyViolation):
        await writer.find(call())


@pytest.mark.parametrize("mark", [None, "cg-other"])
async def test_an_account_that_somebody_else_opened_serves_where_there_is_money_for_it(
    mark: str | None, writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    there = row("sc_acc_theirs", mark=mark)
    booked = Booking(provider_reference="sc_acc_theirs", created_id="sc_acc_theirs")
    stage_list(router, row("sc_acc_other", currency="USD", mark=None), there)
    stage_opening(router, 400, {"type": "invalid_data", "message": ALREADY_THERE})

    assert await writer.prepare(claiming(), None) == NO_EVIDENCE
    assert await writer.send(call_of(claiming())) == booked
    assert await writer.find(call_of(claiming())) == booked


async def test_an_account_in_capitals_does_not_serve_and_is_no_second_one_either(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row(currency="USD", mark=None))

    with pytest.raises(PolicyViolation):
        await writer.prepare(claiming(), None)


async def test_an_account_that_is_there_and_cannot_be_found_is_refused(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router)
    stage_opening(router, 400, {"type": "invalid_data", "message": ALREADY_THERE})

    with pytest.raises(PolicyViolation):
        await writer.send(call_of(claiming()))


async def test_only_the_no_to_a_second_account_is_looked_into(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_opening(router, 413, {"message": "request entity too large"})

    with pytest.raises(InvalidQuestion):
        await writer.send(call_of(claiming()))

    assert len(router.calls) == 1


async def test_an_account_in_capitals_proves_nothing_of_one_in_lower_case(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row(currency="USD", mark=None))

    assert await writer.find(call()) is None


BEFORE = Evidence(newest_entry_id=ProviderEntryId("sc_acc_before"))


async def test_a_lost_account_of_nobodys_is_found_by_its_mark_among_the_newest(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    later = [row(f"sc_acc_{number}", customer=None, mark=None) for number in range(150)]
    before = row("sc_acc_before", customer=None, mark=None)
    long_ago = [row(f"sc_acc_old_{n}", customer=None, mark=None, at="09:00") for n in range(250)]
    listed = stage_list(router, *later, row(customer=None), before, *long_ago)

    assert await writer.find(call(BEFORE, customer=None)) == OPENED
    assert listed.call_count == 2


async def test_an_account_of_nobodys_that_is_not_among_the_newest_left_no_trace(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, row("sc_acc_9", customer=None, mark="cg-other"))

    assert await writer.find(call(customer=None)) is None


async def test_an_account_that_cannot_be_read_may_be_the_one(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_list(router, {"id": "sc_acc_9"})
    with pytest.raises(ProviderContractBroken):
        await writer.find(call(customer=None))

    stage_list(router, {"id": "sc_acc_9"}, row(customer=None))
    assert await writer.find(call(customer=None)) == OPENED


@pytest.mark.parametrize("customer", [CUSTOMER, None])
@pytest.mark.parametrize(
    ("happens", "fault"),
    [(httpx.ReadTimeout("late"), ProviderTimedOut), (httpx.Response(500), ProviderFailed)],
)
async def test_while_the_provider_is_away_nothing_can_be_told(
    happens: Any,
    fault: type[Exception],
    customer: str | None,
    writer: Writer[OpenStoreCreditAccount],
    router: respx.Router,
) -> None:
    router.get(path=PATH).mock(side_effect=[happens])

    with pytest.raises(fault):
        await writer.find(call(customer=customer))


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")
async def test_the_captured_refusal_of_a_second_account_is_understood(
    writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    (captured,) = (
        exchange
        for key, exchange in json.loads(SAMPLES.read_text()).items()
        if key.startswith(f"POST {PATH} → 400 (second")
    )
    taken = captured["request"]["body"]
    same = Call(
        instruction=OpenStoreCreditAccount(
            source=SourceKey("medusa"),
            currency=Currency.parse(taken["currency_code"]),
            customer_id=ProviderCustomerId(taken["customer_id"]),
        ),
        mark=MARK,
        evidence=NO_EVIDENCE,
        observed=None,
    )
    stage_opening(router, 400, captured["body"])

    with pytest.raises(PolicyViolation):
        await writer.send(same)

    sent = exact_json.decode(router.calls.last.request.content)
    assert {name: sent[name] for name in taken if name != "metadata"} == {
        name: value for name, value in taken.items() if name != "metadata"
    }


def captured_openings() -> list[Any]:
    start = f"POST {PATH} →"
    decoded = json.loads(SAMPLES.read_text()) if SAMPLES.exists() else {}
    return [
        pytest.param(exchange, id=key.removeprefix(start).strip())
        for key, exchange in decoded.items()
        if key.startswith(start) and exchange["status"] in (400, 413)
    ]


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not there")
@pytest.mark.parametrize("exchange", captured_openings())
async def test_every_captured_no_is_a_clear_no(
    exchange: dict[str, Any], writer: Writer[OpenStoreCreditAccount], router: respx.Router
) -> None:
    stage_opening(router, exchange["status"], exchange["body"])

    with pytest.raises(RequestRefused):
        await writer.send(call())
