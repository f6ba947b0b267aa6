"""What was asked to be done once, how far it came, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.errors import CreditError
from app.domain.identifiers import OperationId, ProviderEntryId, ProviderHoldId
from app.domain.instructions import Instruction
from app.domain.instruments import Instrument
from app.domain.money import Money


class OperationStatus(StrEnum):
    """
    How far an operation has come. REJECTED: nothing moved. UNKNOWN: it may have, and the gateway
    goes on asking. COMPENSATED: it moved and was moved back. NEEDS_ATTENTION: a person must look.
    """

    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    COMPENSATED = "COMPENSATED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"

    @property
    def is_final(self) -> bool:
        return self not in (OperationStatus.IN_PROGRESS, OperationStatus.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What was seen at the provider before a call, to tell afterwards what became of it.

    Attributes:
        newest_entry_id: The newest line of the ledger, or of the list that the call adds to; None
            when it had none.
        figure: The balance or limit that the call is to change.
    """

    newest_entry_id: ProviderEntryId | None = None
    figure: Money | None = None


NO_EVIDENCE = Evidence()


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """
    What the provider tells of a call that it carried out.

    Attributes:
        provider_reference: Its own name for what it did; shown in the receipt, so never a secret.
        entry_id: The line of the instrument's ledger, where the answer names it.
        hold_id: The card transaction or pre-authorization that came of it.
        created_id: The id of an instrument, holder or other thing that came of it.
    """

    provider_reference: str | None = None
    entry_id: ProviderEntryId | None = None
    hold_id: ProviderHoldId | None = None
    created_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One call to a provider that changes something; an operation has one after the other.

    Attributes:
        number: From 1.
        mark: Names the call at the provider, so that it can be found again: at most 40 lower-case
            letters, digits and hyphens, unique over all operations.
        begun_at: When the intent was durable; the call went out after that or never.
        booking: What came of it; None while that is not known.
    """

    number: int
    instruction: Instruction
    mark: str
    evidence: Evidence
    begun_at: datetime
    booking: Booking | None = None

    @property
    def hold_id(self) -> ProviderHoldId | None:
        """
        Of the hold that it made or took further; None of a call that did neither, or not yet. A new
        one is called as the provider does, or by the mark.
        """
        event = self.instruction.hold
        if event is None or self.booking is None:
            return None
        return event.hold_id or self.booking.hold_id or ProviderHoldId(self.mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    Proof of what was asked and what happened.

    Attributes:
        name: Of the mutation: `creditGiftCard`.
        caller: Who asked, as `Caller.name`; never personal data.
        attempts: Calls and look-ups at the provider.
        steps: In order; empty while nothing was sent.
        refusal: Why it was refused, or what is in the way of knowing.
        observed: The instrument as it was right after the last step, its secrets withheld.
        check_after: While it is not final: when the gateway asks the provider next.
    """

    operation_id: OperationId
    name: str
    caller: str
    idempotency_key: str
    correlation_id: str
    status: OperationStatus
    started_at: datetime
    completed_at: datetime | None = None
    attempts: int = 0
    steps: tuple[Step, ...] = ()
    refusal: CreditError | None = None
    observed: Instrument | None = None
    check_after: datetime | None = None

    @property
    def booking(self) -> Booking | None:
        """Of the call that moved the money: the first one."""
        return self.steps[0].booking if self.steps else None

    @property
    def open_step(self) -> Step | None:
        """The call of which nothing is known yet."""
        last = self.steps[-1] if self.steps else None
        return last if last and last.booking is None else None
