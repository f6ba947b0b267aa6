"""Which operations fields really make their adapters call, and with which verb and path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.transport.upstream import Answer, Upstream
from tests.graphql.graph import JSON, Graph


@dataclass(frozen=True)
class Call:
    operation: str
    verb: str
    path: str


@contextmanager
def recorded() -> Iterator[list[Call]]:
    """Everything that any adapter asks for meanwhile."""
    calls: list[Call] = []
    read, write = Upstream.read, Upstream.write

    async def reading(self: Upstream, operation: str, *segments: str, **how: Any) -> Answer:
        verb = "GET" if how.get("question") is None else "POST"
        calls.append(Call(operation, verb, "/" + "/".join(segments)))
        return await read(self, operation, *segments, **how)

    async def writing(
        self: Upstream, operation: str, method: str, *segments: str, **how: Any
    ) -> Answer:
        calls.append(Call(operation, method, "/" + "/".join(segments)))
        return await write(self, operation, method, *segments, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Upstream, "read", reading)
        patch.setattr(Upstream, "write", writing)
        yield calls


@dataclass
class Player:
    """
    Asks for fields, and notes what each makes the adapters call.

    Attributes:
        calls: Grows with everything that is asked.
        seen: Each field that was asked for: the operations it led to.
    """

    graph: Graph
    calls: list[Call]
    inputs: Mapping[str, str]
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _keys: int = 0

    async def ask(self, name: str, query: str, **variables: object) -> JSON:
        """A query that asks for the field *name*, as `Query.creditAccount`."""
        before = len(self.calls)
        data = await self.graph.data(query, **variables)
        self.seen[name] |= {call.operation for call in self.calls[before:]}
        return data

    async def change(
        self, mutation: str, shows: str = "operation { id }", *, keyed: bool = True, **asked: object
    ) -> JSON:
        """What a mutation answers that is done, under a key of its own unless it takes none."""
        if keyed:
            self._keys += 1
            asked["idempotencyKey"] = f"play-{self._keys}"
        query = (
            f"mutation($input: {self.inputs[mutation]}!) {{ {mutation}(input: $input) "
            f"{{ operation {{ status }} userErrors {{ code message path }} {shows} }} }}"
        )
        data = await self.ask(f"Mutation.{mutation}", query, input=asked)
        payload: JSON = data[mutation]
        assert payload["userErrors"] == [], (mutation, payload["userErrors"])
        assert payload["operation"]["status"] == "SUCCEEDED", mutation
        return payload


async def inputs_of_mutations(graph: Graph) -> Mapping[str, str]:
    """Name of each mutation: its input's type."""
    found = await graph.data(
        '{ __type(name: "Mutation") { fields { name args { type { ofType { name } } } } } }'
    )
    return {
        one["name"]: one["args"][0]["type"]["ofType"]["name"] for one in found["__type"]["fields"]
    }
