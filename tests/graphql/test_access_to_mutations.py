"""Who may change what: every mutation, for callers that just reach it and just do not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_required_input_field,
)
from strawberry.utils.str_converters import to_camel_case

from app.authentication.api_keys import NewApiKey, new_api_key
from app.authentication.settings import ApiKeySettings, AuthenticationSettings
from app.domain.access import AccessLevel, Scope
from app.graphql.declare import Access
from app.graphql.schema import printed_schema
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import a_source
from tests.graphql.graph import JSON, Graph, over_doubles
from tests.graphql.test_access import definitions

SCHEMA: Final[GraphQLSchema] = build_schema(printed_schema())
MUTATIONS: Final = SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}

NEEDED: Final[Mapping[str, Access]] = {
    to_camel_case(field.python_name): access
    for one in definitions()
    if one.name == "Mutation"
    for field in one.fields
    for access in field.directives
    if isinstance(access, Access)
}

WITHOUT_A_KEY: Final = {
    "annotateLedgerEntry",
    "removeAccountHolder",
    "updateStoreConfiguration",
}
"""They bring something into a state, so that doing it twice does it once."""

KEY_IS_OPTIONAL: Final = {"addAccountHolder", "updateCreditAccount", "updateInvoice"}


def least(kind: Any) -> Any:
    """The least that can be sent for an input's type."""
    match kind:
        case GraphQLNonNull():
            return least(kind.of_type)
        case GraphQLList():
            return []
        case GraphQLInputObjectType():
            return {
                name: least(one.type)
                for name, one in kind.fields.items()
                if is_required_input_field(one)
            }
        case GraphQLEnumType():
            return next(iter(kind.values))
        case _:
            return {
                "Int": 1,
                "Boolean": False,
                "Decimal": "1.00",
                "CurrencyCode": "BRL",
                "DateTime": "2030-01-01T00:00:00Z",
            }.get(kind.name, "x")


class Caller:
    """One with a key of its own; a shopper's has an e-mail."""

    def __init__(self, name: str, level: AccessLevel, scopes: frozenset[str]) -> None:
        self.key: NewApiKey = new_api_key()
        self.settings = ApiKeySettings(
            name=name,
            hash=self.key.hash_line,
            level=level,
            scopes=[Scope(one) for one in sorted(scopes)],
            email="shopper@example.com" if level is AccessLevel.SHOPPER else None,
        )


def callers() -> Iterator[tuple[str, Caller]]:
    """For each level one with all scopes, and one without each."""
    every = frozenset(map(str, Scope))
    for level in (AccessLevel.SHOPPER, AccessLevel.SERVICE, AccessLevel.ADMIN):
        for missing in (None, *Scope):
            name = f"{level.name}-without-{missing or 'nothing'}".lower().replace(":", ".")
            yield name, Caller(name, level, every - {missing or ""})


CALLERS: Final = dict(callers())


def caller(level: AccessLevel, *, missing: str | None = None) -> str:
    return f"{level.name}-without-{missing or 'nothing'}".lower().replace(":", ".")


@pytest.fixture(scope="module")
async def guarded() -> AsyncIterator[tuple[Graph, InMemoryProvider]]:
    provider = InMemoryProvider(a_source("house"))
    keys = AuthenticationSettings(api_keys=[one.settings for one in CALLERS.values()])
    async with over_doubles(provider, authentication=keys) as graph:
        yield graph, provider


async def codes(graph: Graph, mutation: str, who: str | None) -> set[str]:
    """Of the top-level errors, when *who* sends the least that *mutation* takes."""
    field = MUTATIONS[mutation]
    kind = field.args["input"].type
    query = f"mutation ($input: {kind}) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
    graph.client.headers.pop("Authorization", None)
    if who is not None:
        graph.client.headers["Authorization"] = f"Bearer {CALLERS[who].key.key}"
    answer: JSON = await graph.answer(query, input=least(kind))
    return {one["extensions"]["code"] for one in answer.get("errors", ())}


def test_every_mutation_says_who_may_ask_for_it() -> None:
    assert NEEDED.keys() == MUTATIONS.keys()


@pytest.mark.parametrize("mutation", NEEDED)
async def test_who_has_the_level_and_the_scopes_gets_a_payload(
    guarded: tuple[Graph, InMemoryProvider], mutation: str
) -> None:
    graph, _ = guarded
    assert await codes(graph, mutation, caller(NEEDED[mutation].min)) == set()


@pytest.mark.parametrize("mutation", NEEDED)
async def test_who_has_not_even_credentials_is_asked_for_some(
    guarded: tuple[Graph, InMemoryProvider], mutation: str
) -> None:
    graph, provider = guarded
    asked = list(provider.asked)
    assert await codes(graph, mutation, None) == {"UNAUTHENTICATED"}
    assert provider.asked == asked


def just_not() -> Iterator[Any]:
    for name, need in NEEDED.items():
        if need.min > AccessLevel.SHOPPER:
            yield pytest.param(name, caller(AccessLevel(need.min - 1)), id=f"{name}-level")
        for scope in need.scopes or ():
            who = caller(AccessLevel.ADMIN, missing=scope)
            yield pytest.param(name, who, id=f"{name}-{scope}")


@pytest.mark.parametrize(("mutation", "who"), list(just_not()))
async def test_who_lacks_the_level_or_one_scope_is_refused_before_anything_is_asked(
    guarded: tuple[Graph, InMemoryProvider], mutation: str, who: str
) -> None:
    graph, provider = guarded
    asked = list(provider.asked)
    assert await codes(graph, mutation, who) == {"FORBIDDEN"}
    assert provider.asked == asked


def test_every_mutation_that_can_move_money_needs_a_key() -> None:
    keys = {
        name: getattr(get_named_type(field.args["input"].type), "fields", {}).get("idempotencyKey")
        for name, field in MUTATIONS.items()
    }
    assert {name for name, key in keys.items() if key is None} == WITHOUT_A_KEY
    optional = {name for name, key in keys.items() if key and str(key.type) == "String"}
    assert optional == KEY_IS_OPTIONAL
    moving = {
        name
        for name, field in MUTATIONS.items()
        if "amount" in getattr(get_named_type(field.args["input"].type), "fields", {})
    }
    assert not moving & (WITHOUT_A_KEY | KEY_IS_OPTIONAL)


def test_every_mutation_takes_one_input_and_answers_a_payload_that_may_be_missing() -> None:
    interface = SCHEMA.type_map["MutationPayload"]
    for name, field in MUTATIONS.items():
        assert list(field.args) == ["input"], name
        assert isinstance(field.type, GraphQLObjectType), name
        assert interface in field.type.interfaces, name
