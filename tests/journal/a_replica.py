"""
A replica in a process of its own, to be killed. Arguments: the journal's URL, and what to do.

`hold`: has one operation in progress, its call sent and its card locked, says its id, and stays.
`work`: opens one operation after the other, says the id of each whose call may be sent, for ever.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count

from app.journal.journal import Journal, open_journal
from tests.journal.scenes import CARD, SECRET, sent


async def main(url: str, task: str) -> None:
    async with open_journal(url, secret=SECRET) as journal:
        await {"hold": hold, "work": work}[task](journal)


async def hold(journal: Journal) -> None:
    async with journal.lock(CARD, wait_seconds=0):
        say(await sent(journal))
        await asyncio.Event().wait()


async def work(journal: Journal) -> None:
    for number in count():
        say(await sent(journal, f"key-{number}"))


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
