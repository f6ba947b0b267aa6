"""The words of one of the APIs that lead to the same cards."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sandbox.vtex import Endpoint, needs
from sandbox.vtex_giftcard import bodies
from sandbox.vtex_giftcard.documents import Members
from sandbox.vtex_giftcard.requests import CARD_MEMBERS
from sandbox.vtex_giftcard.search import Range
from sandbox.vtex_giftcard.state import Card, Defects, Movement

RIGHT = "Gift card full access"
JSON = "application/json"
VENDOR_JSON = "application/vnd.vtex.giftcard.v1+json"

Guard = Callable[[Endpoint], Endpoint]


def _found(found: Sequence[Card], part: Range, defects: Defects) -> object:
    if defects.bare_array_search:
        return bodies.balances_body(found, part)
    return bodies.search_body(found, part)


def _issued(card: Card, _: object, defects: Defects) -> object:
    return bodies.issued_body(card, defects)


@dataclass(frozen=True)
class Dialect:
    """Unless told otherwise, as the native API speaks."""

    reading: Guard
    writing: Guard
    prefix: str = "/api/giftcards"
    media_type: str = JSON
    """Of answers."""
    settlement_media_type: str = JSON
    body_types: Collection[str] = (JSON, VENDOR_JSON)
    settlement_body_types: Collection[str] = (JSON, VENDOR_JSON)
    acceptable_types: Collection[str] = (JSON, VENDOR_JSON)
    card_requires: Collection[str] = ("relationName", "expiringDate", "caption", "profileId")
    card_allows: Collection[str] = (
        "currencyCode",
        "restrictedToOwner",
        "multipleCredits",
        "multipleRedemptions",
    )
    transaction_requires: Members = field(default_factory=dict)
    """Besides what all of them require."""
    movements_once: bool = False
    """Documented for the provider protocol only: a request id also protects movements."""
    links: str = "cards"
    """With what links to transactions begin; documented and recorded in several forms."""
    links_when_made: str = "providers/VtexGiftCardProvider/cards"
    found: Callable[[Sequence[Card], Range, Defects], object] = _found
    issued: Callable[[Card, object, Defects], object] = _issued
    """From the new card and the document that asked for it."""
    settled: Callable[[Movement], object] = bodies.movement_body


NATIVE = Dialect(reading=needs(RIGHT), writing=needs(RIGHT))


def rest_of_card(required: Collection[str]) -> tuple[str, ...]:
    """What a card may say besides the *required* members."""
    return tuple(name for name in CARD_MEMBERS if name not in required)
