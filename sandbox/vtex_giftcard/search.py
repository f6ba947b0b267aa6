"""What a `_search` request must look like, and the pages it is answered with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.vtex import Refused
from sandbox.vtex_giftcard.state import Client

BAD_BODY = 2001
BAD_RANGE = 2002

TEXT = (str,)
TEXT_OR_NULL = (str, type(None))
NUMBER = (int, Decimal)
WHOLE_NUMBER = (int,)

CART_MEMBERS: Mapping[str, tuple[type, ...]] = {
    "grandTotal": NUMBER,
    "relationName": TEXT_OR_NULL,
    "redemptionCode": TEXT_OR_NULL,
    "discounts": NUMBER,
    "shipping": NUMBER,
    "taxes": NUMBER,
    "items": (list,),
    "itemsTotal": NUMBER,
}
ITEM_MEMBERS: Mapping[str, tuple[type, ...]] = {
    "productId": TEXT,
    "id": TEXT,
    "refId": TEXT_OR_NULL,
    "name": TEXT,
    "price": NUMBER,
    "quantity": WHOLE_NUMBER,
}
CLIENT_MEMBERS: Mapping[str, tuple[type, ...]] = {"id": TEXT, "email": TEXT, "document": TEXT}

_RANGE = re.compile(r"\w+=([0-9]{1,9})-([0-9]{1,9})")


@dataclass(frozen=True)
class Range:
    """Zero-based, both ends included."""

    first: int = 0
    last: int = 49

    @property
    def size(self) -> int:
        return self.last - self.first + 1

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
        body = _checked(document, "body", {"cart": (dict,), "client": (dict,)})
        cart = _checked(body["cart"], "cart", CART_MEMBERS)
        for index, item in enumerate(cart["items"]):
            _checked(item, f"cart.items[{index}]", ITEM_MEMBERS)
        client = _checked(body["client"], "client", CLIENT_MEMBERS)
        corporate_document = client.get("corporateDocument") or ""
        if not isinstance(corporate_document, str):
            raise _bad("client.corporateDocument", "has the wrong type")
        return cls(
            Client(client["id"], client["email"], client["document"], corporate_document),
            cart["redemptionCode"] or "",
        )


def _checked(
    value: object, place: str, members: Mapping[str, tuple[type, ...]]
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _bad(place, "is not an object")
    for name, types in members.items():
        if name not in value:
            raise _bad(f"{place}.{name}", "is required")
        if type(value[name]) not in types:
            raise _bad(f"{place}.{name}", "has the wrong type")
    return value


def _bad(place: str, fault: str) -> Refused:
    return Refused(400, BAD_BODY, f"{place} {fault}.")
