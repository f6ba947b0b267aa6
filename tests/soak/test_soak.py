"""The soak in small: what `make soak` does for hours, as far as half a minute goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it has no stubs
import pytest

from benchmarks.soak.graph import Status
from benchmarks.soak.instruments import Provider
from benchmarks.soak.report import Figures
from benchmarks.soak.run import POSTGRESQL, SETTLED_WITHIN_SECONDS, Plan, soak

SMALL = Plan(
    mutations=150, callers=12, kills=2, seed=107, instruments=6, writes_end_within_seconds=5
)


async def postgresql() -> str:
    """The server; skips, saying so, where none answers."""
    try:
        connection = await asyncpg.connect(f"{POSTGRESQL}/postgres", timeout=5)
    except (OSError, asyncpg.PostgresError) as exc:
        pytest.skip(f"no PostgreSQL answers at {POSTGRESQL}: {type(exc).__name__}")
    await connection.close()
    return POSTGRESQL


def assert_money_was_moved_once(figures: Figures) -> None:
    """And that there was something that could have gone wrong, at every provider."""
    assert not figures.findings, f"{len(figures.findings)} findings; first {figures.findings[0]}"
    assert figures.longest_settling_seconds < SETTLED_WITHIN_SECONDS
    assert len(figures.told) == SMALL.mutations
    ends = Counter(
        (one.mutation.kind.provider, one.receipt.status) for one in figures.told if one.receipt
    )
    assert all(ends[provider, Status.SUCCEEDED] for provider in Provider)
    assert {provider for (provider, _), times in figures.strikes.items() if times} == set(Provider)
    assert figures.counts["requests without an answer"] > 0


async def test_money_is_moved_once_whatever_fails(tmp_path: Path) -> None:
    assert_money_was_moved_once(await soak(SMALL, tmp_path))


async def test_money_is_moved_once_by_replicas_that_share_a_journal(tmp_path: Path) -> None:
    shared = replace(SMALL, replicas=2, postgresql=await postgresql())
    assert_money_was_moved_once(await soak(shared, tmp_path))
