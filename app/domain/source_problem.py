"""Why a source did not contribute, as data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.errors import ProviderFault, SourceProblemKind
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """
    One fault of one source in a merged answer.

    Attributes:
        affects: Instruments whose numbers may be too low because of it.
        served_stale_from: When older data stood in for a live answer, its moment.
    """

    source: SourceKey
    kind: SourceProblemKind
    affects: frozenset[InstrumentKind]
    message: str
    retryable: bool
    retry_after_seconds: int | None = None
    served_stale_from: datetime | None = None

    @classmethod
    def of(
        cls,
        fault: ProviderFault,
        affects: Collection[InstrumentKind],
        *,
        served_stale_from: datetime | None = None,
    ) -> SourceProblem:
        return cls(
            source=fault.source,
            kind=fault.kind,
            affects=frozenset(affects),
            message=fault.says,
            retryable=fault.retryable,
            retry_after_seconds=fault.retry_after_seconds,
            served_stale_from=served_stale_from,
        )


def distinct(problems: Sequence[SourceProblem]) -> tuple[SourceProblem, ...]:
    """
    One entry for each source and kind of fault, affecting what any of its faults affects. Older
    data, of the oldest moment, stood in for it only if it did so for every one of them.
    """
    merged: dict[tuple[SourceKey, SourceProblemKind], SourceProblem] = {}
    for problem in problems:
        known = merged.setdefault((problem.source, problem.kind), problem)
        moments = (known.served_stale_from, problem.served_stale_from)
        merged[problem.source, problem.kind] = replace(
            known,
            affects=known.affects | problem.affects,
            served_stale_from=None if None in moments else min(filter(None, moments)),
        )
    return tuple(merged.values())
