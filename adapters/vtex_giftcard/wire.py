"""
Documents of the VTEX Giftcard API, named after its OpenAPI file.

Links are not read, except the one that tells a swapped reference: none resolves against the base
URL. `orderInfo` and the redemption token are not read either: personal data, and a second key to
the card that is the same as the first.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    TypeAdapter,
    model_validator,
)
from pydantic.alias_generators import to_camel

from adapters.transport.wire import ExactNumber, UtcInstant, WholeNumber, WireModel
from app.domain.money import Currency

Id = Annotated[str, Field(min_length=1)]
CurrencyCode = Annotated[str, AfterValidator(lambda code: Currency.parse(code).code)]

Unsigned = Annotated[ExactNumber, Field(ge=0)]


class Document(WireModel):
    model_config = ConfigDict(alias_generator=to_camel)


class CardResponse(Document):
    """
    A card as `GetGiftCardbyID` answers it.

    Required is what the file requires, but for the link: real answers call it `transaction`.
    `relation_name` and `caption` are declared for the answer to a creation only. The rules of use
    are declared for the creation's request only.
    """

    id: Id
    redemption_code: SecretStr
    balance: ExactNumber
    emission_date: UtcInstant
    expiring_date: UtcInstant
    currency_code: CurrencyCode | None = None
    relation_name: str | None = None
    caption: str | None = None
    discount: StrictBool | None = None
    restricted_to_owner: StrictBool | None = None
    multiple_credits: StrictBool | None = None
    multiple_redemptions: StrictBool | None = None


class CartItemRequest(Document):
    product_id: str
    id: str
    ref_id: str
    name: str
    price: int | Decimal
    quantity: int


class CartRequest(Document):
    grand_total: int | Decimal
    relation_name: str | None
    redemption_code: str = Field(repr=False)
    discounts: int | Decimal
    shipping: int | Decimal
    taxes: int | Decimal
    items: tuple[CartItemRequest, ...]
    items_total: int | Decimal


class ClientRequest(Document):
    id: str = Field(repr=False)
    email: str = Field(repr=False)
    document: str = Field(repr=False)


class SearchRequest(Document):
    cart: CartRequest
    client: ClientRequest


class Paging(Document):
    """`total` is left out: of the store by its description, of the result by its sample."""

    per_page: WholeNumber | None = None


class SearchResponse(Document):
    """The envelope of the file, or the bare array of the reference of 2020."""

    items: list[object]
    paging: Paging = Paging()

    @model_validator(mode="before")
    @classmethod
    def _bare_array(cls, answer: object) -> object:
        return {"items": answer} if isinstance(answer, list) else answer


class FoundCard(Document):
    """Only the id: the balances of the bare array are not those of a card that was read."""

    id: Id


class Link(Document):
    href: str = ""

    @property
    def last_segment(self) -> str:
        return self.href.rstrip("/").rpartition("/")[2]


class TransactionReference(Document):
    id: Id
    card_id: str | None = None
    link: Link | None = Field(default=None, alias="_self")


def _text_alone(value: object) -> object:
    """Nothing else could be a mark of ours."""
    return value if isinstance(value, str) else None


class TransactionResponse(Document):
    """The file requires nothing here; without value and date it would say nothing."""

    value: Unsigned
    date: UtcInstant
    operation: str | None = None
    description: str | None = None
    request_id: Annotated[str | None, BeforeValidator(_text_alone)] = None


class MovementResponse(Document):
    """An authorization, a settlement or a cancellation."""

    oid: Id
    value: Unsigned
    date: UtcInstant


def _only_one(answer: object) -> object:
    """The hub answers a settlement with an array of one."""
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer


class IssueRequest(Document):
    """`emission_date` where the dialect wants it; the native file has no such member."""

    relation_name: str
    emission_date: str | None = None
    expiring_date: str
    caption: str
    profile_id: str = Field(repr=False)
    currency_code: str
    restricted_to_owner: bool
    multiple_credits: bool
    multiple_redemptions: bool


class OrderItemRequest(Document):
    """The file requires all of these; of a discount on one item the gateway knows nothing."""

    product_id: str
    id: str
    ref_id: str
    name: str
    value: Decimal
    price: Decimal
    quantity: int
    discount: int = 0
    shipping_discount: int = 0
    price_tags: tuple[()] = ()


class OrderCartRequest(Document):
    grand_total: Decimal
    items_total: Decimal
    discounts: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    taxes: Decimal = Decimal(0)
    items: tuple[OrderItemRequest, ...] = ()


class OrderRequest(Document):
    """As little of an order as can be said without telling of a person."""

    order_id: str
    sequence: int = 0
    cart: OrderCartRequest


class TransactionRequest(Document):
    operation: Literal["Credit", "Debit"]
    value: Decimal
    description: str
    redemption_token: str = Field(repr=False)
    redemption_code: str = Field(repr=False)
    request_id: str
    order_info: OrderRequest | None = None


class MovementRequest(Document):
    """A settlement or a cancellation."""

    value: Decimal
    request_id: str


def _code(value: object) -> object:
    """A number, or capitals and a number: no text, and no redemption code."""
    word = str(value) if isinstance(value, int) else value
    if isinstance(word, str) and re.fullmatch("[A-Z]{0,8}[0-9]{1,8}", word):
        return word
    raise ValueError("not a code")


class Refusal(Document):
    """
    The code in a 400, by itself or inside an error. The text is not read.

    Source: recorded for the error of the payments gateway; the file declares no refusal at all.
    """

    code: Annotated[str, BeforeValidator(_code)]

    @model_validator(mode="before")
    @classmethod
    def _wrapped(cls, body: object) -> object:
        return body["error"] if isinstance(body, dict) and "error" in body else body


CARD: Final = TypeAdapter(CardResponse)
SEARCH: Final = TypeAdapter(SearchResponse)
FOUND_CARD: Final = TypeAdapter(FoundCard)
REFERENCE: Final = TypeAdapter(TransactionReference)
TRANSACTION: Final = TypeAdapter(TransactionResponse)
MOVEMENT: Final = TypeAdapter(MovementResponse)
MOVED: Final = TypeAdapter(Annotated[MovementResponse, BeforeValidator(_only_one)])
REFUSAL: Final = TypeAdapter(Refusal)
