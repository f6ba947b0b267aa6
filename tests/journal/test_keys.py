"""A key is one operation's, whoever brings it how often."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.domain.operation import OperationStatus
from app.journal.journal import Journal
from tests.journal.scenes import asking, opened, standing

STRANGE_KEYS = ["", " ", "k" * 100_000, "\x00", "\ud800", "'; DROP TABLE operations; --", "\x1f"]


async def test_of_a_hundred_at_once_exactly_one_opens_the_operation(
    journal: Journal, other: Journal
) -> None:
    started = await asyncio.gather(
        *(one.start(asking("key-1")) for _ in range(50) for one in (journal, other))
    )
    assert [each.is_new for each in started].count(True) == 1
    assert len({each.operation.operation_id for each in started}) == 1
    assert all(each.same_input for each in started)


async def test_another_input_under_the_same_key_is_told_apart(journal: Journal) -> None:
    operation_id = await opened(journal, "key-1")
    again = await journal.start(replace(asking("key-1"), fingerprint="another"))
    assert not again.is_new
    assert not again.same_input
    assert again.operation.operation_id == operation_id


@pytest.mark.parametrize(
    "unlike", [asking("key-2"), asking(caller="another"), asking(name="creditGiftCard")]
)
async def test_another_key_caller_or_name_is_another_operation(
    journal: Journal, unlike: object
) -> None:
    await opened(journal, "key-1")
    assert (await journal.start(unlike)).is_new  # type: ignore[arg-type]


async def test_a_key_keeps_its_operation_when_that_has_ended(journal: Journal) -> None:
    operation_id = await opened(journal, "key-1")
    ended = await journal.finish(operation_id, OperationStatus.SUCCEEDED)
    again = await journal.start(asking("key-1"))
    assert not again.is_new
    assert again.operation == ended


async def test_a_key_that_was_set_free_opens_another_operation(journal: Journal) -> None:
    first = await opened(journal, "key-1")
    freed = await journal.finish(first, OperationStatus.REJECTED, frees_key=True)
    second = await opened(journal, "key-1")
    assert second != first
    assert freed.idempotency_key == "key-1"
    assert await standing(journal, first) == freed


async def test_a_key_is_set_free_and_claimed_by_many_at_once(
    journal: Journal, other: Journal
) -> None:
    """Whoever finds the key taken is told of an operation, never of none."""
    first = await opened(journal, "key-1")
    _, *started = await asyncio.gather(
        journal.finish(first, OperationStatus.REJECTED, frees_key=True),
        *(one.start(asking("key-1")) for _ in range(20) for one in (journal, other)),
    )
    assert [each.is_new for each in started].count(True) == 1  # type: ignore[attr-defined]


async def test_the_newest_of_a_caller_with_a_key_is_found_whatever_its_name(
    journal: Journal,
) -> None:
    freed = await opened(journal, "key-1")
    await journal.finish(freed, OperationStatus.REJECTED, frees_key=True)
    await opened(journal, "key-1")
    newest = await journal.start(asking("key-1", name="creditGiftCard"))
    await journal.start(asking("key-1", caller="another"))
    await journal.start(asking("key-2"))
    assert await journal.latest(caller="shop", idempotency_key="key-1") == newest.operation


async def test_no_operation_is_found_for_a_key_that_was_never_brought(journal: Journal) -> None:
    await opened(journal, "key-1")
    assert await journal.latest(caller="shop", idempotency_key="key-2") is None
    assert await journal.latest(caller="another", idempotency_key="key-1") is None


@pytest.mark.parametrize("key", STRANGE_KEYS, ids=ascii)
async def test_any_text_is_a_key(journal: Journal, key: str) -> None:
    operation_id = await opened(journal, key)
    assert not (await journal.start(asking(key))).is_new
    assert (await standing(journal, operation_id)).idempotency_key == key


async def test_texts_that_run_together_alike_are_not_the_same_key(journal: Journal) -> None:
    await journal.start(asking("b", caller="a"))
    assert (await journal.start(asking("", caller="ab"))).is_new
    assert await journal.latest(caller="", idempotency_key="ab") is None
