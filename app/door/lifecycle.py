"""From the first moment of the process to its last."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import structlog

Check = Callable[[], Awaitable[bool]]
"""Whether something that serving needs is there. An exception means no."""

_log = structlog.get_logger("creditgraph.lifecycle")


class Stage(StrEnum):
    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    CLOSED = "closed"
    """To new requests; those that are inside finish."""


_ORDER: Final = list(Stage)


@dataclass(frozen=True, slots=True)
class Readiness:
    stage: Stage
    checks: dict[str, bool] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        return self.stage is Stage.READY and all(self.checks.values())


class Lifecycle:
    """
    Where the process stands, and whether what it needs is there.

    A provider is nothing it needs: with one away the answers are smaller, and still answers.
    """

    def __init__(
        self,
        *,
        check_within_seconds: float = 1.0,
        look_again_after_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            look_again_after_seconds: Until then the last findings are told, however often somebody
                asks.
        """
        self.stage = Stage.STARTING
        self._checks: dict[str, Check] = {}
        self._check_within_seconds = check_within_seconds
        self._look_again_after_seconds = look_again_after_seconds
        self._clock = clock
        self._findings: dict[str, bool] = {}
        self._look_again_at: float | None = None
        self._looking = asyncio.Lock()

    def register(self, name: str, check: Check) -> None:
        self._checks[name] = check

    def ready(self) -> None:
        self._advance(Stage.READY)

    def drain(self) -> None:
        """Serve on, but tell that it ends."""
        self._advance(Stage.DRAINING)

    def close(self) -> None:
        self._advance(Stage.CLOSED)

    def _advance(self, stage: Stage) -> None:
        """There is no way back: a process that was told to stop is not made ready again."""
        self.stage = max(self.stage, stage, key=_ORDER.index)

    async def readiness(self) -> Readiness:
        if self.stage is not Stage.READY:
            return Readiness(self.stage)
        async with self._looking:
            if self._look_again_at is None or self._clock() >= self._look_again_at:
                self._findings = await self._look()
                self._look_again_at = self._clock() + self._look_again_after_seconds
        return Readiness(self.stage, self._findings)

    async def _look(self) -> dict[str, bool]:
        found = await asyncio.gather(
            *(self._passes(check) for check in self._checks.values()), return_exceptions=True
        )
        findings = dict(zip(self._checks, found, strict=True))
        for name, finding in findings.items():
            if finding is not True:
                cause = type(finding).__name__ if isinstance(finding, BaseException) else None
                _log.warning("not ready", check=name, cause=cause)
        return {name: finding is True for name, finding in findings.items()}

    async def _passes(self, check: Check) -> bool:
        async with asyncio.timeout(self._check_within_seconds):
            return await check()
