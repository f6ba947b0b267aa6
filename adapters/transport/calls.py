"""What the layers of a stack tell each other about one call, as extensions of its request."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Final

import httpx

CALL_CLASS: Final = "call_class"

DEADLINE_SECONDS: Final = "deadline_seconds"
"""How long the whole exchange may take, all tries together."""

DUE_AT: Final = "due_at"
"""By when it must be over, as `time.monotonic` counts."""

ANSWER_BEGAN: Final = "answer_began"
"""That the head of an answer came, of the last try."""


class CallClass(StrEnum):
    """
    What a call does, which its verb does not tell: some providers are asked questions by POST.

    OTHER is what a layer asks on its own account, such as a token: never repeated, and its
    failures say nothing about reads and writes.
    """

    READ = "read"
    WRITE = "write"
    OTHER = "other"


def class_of(request: httpx.Request) -> CallClass:
    call_class: CallClass = request.extensions.get(CALL_CLASS, CallClass.OTHER)
    return call_class


def seconds_left(request: httpx.Request) -> float | None:
    """Until the exchange must be over; None when nobody has said."""
    due_at: float | None = request.extensions.get(DUE_AT)
    return None if due_at is None else due_at - time.monotonic()
