"""How this stand-in says no; only 1099, and the words of a 500, are published."""

from sandbox.vtex import Refused

ALREADY_OPEN = 1099

UNPUBLISHED = 1001
"""Assumed, and one for all other refusals: nobody can learn here to tell them apart by code."""


def refused(message: str) -> Refused:
    return Refused(400, UNPUBLISHED, message)


def already_open() -> Refused:
    """The status is assumed."""
    return Refused(400, ALREADY_OPEN, "The Credit Account is already open.")


def not_found(what: str) -> Refused:
    return Refused(404, None, f"The {what} was not found.")


def reused_statement_id() -> Refused:
    return Refused(409, UNPUBLISHED, "This statement was posted with another value.")


def published_failure() -> Refused:
    """Known issues report a 500 with these words for some accounts and invoices."""
    return Refused(500, None, "An error has occurred.")
