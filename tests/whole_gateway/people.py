"""The people of the sandbox, what is theirs, and the gateway as each of them meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from app.authentication.settings import AuthenticationSettings
from app.main import ENDPOINT
from tests.graphql.graph import Graph, over_sandbox, settings
from tests.whole_gateway.configured import ADMIN, Who, authentication

PEOPLE: Final = (
    "shopper@example.com",
    "buyer@example.com",
    "collector@example.com",
    "overdrawn@example.com",
    "newcomer@example.com",
)
_MEET: Final = """query ($email: String!) {
  sources { __typename id }
  customer(by: {email: $email}) { __typename id
    creditAccounts { nodes { __typename id } }
    giftCards(first: 4) { nodes { __typename id holds { nodes { __typename id } } } }
    storeCreditAccounts { nodes { __typename id } }
    invoices(first: 40) { nodes { __typename id } }
    timeline(first: 100) { nodes { __typename id } } } }"""


@dataclass(frozen=True)
class Owned:
    """Something with an id, and whose it is."""

    type: str
    id: str
    owner: str


@dataclass(frozen=True)
class Gateway:
    graph: Graph

    async def ask(self, who: Who, owner: str, query: str, **variables: object) -> httpx.Response:
        """
        Args:
            owner: Who a shopper is.
        """
        return await self.graph.client.post(
            ENDPOINT,
            json={"query": query, "variables": variables},
            headers=who.headers(owner),
        )

    async def met(self, owner: str) -> list[Owned]:
        """Everything that the administrator finds of somebody, and the sources."""
        answer = (await self.ask(ADMIN, owner, _MEET, email=owner)).json()
        assert "errors" not in answer, answer["errors"]
        return [Owned(type_, id_, owner) for type_, id_ in ids_in(answer)]


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[Gateway]:
    """Over a sandbox; tokens of all levels are good."""
    table = AuthenticationSettings.model_validate(authentication(folder / "keys.json"))
    async with over_sandbox(settings(authentication=table)) as graph:
        del graph.client.headers["Authorization"]
        yield Gateway(graph)


def ids_in(value: object) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            if "id" in value:
                yield value["__typename"], value["id"]
            for item in value.values():
                yield from ids_in(item)
        case list():
            for item in value:
                yield from ids_in(item)
