"""What opens an operation, and what comes of opening it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.operation import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    A request to do something once.

    Attributes:
        name: Of the mutation: `creditGiftCard`.
        caller: As `Caller.name`; never personal data.
        idempotency_key: Claimed by the first operation of this caller and name that brings it.
        fingerprint: Equal for equal inputs; keyed, so that it tells nothing.
    """

    name: str
    caller: str
    idempotency_key: str
    fingerprint: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """
    Attributes:
        operation: The new one, or the one that has the key already.
        is_new: This request opened it; nobody else carries it out.
        same_input: It was opened with the same fingerprint.
    """

    operation: Operation
    is_new: bool
    same_input: bool
