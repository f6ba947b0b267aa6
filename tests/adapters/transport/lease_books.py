"""Books that leases are written in, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from adapters.transport.leases import BookAway


class Book:
    """A book in memory; leases in it do not end by themselves."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.written: dict[str, float] = {}
        self.exchanges = 0
        self.read = asyncio.Event()
        self.read.set()
        self.wrote = asyncio.Event()

    async def exchange(self, ended: Collection[str], wanted: Sequence[tuple[str, float]]) -> int:
        self.exchanges += 1
        await self.read.wait()
        for name in ended:
            self.written.pop(name, None)
        given = wanted[: self.most - len(self.written)]
        self.written.update(given)
        self.wrote.set()
        return len(given)


class ForgetfulBook(Book):
    """Does what it is asked for, and its answer gets lost as long as it is `away`."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.away = True

    async def exchange(self, ended: Collection[str], wanted: Sequence[tuple[str, float]]) -> int:
        given = await super().exchange(ended, wanted)
        if self.away:
            raise BookAway
        return given
