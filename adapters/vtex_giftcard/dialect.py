"""Three contracts for nearly the same calls: what differs between them, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

JSON: Final = "application/json"
CARD_JSON: Final = "application/vnd.vtex.giftcard.v1+json"
HUB_JSON: Final = "application/vnd.vtex.giftcardproviders.v1+json"
PROTOCOL_JSON: Final = "application/vnd.vtex.giftcards.v1+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    Attributes:
        root: Where the cards begin, below the base URL.
        media_type: Of bodies and answers; `creation_media_type`, `settlement_media_type`: of those.
        types_every_call: Whether requests without a body name their media type, too.
        needs_order: Whether a transaction must come with an order.
        needs_emission: Whether a new card must say since when it is one.
        refuses_with_500: Whether a refusal looks like a failure.
        lists_empty_cards: Whether a search shows cards that have nothing on them.
    """

    root: tuple[str, ...]
    media_type: str = JSON
    creation_media_type: str = JSON
    settlement_media_type: str = JSON
    types_every_call: bool = False
    needs_order: bool = True
    needs_emission: bool = False
    refuses_with_500: bool = True
    lists_empty_cards: bool = False

    def headers(self) -> dict[str, str]:
        """Of every call."""
        accept = {"Accept": self.media_type}
        return accept | ({"Content-Type": self.media_type} if self.types_every_call else {})


NATIVE: Final = Dialect(
    root=("api", "giftcards"),
    creation_media_type=CARD_JSON,
    types_every_call=True,
    needs_order=False,
    refuses_with_500=False,
    lists_empty_cards=True,
)
"""Documented: the file requires Accept and Content-Type of every call, and types the creation."""

PROTOCOL: Final = Dialect(
    root=("giftcards",),
    media_type=PROTOCOL_JSON,
    creation_media_type=PROTOCOL_JSON,
    settlement_media_type=PROTOCOL_JSON,
)


def hub(provider_id: str) -> Dialect:
    return Dialect(
        root=("api", "giftcardproviders", provider_id, "giftcards"),
        media_type=HUB_JSON,
        creation_media_type=HUB_JSON,
        needs_emission=True,
    )
