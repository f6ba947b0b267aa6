"""What all mutations have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar, runtime_checkable
from uuid import uuid4

import strawberry

from app.domain.errors import RequestRefused
from app.domain.instructions import Instruction
from app.graphql.context import Context, Info
from app.graphql.inputs.arguments import given
from app.graphql.types.payloads import MutationPayload
from app.operations.carry_out import Order

P = TypeVar("P", bound=MutationPayload)

CALLS: Final = 6
"""The live reads before and after, the call, and what looks it up."""


@runtime_checkable
class Keyed(Protocol):
    """An input that names the request; every one that moves money does."""

    idempotency_key: str | None


@runtime_checkable
class Versioned(Protocol):
    expected_version: str | None


async def carry_out(
    info: Info,
    asked: object,
    instruct: Callable[[Context], Instruction],
    payload: type[P],
    *,
    about: strawberry.ID | None = None,
) -> P:
    """
    Do what a mutation was asked.

    Args:
        instruct: Tells what that is; a refusal of it is data like any other.
        about: The id that the input names.
    """
    version = given(asked.expected_version) if isinstance(asked, Versioned) else None

    def order(name: str, key: str) -> Order:
        return Order.of(
            name, instruct(info.context), idempotency_key=key, asked=asked, expected_version=version
        )

    return await carry_out_order(info, asked, order, payload, about=about)


async def carry_out_order(
    info: Info,
    asked: object,
    order: Callable[[str, str], Order],
    payload: type[P],
    *,
    about: strawberry.ID | None = None,
) -> P:
    """
    The same for what depends on the state of things.

    Args:
        order: Given the name of the mutation and the key, what is to be done.
    """
    context = info.context
    context.must_finish()
    operations, caller, name = context.operations, context.caller, info.field_name
    key, correlation_id = _key(asked), context.correlation_id
    try:
        ordered = order(name, key)
    except RequestRefused as refusal:
        outcome = operations.refused(name, caller, correlation_id, refusal, idempotency_key=key)
    else:
        outcome = await operations.carry_out(ordered, caller, correlation_id)
    context.desk.reads.forget()
    return payload.from_domain(outcome, context, asked_id=about)


def _key(asked: object) -> str:
    """The caller's, or one of our own where the input does without."""
    key = given(asked.idempotency_key) if isinstance(asked, Keyed) else None
    return uuid4().hex if key is None else key


def what(description: str) -> Any:
    return strawberry.argument(description=description)
