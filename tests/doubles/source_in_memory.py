"""What all providers in memory are: they write down every question, and fail or hang when told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from app.domain.errors import AccountNotFound, ProviderContractBroken, ProviderFault
from app.domain.ledger import LedgerEntry, LedgerQuestion
from app.domain.paging import Page, Window
from app.domain.provider import SourceInfo

T = TypeVar("T")


class Asked(NamedTuple):
    """A question that arrived; *about* is the id it names, if it names one."""

    method: str
    about: str | None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What happens to the questions it is for: all, one method's, or one method's about one id."""

    method: str | None
    about: str | None
    fault: ProviderFault | None
    gate: asyncio.Semaphore

    def meets(self, question: Asked) -> bool:
        return self.method in (None, question.method) and self.about in (None, question.about)


class SourceInMemory:
    """
    What every narrow provider is.

    Attributes:
        asked: Every question, in the order of arrival.
        most_under_way: How many questions were under way at the same time, at most.
        repeats_last_page: Lists never end: behind the last item the last page comes again.
    """

    def __init__(self, info: SourceInfo) -> None:
        self.info = info
        self.asked: list[Asked] = []
        self.most_under_way = 0
        self.repeats_last_page = False
        self._under_way = 0
        self._arrived = asyncio.Event()
        self._troubles: list[_Trouble] = []
        self._spoiled: set[str] = set()
        self._lost: set[str] = set()

    def times_asked(self, method: str | None = None) -> int:
        return len([one for one in self.asked if method in (None, one.method)])

    def fail(
        self, fault: type[ProviderFault], method: str | None = None, *, about: str | None = None
    ) -> None:
        """Answer with *fault* from now on: everything, one method, or one method about one id."""
        self._trouble(method, about, fault(self.info.key))

    def hang(self, method: str | None = None, *, about: str | None = None) -> None:
        """Do not answer from now on, until `answer` lets a question through."""
        self._trouble(method, about, None)

    def answer(self, times: int = 1) -> None:
        """Let *times* hanging questions through, those that wait already first."""
        for trouble in self._troubles:
            for _ in range(times):
                trouble.gate.release()

    def recover(self) -> None:
        """Answer everything again; what hangs already goes on hanging."""
        self._troubles.clear()

    def spoil(self, provider_id: str) -> None:
        """Make one item unreadable: a fault by itself, and stepped over in lists."""
        self._spoiled.add(provider_id)

    def mend(self, provider_id: str) -> None:
        """Make what was spoiled readable again."""
        self._spoiled.discard(provider_id)

    def lose(self, provider_id: str) -> None:
        """Go on listing one item, and no longer know it when it is asked for."""
        self._lost.add(provider_id)

    @property
    def under_way(self) -> int:
        """How many questions wait for their answers."""
        return self._under_way

    async def until_asked(self, times: int, method: str | None = None) -> None:
        """Wait until so many questions have arrived."""
        while self.times_asked(method) < times:
            self._arrived.clear()
            await self._arrived.wait()

    async def probe(self) -> None:
        await self._question("probe")

    async def _question(self, method: str, about: str | None = None) -> None:
        question = Asked(method, about)
        self.asked.append(question)
        self._arrived.set()
        self._under_way += 1
        self.most_under_way = max(self.most_under_way, self._under_way)
        try:
            for trouble in [one for one in self._troubles if one.meets(question)]:
                if trouble.fault is not None:
                    raise trouble.fault
                await trouble.gate.acquire()
        finally:
            self._under_way -= 1

    def _trouble(self, method: str | None, about: str | None, fault: ProviderFault | None) -> None:
        if method is not None and not callable(getattr(self, method, None)):
            raise ValueError(f"{type(self).__name__} is never asked {method}")
        self._troubles.append(_Trouble(method, about, fault, asyncio.Semaphore(0)))

    def _only(
        self, items: Iterable[T], kind: str, provider_id: str, own_id: Callable[[T], str]
    ) -> T:
        found = [item for item in items if own_id(item) == provider_id]
        if not found or provider_id in self._lost:
            raise AccountNotFound(kind)
        if provider_id in self._spoiled:
            raise ProviderContractBroken(self.info.key)
        return found[0]

    def _page(self, items: Sequence[T], window: Window, own_id: Callable[[T], str]) -> Page[T]:
        start, end = window.offset, window.offset + window.limit
        if self.repeats_last_page and start >= len(items):
            start, end = max(0, len(items) - window.limit), len(items)
        shown = items[start:end]
        readable = tuple(item for item in shown if own_id(item) not in self._spoiled)
        more = end < len(items) or self.repeats_last_page
        return Page(
            items=readable,
            next_offset=window.offset + window.limit if more else None,
            total=None if self.repeats_last_page else len(items),
            faults=(ProviderContractBroken(self.info.key),) * (len(shown) - len(readable)),
        )

    def _history(
        self, entries: Iterable[LedgerEntry], question: LedgerQuestion, window: Window
    ) -> Page[LedgerEntry]:
        wanted = [entry for entry in entries if question.matches(entry)]
        newest_first = sorted(wanted, key=lambda entry: entry.occurred_at, reverse=True)
        return self._page(newest_first, window, line_id)


def line_id(entry: LedgerEntry) -> str:
    return entry.native.provider_entry_id
