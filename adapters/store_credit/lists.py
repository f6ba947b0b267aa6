"""How lists are asked for, and what is taken for an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import TypeAdapter

from adapters.store_credit import translate, wire
from adapters.transport.listing import page_of
from adapters.transport.upstream import Answer
from app.domain.errors import ProviderContractBroken
from app.domain.instruments import StoreCreditAccount
from app.domain.paging import Page, Window

T = TypeVar("T")
Shape = TypeVar("Shape", bound=wire.ListResponse)


def asked_for(window: Window, *, order: str) -> list[tuple[str, str]]:
    return [("limit", str(window.limit)), ("offset", str(window.offset)), ("order", order)]


def answered(
    answer: Answer, shape: TypeAdapter[Shape], window: Window, read: Callable[[object], T]
) -> Page[T]:
    """
    Raises:
        ProviderContractBroken: It is not the window that was asked for.
    """
    listed = answer.read(shape)
    if listed.offset != window.offset or len(listed.rows) > window.limit:
        raise ProviderContractBroken(answer.source)
    return page_of(window, listed.rows, read, total=listed.count)


def listed_account(answer: Answer, part: object) -> StoreCreditAccount:
    return translate.to_store_credit_account(
        answer.validate(wire.ACCOUNT, part), source=answer.source, observed_at=answer.observed_at
    )
