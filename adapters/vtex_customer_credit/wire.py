"""Documents of the Customer Credit API. What each member means is in NOTES.md."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self

from pydantic import AliasChoices, BeforeValidator, Field, StrictBool, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from adapters.transport.wire import ExactDecimal, UtcInstant, WholeNumber, WireModel

Id = Annotated[str, Field(min_length=1)]


class _Document(WireModel, alias_generator=to_camel):
    pass


class AccountResponse(_Document):
    id: Id
    balance: ExactDecimal
    credit_limit: ExactDecimal
    available_credit: ExactDecimal
    available_balance: ExactDecimal
    pre_authorized_credit: ExactDecimal
    tolerance: ExactDecimal
    status: str
    email: str | None = None
    document: str | None = None
    document_type: str | None = None
    created_at: UtcInstant
    updated_at: UtcInstant


class InvoiceResponse(_Document):
    id: Id
    friendly_id: str | None = None
    transaction_id: Id
    account_id: str | None = None
    credit_account_id: str | None = None
    checking_account_id: str | None = None
    status: str
    value: ExactDecimal
    credit_value: ExactDecimal
    created_at: UtcInstant
    updated_at: UtcInstant
    original_due_date: UtcInstant
    due_date: UtcInstant
    resolved_at: UtcInstant | None = None
    payment_link: str | None = None
    observation: str | None = None
    installment: WholeNumber
    number_of_installments: WholeNumber | None = None
    order_id: str | None = None

    @property
    def owner(self) -> str:
        """Id of the account it belongs to, under the newest of three names for it."""
        return self.credit_account_id or self.account_id or self.checking_account_id or ""

    @model_validator(mode="after")
    def _has_an_owner(self) -> Self:
        if not self.owner:
            raise ValueError("no account is named")
        return self


class StatementMetadata(_Document):
    transaction_id: str | None = None
    number_of_installments: WholeNumber | None = None
    installment: WholeNumber | None = None
    order_id: str | None = None


class StatementEntry(_Document):
    value: ExactDecimal
    date: UtcInstant
    origin: str
    done_by: str | None = Field(None, validation_alias=AliasChoices("doneBy", "doneby"))
    metadata: StatementMetadata | None = None


class ReminderTime(_Document):
    days: WholeNumber
    time_of_day: str


class NotificationsSettings(_Document):
    days_prior: tuple[ReminderTime, ...] | None = None
    days_after: tuple[ReminderTime, ...] | None = None


class StoreConfigurationResponse(_Document):
    daily_interest_rate: ExactDecimal
    invoice_postponement_limit: WholeNumber
    tax_rate: ExactDecimal
    max_postponement_days: WholeNumber
    default_credit_value: ExactDecimal
    postponement_enabled: StrictBool
    automatic_checking_account_creation_enabled: StrictBool
    tolerance_enabled: StrictBool
    my_credits_enabled: StrictBool
    max_pre_authorization_growth_rate: ExactDecimal
    notifications_settings: NotificationsSettings | None = None


class SearchResponse(_Document):
    """Both searches and the list of an account. `summary` covers the page only: not read."""

    data: list[object]


class StatementsResponse(_Document):
    statements: list[object]


class PostedResponse(_Document):
    """Of a manual entry: a text in the file."""

    value: ExactDecimal


class HoldResponse(_Document):
    """A pre-authorization or its settlement: both tell the id and the amount."""

    id: Id
    value: ExactDecimal


class RefundResponse(_Document):
    value: ExactDecimal


class Claims(_Document):
    email: str


class HolderResponse(_Document):
    id: Id
    claims: Claims


class RemovedResponse(_Document):
    id: Id


_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")


def _code(value: object) -> str | None:
    """A number here, a text in neighbouring services; what does not look like one is not kept."""
    text = str(value)
    told = isinstance(value, int | str) and not isinstance(value, bool)
    return text if told and _CODE.fullmatch(text) else None


Code = Annotated[str | None, BeforeValidator(_code)]


class NeighboursRefusal(_Document):
    code: Code = None


class RefusalResponse(_Document):
    """The text beside the code is the provider's own, so it is not read."""

    code: Code = None
    error: NeighboursRefusal | None = None


ACCOUNT: Final = TypeAdapter(AccountResponse)
INVOICE: Final = TypeAdapter(InvoiceResponse)
STATEMENT_ENTRY: Final = TypeAdapter(StatementEntry)
STORE_CONFIGURATION: Final = TypeAdapter(StoreConfigurationResponse)
SEARCH: Final = TypeAdapter(SearchResponse)
STATEMENTS: Final = TypeAdapter(StatementsResponse)
POSTED: Final = TypeAdapter(PostedResponse)
HOLD: Final = TypeAdapter(HoldResponse)
REFUND: Final = TypeAdapter(RefundResponse)
HOLDER: Final = TypeAdapter(HolderResponse)
REMOVED: Final = TypeAdapter(RemovedResponse)
REFUSAL: Final = TypeAdapter(RefusalResponse)
