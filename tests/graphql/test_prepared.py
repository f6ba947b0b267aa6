"""What is read without the interpreter is what the interpreter would have said."""

from __future__ import annotations

import asyncio
import gc
import re
import weakref
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import pytest
import strawberry
from graphql import DocumentNode, ExecutionResult, execute, parse, print_ast

from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.graphql.context import Context
from app.graphql.declare import SERVICE, described, resolved
from app.graphql.prepared import PreparedExecution
from app.graphql.prepared.plans import MOST_PLANS, PlansOfDocuments
from tests.graphql.graph import JSON, Graph, as_caller
from tests.graphql.test_every_field import OPERATIONS

ROOTS: Final = print_ast(OPERATIONS["Roots"])
CORRELATION_ID: Final = re.compile(r"\b[0-9a-f]{32}\b")


class _Unplanned:
    def of(self, _document: DocumentNode) -> _Unplanned:
        return self

    def plan(self, _variables: object) -> None:
        return None


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Called, it leaves everything to the interpreter."""
    return lambda: monkeypatch.setattr(PreparedExecution, "plans", _Unplanned())


async def asked(graph: Graph, document: str, **variables: object) -> JSON:
    """
    An answer, less the names of requests, which are never the same, and less the order in which
    fields that were waited for failed.
    """
    response = await graph.post(document, **variables)
    answer: JSON = _without_names(response.json())
    answer.get("errors", []).sort(key=lambda error: str(error["path"]))
    return answer


def _without_names(value: Any) -> Any:
    match value:
        case str():
            return CORRELATION_ID.sub("...", value)
        case dict():
            return {name: _without_names(item) for name, item in value.items()}
        case list():
            return [_without_names(item) for item in value]
    return value


@pytest.mark.parametrize("who", ["admin", "service", "shopper"])
@pytest.mark.parametrize("customer", ["shopper", "buyer", "collector"])
async def test_every_field_reads_as_it_is_interpreted(
    graph: Graph, interpreted: Any, who: str, customer: str
) -> None:
    graph.client.headers.update(as_caller(who))
    email = f"{customer}@example.com"
    first = await asked(graph, ROOTS, email=email)
    again = await asked(graph, ROOTS, email=email)
    interpreted()
    assert first == again == await asked(graph, ROOTS, email=email)


async def test_a_field_that_is_not_allowed_is_the_same_error(
    graph: Graph, interpreted: Any
) -> None:
    graph.client.headers.update(as_caller("shopper"))
    document = "{ viewer { customer { creditAccounts { nodes { status nativeId } } } } }"
    read = await asked(graph, document)
    assert {error["extensions"]["code"] for error in read["errors"]} == {"FORBIDDEN"}
    interpreted()
    assert read == await asked(graph, document)


async def test_a_field_of_the_schema_is_read_without_the_interpreter(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreted: Counter[str] = Counter()
    execute_field = PreparedExecution.execute_field

    def count(self: Any, kind: Any, source: Any, details: Any, *args: Any) -> Any:
        interpreted[details[0].node.name.value] += 1
        return execute_field(self, kind, source, details, *args)

    monkeypatch.setattr(PreparedExecution, "execute_field", count)
    await graph.data(
        """{ customer(by: {email: "shopper@example.com"}) { displayName
             spendableCredit(currency: BRL) { total { amount } unavailable { source { key } }
               byInstrument { counted instrument { __typename id source { key } }
                              spendable { amount { amount currencyCode } reasons } } } } }"""
    )
    assert interpreted == {"customer": 1, "spendableCredit": 1}


@strawberry.type
class Part:
    name: str = described("Its name.")
    secret: str = described("For some.", may=SERVICE)


@strawberry.type
class Thing:
    name: str = described("Its name.")
    maybe: str | None = described("May be missing.")
    parts: list[Part] = described("What it is made of.")

    @resolved("Of the request.")
    def caller(self, info: strawberry.Info[Context, None]) -> str:
        return info.context.caller.name

    @resolved("More than the request's context.")
    def path(self, info: strawberry.Info[Context, None]) -> list[str]:
        return [str(step) for step in info.path.as_list()]

    @resolved("To be waited for.")
    async def slow(self) -> str:
        await asyncio.sleep(0)
        return f"slow {self.name}"

    @resolved("Never there.")
    def broken(self) -> str:
        raise LookupError("broken")


@dataclass
class _Root:
    thing: Any = field(
        default_factory=lambda: Thing(
            name="a", maybe=None, parts=[Part(name="p", secret="s"), Part(name="q", secret="t")]
        )
    )


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing | None:
        found: Thing | None = self.thing  # type: ignore[assignment]  # of the root value
        return found


SCHEMA: Final = strawberry.Schema(Query)._schema
SELECTED: Final = (
    "{ thing { __typename caller name maybe path slow again: name parts { name secret } } }"
)


async def answered(
    document: DocumentNode,
    *,
    thing: Any = None,
    level: AccessLevel = AccessLevel.ADMIN,
    variables: JSON | None = None,
) -> ExecutionResult:
    context = SimpleNamespace(parts=None, caller=Caller(level=level, name="key:me"))
    result: Any = execute(
        SCHEMA,
        document,
        root_value=_Root(thing) if thing else _Root(),
        context_value=context,
        variable_values=variables,
        executor_class=PreparedExecution,
    )
    found: ExecutionResult = await result if hasattr(result, "__await__") else result
    return found


def told(result: ExecutionResult) -> tuple[object, list[tuple[str, object]]]:
    return result.data, [(error.message, error.path) for error in result.errors or ()]


async def test_fields_keep_the_order_of_the_document() -> None:
    result = await answered(parse(SELECTED))
    assert result.errors is None
    assert list((result.data or {})["thing"].items()) == [
        ("__typename", "Thing"),
        ("caller", "key:me"),
        ("name", "a"),
        ("maybe", None),
        ("path", ["thing", "path"]),
        ("slow", "slow a"),
        ("again", "a"),
        ("parts", [{"name": "p", "secret": "s"}, {"name": "q", "secret": "t"}]),
    ]


@pytest.mark.parametrize(
    ("document", "thing"),
    [
        ("{ thing { name broken } }", None),
        ("{ thing { maybe name } }", Thing(name=None, maybe="m", parts=[])),  # type: ignore[arg-type]
        ("{ thing { parts { name } } }", Thing(name="a", maybe="m", parts="none")),  # type: ignore[arg-type]
        ("{ thing { parts { name } } }", Thing(name="a", maybe="m", parts=[None])),  # type: ignore[list-item]
        ("{ thing { maybe name } }", Thing(name="a", maybe=ValueError("no"), parts=[])),  # type: ignore[arg-type]
        ("{ thing { name parts { name } slow } }", Thing(name="a", maybe="m", parts=[Part])),  # type: ignore[list-item]
    ],
)
async def test_a_value_of_another_kind_is_the_same_error(
    interpreted: Any, document: str, thing: Thing | None
) -> None:
    read = told(await answered(parse(document), thing=thing))
    assert read[1]
    interpreted()
    assert read == told(await answered(parse(document), thing=thing))


async def test_who_may_see_a_field_is_asked_for_each_request() -> None:
    document = parse("{ thing { parts { name secret } } }")
    assert (await answered(document)).errors is None
    refused = await answered(document, level=AccessLevel.SHOPPER)
    assert refused.data == {"thing": None}
    assert [type(one.original_error).__name__ for one in refused.errors or ()] == ["Forbidden"]
    assert (await answered(document)).errors is None


async def test_variables_choose_the_fields_of_one_document() -> None:
    document = parse(
        """query ($with: Boolean!, $without: Boolean = false) { thing {
             name @include(if: $with) parts @skip(if: $without) { name } } }"""
    )
    parts = [{"name": "p"}, {"name": "q"}]
    for _ in range(2):
        assert (await answered(document, variables={"with": True})).data == {
            "thing": {"name": "a", "parts": parts}
        }
        assert (await answered(document, variables={"with": False})).data == {
            "thing": {"parts": parts}
        }
        result = await answered(document, variables={"with": True, "without": True})
        assert result.data == {"thing": {"name": "a"}}


async def test_variables_that_choose_too_often_are_interpreted() -> None:
    count = MOST_PLANS.bit_length()
    names = [f"v{index}" for index in range(count)]
    document = parse(
        f"query ({', '.join(f'${name}: Boolean!' for name in names)}) {{ thing {{ "
        f"{' '.join(f'{name}: name @include(if: ${name})' for name in names)} }} }}"
    )
    for number in range(2**count):
        chosen = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        wanted = {name: "a" for name, there in chosen.items() if there}
        assert (await answered(document, variables=chosen)).data == {"thing": wanted}


async def test_a_fragment_is_read_wherever_it_is_spread() -> None:
    document = parse(
        "{ thing { ...All } other: thing { ...All name } } fragment All on Thing { parts { name } }"
    )
    parts = [{"name": "p"}, {"name": "q"}]
    assert (await answered(document)).data == {
        "thing": {"parts": parts},
        "other": {"parts": parts, "name": "a"},
    }


async def test_plans_are_forgotten_with_their_documents() -> None:
    plans = PlansOfDocuments()
    kept, passing = parse("{ thing { name } }"), parse("{ thing { maybe } }")
    assert plans.of(kept) is plans.of(kept)
    assert plans.of(passing) is not plans.of(kept)
    assert len(plans) == 2
    del passing
    gc.collect()
    assert len(plans) == 1


async def test_a_plan_keeps_nothing_of_the_request_it_was_made_in() -> None:
    document = parse(SELECTED)
    thing = Thing(name="a", maybe="m", parts=[])
    gone = weakref.ref(thing)
    assert (await answered(document, thing=thing)).errors is None
    del thing
    gc.collect()
    assert gone() is None
