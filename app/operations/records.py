"""The journal being away, in the domain's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import RecordsUnavailable
from app.journal.failures import JournalUnavailable


@contextmanager
def told_in_domain_words() -> Iterator[None]:
    """
    Raises:
        RecordsUnavailable: The journal is away.
    """
    try:
        yield
    except JournalUnavailable as exc:
        raise RecordsUnavailable from exc
