"""Who may see what: levels, scopes and ownership, by every way in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from graphql import GraphQLObjectType, build_schema, is_object_type
from strawberry.types.base import StrawberryObjectDefinition

from app.authentication.demo_keys import demo_keys
from app.domain.access import AccessLevel, Scope
from app.domain.caller import Caller
from app.domain.customer import CustomerIdentity
from app.domain.errors import CredentialsNeeded, Forbidden
from app.graphql.declare import Access
from app.graphql.guard import Guard, require
from app.graphql.schema import build_schema as built
from tests.graphql.graph import JSON, Graph, as_caller

TARGET = Path(__file__).parents[2] / "../shared/schema-target.graphql"
ANYBODY = frozenset({"viewer"})
SHOPPER, BUYER = "shopper@example.com", "buyer@example.com"


def become(graph: Graph, name: str | None) -> None:
    graph.client.headers.pop("Authorization", None)
    if name:
        graph.client.headers.update(as_caller(name))


def definitions() -> Iterator[StrawberryObjectDefinition]:
    for one in built().schema_converter.type_map.values():
        if isinstance(one.definition, StrawberryObjectDefinition) and not one.definition.is_input:
            yield one.definition


def declared() -> dict[tuple[str, str], Access]:
    """Every declaration of access, by type and field."""
    return {
        (one.name, field.python_name): access
        for one in definitions()
        for field in one.fields
        for access in field.directives
        if isinstance(access, Access)
    }


def test_every_declared_access_is_enforced_as_it_is_declared() -> None:
    for one in definitions():
        for field in one.fields:
            guards = [each for each in field.extensions if isinstance(each, Guard)]
            access = declared().get((one.name, field.python_name))
            if access is not None:
                (guard,) = guards
                assert (guard.level, guard.scopes) == (access.min, frozenset(access.scopes or ()))


def test_every_way_in_asks_for_somebody_unless_it_is_for_everybody() -> None:
    (query,) = (one for one in definitions() if one.name == "Query")
    for field in query.fields:
        (guard,) = (each for each in field.extensions if isinstance(each, Guard))
        assert (guard.level >= AccessLevel.SHOPPER) is (field.python_name not in ANYBODY)


@pytest.mark.skipif(not TARGET.exists(), reason="../shared/schema-target.graphql is not there")
def test_access_is_declared_as_the_target_has_it() -> None:
    target = build_schema(TARGET.read_text())
    ours = {
        (owner, name.replace("_", "").lower()): (access.min.name, sorted(access.scopes or ()))
        for (owner, name), access in declared().items()
    }
    types = {one.name for one in definitions()}
    for owner, kind in target.type_map.items():
        if owner not in types or not is_object_type(kind):
            continue
        assert isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items():
            wanted = _access_of(field.ast_node)
            if wanted and (owner, name.lower()) in _fields_of(owner):
                assert ours.get((owner, name.lower())) == wanted, (owner, name)


def _fields_of(owner: str) -> set[tuple[str, str]]:
    return {
        (one.name, field.python_name.replace("_", "").lower())
        for one in definitions()
        if one.name == owner
        for field in one.fields
    }


def _access_of(node: object) -> tuple[str, list[str]] | None:
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == "access":
            given = {one.name.value: one.value for one in directive.arguments}
            scopes = [one.value for one in given["scopes"].values] if "scopes" in given else []
            return given["min"].value, sorted(scopes)
    return None


@pytest.mark.parametrize("level", AccessLevel)
@pytest.mark.parametrize("missing", [None, *Scope])
def test_a_field_opens_for_its_level_and_all_its_scopes_and_for_nothing_less(
    level: AccessLevel, missing: Scope | None
) -> None:
    caller = Caller(level=level, scopes=frozenset(Scope) - {missing}, name="key:test")
    for place, access in declared().items():
        reaches = level >= access.min and missing not in (access.scopes or ())
        try:
            require(caller, access.min, access.scopes or ())
        except Forbidden:
            assert not reaches, place
        else:
            assert reaches, place


def test_nobody_in_particular_is_asked_for_credentials() -> None:
    nobody = Caller(level=AccessLevel.PUBLIC, name="anonymous", anonymous=True)
    with pytest.raises(CredentialsNeeded):
        require(nobody, AccessLevel.SHOPPER, ())


async def test_without_credentials_only_the_viewer_is_told(graph: Graph) -> None:
    become(graph, None)
    assert await graph.data("{ viewer { level scopes customer { id } } }") == {
        "viewer": {"level": "PUBLIC", "scopes": [], "customer": None}
    }
    error = await graph.error('{ customer(by: {email: "shopper@example.com"}) { id } }')
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "credential", ["Bearer cg_demo_wrong_key", "Bearer x.y.z", "Basic abc", ""]
)
async def test_bad_credentials_are_refused_before_anything_is_read(
    graph: Graph, credential: str
) -> None:
    graph.wire.forget()
    graph.client.headers["Authorization"] = credential
    response = await graph.post("{ viewer { level } }")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert not graph.wire.asked


async def test_a_shopper_sees_their_own_credit(graph: Graph) -> None:
    become(graph, "shopper")
    found = await graph.data(
        "{ viewer { level customer { email spendableCredit(currency: BRL) {"
        " total { amount } completeness } } } }"
    )
    assert found["viewer"] == {
        "level": "SHOPPER",
        "customer": {
            "email": SHOPPER,
            "spendableCredit": {"total": {"amount": "4752.35"}, "completeness": "COMPLETE"},
        },
    }


@pytest.mark.parametrize(
    "query",
    [
        '{ customer(by: {email: "shopper@example.com"}) { id } }',
        "{ creditAccounts { nodes { id } } }",
        "{ storeCreditAccounts { nodes { id } } }",
        '{ invoices(source: "vtex-credit") { nodes { id } } }',
        '{ searchGiftCards(search: {source: "vtex-giftcard"}) { nodes { id } } }',
        "{ sources { key } }",
        '{ hold(id: "hold_x") { id } }',
        "{ viewer { customer { links { nativeId } } } }",
        "{ viewer { customer { creditAccounts { nodes { nativeId } } } } }",
        "{ viewer { customer { giftCards { nodes { redemptionCode } } } } }",
    ],
)
async def test_what_is_for_services_is_refused_to_a_shopper(graph: Graph, query: str) -> None:
    become(graph, "shopper")
    errors = (await graph.answer(query))["errors"]
    assert {one["extensions"]["code"] for one in errors} == {"FORBIDDEN"}


ALL_OF = """
{ customer(by: {email: "%s"}) { id
    creditAccounts { nodes {
      id invoices(first: 2) { nodes { id } } ledger(first: 1) { nodes { id } } } }
    giftCards(first: 2) { nodes { id holds { nodes { id } } ledger(first: 1) { nodes { id } } } }
    storeCreditAccounts { nodes { id ledger(first: 1) { nodes { id } } } } } }
"""


def ids_in(answer: object) -> Iterator[str]:
    if isinstance(answer, dict):
        yield from ([answer["id"]] if "id" in answer else [])
        for one in answer.values():
            yield from ids_in(one)
    if isinstance(answer, list):
        for one in answer:
            yield from ids_in(one)


async def ids_of(graph: Graph, email: str) -> list[str]:
    become(graph, "admin")
    return list(ids_in(await graph.data(ALL_OF % email)))


async def seen(graph: Graph, ids: list[str]) -> list[JSON | None]:
    become(graph, "shopper")
    nodes: list[JSON | None] = (
        await graph.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    )["nodes"]
    return nodes


async def test_everything_a_shopper_owns_is_there_by_its_id(graph: Graph) -> None:
    ids = await ids_of(graph, SHOPPER)
    assert {one.partition("_")[0] for one in ids} >= {"cus", "ca", "gc", "sc", "inv", "le"}
    assert await seen(graph, ids) == [{"id": one} for one in ids]


@pytest.mark.parametrize("other", [BUYER, "collector@example.com", "overdrawn@example.com"])
async def test_what_somebody_else_owns_looks_as_if_it_did_not_exist(
    graph: Graph, other: str
) -> None:
    ids = await ids_of(graph, other)
    assert await seen(graph, ids) == [None] * len(ids)


@pytest.mark.parametrize(
    ("prefix", "field"),
    [
        ("ca", "creditAccount"),
        ("gc", "giftCard"),
        ("sc", "storeCreditAccount"),
        ("inv", "invoice"),
        ("cus", "node"),
        ("le", "node"),
    ],
)
async def test_a_foreign_id_and_one_of_nothing_get_the_same_answer(
    graph: Graph, prefix: str, field: str
) -> None:
    foreign = next(one for one in await ids_of(graph, BUYER) if one.startswith(f"{prefix}_"))
    become(graph, "shopper")
    query = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    assert await graph.answer(query, id=foreign) == await graph.answer(query, id=f"{prefix}_nope")


async def test_a_cursor_of_somebody_elses_list_opens_nothing(graph: Graph) -> None:
    become(graph, "admin")
    found = await graph.data(
        "{ customer(by: {email: %r}) { timeline(first: 1) { pageInfo { endCursor } } } }".replace(
            "%r", f'"{BUYER}"'
        )
    )
    become(graph, "shopper")
    error = await graph.error(
        "query ($after: String) {"
        " viewer { customer { timeline(after: $after) { nodes { id } } } } }",
        after=found["customer"]["timeline"]["pageInfo"]["endCursor"],
    )
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_revealed_code_leaves_an_audit_line_without_the_code(graph: Graph) -> None:
    become(graph, "admin")
    with structlog.testing.capture_logs() as lines:
        found = await graph.data(
            '{ customer(by: {email: "%s"}) { giftCards(first: 1) {'
            " nodes { redemptionCode maskedCode } } } }" % SHOPPER
        )
    (card,) = found["customer"]["giftCards"]["nodes"]
    (audited,) = (one for one in lines if one.get("audit"))
    assert audited["caller"] == "key:demo-admin"
    assert card["redemptionCode"].endswith(card["maskedCode"][-4:])
    assert card["redemptionCode"] not in str(lines)


def test_who_a_caller_is_does_not_show_when_it_is_printed() -> None:
    caller = Caller(
        level=AccessLevel.SHOPPER, identity=CustomerIdentity(email=SHOPPER), name="token:1"
    )
    assert SHOPPER not in repr(caller)


def test_the_demo_keys_are_three() -> None:
    assert [one.name for one in demo_keys()] == ["shopper", "service", "admin"]
