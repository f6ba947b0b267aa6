"""Faults that come and go at each provider, and are counted."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp

from benchmarks.soak.instruments import Provider

Order = Mapping[str, Any]

CALM: Final[Order] = {"mode": "none"}
LATEST_MILLISECONDS: Final = 1_500
"""After so long whatever a provider still holds back is carried out."""

_COUNTED: Final = 1_000_000
"""Strikes are only shown where there is an end of them."""

LOST_ANSWERS: Final[Sequence[Order]] = (
    {"mode": "applied_then_cut"},
    {"mode": "cut_before_applied"},
    {"mode": "applied_then_500"},
    {"mode": "applied_then_401"},
    {"mode": "applied_late", "milliseconds": 300},
    {"mode": "applied_late", "milliseconds": LATEST_MILLISECONDS},
    {"mode": "html_502", "applied": True},
    {"mode": "html_502", "applied": False},
    {"mode": "malformed", "kind": "truncated", "calls": "writes"},
    {"mode": "malformed", "kind": "wrong_type", "calls": "writes"},
    {"mode": "malformed", "kind": "html", "calls": "writes"},
    {"mode": "hang", "calls": "writes"},
    {"mode": "reset", "calls": "writes"},
    {"mode": "error", "status": 503, "calls": "writes"},
)
"""Of writes alone."""

OUTAGES: Final[Sequence[Order]] = (
    {"mode": "error", "status": 500},
    {"mode": "reset"},
    {"mode": "throttle"},
    {"mode": "unauthorized"},
    {"mode": "malformed", "kind": "truncated"},
    {"mode": "latency", "milliseconds": 700},
    {"mode": "hang", "calls": "reads"},
)
"""Of reads as well, the look-ups of lost answers among them."""


class Weather:
    """
    Args:
        sandbox: Its URL.
    """

    def __init__(self, session: aiohttp.ClientSession, sandbox: str, dice: random.Random) -> None:
        self._session = session
        self._sandbox = sandbox
        self._dice = dice
        self.strikes: Counter[tuple[Provider, str]] = Counter()

    async def blow(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for provider in Provider:
                group.create_task(self._change(provider))

    async def clear(self) -> None:
        for provider in Provider:
            await self._put(provider, CALM)

    async def _change(self, provider: Provider) -> None:
        while True:
            await self._put(provider, self._order())
            await asyncio.sleep(self._dice.uniform(0.3, 3))

    def _order(self) -> Order:
        modes = self._dice.choices((LOST_ANSWERS, OUTAGES, (CALM,)), (6, 2, 3))[0]
        order = self._dice.choice(modes)
        if order == CALM:
            return order
        probability = round(self._dice.uniform(0.1, 0.8), 2)
        seed = self._dice.randrange(2**32)
        return {**order, "probability": probability, "seed": seed, "times": _COUNTED}

    async def _put(self, provider: Provider, order: Order) -> None:
        url = f"{self._sandbox}/_sandbox/faults/{provider}"
        async with self._session.get(url) as response:
            passing = await response.json()
        async with self._session.put(url, json=order) as response:
            response.raise_for_status()
        if (left := passing.get("strikes_left")) is not None:
            self.strikes[provider, passing["mode"]] += passing["times"] - left
