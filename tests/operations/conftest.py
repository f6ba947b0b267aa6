"""Time that passes when a test says so, and a counter where orders are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from anyio.lowlevel import checkpoint

from tests.doubles.desk import PATIENT
from tests.operations.counter import Counter, a_provider, open_counter

TURNS = 500
"""More turns of the loop than anything in memory needs to finish."""


@pytest.fixture
def deadline_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    """Let everything that can finish do so, then put the clock of the loop past all deadlines."""

    async def pass_deadline() -> None:
        for _ in range(TURNS):
            await checkpoint()
        loop = asyncio.get_running_loop()
        later = loop.time() + 2 * PATIENT.total_seconds()
        monkeypatch.setattr(loop, "time", lambda: later)
        await checkpoint()

    return pass_deadline


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    """Orders taken on one card, one credit account and one store-credit account."""
    async with open_counter(tmp_path, a_provider()) as open_one:
        yield open_one
