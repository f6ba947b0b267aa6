"""Why the journal does not do what it was asked; nothing else leaves it but what is said here."""

from __future__ import annotations


class JournalUnavailable(Exception):
    """
    The database is away, or too slow. What was asked may have been written or not: what moves
    money must not go on.
    """

    def __init__(self) -> None:
        super().__init__("The journal cannot be reached.")


class JournalUnusable(Exception):
    """The configured database can never be the journal of this release; *why* says what to do."""


class OperationTakenOver(Exception):
    """
    This replica may not go on with the operation: it is final, another one settles it, this call
    was begun before, or this replica was away for so long that the others hold it for dead. The
    call in question must not be sent.
    """

    def __init__(self) -> None:
        super().__init__("The operation is in other hands.")
