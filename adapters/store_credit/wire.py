"""The admin API's documents. Source of the names: NOTES.md, graded there."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field, NonNegativeInt, SecretStr, TypeAdapter

from adapters.transport.wire import ExactDecimal, UtcInstant, WireModel

CurrencyText = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
"""The provider takes any text as a currency; only three letters, in any case, are one to us."""


class Identified(WireModel):
    """As much of a row as tells which it is."""

    id: str


class Dated(Identified):
    """What all rows have."""

    created_at: UtcInstant


class TransactionGroup(WireModel):
    """Only in the generation of early 2025."""

    id: str | None = None
    code: str | None = None
    credits: ExactDecimal
    debits: ExactDecimal
    balance: ExactDecimal


class StoreCreditAccount(Dated):
    """
    Attributes:
        code, metadata, transaction_groups: Not where `fields` leaves them out.
        code: Bearer secret: whoever knows it can claim an unowned account.
    """

    currency_code: CurrencyText
    customer_id: str | None
    code: SecretStr | None = None
    credits: ExactDecimal
    debits: ExactDecimal
    balance: ExactDecimal
    metadata: dict[str, object] | None = None
    updated_at: UtcInstant
    transaction_groups: tuple[TransactionGroup, ...] | None = None


class StoreCreditAccountResponse(WireModel):
    store_credit_account: StoreCreditAccount


class AccountBehindCard(WireModel):
    id: str
    balance: ExactDecimal


class GiftCard(Dated):
    """
    Attributes:
        code: Bearer secret. That of the account behind it is another one, and is not read.
        status: Neither the value nor the account ever follows it.
    """

    status: str
    code: SecretStr
    currency_code: CurrencyText
    expires_at: UtcInstant | None
    store_credit_account: AccountBehindCard


class GiftCardCode(Dated):
    code: SecretStr


class GiftCardResponse(WireModel):
    gift_card: GiftCard


class RawAmount(WireModel):
    value: ExactDecimal


class Transaction(Dated):
    """
    A ledger entry.

    Attributes:
        raw_amount, account_id: Only on request.
    """

    amount: Annotated[ExactDecimal, Field(ge=0)]
    raw_amount: RawAmount | None = None
    account_id: str | None = None
    type: str
    reference: str
    reference_id: str
    note: str | None


class EntryNote(Dated):
    """Of a ledger entry, as much as tells whose call it came from."""

    type: str
    note: str | None


class AccountOrigin(Dated):
    """Of an account, as much as tells whose call it came from."""

    currency_code: str
    customer_id: str | None
    metadata: dict[str, object] | None


class AccountCode(Dated):
    """Of an account, as much as tells whether a code opens it."""

    customer_id: str | None
    code: SecretStr | None = None


class CardInFront(WireModel):
    status: str
    expires_at: UtcInstant | None


class CardsInFront(WireModel):
    """Of an account, as much as tells whether cards are paid with it."""

    gift_cards: tuple[CardInFront, ...] = ()


class CardsInFrontResponse(WireModel):
    store_credit_account: CardsInFront


class ListResponse(WireModel):
    """
    Attributes:
        count: All matches, not the rows of this answer.
    """

    rows: list[object]
    count: NonNegativeInt
    offset: int


class StoreCreditAccountListResponse(ListResponse):
    rows: list[object] = Field(alias="store_credit_accounts")


class TransactionListResponse(ListResponse):
    rows: list[object] = Field(alias="transactions")


class GiftCardListResponse(ListResponse):
    rows: list[object] = Field(alias="gift_cards")


class NotFoundResponse(WireModel):
    """A 404 about an id. One about a route is an HTML page."""

    type: Literal["not_found"]


class RefusalResponse(WireModel):
    """
    A 400.

    Attributes:
        message: Alone tells one from another.
    """

    type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    message: str


class MovementRequest(WireModel):
    """
    The body of a credit and of a debit.

    Attributes:
        amount: Major units, any number of decimals.
    """

    amount: Decimal
    note: str


class NewAccountRequest(WireModel):
    """A `customer_id` that is null is refused, one that is left out is not."""

    currency_code: str
    customer_id: str | None = None
    metadata: dict[str, object]


IDENTIFIED: Final = TypeAdapter(Identified)
ACCOUNT: Final = TypeAdapter(StoreCreditAccount)
ACCOUNT_RESPONSE: Final = TypeAdapter(StoreCreditAccountResponse)
ACCOUNT_LIST: Final = TypeAdapter(StoreCreditAccountListResponse)
TRANSACTION: Final = TypeAdapter(Transaction)
ACCOUNT_ORIGIN: Final = TypeAdapter(AccountOrigin)
ACCOUNT_CODE: Final = TypeAdapter(AccountCode)
CARDS_IN_FRONT_RESPONSE: Final = TypeAdapter(CardsInFrontResponse)
ENTRY_NOTE: Final = TypeAdapter(EntryNote)
TRANSACTION_LIST: Final = TypeAdapter(TransactionListResponse)
GIFT_CARD_CODE: Final = TypeAdapter(GiftCardCode)
GIFT_CARD_RESPONSE: Final = TypeAdapter(GiftCardResponse)
GIFT_CARD_LIST: Final = TypeAdapter(GiftCardListResponse)
NOT_FOUND: Final = TypeAdapter(NotFoundResponse)
REFUSAL: Final = TypeAdapter(RefusalResponse)
