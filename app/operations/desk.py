"""What every operation works with, for one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.domain.provider import StoreCreditFacts
from app.domain.spendable import RateLookup
from app.operations.batches import Batches
from app.operations.directory import Directory
from app.operations.reading import Deadline, Reads
from app.operations.sources import Sources


@dataclass(slots=True)
class Wanted:
    """
    What the request wants to know, said before anything is read: the same wherever it meets a
    thing, so that two fields that lead to it share its read.
    """

    store_credit: StoreCreditFacts = StoreCreditFacts.EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    Args:
        reads: What this request has asked so far.
        deadline_after: How long a merged answer may take before it is given as it is.
        rates: Exchange rates for indicative figures.
        batches: What is asked for in the same moment.
        wanted: What is asked for of each thing.
    """

    sources: Sources
    directory: Directory
    reads: Reads
    rates: RateLookup
    deadline_after: timedelta
    clock: Callable[[], datetime]
    batches: Batches = field(default_factory=Batches)
    wanted: Wanted = field(default_factory=Wanted)

    def as_old_as(self, may_be_old: timedelta) -> Desk:
        """For a part of the request that says how old its answers may be; zero asks the sources."""
        return replace(self, reads=self.reads.as_old_as(may_be_old))

    def live(self) -> Desk:
        """For a part of the request that takes nothing from what others have read."""
        return self.as_old_as(timedelta(0))

    def deadline(self, *, share: float = 1.0) -> Deadline:
        """One that starts now and leaves *share* of the whole time, for the first of two steps."""
        return Deadline(self.deadline_after * share)
