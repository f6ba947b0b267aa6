"""The sandbox, which nobody kills, and gateways, which die without a word and come back."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks.soak.instruments import CURRENCY, seed

LOOPBACK: Final = "127.0.0.1"
_ROOT: Final = Path(__file__).parents[2]
_STARTS_WITHIN_SECONDS: Final = 60

_SECRETS: Final = {
    "SOAK_IDS": "these ids seal nothing but a soak",
    "SOAK_VTEX_KEY": "vtexappkey-sandbox",
    "SOAK_VTEX_TOKEN": "sandbox-vtex-token",
    "SOAK_ADOBE": "sandbox-adobe-token",
    "SOAK_MEDUSA": "sk_" + 32 * "5a",
}
_SCOPES: Final = (
    "credit:read",
    "credit:balance",
    "giftcard:read",
    "giftcard:spend",
    "giftcard:write",
    "storecredit:read",
    "storecredit:spend",
    "storecredit:write",
)
_SOURCES: Final = (
    ("vtex-credit", "vtex.customer-credit", "/vtex", "vtex"),
    ("vtex-giftcard", "vtex.giftcard", "/vtex", "vtex"),
    ("adobe", "adobe.company-credit", "/adobe/rest/default", "adobe"),
    ("medusa", "medusa.store-credit", "/medusa", "medusa"),
)
_CREDENTIALS: Final = {
    "vtex": '{ app_key = { env = "SOAK_VTEX_KEY" }, app_token = { env = "SOAK_VTEX_TOKEN" } }',
    "adobe": '{ kind = "bearer", token = { env = "SOAK_ADOBE" } }',
    "medusa": '{ kind = "secret-key", token = { env = "SOAK_MEDUSA" } }',
}


class DidNotStart(Exception):
    """A process ended at once, or never answered."""


class Gateway:
    """One replica; another process after each kill, at the same address."""

    def __init__(self, config: Path, secrets: Mapping[str, str]) -> None:
        self._port = free_port()
        self._config = config
        self._secrets = secrets
        self._process: asyncio.subprocess.Process | None = None
        self.log = config.with_name(f"gateway-{self._port}.log")

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """
        Raises:
            DidNotStart
        """
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "app", "serve", f"--config={self._config}", f"--port={self._port}"),
                cwd=_ROOT,
                env={**_without_settings(), **_SECRETS, **self._secrets},
                stdout=log,
                stderr=log,
            )
        await _until_healthy(self._process, f"{self.url}/readyz", self.log)

    async def kill(self) -> None:
        """As a power cut would: nothing of it goes on."""
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running_sandbox(folder: Path, *, instruments: int) -> AsyncIterator[str]:
    """The URL of a sandbox with so many instruments a provider."""
    data, log, port = folder / "seed.json", folder / "sandbox.log", free_port()
    data.write_text(json.dumps(seed(instruments)), encoding="utf-8")
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "sandbox", f"--port={port}", f"--seed={data}", f"--parent-pid={os.getpid()}"),
            cwd=_ROOT,
            stdout=written,
            stderr=written,
        )
    url = f"http://{LOOPBACK}:{port}"
    try:
        await _until_healthy(process, f"{url}/_sandbox/health", log)
        yield url
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def running_gateways(
    folder: Path,
    sandbox: str,
    *,
    replicas: int,
    journal_url: str | None,
    writes_end_within_seconds: int,
) -> AsyncIterator[Sequence[Gateway]]:
    """
    Args:
        journal_url: Of a PostgreSQL database; None for a SQLite file in *folder*.
    """
    file = folder / "gateway.toml"
    journal = folder / "journal.db"
    place = f'path = "{journal}"' if journal_url is None else 'url = { env = "SOAK_JOURNAL" }'
    file.write_text(_config(sandbox, place, writes_end_within_seconds), encoding="utf-8")
    secrets = {} if journal_url is None else {"SOAK_JOURNAL": journal_url}
    async with AsyncExitStack() as stack:
        gateways = [Gateway(file, secrets) for _ in range(replicas)]
        for gateway in gateways:
            stack.push_async_callback(gateway.kill)
            await gateway.start()
        yield gateways


async def kill_and_restart(gateways: Sequence[Gateway], dice: random.Random) -> None:
    """One of them, at a random moment from now."""
    gateway = dice.choice(gateways)
    await asyncio.sleep(dice.random())
    await gateway.kill()
    await asyncio.sleep(dice.random())
    await gateway.start()


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _config(sandbox: str, journal: str, writes_end_within_seconds: int) -> str:
    """Short patience, so that many answers are lost to it."""
    sources = "".join(
        f"""
[[sources]]
key = "{key}"
provider = "{provider}"
base_url = "{sandbox}{path}"
default_currency = "{CURRENCY}"
timeout_seconds = 1.5
write_timeout_seconds = 1.0
writes_end_within_seconds = {writes_end_within_seconds}
credentials = {_CREDENTIALS[credentials]}
"""
        for key, provider, path, credentials in _SOURCES
    )
    return f"""
id_secret = {{ env = "SOAK_IDS" }}
log_level = "warning"
log_format = "json"

[journal]
{journal}

[authentication]
anonymous_level = "ADMIN"
anonymous_scopes = {json.dumps(_SCOPES)}

[door.rate]
enabled = false
{sources}"""


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "CREDITGRAPH_" not in name}


async def _until_healthy(process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    give_up_at = asyncio.get_running_loop().time() + _STARTS_WITHIN_SECONDS
    async with aiohttp.ClientSession() as session:
        while not await _answers(session, url):
            if process.returncode is not None or asyncio.get_running_loop().time() > give_up_at:
                raise DidNotStart(_end_of(log))
            await asyncio.sleep(0.05)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _end_of(log: Path) -> str:
    return log.read_text(errors="backslashreplace")[-2000:]
