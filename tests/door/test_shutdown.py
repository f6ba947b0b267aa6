"""SIGTERM to a real process under load."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.door.front import JSON, QUERY

ROOT = Path(__file__).parents[2]


class Process:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.url = url
        self._process = process

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def said(self) -> Counter[str]:
        """All it said, when it has ended."""
        async with asyncio.timeout(20):
            output, _ = await self._process.communicate()
        return Counter(output.decode().split())


@asynccontextmanager
async def served(**serving: object) -> AsyncIterator[Process]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.door.served",
        str(port),
        json.dumps({"serving": serving}),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(30):
            while not await is_ready(url):
                pass
        yield Process(process, url)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def is_ready(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False


async def ask(client: httpx.AsyncClient, url: str, seconds: float) -> httpx.Response:
    headers = {**JSON, "X-Seconds": str(seconds)}
    return await client.post(f"{url}/graphql", headers=headers, content=QUERY)


async def keep_asking(url: str, begun: asyncio.Semaphore) -> Counter[str]:
    """One client with one connection, until it is told no or nobody is there any more."""
    answers: Counter[str] = Counter()
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as client:
        for _ in range(2000):
            try:
                response = await ask(client, url, 0.02)
            except httpx.ConnectError:
                return answers
            answers[str(response.status_code)] += 1
            begun.release()
            if response.status_code == 503:
                return answers
    return answers


async def test_no_request_is_lost_under_load() -> None:
    """The last call is long enough for a client that this machine keeps from asking again."""
    async with served(last_call_seconds=3) as process:
        answered = asyncio.Semaphore(0)
        clients = [asyncio.create_task(keep_asking(process.url, answered)) for _ in range(30)]
        for _ in range(100):
            await answered.acquire()

        process.terminate()
        answers = sum(await asyncio.gather(*clients), Counter())
        said = await process.said()

    assert answers.keys() <= {"200", "503"}
    assert answers["503"] > 0
    assert said["begun"] == said["finished"] == answers["200"]


async def test_a_long_request_is_finished_while_new_ones_are_refused() -> None:
    async with served() as process, httpx.AsyncClient() as client:
        long = asyncio.create_task(ask(client, process.url, 1.0))
        await ask(client, process.url, 0)

        process.terminate()
        while (late := await ask(client, process.url, 0)).status_code == 200:
            pass
        ready = await client.get(f"{process.url}/readyz")
        finished = await long
        await process.said()

    assert late.status_code == 503
    assert late.headers["Connection"] == "close"
    assert late.json()["errors"][0]["extensions"]["code"] == "SHUTTING_DOWN"
    assert ready.status_code == 503
    assert finished.text == "worked"


async def test_a_load_balancer_is_given_time_to_look_elsewhere() -> None:
    async with served(drain_delay_seconds=0.5) as process, httpx.AsyncClient() as client:
        process.terminate()
        while await is_ready(process.url):
            pass
        still_served = await ask(client, process.url, 0)
        await process.said()

    assert still_served.status_code == 200
    assert still_served.headers["Connection"] == "close"


async def test_what_never_ends_is_cut_off() -> None:
    async with served(finish_within_seconds=1) as process, httpx.AsyncClient() as client:
        endless = asyncio.create_task(ask(client, process.url, 9))
        await ask(client, process.url, 0)

        process.terminate()
        said = await process.said()
        response = await endless

    assert response.status_code == 500
    assert said == {"begun": 2, "finished": 1}
