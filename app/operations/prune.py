"""What is long over leaves the journal."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from app.domain.clock import Clock
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal

MOST_AT_ONCE: Final = 500

_log = structlog.get_logger("creditgraph.operations")


async def forget_always(
    journal: Journal, *, keep: timedelta, every: timedelta, clock: Clock
) -> None:
    """
    Go through the journal and forget what ended longer ago than *keep*, until it is cancelled.

    Args:
        every: How long it rests when it has come to what is younger.
    """
    while True:
        try:
            await forget_old(journal, keep=keep, clock=clock)
        except JournalUnavailable:
            _log.warning("nothing can be forgotten: the journal is away")
        await asyncio.sleep(every.total_seconds())


async def forget_old(journal: Journal, *, keep: timedelta, clock: Clock) -> int:
    """Once, all that there is; how many operations."""
    forgotten, after = 0, 0
    while True:
        pruned = await journal.prune(ended_before=clock() - keep, after=after, most=MOST_AT_ONCE)
        forgotten += pruned.forgotten
        if pruned.after is None:
            break
        after = pruned.after
    if forgotten:
        _log.info("old operations forgotten", operations=forgotten)
    return forgotten
