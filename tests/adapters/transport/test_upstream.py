"""One backend, asked: what goes out, what comes back, what is a fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.transport.calls import CallClass, class_of
from adapters.transport.upstream import LONGEST_SEGMENT, Upstream, path_segment
from adapters.transport.wire import ExactDecimal, WireModel
from app.domain.clock import utc_now
from app.domain.errors import (
    InvalidQuestion,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderUnreachable,
)
from app.domain.identifiers import SourceKey

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Respond = Callable[[httpx.Request], httpx.Response]


def upstream(respond: Respond, *, base_url: str = "https://store.example/vtex/") -> Upstream:
    times = iter(START + timedelta(seconds=second) for second in range(100))
    return Upstream(
        SourceKey("vtex-br"),
        base_url=base_url,
        headers={"Authorization": "Bearer token"},
        timeout=httpx.Timeout(1, connect=2, read=3, write=4, pool=5),
        transport=httpx.MockTransport(respond),
        clock=lambda: next(times),
    )


@pytest.fixture
def requests() -> list[httpx.Request]:
    return []


@pytest.fixture
def listening(requests: list[httpx.Request]) -> Upstream:
    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    return upstream(respond)


async def test_a_read_without_a_question_is_a_get(
    listening: Upstream, requests: list[httpx.Request]
) -> None:
    await listening.read("vtex.cc/X", "a/b", "c", query=[("q", "a+b c&d"), ("q", "é")])

    (request,) = requests
    assert (request.method, request.content) == ("GET", b"")
    assert str(request.url) == "https://store.example/vtex/a%2Fb/c?q=a%2Bb%20c%26d&q=%C3%A9"
    assert sorted(request.headers.items()) == [
        ("accept", "application/json"),
        ("authorization", "Bearer token"),
        ("host", "store.example"),
    ]
    assert request.extensions["timeout"] == {"connect": 2, "read": 3, "write": 4, "pool": 5}


async def test_the_correlation_id_of_the_request_goes_to_the_provider(
    listening: Upstream, requests: list[httpx.Request]
) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="asked-by-the-storefront"):
        await listening.read("vtex.cc/X", "a")

    (request,) = requests
    assert request.headers["x-correlation-id"] == "asked-by-the-storefront"


async def test_a_read_with_a_question_is_a_post_with_exact_numbers(
    listening: Upstream, requests: list[httpx.Request]
) -> None:
    await listening.read(
        "vtex.gc/X",
        "search",
        question={"total": Decimal("0.10")},
        headers={"Content-Type": "application/json", "Accept": "application/vnd.x+json"},
    )

    (request,) = requests
    assert (request.method, request.content) == ("POST", b'{"total":0.10}')
    assert request.headers["content-type"] == "application/json"
    assert request.headers.get_list("accept") == ["application/vnd.x+json"]


async def test_an_empty_question_is_still_a_question(
    listening: Upstream, requests: list[httpx.Request]
) -> None:
    await listening.read("vtex.gc/X", question={})

    assert (requests[0].method, requests[0].content) == ("POST", b"{}")


async def test_an_answer_is_as_old_as_its_last_byte() -> None:
    answer = await upstream(lambda _: httpx.Response(200, json={})).read("vtex.cc/X")

    assert answer.observed_at == START + timedelta(seconds=1)
    assert answer.source == "vtex-br"


def test_the_clock_of_production_knows_its_zone() -> None:
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (302, ProviderContractBroken),
        (400, ProviderContractBroken),
        (401, ProviderRefusedUs),
        (403, ProviderRefusedUs),
        (409, ProviderContractBroken),
        (429, ProviderThrottled),
        (500, ProviderFailed),
        (503, ProviderFailed),
    ],
)
async def test_a_status_that_is_no_answer_is_a_fault(
    status: int, fault: type[ProviderFault]
) -> None:
    with pytest.raises(fault) as caught:
        await upstream(lambda _: httpx.Response(status)).read("vtex.cc/X")

    assert type(caught.value) is fault


@pytest.mark.parametrize("status", [200, 201, 204, 404])
async def test_success_and_not_found_are_answers(status: int) -> None:
    answer = await upstream(lambda _: httpx.Response(status)).read("vtex.cc/X")

    assert answer.status == status


async def test_a_caller_chooses_which_refusals_it_reads_itself() -> None:
    asked = upstream(lambda request: httpx.Response(int(request.url.path[-3:])))

    assert (await asked.read("vtex.cc/X", "400", refusals=(400,))).status == 400
    with pytest.raises(ProviderContractBroken):
        await asked.read("vtex.cc/X", "404", refusals=(400,))


async def test_a_delay_that_the_provider_asks_for_is_kept() -> None:
    asked = upstream(lambda _: httpx.Response(429, headers={"Retry-After": "7"}))

    with pytest.raises(ProviderThrottled) as caught:
        await asked.read("vtex.cc/X")

    assert caught.value.retry_after_seconds == 7


async def test_what_the_transport_raises_is_a_fault_with_its_cause() -> None:
    def lose(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("ClientOSError")

    with pytest.raises(ProviderUnreachable) as caught:
        await upstream(lose).read("vtex.cc/X")

    assert isinstance(caught.value.__cause__, httpx.ReadError)


@pytest.mark.parametrize(
    "query", [[("email", "\ud800@example.com")], [("email", "a" * 70_000)]], ids=["half", "long"]
)
async def test_a_query_that_no_url_can_hold_is_refused_before_it_is_sent(
    listening: Upstream, requests: list[httpx.Request], query: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidQuestion):
        await listening.read("vtex.cc/X", query=query)

    assert requests == []


class Document(WireModel):
    value: ExactDecimal


DOCUMENT = TypeAdapter(Document)
DOCUMENTS = TypeAdapter(list[dict[str, Document]])


async def test_an_answer_is_read_as_a_document_with_exact_numbers() -> None:
    answer = await upstream(lambda _: httpx.Response(200, text='{"value":850.555}')).read("X")

    assert answer.read(DOCUMENT) == Document(value=Decimal("850.555"))


@pytest.mark.parametrize("body", ["", "<html>", '{"value":', "[]", "{}", '{"value":"much"}'])
async def test_an_answer_of_another_shape_breaks_the_contract(body: str) -> None:
    answer = await upstream(lambda _: httpx.Response(200, text=body)).read("X")

    with pytest.raises(ProviderContractBroken) as caught:
        answer.read(DOCUMENT)

    assert caught.value.source == "vtex-br"


async def test_a_broken_contract_says_where_but_not_what_stands_there() -> None:
    body = '[{"shopper": {"value": "shopper@example.com"}}, {"other": {"value": 1}}]'
    answer = await upstream(lambda _: httpx.Response(200, text=body)).read("X")

    with pytest.raises(ProviderContractBroken) as caught:
        answer.read(DOCUMENTS)

    assert str(caught.value.__cause__) == "0.shopper.value: value_error"


async def test_the_layers_are_told_what_changes_something_which_the_verb_does_not_tell(
    listening: Upstream, requests: list[httpx.Request]
) -> None:
    await listening.read("p/Search", "search", question={})
    await listening.write("p/Change", "POST", "change", body={})

    assert [one.method for one in requests] == ["POST", "POST"]
    assert list(map(class_of, requests)) == [CallClass.READ, CallClass.WRITE]
    assert class_of(httpx.Request("GET", "https://store.example/")) is CallClass.OTHER


async def test_without_a_watch_nothing_is_told_of_the_health(listening: Upstream) -> None:
    assert await listening.health() is None


async def test_closing_an_upstream_closes_its_transport() -> None:
    closed: list[str] = []

    class Transport(httpx.AsyncBaseTransport):
        async def aclose(self) -> None:
            closed.append("closed")

    await Upstream(
        SourceKey("vtex-br"),
        base_url="https://store.example",
        headers={},
        timeout=httpx.Timeout(1),
        transport=Transport(),
    ).aclose()

    assert closed == ["closed"]


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("11144477735_CPF", "11144477735_CPF"),
        ("fcba59e0-7f26", "fcba59e0-7f26"),
        ("a/b", "a%2Fb"),
        ("../..", "..%2F.."),
        ("...", "..."),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c&d=e;f", "a%3Fb%23c%26d%3De%3Bf"),
        ("a b+c", "a%20b%2Bc"),
        ("a\\b", "a%5Cb"),
        ("user@example.com", "user%40example.com"),
        ("ação", "a%C3%A7%C3%A3o"),
        ("😀", "%F0%9F%98%80"),
        ("x" * LONGEST_SEGMENT, "x" * LONGEST_SEGMENT),
    ],
)
def test_a_text_becomes_one_segment(text: str, segment: str) -> None:
    assert path_segment(text) == segment


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "\x00", "a\nb", "a\r\nX: y", "\x7f", "\x85", "\ud800", "x" * 513],
    ids=repr,
)
def test_a_text_that_can_be_no_segment_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuestion):
        path_segment(text)


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_is_refused_or_comes_back_from_the_path_as_it_was(text: str) -> None:
    try:
        segment = path_segment(text)
    except InvalidQuestion:
        return
    url = httpx.URL(f"https://store.example/first/{segment}/last")

    assert url.raw_path.decode().split("/") == ["", "first", segment, "last"]
    assert url.path == f"/first/{text}/last"
