"""What changes something, one writer per way of working."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adapters.vtex_giftcard.api import GiftcardApi
from adapters.vtex_giftcard.writers.issuing import Issues
from adapters.vtex_giftcard.writers.movements import Cancels, Settles
from adapters.vtex_giftcard.writers.transactions import Transacts
from app.domain.instructions import (
    CancelOnGiftCard,
    CreditGiftCard,
    DebitGiftCard,
    HoldOnGiftCard,
    Instruction,
    IssueGiftCard,
    SettleGiftCard,
)
from app.domain.provider import Writer

if TYPE_CHECKING:
    from adapters.vtex_giftcard.client import VtexGiftcard


def writers_of(client: VtexGiftcard, api: GiftcardApi) -> Mapping[type[Instruction], Writer[Any]]:
    transacts = Transacts(client, api)
    return {
        CreditGiftCard: transacts,
        DebitGiftCard: transacts,
        HoldOnGiftCard: transacts,
        SettleGiftCard: Settles(client, api),
        CancelOnGiftCard: Cancels(client, api),
        IssueGiftCard: Issues(client, api),
    }
