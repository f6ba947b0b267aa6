"""Logs and errors of an exchange never hold its secrets or the personal data in it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from pydantic import TypeAdapter

from adapters.transport.connection import Connection
from adapters.transport.layers import BodyLimit, Deadline
from adapters.transport.upstream import Upstream
from adapters.transport.wire import UtcInstant, WireModel
from app.domain.errors import CreditError, ProviderFault
from app.domain.identifiers import SourceKey

TOKEN = "TOKEN-4f1c"
EMAIL = "shopper@example.com"
DOCUMENT = "11144477735"
CARD_CODE = "CODE-77ab"
NAME = "Sample-Person"

PRIVATE = (TOKEN, EMAIL, EMAIL.replace("@", "%40"), DOCUMENT, CARD_CODE, NAME)


class Account(WireModel):
    id: int
    opened_at: UtcInstant


ACCOUNTS = TypeAdapter(list[dict[str, Account]])


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def told_by(error: BaseException) -> str:
    return "\n".join(
        [f"{one} {one!r} {one.args}" for one in chain(error)] + traceback.format_exception(error)
    )


@pytest.fixture
async def upstream(peer: Any) -> AsyncIterator[Upstream]:
    upstream = Upstream(
        SourceKey("vtex-br"),
        base_url=peer.base_url,
        headers={"X-VTEX-API-AppToken": TOKEN},
        timeout=httpx.Timeout(1),
        transport=Deadline(BodyLimit(Connection(max_connections=2), max_bytes=5000), seconds=2),
    )
    yield upstream
    await upstream.aclose()


def http(body: str, *, status: str = "200 OK", header: str = f"X-Name: {NAME}") -> bytes:
    text = f"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    return text.encode()


ANSWERS = {
    "no answer": b"",
    "half a head": f"HTTP/1.1 200 OK\r\nX-Name: {NAME}\r\nX".encode(),
    "not HTTP": f"{NAME} {EMAIL}\r\n\r\n".encode(),
    "bad chunk": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{NAME}\r\n".encode(),
    "cut body": http(f'{{"email":"{EMAIL}"').replace(b"Length: ", b"Length: 9"),
    "large header": http("", header=f"X: {NAME * 10_000}"),
    "too large": http(NAME * 1000),
    "not compressed": http(NAME, header="Content-Encoding: gzip"),
    "unauthorized": http(NAME, status="401 Unauthorized"),
    "throttled": http(NAME, status=f"429 {NAME}"),
    "failed": http(f'{{"message":"{EMAIL}"}}', status="500 Oops"),
    "refused": http(f'{{"message":"{EMAIL}"}}', status="400 Bad"),
    "redirected": http("", status="302 Found", header=f"Location: https://else.example/{EMAIL}"),
    "not JSON": http(f"<p>{NAME} {EMAIL}</p>"),
    "not Unicode": http(f"{NAME} {EMAIL}.")[:-1] + b"\xff",
    "half a character": http(f'{{"{EMAIL}":"\\ud800"}}'),
    "wrong shape": http(f'{{"email":"{EMAIL}"}}'),
    "wrong member": http(f'[{{"a":{{"id":"{EMAIL}","opened_at":"{NAME}"}}}}]'),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_no_fault_and_no_log_line_tells_what_was_said(
    upstream: Upstream, peer: Any, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    peer.answer = peer.says_and_hangs_up(answer)
    caplog.set_level(logging.DEBUG)

    with structlog.testing.capture_logs() as lines, pytest.raises(ProviderFault) as caught:
        await ask(upstream)

    assert lines
    assert_silent(told_by(caught.value), repr(lines), caplog.text)


async def test_no_log_line_of_a_success_tells_what_was_said(
    upstream: Upstream, peer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    peer.answer = peer.says(http("[]"))
    caplog.set_level(logging.DEBUG)

    with structlog.testing.capture_logs() as lines:
        await ask(upstream)

    assert [line["event"] for line in lines] == ["upstream answer"]
    assert {"source", "operation", "status", "seconds"} <= lines[0].keys()
    assert_silent(repr(lines), caplog.text)


async def test_a_peer_that_cannot_be_reached_is_not_told_of_with_the_url(
    upstream: Upstream, unused_base_url: Callable[[], str]
) -> None:
    nowhere = Upstream(
        SourceKey("vtex-br"),
        base_url=unused_base_url(),
        headers={"X-VTEX-API-AppToken": TOKEN},
        timeout=httpx.Timeout(1),
        transport=Connection(max_connections=1),
    )

    with structlog.testing.capture_logs() as lines, pytest.raises(ProviderFault) as caught:
        await ask(nowhere)

    assert_silent(told_by(caught.value), repr(lines))
    await nowhere.aclose()


@pytest.mark.parametrize("email", [f"\ud800{EMAIL}", EMAIL * 5000])
async def test_a_refused_question_is_not_repeated(upstream: Upstream, email: str) -> None:
    with structlog.testing.capture_logs() as lines, pytest.raises(CreditError) as caught:
        await upstream.read("vtex.cc/X", "accounts", query=[("email", email)])

    messages = " ".join(f"{one} {one.__class__}" for one in chain(caught.value))
    assert_silent(messages, repr(lines))


async def ask(upstream: Upstream) -> None:
    answer = await upstream.read(
        "vtex.cc/X",
        "accounts",
        f"{DOCUMENT}_CPF",
        query=[("email", EMAIL)],
        headers={"C": CARD_CODE},
    )
    answer.read(ACCOUNTS)


def assert_silent(*texts: str) -> None:
    for text in texts:
        for private in PRIVATE:
            assert private not in text
