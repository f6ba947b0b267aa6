"""Faults in front of a stand-in, over ASGI; those that need real connections are in test_server."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.faults import BadFault, Fault, Faulty, Refusals
from sandbox.refusals import AdobeRefusals, MedusaRefusals, VtexRefusals

GOOD = b'{"balance":40.00,"items":[]}'


async def healthy(scope: Scope, receive: Receive, send: Send) -> None:
    response = Response(GOOD, media_type="application/json")
    if scope["path"] == "/missing":
        response.status_code = 404
    await response(scope, receive, send)


def client_with(fault: object, refusals: Refusals | None = None) -> httpx.AsyncClient:
    stand_in = Faulty(healthy, refusals or VtexRefusals())
    stand_in.fault = Fault.from_json(fault)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=stand_in), base_url="http://provider.example"
    )


async def statuses(client: httpx.AsyncClient, paths: Iterable[str]) -> list[int]:
    return [(await client.get(path)).status_code for path in paths]


async def test_without_a_fault_the_stand_in_answers() -> None:
    async with client_with({"mode": "none"}) as client:
        assert (await client.get("/any")).content == GOOD


async def test_latency_answers_the_same_only_later() -> None:
    async with client_with({"mode": "latency", "milliseconds": 20}) as client:
        response = await client.get("/any")

    assert response.content == GOOD
    assert response.elapsed.total_seconds() >= 0.02


@pytest.mark.parametrize(
    ("refusals", "body"),
    [
        (VtexRefusals(), {"message": "An error has occurred."}),
        (
            AdobeRefusals(),
            {
                "message": "Internal Error. Details are available in Magento log file."
                " Report ID: webapi-5f1d0c9a2b3e4"
            },
        ),
        (
            MedusaRefusals(),
            {
                "code": "unknown_error",
                "type": "unknown_error",
                "message": "An unknown error occurred.",
            },
        ),
    ],
)
async def test_an_error_has_the_providers_own_body(
    refusals: Refusals, body: dict[str, str]
) -> None:
    async with client_with({"mode": "error", "status": 503}, refusals) as client:
        response = await client.get("/any")

    assert (response.status_code, response.json()) == (503, body)


@pytest.mark.parametrize(
    ("refusals", "body"),
    [
        (VtexRefusals(), b""),
        (
            AdobeRefusals(),
            b'{"message":"The consumer isn\'t authorized to access %resources.",'
            b'"parameters":{"resources":"Magento_Company::credit_history"}}',
        ),
        (MedusaRefusals(), b'{"message":"Unauthorized"}'),
    ],
)
async def test_unauthorized_is_said_in_the_providers_own_form(
    refusals: Refusals, body: bytes
) -> None:
    async with client_with({"mode": "unauthorized"}, refusals) as client:
        response = await client.get("/any")

    assert (response.status_code, response.content) == (401, body)


@pytest.mark.parametrize("refusals", [VtexRefusals(), AdobeRefusals(), MedusaRefusals()])
async def test_throttling_says_when_to_come_back(refusals: Refusals) -> None:
    async with client_with({"mode": "throttle", "retry_after_seconds": 7}, refusals) as client:
        response = await client.get("/any")

    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


async def test_a_truncated_answer_is_half_the_real_one_with_status_200() -> None:
    async with client_with({"mode": "malformed"}) as client:
        response = await client.get("/any")

    assert (response.status_code, response.content) == (200, GOOD[: len(GOOD) // 2])


async def test_a_refusal_too_becomes_a_malformed_200() -> None:
    async with client_with({"mode": "malformed", "kind": "truncated"}) as client:
        assert (await client.get("/missing")).status_code == 200


async def test_a_malformed_answer_may_be_a_web_page() -> None:
    async with client_with({"mode": "malformed", "kind": "html"}) as client:
        response = await client.get("/any")

    assert response.headers["Content-Type"].startswith("text/html")


async def test_a_malformed_answer_may_be_json_of_the_wrong_type() -> None:
    async with client_with({"mode": "malformed", "kind": "wrong_type"}) as client:
        assert isinstance((await client.get("/any")).json(), str)


async def test_a_reset_outside_the_own_server_says_what_it_needs() -> None:
    async with client_with({"mode": "reset"}) as client:
        with pytest.raises(RuntimeError, match="python -m sandbox"):
            await client.get("/any")


async def test_only_paths_that_contain_the_text_are_struck() -> None:
    async with client_with({"mode": "error", "path_contains": "/accounts"}) as client:
        assert await statuses(client, ["/v1/accounts/7", "/v1/invoices"]) == [500, 200]


async def test_the_same_seed_strikes_the_same_requests() -> None:
    fault = {"mode": "error", "probability": Decimal("0.5"), "seed": 11}
    paths = ["/any"] * 40
    async with client_with(fault) as one, client_with(fault) as other:
        struck = await statuses(one, paths)
        assert struck == await statuses(other, paths)

    assert set(struck) == {200, 500}


@pytest.mark.parametrize(("probability", "status"), [(0, 200), (1, 500)])
async def test_probability_zero_never_strikes_and_one_always(probability: int, status: int) -> None:
    async with client_with({"mode": "error", "probability": probability}) as client:
        assert set(await statuses(client, ["/any"] * 20)) == {status}


WRITES = [
    ("PUT", "/vtex/api/creditcontrol/accounts/1_Other/transactions/0a1b/settlement"),
    ("DELETE", "/vtex/api/creditcontrol/accounts/1_Other/transactions/0a1b"),
    ("POST", "/vtex/api/giftcards/954/transactions"),
    ("POST", "/adobe/rest/default/V1/companyCredits/31/decreaseBalance"),
    ("POST", "/medusa/admin/store-credit-accounts/sc_1/debit"),
    ("PATCH", "/medusa/admin/tokens"),
]
READS = [
    ("GET", "/vtex/api/giftcards/954"),
    ("HEAD", "/medusa/admin/gift-cards"),
    ("OPTIONS", "/medusa/admin/gift-cards"),
    ("POST", "/vtex/api/giftcards/_search"),
    ("POST", "/vtex/api/giftcards/_search/"),
    ("POST", "/adobe/rest/default/V1/integration/admin/token"),
    ("POST", "/adobe/ims/token/v3"),
    ("POST", "/medusa/auth/user/emailpass"),
    ("POST", "/medusa/auth/token/refresh"),
]


@pytest.mark.parametrize(
    ("calls", "struck"), [("all", WRITES + READS), ("writes", WRITES), ("reads", READS)]
)
async def test_searches_and_sign_ins_count_as_reads(
    calls: str, struck: list[tuple[str, str]]
) -> None:
    async with client_with({"mode": "error", "calls": calls}) as client:
        answers = {call: await client.request(*call) for call in WRITES + READS}

    assert [call for call, answer in answers.items() if answer.status_code == 500] == struck


async def test_the_fault_is_over_after_so_many_strikes() -> None:
    async with client_with({"mode": "error", "times": 2}) as client:
        assert await statuses(client, ["/any"] * 4) == [500, 500, 200, 200]


async def test_of_two_writes_at_once_the_next_one_is_one() -> None:
    async with client_with({"mode": "error", "times": 1, "calls": "writes"}) as client:
        answers = await asyncio.gather(client.post("/one"), client.post("/other"))

    assert sorted(answer.status_code for answer in answers) == [200, 500]


async def test_requests_that_a_fault_does_not_concern_take_no_strike_and_no_throw() -> None:
    half = {"mode": "error", "probability": Decimal("0.5"), "calls": "writes", "times": 9}
    async with client_with(half) as alone, client_with(half) as among_reads:
        expected = [(await alone.post("/any")).status_code for _ in range(30)]
        struck = []
        for _ in range(30):
            assert await statuses(among_reads, ["/any", "/any"]) == [200, 200]
            struck.append((await among_reads.post("/any")).status_code)

    assert struck == expected
    assert struck.count(500) == 9


@pytest.mark.parametrize(
    ("order", "strikes_left"),
    [({}, [None, None, None]), ({"times": 2}, [2, 1, 0]), ({"times": 1}, [1, 0, 0])],
)
def test_a_fault_says_how_many_strikes_are_left(
    order: dict[str, object], strikes_left: list[int | None]
) -> None:
    fault = Fault.from_json({"mode": "hang", **order})
    said = [fault.as_json()["strikes_left"]]
    for _ in range(2):
        fault.strikes("GET", "/any")
        said.append(fault.as_json()["strikes_left"])

    assert said == strikes_left


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ([], "object"),
        ({}, "mode: null is none of"),
        ({"mode": "explode"}, 'mode: "explode" is none of none, latency'),
        ({"mode": ["hang"]}, "mode"),
        ({"mode": "hang", "milliseconds": 5}, "milliseconds: the mode hang has no such option"),
        ({"mode": "none", "probability": 1}, "probability: the mode none has no such option"),
        ({"mode": "latency", "milliseconds": -1}, "milliseconds: -1 is not a whole number"),
        ({"mode": "latency", "milliseconds": "5"}, 'milliseconds: "5" is not'),
        ({"mode": "latency", "milliseconds": True}, "milliseconds: true is not"),
        ({"mode": "error", "status": 404}, "status: 404 is not a whole number from 500 to 599"),
        ({"mode": "malformed", "kind": "odd"}, 'kind: "odd" is not one of html'),
        ({"mode": "malformed", "kind": []}, "kind: [] is not"),
        ({"mode": "throttle", "retry_after_seconds": -3}, "retry_after_seconds: -3"),
        ({"mode": "hang", "probability": 2}, "probability: 2 is not a number from 0 to 1"),
        ({"mode": "hang", "probability": False}, "probability: false is not"),
        ({"mode": "hang", "path_contains": 3}, "path_contains: 3 is not a text"),
        ({"mode": "hang", "seed": "a"}, 'seed: "a" is not'),
        ({"mode": "hang", "calls": "some"}, 'calls: "some" is not one of all, reads, writes'),
        ({"mode": "hang", "calls": ["all"]}, 'calls: ["all"] is not'),
        ({"mode": "hang", "times": -1}, "times: -1 is not a whole number from 0"),
        ({"mode": "hang", "times": True}, "times: true is not"),
        ({"mode": "hang", "strikes_left": 1}, "strikes_left: the mode hang has no such option"),
        ({"mode": "none", "calls": "all"}, "calls: the mode none has no such option; it has none"),
        ({"mode": "html_502", "applied": 1}, "applied: 1 is not true or false"),
        ({"mode": "applied_late", "milliseconds": 600_001}, "milliseconds: 600001 is not"),
        ({"mode": "applied_then_cut", "applied": True}, "applied: the mode applied_then_cut has"),
    ],
)
def test_a_bad_fault_is_refused_by_name(fault: object, named: str) -> None:
    with pytest.raises(BadFault) as refusal:
        Fault.from_json(fault)

    assert named in str(refusal.value)
