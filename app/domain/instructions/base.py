"""What all instructions have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from app.domain.capability import Capability
from app.domain.errors import RequestRefused
from app.domain.hold_events import HoldEvent
from app.domain.identifiers import (
    SourceKey,
)
from app.domain.instruments import InstrumentKind

if TYPE_CHECKING:
    from app.domain.operation import Booking


@dataclass(frozen=True, slots=True)
class Subject:
    """What one writer at a time may change."""

    source: SourceKey
    kind: InstrumentKind
    provider_id: str


def created(subject: Subject, booking: Booking) -> Subject | None:
    """What came of a call that made something new; None where the provider did not name it."""
    return replace(subject, provider_id=booking.created_id) if booking.created_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction(ABC):
    """
    Root of all.

    Attributes:
        source: Where it is carried out.
        hold: What it means for the hold it belongs to, if it belongs to one.
    """

    source: SourceKey
    hold: HoldEvent | None = None

    capability: ClassVar[Capability]
    """What a source must be able to do for it."""

    creates: ClassVar[bool] = False
    """Whether the subject is not there before, so that nothing can be read of it."""

    @property
    @abstractmethod
    def subject(self) -> Subject: ...

    def result(self, booking: Booking) -> Subject | None:
        """What is to be read again once this one is booked; None where that is no instrument."""
        return self.subject

    def follow_up(self, booking: Booking) -> Instruction | None:
        """What is to be done next, once this one is booked; None where that was all."""
        return None

    def compensates(self) -> RequestRefused | None:
        """Why an earlier call should have been refused; only of one that takes that call back."""
        return None
