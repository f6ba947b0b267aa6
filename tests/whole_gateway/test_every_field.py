"""Every field of the schema, asked for by a caller of every level: what `@access` says is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_introspection_type,
    parse,
    validate,
)

from app.domain.access import AccessLevel
from app.graphql.schema import printed_schema
from tests.whole_gateway.configured import ADMIN, EVERYBODY, Who
from tests.whole_gateway.people import Gateway, Owned, gateway
from tests.whole_gateway.reaching import (
    Need,
    Step,
    Way,
    along,
    bare,
    called,
    document,
    led_to_by,
    need_of,
    roots,
    selected,
    ways_from,
)

TARGET: Final = Path(__file__).parents[2] / "../shared/schema-target.graphql"
ME: Final = "shopper@example.com"
MOST_TRIED: Final = 6
REFUSED: Final = {"UNAUTHENTICATED", "FORBIDDEN"}
NEVER_HERE: Final = {"OperationReceipt", "SourceStatus", "StoreCreditTransactionGroup"}
"""
Receipts hang on nothing that has an id, and nobody keeps watch over a source in process. Only the
older generation of Medusa's API has groups; the sandbox is the newer one.
"""

SOMEBODY: Final = Need(AccessLevel.SHOPPER)
"""What a field of the root needs that declares nothing."""

SCHEMA: Final = build_schema(printed_schema())
OBJECTS: Final = [
    one
    for one in SCHEMA.type_map.values()
    if isinstance(one, GraphQLObjectType) and not is_introspection_type(one)
]
NOT_FROM_AN_ID: Final = {one.name for one in OBJECTS} - led_to_by(SCHEMA, SCHEMA.type_map["Node"])
"""The roots, and what only they return."""

Refusals = set[tuple[str, str]]


@dataclass(frozen=True)
class Place:
    """How objects of a type are come by."""

    start: Owned
    way: Way

    def query(self, inside: str) -> str:
        return document("query", f"node(id: $id) {{ {along(self.way, inside)} }}")

    def needs(self) -> Iterator[tuple[str, Need | None]]:
        """Of each field on the way, by its path."""
        yield "node", SOMEBODY
        path = "node"
        for step in self.way:
            path += f".{step.name}"
            yield path, need_of(step.field)

    @property
    def path(self) -> str:
        return ".".join(["node", *(step.name for step in self.way)])


@pytest.fixture(scope="session")
async def places(opened: Gateway, known: Sequence[Owned]) -> dict[str, Place]:
    """For each type a place where the administrator really finds such an object."""
    found: dict[str, Place] = {}
    for length in range(3):
        for start in sorted({one.type for one in known}):
            for way, reached in ways_from(SCHEMA, _object(start)):
                if len(way) == length and reached not in found:
                    await _look(opened, known, found, start, way, reached)
    return found


async def _look(
    opened: Gateway,
    known: Sequence[Owned],
    found: dict[str, Place],
    start: str,
    way: Way,
    reached: str,
) -> None:
    for one in [one for one in known if one.type == start][:MOST_TRIED]:
        place = Place(one, way)
        answer = await answered(opened, ADMIN, place, "__typename")
        if reached in {it["__typename"] for it in objects_at(answer["data"], place.path)}:
            found[reached] = place
            return


def _object(name: str) -> GraphQLObjectType:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


async def answered(opened: Gateway, who: Who, place: Place, inside: str) -> dict[str, Any]:
    response = await opened.ask(who, place.start.owner, place.query(inside), id=place.start.id)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def objects_at(data: object, path: str) -> list[dict[str, Any]]:
    """All objects at the end of a path of names, through every list."""
    here = [data]
    for name in path.split("."):
        here = [one for each in here if isinstance(each, dict) for one in _flat(each.get(name))]
    return [one for one in here if isinstance(one, dict)]


def _flat(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def refusals(answer: Mapping[str, Any]) -> Refusals:
    """Each error by its path of names; whatever it is, for no other is expected."""
    return {
        (
            ".".join(part for part in error["path"] if isinstance(part, str)),
            error["extensions"]["code"],
        )
        for error in answer.get("errors", ())
    }


def expected(who: Who, needs: Iterator[tuple[str, Need | None]]) -> Refusals:
    """The first need on the way that *who* does not meet."""
    for path, need in needs:
        if need and not need.is_met(who.level, who.scopes):
            return {(path, "UNAUTHENTICATED" if who.role is None else "FORBIDDEN")}
    return set()


async def test_a_place_is_known_for_every_type_that_can_be_read(places: dict[str, Place]) -> None:
    assert {one.name for one in OBJECTS} - places.keys() == NEVER_HERE | NOT_FROM_AN_ID


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name)
async def test_every_field_opens_for_whom_it_is_declared_and_for_nobody_else(
    opened: Gateway, places: dict[str, Place], who: Who
) -> None:
    asked = 0
    for kind, place in ((_object(name), place) for name, place in places.items()):
        declared = {name: need_of(field) for name, field in kind.fields.items()}
        plain = [name for name, need in declared.items() if need is None]
        answer = await answered(opened, who, place, selected(kind, plain))
        wanted = expected(who, place.needs())
        assert refusals(answer) == wanted, (kind.name, plain)
        assert bool(objects_at(answer["data"], place.path)) is not bool(wanted), kind.name
        for name, need in declared.items():
            if need:
                asked += 1
                await check_declared(opened, who, place, Step(kind, name), need)
    assert asked > 0


async def check_declared(opened: Gateway, who: Who, place: Place, step: Step, need: Need) -> None:
    answer = await answered(opened, who, place, selected(step.owner, [step.name]))
    wanted = expected(who, iter([*place.needs(), (f"{place.path}.{step.name}", need)]))
    assert refusals(answer) == wanted, (step.owner.name, step.name)
    found = objects_at(answer["data"], place.path)
    if wanted:
        assert all(one[step.name] is None for one in found), (step.owner.name, step.name)
    else:
        assert any(step.name in one for one in found), (step.owner.name, step.name)


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name)
async def test_every_field_of_a_root_opens_for_whom_it_is_declared(
    tmp_path: Path, who: Who
) -> None:
    """On a gateway of its own, for some of them may change something."""
    async with gateway(tmp_path) as own:
        start = next(one for one in await own.met(ME) if one.type == "CreditAccount")
        for operation, root in roots(SCHEMA):
            for name, field in root.fields.items():
                asked = document(
                    operation, f"{called(name, field)}{_inside(get_named_type(field.type))}"
                )
                variables = {"id": start.id} if "$id" in asked else {}
                answer = (await own.ask(who, ME, asked, **variables)).json()
                refused = {one for one in refusals(answer) if one[1] in REFUSED}
                assert refused == expected_at_root(who, name, field), name


def expected_at_root(who: Who, name: str, field: GraphQLField) -> Refusals:
    """Where the field itself opens: the refusals of what is asked of the object that it returns."""
    refused = expected(who, iter([(name, need_of(field) or SOMEBODY)]))
    kind = get_named_type(field.type)
    if refused or not isinstance(kind, GraphQLObjectType) or kind.name not in NOT_FROM_AN_ID:
        return refused
    inside = (
        expected(who, iter([(f"{name}.{inner}", need_of(one))]))
        for inner, one in kind.fields.items()
    )
    return set().union(*inside)


def _inside(kind: GraphQLNamedType) -> str:
    """Every field of what only roots return; of other objects just which they are."""
    if isinstance(kind, GraphQLObjectType) and kind.name in NOT_FROM_AN_ID:
        return f" {{ {selected(kind, [*kind.fields])} }}"
    return bare(kind)


@pytest.mark.skipif(not TARGET.exists(), reason="../shared/schema-target.graphql is not there")
def test_a_valid_document_can_be_made_for_every_field_that_there_will_be() -> None:
    target = build_schema(TARGET.read_text())
    for operation, root in roots(target):
        for name, field in root.fields.items():
            inside = f"{called(name, field)}{bare(get_named_type(field.type))}"
            assert validate(target, parse(document(operation, inside))) == []
