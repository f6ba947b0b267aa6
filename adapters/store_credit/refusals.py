"""What the provider's no to a write means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.store_credit import wire
from adapters.store_credit.bodies import currency_text
from adapters.transport.upstream import Answer
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    RequestRefused,
    SourceProblemKind,
    UnsupportedOperation,
)
from app.domain.instructions import Instruction, OnStoreCredit, OpenStoreCreditAccount
from app.domain.instruments import StoreCreditAccount
from app.domain.money import Money
from app.domain.provider import Call
from app.domain.refusals import InsufficientCredit, PolicyViolation, ProviderRejected

T = TypeVar("T")

REFUSALS: Final = (400, 404, 413)
"""Statuses of a clear no: nothing was changed."""


def read_written(answer: Answer, shape: TypeAdapter[T]) -> T:
    """
    The body of an answer to a write.

    Raises:
        OutcomeUnknown: It is not of that shape.
    """
    try:
        return answer.read(shape)
    except ProviderContractBroken as exc:
        raise OutcomeUnknown(answer.source, SourceProblemKind.BAD_RESPONSE) from exc


def movement_refusal(answer: Answer, call: Call[OnStoreCredit]) -> RequestRefused:
    """
    Why *call* was not carried out.

    Raises:
        OutcomeUnknown: The answer is no refusal of this provider.
    """
    match answer.status:
        case 400:
            said = read_written(answer, wire.REFUSAL)
            rejected = ProviderRejected(source=answer.source, provider_code=said.type)
            means = _MOVEMENT_REFUSALS.get(said.message)
            return means(call) if means else rejected
        case 404:
            return _not_there(answer, call.instruction, "store credit account")
        case _:
            return too_long()


def opening_refusal(answer: Answer, call: Call[OpenStoreCreditAccount]) -> RequestRefused:
    """
    Why no account was opened.

    Raises:
        OutcomeUnknown: The answer is no refusal of this provider.
    """
    match answer.status:
        case 400:
            said = read_written(answer, wire.REFUSAL)
            if said.message == _already_there(call.instruction):
                return second_account()
            return ProviderRejected(source=answer.source, provider_code=said.type)
        case 404:
            return _not_there(answer, call.instruction, "customer")
        case _:
            return too_long()


def second_account() -> RequestRefused:
    """A customer has one account in a currency, and it stays for good."""
    return PolicyViolation(policy="oneAccountPerCustomerAndCurrency")


def too_long() -> RequestRefused:
    return InvalidQuestion("The provider takes no texts of this length.")


def _already_there(instruction: OpenStoreCreditAccount) -> str:
    return (
        f"Store credit account with customer_id: {instruction.customer_id},"
        f" currency_code: {currency_text(instruction.currency)}, already exists."
    )


def _not_there(answer: Answer, instruction: Instruction, kind: str) -> RequestRefused:
    """A page tells that the release has no such route; JSON speaks of the thing itself."""
    if answer.headers.get("content-type", "").startswith("text/html"):
        return UnsupportedOperation(source=answer.source, capability=instruction.capability)
    read_written(answer, wire.NOT_FOUND)
    return AccountNotFound(kind)


def _insufficient(call: Call[OnStoreCredit]) -> RequestRefused:
    requested = call.instruction.amount
    nothing = Money.zero(requested.currency)
    match call.observed:
        case StoreCreditAccount(balance=balance):
            return InsufficientCredit(requested=requested, spendable=max(balance, nothing))
        case _:
            return InsufficientCredit(requested=requested, spendable=nothing)


def _counts_as_nothing(_: Call[OnStoreCredit]) -> RequestRefused:
    return InvalidQuestion("The amount must be above 0.", ("amount", "amount"))


_MOVEMENT_REFUSALS: Final[Mapping[str, Callable[[Call[OnStoreCredit]], RequestRefused]]] = {
    "Insufficient balance": _insufficient,
    "Amount must be greater than 0": _counts_as_nothing,
}
"""By `message`: `type` is the same for all."""
