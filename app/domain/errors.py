"""
Everything that can go wrong with somebody else's money, by phase.

    CreditError
    ├── RequestRefused            a clear no, from us or from the provider
    │   ├── AccountNotFound       also gift cards, store credit and invoices: `kind` says which
    │   ├── InvalidQuestion       the question cannot be asked like this
    │   ├── CurrencyMismatch
    │   ├── CredentialsNeeded     nobody in particular asks
    │   ├── Forbidden             the caller's level or scopes do not reach it
    │   ├── UnsupportedOperation
    │   ├── InsufficientCredit
    │   ├── InstrumentNotUsable   expired, closed, blocked ...: `reasons`
    │   ├── StaleVersion          it is not as the caller saw it
    │   ├── InvalidState          it has come too far, or not far enough
    │   ├── InstrumentBusy        somebody else is writing to it
    │   ├── Interrupted           we were stopped before anything was sent
    │   ├── PolicyViolation       against the terms of the store
    │   ├── LeftNoTrace           sent, not answered, and not carried out
    │   ├── ProviderRejected      the provider said no in words of its own
    │   ├── IdempotencyKeyReused  with another input
    │   └── OperationInProgress   the same, not done yet
    ├── RecordsUnavailable        the gateway cannot reach what it keeps itself
    ├── OutcomeUnknown            a call that changes something left without a readable answer
    ├── BookedTwice               the provider shows one such call twice
    └── ProviderFault             the source gave no usable answer: `source`, `kind`
        ├── ProviderUnavailable   not reached, refused before work, or a failed read
        │   ├── ProviderTimedOut
        │   ├── ProviderUnreachable
        │   ├── ProviderFailed    the provider answered that it failed
        │   └── CircuitOpen       it failed so often that nothing is sent for a while
        ├── ProviderThrottled     slow down, `retry_after_seconds`
        ├── ProviderRefusedUs     our credentials or permissions
        ├── ProviderContractBroken
        ├── DeadlineExceeded      our own time for the answer ended first
        └── IdentityNotLinked     we do not know who the customer is at this source

The refusals of writes, from InsufficientCredit on, stand in `refusals.py`. A ProviderFault after a
write means that nothing was changed: it was not sent, or refused before work.

Messages are written here from objects: no HTTP status, provider text or secret is in them.
The cause stays in `__cause__`.
"""

from __future__ import annotations

from enum import StrEnum

from app.domain.identifiers import SourceKey


class SourceProblemKind(StrEnum):
    """Why a source did not contribute to an answer."""

    TIMEOUT = "TIMEOUT"
    UNREACHABLE = "UNREACHABLE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    RATE_LIMITED = "RATE_LIMITED"
    UPSTREAM_ERROR = "UPSTREAM_ERROR"
    BAD_RESPONSE = "BAD_RESPONSE"
    CREDENTIALS_REJECTED = "CREDENTIALS_REJECTED"
    IDENTITY_NOT_LINKED = "IDENTITY_NOT_LINKED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    DISABLED = "DISABLED"


class CreditError(Exception):
    """Root of the tree; never raised itself."""


class RequestRefused(CreditError):
    """A clear no. Repeating the same request gives the same answer."""


class AccountNotFound(RequestRefused):
    """
    The provider knows no such thing, or it is not the caller's.

    Attributes:
        kind: What was looked for, in words: "credit account", "gift card", "invoice".
    """

    def __init__(self, kind: str) -> None:
        super().__init__(f"No such {kind}.")
        self.kind = kind


class InvalidQuestion(RequestRefused):
    """
    It cannot be asked like this.

    Attributes:
        why: A sentence for the caller.
        path: The member of the input that is meant, from the outermost in; empty if none is.
    """

    def __init__(self, why: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.path = path


class CurrencyMismatch(RequestRefused):
    """
    Two currencies met where only one may be.

    Attributes:
        path: The member of the input that holds the money, from the outermost in.
    """

    def __init__(self, *, expected: str, actual: str, path: tuple[str, ...] = ("amount",)) -> None:
        super().__init__(f"Expected {expected}, got {actual}.")
        self.expected = expected
        self.actual = actual
        self.path = path


class CredentialsNeeded(RequestRefused):
    """Nobody in particular asks, and this is not for everybody."""

    def __init__(self) -> None:
        super().__init__("Credentials are needed for this.")


class Forbidden(RequestRefused):
    """The caller is known, but may not do this: the level or a scope is missing."""

    def __init__(self) -> None:
        super().__init__("These credentials do not reach this.")


class UnsupportedOperation(RequestRefused):
    """The source has no such ability."""

    def __init__(self, *, source: str, capability: str) -> None:
        super().__init__(f"Source {source} does not support {capability}.")
        self.source = source
        self.capability = capability


class RecordsUnavailable(CreditError):
    """The gateway cannot reach its own records; the same key may be sent again."""

    def __init__(self) -> None:
        super().__init__(
            "The gateway cannot reach its own records. Ask again with the same idempotency key."
        )


class OutcomeUnknown(CreditError):
    """
    A call that changes something was sent and left without a readable answer: it may have been
    carried out, may still be, or never will. Never repeated blindly.

    Attributes:
        kind: What stood in place of the answer.
    """

    def __init__(self, source: SourceKey, kind: SourceProblemKind) -> None:
        super().__init__(f"{source}: It is not known whether this was carried out.")
        self.source = source
        self.kind = kind


class BookedTwice(CreditError):
    """
    The provider shows twice what was sent once. Nobody can tell which of them is to stay, so that a
    person has to look.
    """

    def __init__(self, source: SourceKey) -> None:
        super().__init__(f"{source}: This was booked twice. A person has to look.")
        self.source = source


class ProviderFault(CreditError):
    """
    A source gave no usable answer to a read, or did not begin to work on a write.

    Attributes:
        source: Key of the configured source.
        kind: The reason as clients see it.
        retryable: Whether the same read may succeed a little later.
        retry_after_seconds: When the provider said how much later.
    """

    kind: SourceProblemKind
    retryable: bool = True
    retry_after_seconds: int | None = None
    says: str

    def __init__(self, source: SourceKey) -> None:
        super().__init__(f"{source}: {self.says}")
        self.source = source


class ProviderUnavailable(ProviderFault):
    """Not reached, refused before work, or a failed read. Safe to repeat."""


class ProviderTimedOut(ProviderUnavailable):
    kind = SourceProblemKind.TIMEOUT
    says = "The provider did not answer in time."


class ProviderUnreachable(ProviderUnavailable):
    kind = SourceProblemKind.UNREACHABLE
    says = "The provider could not be reached, or the connection broke."


class ProviderFailed(ProviderUnavailable):
    kind = SourceProblemKind.UPSTREAM_ERROR
    says = "The provider reported a failure of its own."


class CircuitOpen(ProviderUnavailable):
    kind = SourceProblemKind.CIRCUIT_OPEN
    says = "The source failed too often; it is left alone for a moment."


class ProviderThrottled(ProviderFault):
    kind = SourceProblemKind.RATE_LIMITED
    says = "The provider asked us to slow down."

    def __init__(self, source: SourceKey, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(source)
        self.retry_after_seconds = retry_after_seconds


class ProviderRefusedUs(ProviderFault):
    kind = SourceProblemKind.CREDENTIALS_REJECTED
    retryable = False
    says = "The provider refused the credentials or permissions of this source."


class ProviderContractBroken(ProviderFault):
    kind = SourceProblemKind.BAD_RESPONSE
    retryable = False
    says = "The provider answered something that is not its contract."


class DeadlineExceeded(ProviderFault):
    kind = SourceProblemKind.DEADLINE_EXCEEDED
    says = "The source was still working when the time for this answer ended."


class IdentityNotLinked(ProviderFault):
    kind = SourceProblemKind.IDENTITY_NOT_LINKED
    retryable = False
    says = "It is not known who this customer is at this source."


def fault_of_kind(kind: SourceProblemKind, source: SourceKey) -> ProviderFault:
    """The fault that was told as *kind*."""
    return next(one for one in _told_apart(ProviderFault) if one.kind is kind)(source)


def _told_apart(root: type[ProviderFault]) -> list[type[ProviderFault]]:
    """Those with a kind of their own; what an adapter derives from one has its."""
    below = [leaf for one in root.__subclasses__() for leaf in _told_apart(one)]
    return [root, *below] if "kind" in vars(root) else below
