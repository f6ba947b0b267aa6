"""What calls to providers mean for the holds they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.identifiers import ProviderHoldId
from app.domain.money import Money


class HoldMode(StrEnum):
    """The provider holds; taken now and given back on release; only this gateway knows."""

    NATIVE = "NATIVE"
    DEBIT_AND_REVERT = "DEBIT_AND_REVERT"
    SOFT = "SOFT"


class HoldEventKind(StrEnum):
    """CHANGED tells the whole amount anew; the others tell what comes on top."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    CAPTURED = "CAPTURED"
    REFUNDED = "REFUNDED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEvent:
    """
    Attributes:
        hold_id: None for one that is to be CREATED: it is called as the provider does, or by the
            mark of the call where the provider knows of no holds.
    """

    kind: HoldEventKind
    mode: HoldMode
    amount: Money
    hold_id: ProviderHoldId | None = None
    installments: int | None = None
    order_id: str | None = None
    expires_at: datetime | None = None
