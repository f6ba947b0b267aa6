"""What this gateway cannot read stops nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.domain.operation import OperationStatus
from app.journal.journal import Journal, open_journal
from tests.doubles.samples import a_gift_card
from tests.journal.conftest import LONG
from tests.journal.databases import Place
from tests.journal.scenes import UNKNOWN, StoppedClock, asking, opened, sent, standing


@pytest.fixture
async def stranger(place: Place, clock: StoppedClock) -> AsyncIterator[Journal]:
    """A replica with another secret."""
    async with open_journal(
        place.url, secret="another secret", clock=clock, beat_every=LONG, dead_after=4 * LONG
    ) as one:
        yield one


async def test_what_was_written_with_another_secret_needs_attention(
    journal: Journal, stranger: Journal
) -> None:
    operation_id = await sent(stranger)
    with capture_logs() as logs:
        seen = await standing(journal, operation_id)
    assert seen.status is OperationStatus.NEEDS_ATTENTION
    assert seen.steps == ()
    assert seen.name == "debitGiftCard"
    (line,) = logs
    assert line["operation"] == operation_id
    assert line["columns"] == ["idempotency_key", "instruction", "evidence"]


async def test_it_is_left_to_who_can_read_it(
    journal: Journal, stranger: Journal, clock: StoppedClock
) -> None:
    unreadable = await sent(stranger, "key-1")
    readable = await sent(journal, "key-2")
    for one, operation_id in ((stranger, unreadable), (journal, readable)):
        await one.postpone(operation_id, refusal=UNKNOWN, check_after=clock.now)
    assert [each.operation_id for each in await journal.take_due(limit=10)] == [readable]
    assert (await standing(stranger, unreadable)).status is OperationStatus.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE operations SET status = 'OF_A_NEWER_RELEASE'",
        "UPDATE operations SET refusal = observed",
        "UPDATE operations SET observed = 'no base64'",
        "UPDATE operations SET idempotency_key = ''",
        "UPDATE steps SET instruction = evidence",
        "UPDATE steps SET booking = 'AAAA'",
    ],
)
async def test_a_record_that_was_tampered_with_needs_attention(
    journal: Journal, place: Place, change: str
) -> None:
    operation_id = await sent(journal)
    await journal.finish(operation_id, OperationStatus.SUCCEEDED, observed=a_gift_card())
    await place.see(text(change))
    again = await journal.start(asking())
    assert not again.is_new
    assert again.operation.status is OperationStatus.NEEDS_ATTENTION
    assert await standing(journal, operation_id) == again.operation


async def test_a_sealed_text_is_good_for_its_own_operation_only(
    journal: Journal, place: Place
) -> None:
    first = await sent(journal, "key-1")
    second = await sent(journal, "key-2")
    await place.see(
        text(
            "UPDATE steps SET instruction ="
            f" (SELECT instruction FROM steps WHERE operation_id = '{first}')"
        )
    )
    assert (await standing(journal, first)).status is OperationStatus.IN_PROGRESS
    assert (await standing(journal, second)).status is OperationStatus.NEEDS_ATTENTION


async def test_an_unreadable_operation_can_be_ended_by_hand(
    journal: Journal, stranger: Journal, place: Place
) -> None:
    operation_id = await opened(stranger)
    ended = await journal.finish(operation_id, OperationStatus.NEEDS_ATTENTION)
    assert ended.status is OperationStatus.NEEDS_ATTENTION
    assert (await place.see(text("SELECT status FROM operations")))[0].status == "NEEDS_ATTENTION"
