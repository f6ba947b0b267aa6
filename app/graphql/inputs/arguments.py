"""Arguments that many fields take."""

from __future__ import annotations

from typing import Annotated, TypeVar

import strawberry

from app.domain.errors import InvalidQuestion

T = TypeVar("T")

LONGEST_TEXT = 500

First = Annotated[
    int | None, strawberry.argument(description="Most items on the page, at most 100.")
]
After = Annotated[
    str | None, strawberry.argument(description="A cursor: the page begins behind its item.")
]
Id = Annotated[strawberry.ID, strawberry.argument(description="An `id` from an earlier answer.")]


def given(value: T | None) -> T | None:
    """None for a member that is absent."""
    return None if value is strawberry.UNSET else value


def text(value: str | None, name: str) -> str | None:
    """
    A free text of an input.

    Raises:
        InvalidQuestion: Too long, or with characters that are no text.
    """
    known = given(value)
    if known is not None and (len(known) > LONGEST_TEXT or not known.isprintable()):
        raise InvalidQuestion(f"`{name}` is a text of at most {LONGEST_TEXT} characters.")
    return known
