"""What a `_search` request must look like, and the pages it is answered with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.vtex import Refused
from sandbox.vtex_giftcard.documents import (
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    WHOLE_NUMBER,
    Members,
    checked,
)
from sandbox.vtex_giftcard.state import Card, Client

BAD_RANGE = 2002

CART_MEMBERS: Members = {
    "grandTotal": NUMBER,
    "relationName": TEXT_OR_NULL,
    "redemptionCode": TEXT_OR_NULL,
    "discounts": NUMBER,
    "shipping": NUMBER,
    "taxes": NUMBER,
    "items": LIST,
    "itemsTotal": NUMBER,
}
ITEM_MEMBERS: Members = {
    "productId": TEXT,
    "id": TEXT,
    "refId": TEXT_OR_NULL,
    "name": TEXT,
    "price": NUMBER,
    "quantity": WHOLE_NUMBER,
}
CLIENT_MEMBERS: Members = {"id": TEXT, "email": TEXT, "document": TEXT}

_RANGE = re.compile(r"\w+=([0-9]{1,9})-([0-9]{1,9})")


@dataclass(frozen=True)
class Range:
    """Zero-based, both ends included."""

    first: int = 0
    last: int = 49

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def of(self, found: Sequence[Card]) -> Sequence[Card]:
        return found[self.first : self.last + 1]

    @classmethod
    def from_header(cls, written: str | None) -> "Range":
        """The word before the equals sign is free: the reference and a known issue differ."""
        if written is None:
            return cls()
        found = _RANGE.fullmatch(written.strip())
        if found is None or int(found[2]) < int(found[1]):
            raise Refused(400, BAD_RANGE, "REST-Range must look like resources=0-49.")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Search:
    client: Client
    code: str

    @classmethod
    def from_json(cls, document: object) -> "Search":
        """Every member is required; amounts may have decimals, the reference notwithstanding."""
        body = checked(document, "body", {"cart": OBJECT, "client": OBJECT})
        cart = checked(body["cart"], "cart", CART_MEMBERS)
        for index, item in enumerate(cart["items"]):
            checked(item, f"cart.items[{index}]", ITEM_MEMBERS)
        client = checked(body["client"], "client", CLIENT_MEMBERS, {"corporateDocument": TEXT})
        return cls(
            Client(
                client["id"],
                client["email"],
                client["document"],
                client.get("corporateDocument") or "",
            ),
            cart["redemptionCode"] or "",
        )
