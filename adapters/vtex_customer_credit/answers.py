"""What an answer to a write means."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.transport.upstream import Answer
from adapters.vtex_customer_credit import wire
from app.domain.errors import (
    AccountNotFound,
    OutcomeUnknown,
    ProviderContractBroken,
    RequestRefused,
    SourceProblemKind,
)
from app.domain.instruments import CreditAccount, Instrument, InstrumentStatus
from app.domain.refusals import InstrumentNotUsable, ProviderRejected
from app.domain.spendable import IneligibilityReason

T = TypeVar("T")

REFUSALS: Final = (400, 404, 405, 409)
"""Statuses of a clear no: nothing was changed. Only the code 1099 is published with them."""


def read_written(answer: Answer, shape: TypeAdapter[T]) -> T:
    """
    The body of an answer to a write.

    Raises:
        OutcomeUnknown: It is not of that shape.
    """
    try:
        return answer.read(shape)
    except ProviderContractBroken as exc:
        raise unreadable(answer) from exc


def check_empty(answer: Answer) -> None:
    """
    Raises:
        OutcomeUnknown: There is a body where the document knows none.
    """
    if answer.body.strip():
        raise unreadable(answer)


def unreadable(answer: Answer) -> OutcomeUnknown:
    """For a success that is not what was asked for."""
    return OutcomeUnknown(answer.source, SourceProblemKind.BAD_RESPONSE)


def refusal(
    answer: Answer, observed: Instrument | None, *, kind: str | None = None
) -> RequestRefused:
    """
    Why nothing was changed.

    Args:
        observed: The account, as it was before.
        kind: What a 404 speaks of, if of anything that was named.
    """
    if isinstance(observed, CreditAccount) and observed.status is InstrumentStatus.CLOSED:
        return InstrumentNotUsable((IneligibilityReason.CLOSED,))
    if answer.status == 404 and kind:
        return AccountNotFound(kind)
    return ProviderRejected(source=answer.source, provider_code=refusal_code(answer))


def refusal_code(answer: Answer) -> str | None:
    """Where this service has it, or its neighbours; any body, or none, can come with a refusal."""
    try:
        said = answer.read(wire.REFUSAL)
    except ProviderContractBroken:
        return None
    return said.code or (said.error.code if said.error else None)
