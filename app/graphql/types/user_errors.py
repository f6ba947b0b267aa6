"""Refusals of writes, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any, Final

import strawberry

from app.domain import errors, refusals
from app.domain.errors import CreditError, ProviderFailed, ProviderFault
from app.domain.identifiers import SourceKey
from app.domain.money import Currency
from app.domain.operation import Operation, OperationStatus
from app.domain.source_problem import SourceProblem as DomainProblem
from app.graphql.context import Context, Info
from app.graphql.declare import described, enum, resolved
from app.graphql.enums import Capability, IneligibilityReason
from app.graphql.types.basics import CreditSource, Money, Node, SourceProblem, money_or_none
from app.graphql.types.instruments import CreditInstrument
from app.graphql.types.operations import OperationReceipt


class ErrorCode(StrEnum):
    INVALID_INPUT = "INVALID_INPUT"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    INSUFFICIENT_CREDIT = "INSUFFICIENT_CREDIT"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    INSTRUMENT_NOT_USABLE = "INSTRUMENT_NOT_USABLE"
    STALE_VERSION = "STALE_VERSION"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    INVALID_STATE = "INVALID_STATE"
    UNSUPPORTED = "UNSUPPORTED"
    POLICY_VIOLATION = "POLICY_VIOLATION"
    UPSTREAM_REJECTED = "UPSTREAM_REJECTED"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    PLAN_EXPIRED = "PLAN_EXPIRED"


enum(ErrorCode, "What kind of refusal it is.")


@strawberry.interface(description='A clear no, or an honest "we do not know".')
class UserError:
    code: ErrorCode = described("What kind of refusal it is.")
    message: str = described("One sentence for developers.")
    path: list[str] | None = described("The member of the input that is meant, where one is.")
    retryable: bool = described("Whether the very same may succeed a little later.")


@strawberry.type(description="The input makes no sense.")
class InputError(UserError):
    pass


@strawberry.type(description="There is no such thing, or it is not the caller's.")
class NotFoundError(UserError):
    id: strawberry.ID | None = described("The id that was asked for.")


@strawberry.type(description="There is less to spend than was asked for.")
class InsufficientCreditError(UserError):
    requested: Money = described("What was asked for.")
    spendable: Money = described("What there is, as far as is known.")
    asked_id: strawberry.Private[strawberry.ID | None]

    @resolved("The instrument as it is now.", cost=1)
    async def instrument(self, info: Info) -> CreditInstrument | None:
        found = await _node(self.asked_id, info.context)
        return found if isinstance(found, CreditInstrument) else None


@strawberry.type(description="Money of another currency than the instrument's.")
class CurrencyMismatchError(UserError):
    expected: Currency = described("The instrument's currency.")
    actual: Currency = described("The currency that was given.")


@strawberry.type(description="Nothing can be paid with the instrument as it is.")
class InstrumentNotUsableError(UserError):
    reasons: list[IneligibilityReason] = described("Why.")


@strawberry.type(description="It has changed since the caller read it.")
class StaleVersionError(UserError):
    expected: str = described("The version that the caller named.")
    asked_id: strawberry.Private[strawberry.ID | None]

    @resolved("It as it is now.", cost=1)
    async def current(self, info: Info) -> Node | None:
        return await _node(self.asked_id, info.context)


@strawberry.type(description="The idempotency key stands for something else, or is at work.")
class IdempotencyError(UserError):
    original: OperationReceipt = described("What the key stands for.")


@strawberry.type(description="It has come too far for this, or not far enough.")
class InvalidStateError(UserError):
    state: str = described("The state it is in.")
    allowed: list[str] = described("The states in which it can be done; none: try again.")


@strawberry.type(description="The source has no such ability.")
class UnsupportedError(UserError):
    source: CreditSource = described("The source.")
    capability: Capability = described("What it would have to be able to do.")


@strawberry.type(description="The terms of the store do not allow it.")
class PolicyError(UserError):
    policy: str = described("Which of them.")
    limit: Money | None = described("The amount they allow, where they speak of one.")


@strawberry.type(description="The provider refused it, or could not be asked; nothing was done.")
class UpstreamError(UserError):
    problem: SourceProblem = described("What was the matter with the source.")
    upstream_code: str | None = described("The provider's name for the reason, where it has one.")


@strawberry.type(description="It may have been done. Do not repeat it under another key.")
class OutcomeUnknownError(UserError):
    operation: OperationReceipt = described("To ask by, until the outcome is known.")
    check_after_seconds: int = described(
        "When the gateway will have asked the provider again; 0: never, a person has to look."
    )


USER_ERROR_TYPES: Final = (
    InputError,
    NotFoundError,
    InsufficientCreditError,
    CurrencyMismatchError,
    InstrumentNotUsableError,
    StaleVersionError,
    IdempotencyError,
    InvalidStateError,
    UnsupportedError,
    PolicyError,
    UpstreamError,
    OutcomeUnknownError,
)


async def _node(id_: strawberry.ID | None, context: Context) -> Node | None:
    from app.graphql.nodes import node_of

    return None if id_ is None else await node_of(id_, context)


@dataclass(frozen=True, slots=True)
class Refused:
    """
    A refusal, and what is known around it.

    Attributes:
        asked_id: The id that the input named first.
    """

    operation: Operation
    asked_id: strawberry.ID | None
    context: Context

    def receipt(self) -> OperationReceipt:
        return OperationReceipt.from_domain(self.operation, self.context)

    def problem(self, fault: ProviderFault) -> SourceProblem:
        affects = self.context.desk.sources.info(fault.source).kinds
        return SourceProblem.from_domain(DomainProblem.of(fault, affects), self.context)


def user_error(refusal: CreditError, around: Refused) -> UserError:
    """
    *refusal* as a payload tells it.

    Raises:
        CreditError: *refusal* itself, where it is about who may do what: that is a top-level error.
    """
    of_another = isinstance(refusal, refusals.IdempotencyKeyReused)
    match around.operation.status:
        case OperationStatus.UNKNOWN if not of_another:
            return _unknown(around)
        case OperationStatus.NEEDS_ATTENTION if not of_another:
            return _left_to_a_person(refusal, around)
    for kind, make in MAKERS.items():
        if isinstance(refusal, kind):
            return make(refusal, around)
    raise refusal


def _unknown(around: Refused) -> OutcomeUnknownError:
    now = around.context.desk.clock()
    wait = (around.operation.check_after or now) - now
    return OutcomeUnknownError(
        **_said(ErrorCode.OUTCOME_UNKNOWN, "It is not known whether this was carried out."),
        operation=around.receipt(),
        check_after_seconds=max(1, ceil(wait.total_seconds())),
    )


def _left_to_a_person(refusal: CreditError, around: Refused) -> OutcomeUnknownError:
    """Something was changed, and the gateway cannot bring it to its end."""
    return OutcomeUnknownError(
        **_said(ErrorCode.OUTCOME_UNKNOWN, refusal),
        operation=around.receipt(),
        check_after_seconds=0,
    )


def _said(
    code: ErrorCode, message: object, *, path: tuple[str, ...] = (), retryable: bool = False
) -> dict[str, Any]:
    """The members that all errors have."""
    return {
        "code": code,
        "message": str(message),
        "path": ["input", *path] if path else None,
        "retryable": retryable,
    }


def _input(refusal: errors.InvalidQuestion, _: Refused) -> UserError:
    return InputError(**_said(ErrorCode.INVALID_INPUT, refusal, path=refusal.path))


def _not_found(refusal: errors.AccountNotFound, around: Refused) -> UserError:
    return NotFoundError(**_said(ErrorCode.NOT_FOUND, refusal), id=around.asked_id)


def _insufficient(refusal: refusals.InsufficientCredit, around: Refused) -> UserError:
    return InsufficientCreditError(
        **_said(ErrorCode.INSUFFICIENT_CREDIT, refusal),
        requested=Money.from_domain(refusal.requested),
        spendable=Money.from_domain(refusal.spendable),
        asked_id=around.asked_id,
    )


def _currency(refusal: errors.CurrencyMismatch, _: Refused) -> UserError:
    return CurrencyMismatchError(
        **_said(ErrorCode.CURRENCY_MISMATCH, refusal, path=(*refusal.path, "currencyCode")),
        expected=Currency(refusal.expected),
        actual=Currency(refusal.actual),
    )


def _not_usable(refusal: refusals.InstrumentNotUsable, _: Refused) -> UserError:
    return InstrumentNotUsableError(
        **_said(ErrorCode.INSTRUMENT_NOT_USABLE, refusal), reasons=list(refusal.reasons)
    )


def _stale(refusal: refusals.StaleVersion, around: Refused) -> UserError:
    return StaleVersionError(
        **_said(ErrorCode.STALE_VERSION, refusal, path=("expectedVersion",)),
        expected=refusal.expected,
        asked_id=around.asked_id,
    )


def _key_reused(refusal: refusals.IdempotencyKeyReused, around: Refused) -> UserError:
    return IdempotencyError(
        **_said(ErrorCode.IDEMPOTENCY_KEY_REUSED, refusal, path=("idempotencyKey",)),
        original=around.receipt(),
    )


def _in_progress(refusal: refusals.OperationInProgress, around: Refused) -> UserError:
    return IdempotencyError(
        **_said(ErrorCode.IDEMPOTENCY_IN_PROGRESS, refusal, retryable=True),
        original=around.receipt(),
    )


def _state(refusal: refusals.InvalidState, _: Refused) -> UserError:
    return InvalidStateError(
        **_said(ErrorCode.INVALID_STATE, refusal),
        state=refusal.state,
        allowed=list(refusal.allowed),
    )


def _busy(refusal: refusals.InstrumentBusy, _: Refused) -> UserError:
    said = _said(ErrorCode.INVALID_STATE, refusal, retryable=True)
    return InvalidStateError(**said, state="BUSY", allowed=[])


def _interrupted(refusal: refusals.Interrupted, _: Refused) -> UserError:
    said = _said(ErrorCode.INVALID_STATE, refusal, retryable=True)
    return InvalidStateError(**said, state="INTERRUPTED", allowed=[])


def _unsupported(refusal: errors.UnsupportedOperation, around: Refused) -> UserError:
    return UnsupportedError(
        **_said(ErrorCode.UNSUPPORTED, refusal),
        source=CreditSource.of(SourceKey(refusal.source), around.context),
        capability=Capability(refusal.capability),
    )


def _policy(refusal: refusals.PolicyViolation, _: Refused) -> UserError:
    return PolicyError(
        **_said(ErrorCode.POLICY_VIOLATION, refusal),
        policy=refusal.policy,
        limit=money_or_none(refusal.limit),
    )


def _rejected(refusal: refusals.ProviderRejected, around: Refused) -> UserError:
    return UpstreamError(
        **_said(ErrorCode.UPSTREAM_REJECTED, refusal),
        problem=around.problem(ProviderFailed(refusal.source)),
        upstream_code=refusal.provider_code,
    )


def _no_trace(refusal: refusals.LeftNoTrace, around: Refused) -> UserError:
    said = _said(ErrorCode.UPSTREAM_UNAVAILABLE, refusal)
    problem = around.problem(errors.fault_of_kind(refusal.kind, refusal.source))
    return UpstreamError(**said, problem=problem, upstream_code=None)


def _unavailable(fault: ProviderFault, around: Refused) -> UserError:
    said = _said(ErrorCode.UPSTREAM_UNAVAILABLE, fault.says, retryable=fault.retryable)
    return UpstreamError(**said, problem=around.problem(fault), upstream_code=None)


MAKERS: Final[dict[type[CreditError], Callable[[Any, Refused], UserError]]] = {
    errors.InvalidQuestion: _input,
    errors.AccountNotFound: _not_found,
    errors.CurrencyMismatch: _currency,
    errors.UnsupportedOperation: _unsupported,
    refusals.InsufficientCredit: _insufficient,
    refusals.InstrumentNotUsable: _not_usable,
    refusals.StaleVersion: _stale,
    refusals.IdempotencyKeyReused: _key_reused,
    refusals.OperationInProgress: _in_progress,
    refusals.InvalidState: _state,
    refusals.InstrumentBusy: _busy,
    refusals.Interrupted: _interrupted,
    refusals.PolicyViolation: _policy,
    refusals.ProviderRejected: _rejected,
    refusals.LeftNoTrace: _no_trace,
    errors.OutcomeUnknown: _left_to_a_person,
    errors.BookedTwice: _left_to_a_person,
    ProviderFault: _unavailable,
}
"""Every refusal of a write. `CredentialsNeeded` and `Forbidden` are of callers, not of writes."""
