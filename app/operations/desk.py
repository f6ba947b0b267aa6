"""What every operation works with, for one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.spendable import RateLookup
from app.operations.directory import Directory
from app.operations.reading import Deadline, Reads
from app.operations.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    Args:
        reads: What this request has asked so far.
        deadline_after: How long a merged answer may take before it is given as it is.
        rates: Exchange rates for indicative figures.
    """

    sources: Sources
    directory: Directory
    reads: Reads
    rates: RateLookup
    deadline_after: timedelta
    clock: Callable[[], datetime]

    def deadline(self, *, share: float = 1.0) -> Deadline:
        """One that starts now and leaves *share* of the whole time, for the first of two steps."""
        return Deadline(self.deadline_after * share)
