"""Who has the database, the errors or the logs, but not the secret, learns nothing of people."""

from __future__ import annotations

import dataclasses
import traceback
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.domain.identifiers import OperationId, ProviderHoldId
from app.domain.instructions import Subject
from app.domain.instruments import InstrumentKind
from app.domain.operation import Booking, OperationStatus
from app.domain.refusals import ProviderRejected
from app.journal.failures import JournalUnavailable
from app.journal.journal import Journal
from app.journal.tables import METADATA
from tests.doubles.samples import a_gift_card
from tests.journal.databases import Place
from tests.journal.scenes import SECRET, UNKNOWN, a_debit, a_step, asking

CANARY = "CANARY"
EMAIL = f"{CANARY}@example.com"


async def write_everything(journal: Journal) -> OperationId:
    asked = dataclasses.replace(asking(f"key of {EMAIL}"), fingerprint="keyed by who asks")
    started = await journal.start(asked)
    operation_id = started.operation.operation_id
    instruction = a_debit(EMAIL, description=f"for {EMAIL}")
    step = a_step(operation_id, instruction=instruction)
    evidence = dataclasses.replace(step.evidence, newest_entry_id=EMAIL)  # type: ignore[arg-type]
    async with journal.lock(instruction.subject, wait_seconds=0):
        await journal.begin_step(operation_id, dataclasses.replace(step, evidence=evidence))
        booking = Booking(provider_reference=EMAIL, hold_id=ProviderHoldId(EMAIL))
        await journal.book_step(operation_id, 1, booking)
    refusal = ProviderRejected(source=UNKNOWN.source, provider_code=EMAIL)
    card = a_gift_card(EMAIL, code=f"CODE-OF-THE-{CANARY}")
    await journal.finish(operation_id, OperationStatus.REJECTED, refusal=refusal, observed=card)
    return operation_id


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_no_column_holds_what_is_personal(journal: Journal, place: Place) -> None:
    await write_everything(journal)
    dump = str([await place.see(table.select()) for table in METADATA.sorted_tables])
    assert "debitGiftCard" in dump
    assert CANARY not in dump
    assert "12.34" not in dump
    assert SECRET not in dump


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_no_byte_of_the_files_does(journal: Journal, tmp_path: Path) -> None:
    operation_id = await write_everything(journal)
    files = b"".join(path.read_bytes() for path in files_in(tmp_path))
    assert operation_id.encode() in files
    assert CANARY.encode() not in files
    assert SECRET.encode() not in files


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_only_this_user_can_read_the_files(journal: Journal, tmp_path: Path) -> None:
    await write_everything(journal)
    files = files_in(tmp_path)
    assert len(files) == 3
    assert [path.stat().st_mode & 0o077 for path in files] == [0, 0, 0]


async def test_the_lock_does_not_name_its_instrument(journal: Journal, place: Place) -> None:
    subject = Subject(UNKNOWN.source, InstrumentKind.GIFT_CARD, EMAIL)
    async with journal.lock(subject, wait_seconds=0):
        assert CANARY not in str(await place.see(text("SELECT * FROM instrument_locks")))


async def test_no_error_or_log_line_tells_what_was_to_be_written(
    journal: Journal, place: Place
) -> None:
    for table in reversed(METADATA.sorted_tables):
        await place.see(text(f"DROP TABLE {table.name}"))
    with capture_logs() as logs, pytest.raises(JournalUnavailable) as caught:
        await write_everything(journal)
    told = "".join(traceback.format_exception(caught.value)) + str(logs)
    assert CANARY not in told
    assert SECRET not in told


async def test_the_same_card_is_no_link_between_operations(journal: Journal, place: Place) -> None:
    """Equal contents of two operations are not equal in the database."""
    for key in ("key-1", "key-2"):
        started = await journal.start(asking(key))
        operation_id = started.operation.operation_id
        await journal.begin_step(operation_id, a_step(operation_id))
    rows = await place.see(text("SELECT instruction FROM steps"))
    assert len({row.instruction for row in rows}) == 2
