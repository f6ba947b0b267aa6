"""Why something is not done; the branch of the tree in `errors.py` that speaks of writes."""

from __future__ import annotations

from app.domain.errors import RequestRefused, SourceProblemKind
from app.domain.identifiers import OperationId, SourceKey
from app.domain.money import Money
from app.domain.spendable import IneligibilityReason


class InsufficientCredit(RequestRefused):
    """There is less to spend than was asked for."""

    def __init__(self, *, requested: Money, spendable: Money) -> None:
        super().__init__("There is less to spend than this.")
        self.requested = requested
        self.spendable = spendable


class InstrumentNotUsable(RequestRefused):
    """Nothing can be paid with it as it is."""

    def __init__(self, reasons: tuple[IneligibilityReason, ...]) -> None:
        super().__init__("Nothing can be paid with this as it is.")
        self.reasons = reasons


class StaleVersion(RequestRefused):
    """It is not as the caller saw it last."""

    def __init__(self, *, expected: str) -> None:
        super().__init__("This has changed since it was read.")
        self.expected = expected


class InvalidState(RequestRefused):
    """
    It has come too far for this, or not far enough.

    Attributes:
        allowed: The states in which it can be done.
    """

    def __init__(self, *, state: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"This cannot be done in the state {state}.")
        self.state = state
        self.allowed = allowed


class InstrumentBusy(RequestRefused):
    """Another write to the same instrument took too long; nothing was done, so try again."""

    def __init__(self) -> None:
        super().__init__("Something else is being done with this just now.")


class Interrupted(RequestRefused):
    """The gateway was stopped before it sent anything; nothing was done, so try again."""

    def __init__(self) -> None:
        super().__init__("The gateway was stopped before anything was sent.")


class PolicyViolation(RequestRefused):
    """
    The terms of the store do not allow it.

    Attributes:
        policy: Which one, in the words of the schema: `maxPostponementDays`.
        limit: The amount it allows, where it speaks of one.
    """

    def __init__(self, *, policy: str, limit: Money | None = None) -> None:
        super().__init__("The terms of the store do not allow this.")
        self.policy = policy
        self.limit = limit


class ProviderRejected(RequestRefused):
    """
    The provider said no, for a reason of its own.

    Attributes:
        provider_code: Its name for the reason, where it gives one: never its text.
    """

    def __init__(self, *, source: SourceKey, provider_code: str | None = None) -> None:
        super().__init__("The provider refused this.")
        self.source = source
        self.provider_code = provider_code


class LeftNoTrace(RequestRefused):
    """
    It was sent, no answer came, and the provider knows nothing of it: it was not carried out.

    Attributes:
        kind: What stood in place of the answer.
    """

    def __init__(self, *, source: SourceKey, kind: SourceProblemKind) -> None:
        super().__init__("This was not carried out. Ask for it anew, with another key.")
        self.source = source
        self.kind = kind


class IdempotencyKeyReused(RequestRefused):
    """The key was sent before, with another input."""

    def __init__(self, *, original: OperationId) -> None:
        super().__init__("This idempotency key was used for something else.")
        self.original = original


class OperationInProgress(RequestRefused):
    """The same was asked with this key and is not done yet."""

    def __init__(self, *, original: OperationId) -> None:
        super().__init__("This is being done already.")
        self.original = original
