"""What the answer to a write means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import TypeAdapter

from adapters.transport.upstream import Answer
from adapters.vtex_giftcard.wire import REFUSAL
from app.domain.errors import (
    AccountNotFound,
    OutcomeUnknown,
    ProviderContractBroken,
    RequestRefused,
    SourceProblemKind,
)
from app.domain.identifiers import SourceKey
from app.domain.instruments import GiftCard, Instrument
from app.domain.money import Money
from app.domain.provider import Call
from app.domain.refusals import ProviderRejected

T = TypeVar("T")


@contextmanager
def no_refusals(source: SourceKey) -> Iterator[None]:
    """For a look-up: that it was refused says nothing about the call that is looked for."""
    try:
        yield
    except RequestRefused as exc:
        raise unreadable(source) from exc


def card_of(observed: Instrument | None) -> GiftCard:
    if not isinstance(observed, GiftCard):
        raise AccountNotFound("gift card")
    return observed


def figure_before(call: Call[Any]) -> Money:
    """
    Raises:
        OutcomeUnknown: It was not kept, so nothing can be compared with it.
    """
    if call.evidence.figure is None:
        raise unreadable(call.instruction.source)
    return call.evidence.figure


def done(answer: Answer, shape: TypeAdapter[T]) -> T:
    """
    The answer to a write that the provider says it carried out.

    Raises:
        OutcomeUnknown: It cannot be read.
    """
    try:
        return answer.read(shape)
    except ProviderContractBroken as exc:
        raise unreadable(answer.source) from exc


def unreadable(source: SourceKey) -> OutcomeUnknown:
    return OutcomeUnknown(source, SourceProblemKind.BAD_RESPONSE)


def refusal_of(answer: Answer, *, unknown: str) -> RequestRefused:
    """
    Args:
        unknown: What a 404 says is not there.
    """
    if answer.status == 404:
        return AccountNotFound(unknown)
    return ProviderRejected(source=answer.source, provider_code=_code(answer))


def _code(answer: Answer) -> str | None:
    try:
        return answer.read(REFUSAL).code
    except ProviderContractBroken:
        return None
