"""A desk over some providers, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.cache.front import SharedReads
from app.domain.customer import CustomerIdentity
from app.domain.provider import Provider
from app.domain.spendable import RateLookup
from app.operations.desk import Desk
from app.operations.directory import Directory
from app.operations.reading import Reads
from app.operations.sources import Sources
from tests.doubles.samples import NOW
from tests.doubles.shared import reads_shared

PATIENT = timedelta(hours=1)


def a_desk(
    *providers: Provider,
    people: Sequence[CustomerIdentity] = (),
    parallel: int = 8,
    deadline_after: timedelta = PATIENT,
    rates: RateLookup = lambda _of, _to: None,
    shared: SharedReads | None = None,
) -> Desk:
    return Desk(
        sources=Sources(providers),
        directory=Directory(people),
        reads=Reads(parallel=parallel, shared=shared or reads_shared(lambda: NOW)),
        rates=rates,
        deadline_after=deadline_after,
        clock=lambda: NOW,
    )
