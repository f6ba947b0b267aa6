"""The whole application in this process, on the sandbox or on doubles, and what it asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.transport.layers import BodyLimit, Deadline
from adapters.transport.settings import SourceSettings
from app.authentication.authenticator import Authenticator
from app.authentication.demo_keys import demo_keys
from app.authentication.settings import AuthenticationSettings
from app.domain.caller import Caller
from app.domain.provider import Provider
from app.graphql.context import Context
from app.graphql.endpoint import Endpoint
from app.graphql.schema import build_schema
from app.journal.journal import open_journal
from app.journal.location import default_journal_path
from app.main import ENDPOINT, Gateway, create_app
from app.operations.carry_out import Operations
from app.operations.fingerprint import Fingerprints
from app.operations.holds import Holds
from app.operations.sources import Sources
from app.operations.steps import Patience
from app.settings import JournalSettings, Settings, sandbox_settings
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from tests.doubles.patience import AT_ONCE
from tests.doubles.shared import reads_shared

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCES: Final = ("vtex-credit", "vtex-giftcard", "adobe", "medusa")
LONG_ENOUGH_SECONDS: Final = 30.0

JSON = dict[str, Any]


class Question(NamedTuple):
    """One request to a source, whole."""

    source: str
    method: str
    target: str
    span: str | None
    body: bytes


@dataclass
class Wire:
    """
    What went to the sources.

    Attributes:
        most_under_way: Of one source at the same time.
        patience_seconds: For sources that a test lets hang; the others have all the time they need.
    """

    asked: list[Question] = field(default_factory=list)
    most_under_way: Counter[str] = field(default_factory=Counter)
    patience_seconds: dict[str, float] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    def times(self) -> dict[str, int]:
        """How many questions each source got."""
        return dict(Counter(one.source for one in self.asked))

    def repeated(self) -> list[Question]:
        return [one for one, times in Counter(self.asked).items() if times > 1]

    def forget(self) -> None:
        self.asked.clear()
        self.most_under_way.clear()
        self.patience_seconds.clear()

    def to(
        self, last: httpx.AsyncBaseTransport, source: SourceSettings
    ) -> httpx.AsyncBaseTransport:
        return _Noted(self, BodyLimit(last, max_bytes=source.max_response_bytes), source.key)

    async def carry(
        self, source: str, request: httpx.Request, inner: httpx.AsyncBaseTransport
    ) -> httpx.Response:
        target, span = request.url.raw_path.decode(), request.headers.get("REST-Range")
        self.asked.append(Question(source, request.method, target, span, request.content))
        self._under_way[source] += 1
        self.most_under_way[source] = max(self.most_under_way[source], self._under_way[source])
        seconds = self.patience_seconds.get(source, LONG_ENOUGH_SECONDS)
        try:
            await asyncio.sleep(0)  # like a real way: others get a turn while a question travels
            return await Deadline(inner, seconds=seconds).handle_async_request(request)
        finally:
            self._under_way[source] -= 1


class _Noted(httpx.AsyncBaseTransport):
    def __init__(self, wire: Wire, inner: httpx.AsyncBaseTransport, source: str) -> None:
        self._wire = wire
        self._inner = inner
        self._source = source

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._wire.carry(self._source, request, self._inner)


@dataclass(frozen=True)
class Doubles:
    """
    What is behind an application on doubles.

    Attributes:
        journal: The file.
        must_finish: Grows with each request that may not be cancelled any more.
    """

    operations: Operations
    gateway: Gateway
    journal: Path
    must_finish: list[str] = field(default_factory=list)

    def new_context(self, caller: Caller) -> Context:
        """Of a request that nobody sent."""
        return self.gateway.new_context(caller, "request-1", lambda: None)

    def door(self, app: ASGIApp) -> ASGIApp:
        """Tells the application how to say that a request must be finished."""

        async def open_door(scope: Scope, receive: Receive, send: Send) -> None:
            state = {"must_finish": lambda: self.must_finish.append(scope["path"])}
            await app({**scope, "state": state}, receive, send)

        return open_door


@dataclass(frozen=True)
class Graph:
    """
    The application as its clients meet it.

    Attributes:
        app: Itself, for what an HTTP client keeps to itself.
    """

    client: httpx.AsyncClient
    wire: Wire
    sandbox: httpx.AsyncClient | None = None
    doubles: Doubles | None = None
    app: ASGIApp | None = None

    async def post(self, query: str, **variables: object) -> httpx.Response:
        return await self.client.post(ENDPOINT, json={"query": query, "variables": variables})

    async def answer(self, query: str, **variables: object) -> JSON:
        """The whole answer, errors included."""
        response = await self.post(query, **variables)
        assert response.status_code == 200, response.text
        answer: JSON = response.json()
        return answer

    async def data(self, query: str, **variables: object) -> JSON:
        """The data of an answer without errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: JSON = answer["data"]
        return data

    async def error(self, query: str, **variables: object) -> JSON:
        """The only error of an answer."""
        (error,) = (await self.answer(query, **variables))["errors"]
        found: JSON = error
        return found

    async def fault(self, stand_in: str, mode: str, **options: object) -> None:
        """Break a stand-in of the sandbox, or mend it."""
        assert self.sandbox is not None
        body = {"mode": mode, **options}
        response = await self.sandbox.put(f"/_sandbox/faults/{stand_in}", json=body)
        assert response.status_code == 200, response.text


def settings(sandbox_port: int = 1, **changes: object) -> Settings:
    """
    The built-in ones, with exchange rates of the moment that all clocks show, for questions that
    are dearer than a storefront's, and with a journal of their own.
    """
    built_in = sandbox_settings(sandbox_port)
    assert built_in.exchange_rates is not None
    rates = built_in.exchange_rates.model_copy(update={"as_of": NOW})
    limits = built_in.limits.model_copy(update={"cost": 10_000})
    return built_in.model_copy(
        update={
            "authentication": AuthenticationSettings(),
            "exchange_rates": rates,
            "limits": limits,
            "journal": JournalSettings(path=default_journal_path(f"{uuid4().hex}.db")),
            **changes,
        }
    )


@asynccontextmanager
async def over_sandbox(configured: Settings | None = None) -> AsyncIterator[Graph]:
    """On a sandbox of its own; all clocks stand at `NOW`."""
    clock = Clock()
    clock.set(NOW)
    sandbox = httpx.ASGITransport(create_sandbox(clock=clock))
    wire = Wire()
    app = create_app(
        configured or settings(), transport=lambda one: wire.to(sandbox, one), clock=clock.now
    )
    async with (
        app.router.lifespan_context(app),
        _client(app) as client,
        httpx.AsyncClient(transport=sandbox, base_url="http://sandbox.example") as controls,
    ):
        yield Graph(client, wire, controls, app=app)


@asynccontextmanager
async def over_doubles(
    *providers: Provider,
    clock: Callable[[], datetime] = lambda: NOW,
    patience: Patience = AT_ONCE,
    authentication: AuthenticationSettings | None = None,
) -> AsyncIterator[Graph]:
    """
    On *providers*, for scenes that the sandbox cannot stage; what is lost, a test settles.

    Args:
        authentication: Instead of the sandbox's callers, of whom the administrator asks.
    """
    configured, sources = settings(), Sources(providers)
    secret = configured.id_secret.get_secret_value()
    authenticator = Authenticator(
        authentication or AuthenticationSettings(),
        fetch=_nothing,
        name_secret="a secret",
        demo=authentication is None,
    )
    async with open_journal(configured.journal.address(), secret=secret, clock=clock) as journal:
        shared = reads_shared(clock)
        operations = Operations(
            journal,
            sources,
            shared,
            fingerprints=Fingerprints(secret),
            clock=clock,
            patience=patience,
        )
        holds = Holds(journal, sources, clock)
        gateway = Gateway(configured, sources, operations, holds, shared, clock)
        endpoint = Endpoint(
            _schema(),
            authenticate=lambda request: authenticator.authenticate(request.headers),
            new_context=gateway.new_context,
            page=lambda _: None,
        )
        assert configured.journal.path
        doubles = Doubles(operations, gateway, configured.journal.path)
        app = doubles.door(Starlette(routes=[Route(ENDPOINT, endpoint)]))
        async with _client(app) as client:
            if authentication is not None:
                del client.headers["Authorization"]
            yield Graph(client, Wire(), doubles=doubles, app=app)
        await operations.finish()


def _client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://gateway.example",
        headers=as_caller("admin"),
    )


def as_caller(name: str) -> dict[str, str]:
    """The header of one of the sandbox's callers: shopper, service or admin."""
    return {"Authorization": f"Bearer {next(one.key for one in demo_keys() if one.name == name)}"}


async def _nothing(url: str) -> bytes:
    raise AssertionError(f"nobody issues tokens here: {url}")


@cache
def _schema() -> strawberry.Schema:
    return build_schema()


def customer(who: str, fields: str) -> str:
    """The field for one of the sandbox's people."""
    return f'customer(by: {{email: "{who}@example.com"}}) {{ {fields} }}'


def query_of(who: str, fields: str) -> str:
    return f"{{ {customer(who, fields)} }}"


async def every_page(
    graph: Graph, query: str, *path: str, first: int, **variables: object
) -> Sequence[JSON]:
    """
    All pages of a connection, following `endCursor`.

    Args:
        query: Takes `$first` and `$after`, asks for `nodes` and all of `pageInfo`.
        path: Names that lead to the connection.
    """
    pages: list[JSON] = []
    after: str | None = None
    while True:
        page = await graph.data(query, first=first, after=after, **variables)
        for name in path:
            page = page[name]
        assert len(page["nodes"]) <= first
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        pages.append(page)
        if not page["pageInfo"]["hasNextPage"]:
            return pages
        assert page["pageInfo"]["endCursor"] not in (None, after), "the list does not move on"
        after = page["pageInfo"]["endCursor"]
