"""The admin API's documents. Source of the names: NOTES.md, graded there."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, NonNegativeInt, SecretStr, TypeAdapter

from adapters.transport.wire import ExactDecimal, UtcInstant, WireModel

CurrencyText = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
"""The provider takes any text as a currency; only three letters, in any case, are one to us."""


class TransactionGroup(WireModel):
    """Only in the generation of early 2025."""

    id: str | None = None
    code: str | None = None
    credits: ExactDecimal
    debits: ExactDecimal
    balance: ExactDecimal


class StoreCreditAccount(WireModel):
    """
    Attributes:
        code: Bearer secret: whoever knows it can claim an unowned account.
    """

    id: str
    currency_code: CurrencyText
    customer_id: str | None
    code: SecretStr | None = None
    credits: ExactDecimal
    debits: ExactDecimal
    balance: ExactDecimal
    metadata: dict[str, object] | None
    created_at: UtcInstant
    updated_at: UtcInstant
    transaction_groups: tuple[TransactionGroup, ...] | None = None


class StoreCreditAccountResponse(WireModel):
    store_credit_account: StoreCreditAccount


class RawAmount(WireModel):
    value: ExactDecimal


class Transaction(WireModel):
    """
    A ledger entry.

    Attributes:
        raw_amount, account_id: Only on request.
    """

    id: str
    amount: Annotated[ExactDecimal, Field(ge=0)]
    raw_amount: RawAmount | None = None
    account_id: str | None = None
    type: str
    reference: str
    reference_id: str
    note: str | None
    created_at: UtcInstant


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


class NotFoundResponse(WireModel):
    """A 404 about an id. One about a route is an HTML page."""

    type: Literal["not_found"]


ACCOUNT: Final = TypeAdapter(StoreCreditAccount)
ACCOUNT_RESPONSE: Final = TypeAdapter(StoreCreditAccountResponse)
ACCOUNT_LIST: Final = TypeAdapter(StoreCreditAccountListResponse)
TRANSACTION: Final = TypeAdapter(Transaction)
TRANSACTION_LIST: Final = TypeAdapter(TransactionListResponse)
NOT_FOUND: Final = TypeAdapter(NotFoundResponse)
