"""Whatever is sent to a real server: refused, at once, and nothing stays behind."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final

import pytest

from tests.graphql_limits.test_hostile_documents import AS_LARGE_AS_ALLOWED
from tests.whole_gateway.configured import SECRETS, configuration, toml
from tests.whole_gateway.hostile import HOSTILE, KEY, QUERY, asking, request
from tests.whole_gateway.process import (
    LOOPBACK,
    PATIENCE_SECONDS,
    Running,
    measurable,
    running,
)

TIMES: Final = 5
ROUNDS: Final = 5
MOST_GROWTH_BYTES: Final = 25_000_000
SLOW_CLIENTS: Final = 40
HEAD_WITHIN_SECONDS: Final = 1.0
NOTHING_TOLD: Final = (
    None,
    {"__typename": "Query"},
    {"node": None},
    {"customer": {"giftCards": None}},
)
_SCOPES: Final = ["credit:read", "giftcard:read", "invoice:read", "storecredit:read"]


@pytest.fixture(scope="module")
def provider() -> Iterator[socket.socket]:
    """Where all sources are. Nobody is to come."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        listener.settimeout(0)
        yield listener


@pytest.fixture(scope="module")
async def gateway(
    provider: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    keys = [{"name": "hostile", "hash": KEY.hash_line, "level": "SERVICE", "scopes": _SCOPES}]
    config = configuration(
        f"http://{LOOPBACK}:{provider.getsockname()[1]}",
        settings=f"[door]\nheaders = {{ arrive_within_seconds = {HEAD_WITHIN_SECONDS} }}\n"
        "rate = { enabled = false }",
        authenticated=f"[authentication]\napi_keys = {toml(keys)}",
    )
    async with running(tmp_path_factory.mktemp("hostile"), config, SECRETS) as one:
        yield one


@dataclass(frozen=True)
class Heard:
    status: int
    codes: frozenset[str] = frozenset()
    data: object = None


async def send(gateway: Running, sent: bytes) -> Heard:
    reader, writer = await asyncio.open_connection(LOOPBACK, gateway.port)
    with closing(writer):
        heard = bytearray()
        with suppress(ConnectionError):
            writer.write(sent)
            await writer.drain()
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while more := await reader.read(65_536):
                    heard += more
    return _understood(bytes(heard))


def _understood(answer: bytes) -> Heard:
    """Status 0 for no answer: it is lost where the kernel resets a connection with unread bytes."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1]) if head else 0
    try:
        said = json.loads(body)
    except ValueError:
        return Heard(status)
    codes = frozenset(error["extensions"]["code"] for error in said.get("errors", ()))
    return Heard(status, codes, said.get("data"))


@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_refused_and_no_provider_hears_of_it(
    gateway: Running, provider: socket.socket, name: str
) -> None:
    hostile = HOSTILE[name]
    heard = await send(gateway, hostile.sent)
    assert heard.status == hostile.status
    assert not hostile.code or hostile.code in heard.codes
    assert heard.data in NOTHING_TOLD
    with pytest.raises(BlockingIOError):
        provider.accept()


@pytest.fixture(scope="module")
async def most_seconds(gateway: Running) -> float:
    """A tenth of a second; more on a machine that is slow with good documents, too."""
    large = (AS_LARGE_AS_ALLOWED.replace("1 ", f"{number} ") for number in range(10, 10 + TIMES))
    before = gateway.cpu_seconds()
    await asyncio.gather(*(send(gateway, asking(one)) for one in large))
    return max(0.1, 4 * (gateway.cpu_seconds() - before) / TIMES)


@measurable
@pytest.mark.parametrize("name", HOSTILE)
async def test_refusing_it_costs_no_more_than_good_documents_do(
    gateway: Running, most_seconds: float, name: str
) -> None:
    """In processor time, which a busy machine does not make much longer."""
    before = gateway.cpu_seconds()
    await asyncio.gather(*(send(gateway, HOSTILE[name].sent) for _ in range(TIMES)))
    assert (gateway.cpu_seconds() - before) / TIMES < most_seconds


@measurable
async def test_nothing_of_it_stays_in_memory(gateway: Running) -> None:
    async def one_round() -> None:
        await asyncio.gather(*(send(gateway, hostile.sent) for hostile in HOSTILE.values()))

    await one_round()
    before = gateway.resident_bytes()
    for _ in range(ROUNDS):
        await one_round()
    assert gateway.resident_bytes() - before < MOST_GROWTH_BYTES


async def test_clients_that_drip_are_let_go_while_others_are_served(gateway: Running) -> None:
    async def drip() -> Heard:
        reader, writer = await asyncio.open_connection(LOOPBACK, gateway.port)
        with closing(writer):
            writer.write(b"POST /graphql HTTP/1.1\r\nHost: gateway\r\nX-Slow: ")
            async with asyncio.timeout(PATIENCE_SECONDS):
                return _understood(await reader.read())

    dripping = [asyncio.create_task(drip()) for _ in range(SLOW_CLIENTS)]
    served = [await send(gateway, request(QUERY.encode())) for _ in range(TIMES)]
    assert {heard.status for heard in served} == {200}
    refused = Heard(408, frozenset({"HEADERS_TOO_SLOW"}))
    assert set(await asyncio.gather(*dripping)) == {refused}
