"""One call that changes something, and what Adobe's answer makes of it."""

from __future__ import annotations

from typing import Final

from adapters.adobe_company_credit.wire import ERROR, ErrorResponse
from adapters.transport.upstream import Answer, Upstream
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    SourceProblemKind,
)
from app.domain.refusals import ProviderRejected

_JSON: Final = {"Content-Type": "application/json"}
_ENVELOPED: Final = (400, 404)

_MEMBER_OF: Final = {"value": "amount", "credit_limit": "limit"}
"""Figures of the caller, as the parameters of a refusal name them."""

_NAMED: Final = frozenset({"currency", "currency_code", "company_id", "credit_comment"})
"""Other things that a refusal may name; any other name is text of the provider."""


async def change(
    upstream: Upstream, operation: str, method: str, *path: str, body: object, subject: str
) -> Answer:
    """
    Ask for it, once.

    Args:
        subject: What is not found, where Adobe does not find it.

    Raises:
        RequestRefused, ProviderFault: Nothing was changed.
        OutcomeUnknown: No answer in Adobe's own form.
    """
    answer = await upstream.write(
        operation, method, "V1", *path, body=body, headers=_JSON, refusals=_ENVELOPED
    )
    if answer.status in _ENVELOPED:
        raise _refusal(answer, subject)
    return answer


def require_true(answer: Answer) -> None:
    """
    Raises:
        OutcomeUnknown: It is not the bare `true` of success.
    """
    try:
        said = answer.json()
    except ProviderContractBroken as exc:
        raise unreadable(answer) from exc
    if said is not True:
        raise unreadable(answer)


def unreadable(answer: Answer) -> OutcomeUnknown:
    return OutcomeUnknown(answer.source, SourceProblemKind.BAD_RESPONSE)


def _envelope(answer: Answer) -> ErrorResponse:
    """
    Raises:
        OutcomeUnknown: It is none, so that somebody else may have answered, after the work.
    """
    try:
        return answer.read(ERROR)
    except ProviderContractBroken as exc:
        raise unreadable(answer) from exc


def _refusal(answer: Answer, subject: str) -> CreditError:
    """A 404 that names nothing is an unknown route, so a wrong base URL."""
    parameters = _envelope(answer).parameters
    if answer.status == 404:
        return AccountNotFound(subject) if parameters else ProviderContractBroken(answer.source)
    match parameters:
        case {"fieldName": str(name)} if name in _MEMBER_OF:
            return InvalidQuestion(
                "The provider does not take this amount.", path=(_MEMBER_OF[name], "amount")
            )
        case {"fieldName": str(name)} if name in _NAMED:
            return ProviderRejected(source=answer.source, provider_code=name)
    return ProviderRejected(source=answer.source)
