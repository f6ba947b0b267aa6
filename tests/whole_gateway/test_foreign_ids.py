"""What is somebody else's looks and costs as if it did not exist, wherever an id can be given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)

from app.domain.instruments import InstrumentKind
from app.graphql.ids import NodeKind
from app.graphql.opaque import Seal
from app.graphql.schema import printed_schema
from tests.graphql.graph import settings
from tests.whole_gateway.configured import EVERYBODY, SHOPPER, Who
from tests.whole_gateway.people import Gateway, Owned
from tests.whole_gateway.reaching import called, document, objects_of, roots, selected

SCHEMA: Final = build_schema(printed_schema())
ME: Final = "shopper@example.com"
SHOPPERS: Final = [one for one in EVERYBODY if one.level is SHOPPER.level]
KINDS: Final = sorted({*NodeKind} - {NodeKind.SOURCE, NodeKind.OPERATION})
"""Of what belongs to a customer: sources are nobody's, and receipts are of whoever asked."""
SAID: Final = {"email", "document", "link", *InstrumentKind}
"""Parts of an id that are no provider's."""


@dataclass(frozen=True)
class Entrance:
    """A field of a root that takes an id, asked for everything that is not an object."""

    operation: str
    root: GraphQLObjectType
    name: str

    @property
    def field(self) -> GraphQLField:
        field: GraphQLField = self.root.fields[self.name]
        return field

    def document(self) -> str:
        kinds = objects_of(SCHEMA, get_named_type(self.field.type))
        inside = " ".join(selected(kind, list(_own_fields(kind))) for kind in kinds)
        return document(self.operation, f"{called(self.name, self.field)} {{ {inside} }}")


def _own_fields(kind: GraphQLObjectType) -> Iterator[str]:
    """What two types of one union may both be asked for."""
    return (name for name in ("id", "userErrors", "receipt") if name in kind.fields)


def takes_an_id(kind: GraphQLInputType, seen: frozenset[str] = frozenset()) -> bool:
    named = get_named_type(kind)
    if not isinstance(named, GraphQLInputObjectType):
        return named.name == "ID"
    members = named.fields.values() if named.name not in seen else ()
    return any(takes_an_id(one.type, seen | {named.name}) for one in members)


def entrances() -> list[Entrance]:
    """Every one that gives its id on when it is asked with the least."""
    found = [
        Entrance(operation, root, name)
        for operation, root in roots(SCHEMA)
        for name, field in root.fields.items()
        if any(takes_an_id(one.type) for one in field.args.values())
    ]
    return [one for one in found if "$id" in one.document()]


def shown(answer: Any) -> tuple[Any, ...]:
    """All that a client sees of an answer but what names the request."""
    body = answer.json()
    for error in body.get("errors", ()):
        del error["extensions"]["correlationId"]
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("x-correlation-id", "date")
    }
    return answer.status_code, headers, body


def like(foreign: str, kind: str) -> str:
    """An id that was made here, of the same source, and stands for nothing."""
    seal = Seal(settings().id_secret.get_secret_value())
    source, *parts = seal.open(kind, foreign)
    return seal.seal(kind, [source, *(part if part in SAID else f"9{part}" for part in parts)])


def of_each_kind(known: Sequence[Owned], *, mine: bool) -> dict[str, Owned]:
    """By what ids of the kind begin with; sources belong to nobody."""
    return {
        one.id.partition("_")[0]: one
        for one in known
        if (one.owner == ME) is mine and one.type != "CreditSource"
    }


async def asked(
    opened: Gateway, who: Who, entrance: Entrance, id_: str
) -> tuple[Any, Counter[tuple[str, str]]]:
    """The answer, and how often each source was asked in which way."""
    opened.graph.wire.forget()
    answer = await opened.ask(who, ME, entrance.document(), id=id_)
    wire = Counter((one.source, one.method) for one in opened.graph.wire.asked)
    return answer, wire


async def test_ids_of_every_kind_are_known(known: Sequence[Owned]) -> None:
    assert of_each_kind(known, mine=False).keys() == set(KINDS)
    assert of_each_kind(known, mine=True).keys() == set(KINDS)


@pytest.mark.parametrize("entrance", entrances(), ids=lambda one: one.name)
@pytest.mark.parametrize("who", SHOPPERS, ids=lambda who: who.name)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_foreign_id_is_answered_as_one_of_nothing(
    opened: Gateway, known: Sequence[Owned], who: Who, entrance: Entrance, kind: str
) -> None:
    foreign = of_each_kind(known, mine=False)[kind].id
    answer, wire = await asked(opened, who, entrance, foreign)
    of_nothing, wire_of_nothing = await asked(opened, who, entrance, like(foreign, kind))
    of_no_id, _ = await asked(opened, who, entrance, f"{kind}_{'x' * 40}")
    assert shown(answer) == shown(of_nothing) == shown(of_no_id)
    assert wire == wire_of_nothing


@pytest.mark.parametrize("who", SHOPPERS, ids=lambda who: who.name)
@pytest.mark.parametrize("kind", KINDS)
async def test_an_own_id_is_answered_with_what_it_stands_for(
    opened: Gateway, known: Sequence[Owned], who: Who, kind: str
) -> None:
    own = of_each_kind(known, mine=True)[kind].id
    for entrance in (one for one in entrances() if one.name in ("node", "nodes")):
        answer, _ = await asked(opened, who, entrance, own)
        assert own in answer.text


async def test_among_many_ids_only_the_own_ones_stand_for_something(
    opened: Gateway, known: Sequence[Owned]
) -> None:
    mine = [one.id for one in of_each_kind(known, mine=True).values()]
    others = [one.id for one in of_each_kind(known, mine=False).values()]
    mixed = [id_ for pair in zip(mine, others, strict=True) for id_ in pair]
    answer = await opened.ask(
        SHOPPER, ME, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=mixed
    )
    assert answer.json()["data"]["nodes"] == [it for id_ in mine for it in ({"id": id_}, None)]
