"""SIGTERM to the whole gateway while everybody asks."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import httpx
import pytest

from app.authentication.api_keys import new_api_key
from app.run_sandbox import running_sandbox
from tests.whole_gateway.configured import SECRETS, SOURCES, configuration, toml
from tests.whole_gateway.process import LOOPBACK, PATIENCE_SECONDS, Running, free_port, running

LATE_MILLISECONDS: Final = 200
CLIENTS: Final = 24
FINISH_WITHIN_SECONDS: Final = 5
KEY: Final = new_api_key()
QUERY: Final = """{ customer(by: { email: "shopper@example.com" }) {
  spendableCredit(currency: BRL) { total { amount } completeness } } }"""
TOTAL: Final = {"total": {"amount": "4740.05"}, "completeness": "PARTIAL"}
"""Without Medusa, where nobody is found by an e-mail."""

NOT_LET_IN: Final = "reset before the first answer"
"""
Also who comes in the microseconds between the last look at the kernel's queue and the closing of
the port, which nobody can prevent.
"""

_BODY: Final = json.dumps({"query": QUERY}).encode()
_REQUEST: Final = (
    b"POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
    b"X-Api-Key: %s\r\nContent-Length: %d\r\n\r\n%s" % (KEY.key.encode(), len(_BODY), _BODY)
)


class Client:
    """Asks, one request after the other, until nobody listens any more."""

    def __init__(self, port: int, answered: asyncio.Semaphore, *, keeps_connections: bool) -> None:
        self.outcomes: Counter[str] = Counter()
        self._port = port
        self._answered = answered
        self._keeps_connections = keeps_connections

    async def ask_on(self) -> Counter[str]:
        while True:
            try:
                reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
            except ConnectionRefusedError:
                return self.outcomes
            except ConnectionResetError:
                self.outcomes[NOT_LET_IN] += 1
                continue
            with closing(writer):
                await self._ask_over(reader, writer)

    async def _ask_over(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lost = NOT_LET_IN
        while await self._is_answered(reader, writer, lost) and self._keeps_connections:
            lost = "lost"

    async def _is_answered(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: str
    ) -> bool:
        """Whether an answer came and the connection stays; *lost* is what no answer means."""
        try:
            writer.write(_REQUEST)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = json.loads(await reader.readexactly(length))
        except ConnectionResetError:
            self.outcomes[lost] += 1
            return False
        except (asyncio.IncompleteReadError, BrokenPipeError):
            self.outcomes["lost"] += 1
            return False
        self.outcomes[_outcome(int(head.split()[1]), body)] += 1
        self._answered.release()
        return b"connection: close" not in head


def _outcome(status: int, body: dict[str, object]) -> str:
    match body:
        case {"data": {"customer": {"spendableCredit": found}}} if found == TOTAL:
            return str(status)
        case {"errors": [{"extensions": {"code": code}}]}:
            return f"{status} {code}"
    return f"{status} {body}"


@asynccontextmanager
async def late_gateway(folder: Path, *, serving: str = "") -> AsyncIterator[Running]:
    """Over a sandbox of which every answer takes its time."""
    keys = [{"name": "load", "hash": KEY.hash_line, "level": "SERVICE", "scopes": ["credit:read"]}]
    with running_sandbox(port := free_port()):
        sandbox = f"http://{LOOPBACK}:{port}"
        async with httpx.AsyncClient(base_url=sandbox) as controls:
            for one in SOURCES:
                fault = {"mode": "latency", "milliseconds": LATE_MILLISECONDS}
                (await controls.put(f"/_sandbox/faults/{one}", json=fault)).raise_for_status()
        config = configuration(
            sandbox,
            settings=f"[door.serving]\nfinish_within_seconds = {FINISH_WITHIN_SECONDS}\n{serving}",
            authenticated=f"[authentication]\napi_keys = {toml(keys)}",
        )
        patient = config.replace("timeout_seconds = 0.5", "timeout_seconds = 30")
        async with running(folder, patient, SECRETS) as gateway:
            yield gateway


@pytest.mark.parametrize("last_call_seconds", [None, 2.0])
async def test_every_request_under_way_is_answered_and_every_new_one_refused_in_words(
    tmp_path: Path, last_call_seconds: float | None
) -> None:
    serving = "" if last_call_seconds is None else f"last_call_seconds = {last_call_seconds}"
    async with late_gateway(tmp_path, serving=serving) as gateway:
        answered = asyncio.Semaphore(0)
        clients = [
            Client(gateway.port, answered, keeps_connections=number % 2 == 0)
            for number in range(CLIENTS)
        ]
        asking = [asyncio.create_task(one.ask_on()) for one in clients]
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(2 * CLIENTS):
                await answered.acquire()
        gateway.terminate()
        async with asyncio.timeout(PATIENCE_SECONDS):
            outcomes = sum(await asyncio.gather(*asking), Counter())

        assert await gateway.ended() == 0
    assert outcomes.pop(NOT_LET_IN, 0) <= 1
    assert outcomes.keys() == {"200", "503 SHUTTING_DOWN"}
    assert outcomes["200"] >= 2 * CLIENTS
    assert "Traceback" not in gateway.said()
