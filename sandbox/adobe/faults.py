"""
Refusals in the shop's envelope: a message template and its parameters, never filled in.

Messages without a grade are documented or shown by the published schema; the wording of
`not_acceptable`, `could_not_save`, `two_factor_wanted`, `wrong_organization` and `internal_error`
carries no meaning.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

Parameters = Mapping[str, str | int | Decimal] | Sequence[str | int]


class Fault(Exception):
    def __init__(self, status: int, message: str, parameters: Parameters = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameters = parameters

    def envelope(self) -> dict[str, Any]:
        """`parameters` is left out when there are none."""
        if not self.parameters:
            return {"message": self.message}
        return {"message": self.message, "parameters": self.parameters}


class SeveralFaults(Fault):
    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(400, "One or more input exceptions have occurred.")
        self.faults = faults

    def envelope(self) -> dict[str, Any]:
        return {"message": self.message, "errors": [fault.envelope() for fault in self.faults]}


def together(faults: Sequence[Fault]) -> Fault:
    """One fault is reported alone, two or more as a list."""
    return faults[0] if len(faults) == 1 else SeveralFaults(faults)


def unknown_route() -> Fault:
    """Also the answer to a known path with another verb."""
    return Fault(404, "Request does not match any route.")


def not_acceptable(accept: str) -> Fault:
    return Fault(
        406,
        "Server cannot match any of the given Accept HTTP header media type(s) from the request: "
        '"%1" with media types from the config of response renderer.',
        [accept],
    )


def not_authorized(resource: str) -> Fault:
    """No token, a bad or expired one, and a missing permission are not told apart."""
    return Fault(
        401, "The consumer isn't authorized to access %resources.", {"resources": resource}
    )


def signin_failed() -> Fault:
    return Fault(
        401,
        "The account sign-in was incorrect or your account is disabled temporarily. "
        "Please wait and try again later.",
    )


def two_factor_wanted() -> Fault:
    """Documented: such shops refuse a bare password. Assumed: with this status."""
    return Fault(400, "Please use the 2fa provider-specific endpoints to obtain a token.")


def oauth_problem(status: int, problem: str) -> Fault:
    """Documented: the problems and their status. Assumed: where the word stands."""
    return Fault(status, f"oauth_problem={problem}")


def wrong_organization() -> Fault:
    """Said by the gateway before a hosted shop, in words of its own."""
    return Fault(403, "The organization of the request is not the one of the token.")


def undecodable() -> Fault:
    """The body is no JSON, or comes as another media type."""
    return Fault(400, "Decoding error.")


def wrong_type(value: str, expected: str) -> Fault:
    return Fault(
        400,
        f'The "{value}" value\'s type is invalid. The "{expected}" type was expected. '
        "Verify and try again.",
    )


def required(name: str) -> Fault:
    return Fault(400, '"%fieldName" is required. Enter and try again.', {"fieldName": name})


def unsupported(name: str) -> Fault:
    return Fault(
        400,
        '"%fieldName" is not supported. Correct the field name and try again.',
        {"fieldName": name},
    )


def operation_misfit() -> Fault:
    """The type of operation does not fit the direction, the record's past or the row."""
    return Fault(400, "Cannot process the request. Please check the operation type and try again.")


def bad_value(name: str, value: str | int | Decimal) -> Fault:
    return Fault(
        400,
        "Invalid attribute value. Row ID: %fieldName = %fieldValue.",
        {"fieldName": name, "fieldValue": value},
    )


def foreign_company(company_id: int) -> Fault:
    return Fault(
        400,
        'Invalid value of "%value" provided for the %fieldName field.',
        {"fieldName": "company_id", "value": company_id},
    )


def could_not_save() -> Fault:
    """The database refused the row, and the whole operation with it."""
    return Fault(400, "Could not save history")


def bad_sort_direction() -> Fault:
    return Fault(
        400,
        "The sort order has to be specified as %1 for ascending order or %2 for descending order.",
        ["ASC", "DESC"],
    )


def too_many_items(item_type: str, maximum: int) -> Fault:
    return Fault(400, 'Maximum items of type "%type" is %max', {"type": item_type, "max": maximum})


def page_too_large(maximum: int) -> Fault:
    return Fault(400, "Maximum SearchCriteria pageSize is %max", {"max": maximum})


def no_credit(name: str, value: int) -> Fault:
    """*name* is `CompanyCreditID` for a credit id, `CompanyID` for a company id."""
    return Fault(
        404,
        "Requested company is not found. Row ID: %fieldName = %fieldValue.",
        {"fieldName": name, "fieldValue": value},
    )


def no_such_entity(name: str, value: int) -> Fault:
    return Fault(
        404,
        "No such entity with %fieldName = %fieldValue",
        {"fieldName": name, "fieldValue": value},
    )


def internal_error() -> Fault:
    """The mask over anything unforeseen, an unknown column in a search for one."""
    report = f"webapi-{uuid4().hex[:13]}"
    return Fault(
        500, f"Internal Error. Details are available in Magento log file. Report ID: {report}"
    )
