"""What requests remember for each other, in the memory of a test."""

from __future__ import annotations

from datetime import timedelta

from app.cache.front import Lifetimes, SharedReads
from app.cache.memory import MemoryStore
from app.domain.clock import Clock


def lifetimes(
    *,
    balance: float = 0,
    configuration: float = 0,
    kept: float = 300,
    wait: float = 0.05,
) -> Lifetimes:
    """In seconds; by default nothing is fresh, as in the sandbox's configuration."""
    return Lifetimes(
        balance=timedelta(seconds=balance),
        configuration=timedelta(seconds=configuration),
        kept=timedelta(seconds=kept),
        wait=timedelta(seconds=wait),
    )


def reads_shared(
    clock: Clock, *, last: Lifetimes | None = None, most: int = 1000, share: float = 1
) -> SharedReads:
    """
    Args:
        share: Of its lifetime, how much everything is fresh.
    """
    store = MemoryStore(most=most, kept_seconds=300, clock=clock)
    return SharedReads(store, last or lifetimes(), clock=clock, share=lambda: share)
