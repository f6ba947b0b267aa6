"""Adobe's documents, in Adobe's words. Null is mostly expressed by leaving the key out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from adapters.transport.wire import ExactDecimal, UtcInstant, WireModel

WholeNumber = Annotated[int, Field(strict=True)]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]


class Identified(WireModel):
    """As much of anything as tells which it is."""

    id: WholeNumber


class CreditResponse(Identified):
    """
    A credit record.

    Attributes:
        credit_limit: Missing while no limit was ever granted (documented sample).
        balance: Below zero is owed, above zero is prepaid.
    """

    company_id: WholeNumber
    credit_limit: ExactDecimal | None = None
    balance: ExactDecimal
    currency_code: CurrencyCode
    exceed_limit: Annotated[bool, Field(strict=True)]
    available_limit: ExactDecimal


class HistoryRow(WireModel):
    """
    One line of a record's history.

    Attributes:
        amount: Signed, in `currency_operation`; the other figures are in `currency_credit`.
        rate: Units of the operation's currency for one of the credit's.
        comment: Empty, or JSON inside a string.
    """

    id: WholeNumber
    company_credit_id: WholeNumber
    user_type: WholeNumber | None = None
    currency_credit: CurrencyCode
    currency_operation: CurrencyCode
    rate: ExactDecimal
    amount: ExactDecimal
    balance: ExactDecimal
    credit_limit: ExactDecimal
    available_limit: ExactDecimal
    type: WholeNumber
    datetime: UtcInstant
    purchase_order: str | None = None
    custom_reference_number: str | None = None
    comment: str


class CompanyResponse(WireModel):
    """The two members of a company that are asked for; the schema promises neither of them."""

    id: WholeNumber
    status: WholeNumber | None = None


class CustomerListItem(WireModel):
    id: WholeNumber
    email: str
    website_id: WholeNumber | None = None


class CompanyMembership(WireModel):
    company_id: WholeNumber
    status: WholeNumber


def _nothing_for_empty_map(value: object) -> object:
    return None if value == [] else value


class CustomerExtension(WireModel):
    company_attributes: Annotated[Any, BeforeValidator(_nothing_for_empty_map)] = None
    all_company_attributes: list[Any] | None = None


class CustomerResponse(WireModel):
    """
    A customer, without personal data.

    Attributes:
        extension_attributes: `fields` leaves `[]` of a map without the members asked for, and null
            of an empty one.
    """

    id: WholeNumber
    extension_attributes: Annotated[
        CustomerExtension | None, BeforeValidator(_nothing_for_empty_map)
    ] = None

    @property
    def memberships(self) -> list[object]:
        """Of the default company and of all companies, to be read one by one."""
        extension = self.extension_attributes or CustomerExtension()
        default = extension.company_attributes
        return [*([] if default is None else [default]), *(extension.all_company_attributes or ())]


class SearchResults(WireModel):
    """
    One page of any list; items are read one by one.

    Attributes:
        items: Null for an empty list that `fields` was applied to.
    """

    items: list[Any] | None
    total_count: Annotated[int, Field(strict=True, ge=0)]


class ErrorResponse(WireModel):
    """Only the parameters are read: messages are templates that releases reword."""

    message: str
    parameters: dict[str, Any] | list[Any] | None = None


BearerText = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", max_length=16_384)]
"""One word: Adobe reads a header of exactly two."""


class ImsToken(WireModel):
    """
    Attributes:
        expires_in: Seconds.
    """

    access_token: BearerText
    expires_in: Annotated[int, Field(strict=True, gt=0, le=10**9)]


ADMIN_TOKEN: TypeAdapter[str] = TypeAdapter(BearerText)
IMS_TOKEN = TypeAdapter(ImsToken)
IDENTIFIED = TypeAdapter(Identified)
CREDIT = TypeAdapter(CreditResponse)
HISTORY_ROW = TypeAdapter(HistoryRow)
COMPANY = TypeAdapter(CompanyResponse)
CUSTOMER_LIST_ITEM = TypeAdapter(CustomerListItem)
CUSTOMER = TypeAdapter(CustomerResponse)
COMPANY_MEMBERSHIP = TypeAdapter(CompanyMembership)
SEARCH_RESULTS = TypeAdapter(SearchResults)
ERROR = TypeAdapter(ErrorResponse)
