"""One thing by its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from adapters.adobe_company_credit.wire import ERROR
from adapters.transport.upstream import Answer, Upstream
from app.domain.errors import ProviderContractBroken

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """What was read, and the answer it was read from."""

    content: T
    answer: Answer


async def read_record(
    upstream: Upstream, shape: TypeAdapter[T], operation: str, *path: str, fields: str = ""
) -> Record[T] | None:
    """
    The thing at *path* below `/V1`; None when Adobe knows no such thing.

    A refusal names what is missing in its parameters. A 404 without any is an unknown route, which
    is a wrong base URL and must not look like a customer without credit.

    Args:
        fields: The members wanted; everything when empty.
    """
    answer = await upstream.read(
        operation, "V1", *path, query=[("fields", fields)] if fields else []
    )
    if answer.status != 404:
        return Record(answer.read(shape), answer)
    if not answer.read(ERROR).parameters:
        raise ProviderContractBroken(upstream.source)
    return None
