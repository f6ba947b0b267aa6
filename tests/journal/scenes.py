"""What tests of the journal ask it to keep."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from app.domain.errors import OutcomeUnknown, SourceProblemKind
from app.domain.identifiers import OperationId, ProviderCardId, ProviderHoldId, SourceKey
from app.domain.instructions import DebitGiftCard, Instruction, Subject
from app.domain.instruments import InstrumentKind
from app.domain.operation import Booking, Evidence, Operation, Step
from app.journal.asked import Asked
from app.journal.journal import Journal
from app.journal.tables import OPERATIONS, REPLICAS
from tests.doubles.samples import NOW, money
from tests.journal.databases import Place

SECRET = "a secret of the tests"
BOOKING = Booking(provider_reference="reference-1", hold_id=ProviderHoldId("debit-1"))
UNKNOWN = OutcomeUnknown(SourceKey("cards"), SourceProblemKind.TIMEOUT)
CARD = Subject(SourceKey("cards"), InstrumentKind.GIFT_CARD, "card-1")
LONG_AGO = datetime(2001, 1, 1, tzinfo=NOW.tzinfo)


class StoppedClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def asking(key: str = "key-1", *, name: str = "debitGiftCard", caller: str = "shop") -> Asked:
    return Asked(
        name=name,
        caller=caller,
        idempotency_key=key,
        fingerprint=f"fingerprint of {key!a}",
        correlation_id="request-1",
    )


def a_debit(card_id: str = "card-1", *, description: str = "an order") -> Instruction:
    return DebitGiftCard(
        source=SourceKey("cards"),
        card_id=ProviderCardId(card_id),
        amount=money("12.340"),
        description=description,
    )


def a_step(
    operation_id: OperationId, number: int = 1, *, instruction: Instruction | None = None
) -> Step:
    return Step(
        number=number,
        instruction=instruction or a_debit(),
        mark=f"{operation_id}-{number}",
        evidence=Evidence(figure=money("40.00")),
        begun_at=NOW,
    )


async def opened(journal: Journal, key: str = "key-1") -> OperationId:
    """An operation in progress, of which nothing was sent."""
    started = await journal.start(asking(key))
    assert started.is_new
    return started.operation.operation_id


async def sent(journal: Journal, key: str = "key-1") -> OperationId:
    """An operation whose call has gone out."""
    operation_id = await opened(journal, key)
    await journal.begin_step(operation_id, a_step(operation_id))
    return operation_id


async def standing(journal: Journal, operation_id: OperationId) -> Operation:
    operation = await journal.operation(operation_id)
    assert operation
    return operation


async def let_die(place: Place) -> None:
    """No replica was seen for years."""
    await place.see(update(REPLICAS).values(seen_at=LONG_AGO))


async def let_time_to_settle_pass(place: Place) -> None:
    taken = update(OPERATIONS).where(OPERATIONS.c.taken_until.is_not(None))
    await place.see(taken.values(taken_until=LONG_AGO))
