"""Where everything meets: settings to transports, to sources, to schema, to the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

import adapters.adobe_company_credit.settings as adobe
import adapters.store_credit.settings as medusa
import adapters.vtex_customer_credit.settings as vtex_credit
import adapters.vtex_giftcard.settings as vtex_giftcard
from adapters.transport.connection import Connection
from adapters.transport.rates import CallsPerMinute, open_shared
from adapters.transport.settings import SourceSettings
from adapters.transport.upstream import Upstream
from adapters.transport.way import Way
from app.authentication.authenticator import Authenticator
from app.authentication.demo_keys import demo_keys
from app.console import console_page, console_routes, wants_console
from app.domain.caller import Caller
from app.domain.clock import Clock, utc_now
from app.domain.identifiers import SourceKey
from app.domain.provider import Provider, TellsHealth
from app.door import Lifecycle, guarded
from app.door.rate_windows import BoundedWindows
from app.fetch_keys import fetch_keys, key_transport
from app.graphql.context import Context
from app.graphql.endpoint import Endpoint
from app.graphql.ids import Ids
from app.graphql.opaque import Seal
from app.graphql.schema import build_schema
from app.graphql.trusted_documents import TrustedDocuments
from app.identify import Identify, name_of_caller, who_asks
from app.journal.journal import Journal, open_journal
from app.operations.carry_out import Operations
from app.operations.desk import Desk
from app.operations.directory import Directory
from app.operations.fingerprint import Fingerprints
from app.operations.holds import Holds
from app.operations.reading import Reads
from app.operations.sources import Sources
from app.operations.steps import Patience
from app.settings import Settings, Source

ENDPOINT: Final = "/graphql"

_SHARE_OF_DEADLINE: Final = 0.8
"""Of the door's deadline: who waits for a mutation is told how far it came before that ends."""


class ClosableProvider(Provider, Protocol):
    async def aclose(self) -> None: ...


def connect(source: Source, transport: httpx.AsyncBaseTransport, clock: Clock) -> ClosableProvider:
    """The provider that a configured source is, speaking through *transport*."""
    proven = source.authenticated(transport, clock)
    upstream = Upstream(
        source.source_info().key,
        base_url=source.base_url,
        headers=source.request_headers(),
        timeout=httpx.Timeout(source.timeout_seconds, connect=source.connect_timeout_seconds),
        write_seconds=source.write_timeout_seconds,
        transport=transport.repeating(proven) if isinstance(transport, Way) else proven,
        clock=clock,
        watch=transport if isinstance(transport, TellsHealth) else None,
    )
    match source:
        case vtex_credit.VtexCustomerCreditSettings():
            return vtex_credit.connect(source, upstream)
        case vtex_giftcard.VtexGiftcardSettings():
            return vtex_giftcard.connect(source, upstream)
        case adobe.AdobeCompanyCreditSettings():
            return adobe.connect(source, upstream)
        case medusa.MedusaStoreCreditSettings():
            return medusa.connect(source, upstream)


Transports = Callable[[SourceSettings], httpx.AsyncBaseTransport]
"""Makes the way to a source, up to what proves who asks."""


@asynccontextmanager
async def real_transports(settings: Settings, clock: Clock) -> AsyncIterator[Transports]:
    """To real backends. Replicas that count callers together count calls together, too."""
    counting = settings.door.rate
    url = None if counting.redis_url is None else counting.redis_url.get_secret_value()
    patience_seconds = counting.redis_timeout_seconds

    async with open_shared(url, patience_seconds=patience_seconds) as shared:

        def counted(source: SourceSettings) -> CallsPerMinute | None:
            if source.calls_per_minute is None:
                return None
            return CallsPerMinute(
                source.calls_per_minute,
                source=SourceKey(source.key),
                own=BoundedWindows(most=1),
                shared=shared,
                patience_seconds=patience_seconds,
            )

        def way(source: SourceSettings) -> Way:
            connection = Connection(max_connections=source.max_connections)
            return Way(connection, source, rate=counted(source), clock=clock)

        yield way


@asynccontextmanager
async def open_sources(
    settings: Settings, *, transport: Transports | None = None, clock: Clock = utc_now
) -> AsyncIterator[Sequence[Provider]]:
    """The enabled sources, connected until the end of the block."""
    async with AsyncExitStack() as stack:
        if transport is None:
            transport = await stack.enter_async_context(real_transports(settings, clock))
        providers = []
        for source in settings.sources:
            if source.enabled:
                provider = connect(source, transport(source), clock)
                stack.push_async_callback(provider.aclose)
                providers.append(provider)
        yield providers


@asynccontextmanager
async def open_authenticator(settings: Settings, clock: Clock) -> AsyncIterator[Authenticator]:
    """Who tells callers apart, with a way to the issuers' keys, until the end of the block."""
    async with AsyncExitStack() as stack:
        transport = key_transport()
        stack.push_async_callback(transport.aclose)
        authenticator = Authenticator(
            settings.authentication,
            fetch=partial(fetch_keys, transport),
            name_secret=settings.id_secret.get_secret_value(),
            demo=settings.demo,
            clock=clock,
        )
        stack.push_async_callback(authenticator.aclose)
        yield authenticator


@asynccontextmanager
async def open_operations(
    settings: Settings, sources: Sources, clock: Clock
) -> AsyncIterator[tuple[Operations, Journal]]:
    """What changes something, with its journal, settling what is not known until the end."""
    secret = settings.id_secret.get_secret_value()
    async with open_journal(settings.journal.address(), secret=secret, clock=clock) as journal:
        answered = timedelta(seconds=_SHARE_OF_DEADLINE * settings.door.deadline_seconds)
        operations = Operations(
            journal,
            sources,
            fingerprints=Fingerprints(secret),
            clock=clock,
            patience=Patience(answer=answered),
        )
        every = timedelta(seconds=settings.journal.settle_every_seconds)
        settling = asyncio.create_task(operations.settle_always(every=every))
        try:
            yield operations, journal
        finally:
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)
            await operations.finish()


def ready_headers(settings: Settings) -> Mapping[str, str]:
    """What the playground's tabs start with: the sandbox's key for services, or nothing."""
    if not settings.demo:
        return {}
    (key,) = (one.key for one in demo_keys() if one.name == "service")
    return {"Authorization": f"Bearer {key}"}


class Gateway:
    """What all requests share, made when the application starts."""

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        operations: Operations,
        holds: Holds,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sources = sources
        self._operations = operations
        self._holds = holds
        self._directory = Directory(settings.directory())
        self._rates = settings.rate_lookup(clock)
        self._seal = Seal(settings.id_secret.get_secret_value())
        self._ids = Ids(self._seal, self._directory)
        self._source_ids = {one.info.key: self._ids.source(one.info.key) for one in sources.all}

    def new_context(
        self, caller: Caller, correlation_id: str, must_finish: Callable[[], None]
    ) -> Context:
        """A context of its own for a request; a shopper is who the directory knows them to be."""
        if caller.identity is not None:
            caller = replace(caller, identity=self._directory.known(caller.identity))
        return Context(
            desk=Desk(
                sources=self._sources,
                directory=self._directory,
                reads=Reads(parallel=self._settings.parallel_reads),
                rates=self._rates,
                deadline_after=timedelta(seconds=self._settings.deadline_seconds),
                clock=self._clock,
            ),
            ids=self._ids,
            seal=self._seal,
            source_ids=self._source_ids,
            caller=caller,
            operations=self._operations,
            holds=self._holds,
            correlation_id=correlation_id,
            must_finish=must_finish,
        )


def create_app(
    settings: Settings,
    *,
    transport: Transports | None = None,
    clock: Clock = utc_now,
) -> Starlette:
    """
    The whole application.

    Args:
        transport: In place of the ways to real backends; tests give another one.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with (
            open_sources(settings, transport=transport, clock=clock) as providers,
            open_authenticator(settings, clock) as authenticator,
        ):
            sources = Sources(providers)
            async with open_operations(settings, sources, clock) as (operations, journal):
                holds = Holds(journal, sources, clock)
                app.state.gateway = Gateway(settings, sources, operations, holds, clock)
                app.state.authenticator = authenticator
                app.state.journal = journal
                yield {}

    def page(request: Request) -> Response | None:
        if not (settings.playground and wants_console(request)):
            return None
        return console_page(endpoint=ENDPOINT, headers=ready_headers(settings))

    async def front(_: Request) -> Response:
        return RedirectResponse(ENDPOINT)

    app = Starlette(lifespan=lifespan)
    endpoint = Endpoint(
        build_schema(settings.limits),
        authenticate=lambda request: who_asks(request, app.state.authenticator.authenticate),
        new_context=lambda *given: app.state.gateway.new_context(*given),
        page=page,
        trusted=TrustedDocuments(settings.trusted_documents, longest=settings.limits.characters),
    )
    app.router.routes += [
        *console_routes(endpoint=ENDPOINT),
        Route(ENDPOINT, endpoint),
        Route("/", front),
    ]
    return app


def behind_the_door(app: Starlette, settings: Settings, lifecycle: Lifecycle) -> ASGIApp:
    """*app* as the world meets it: limits, rates, drain, log lines, security headers."""

    lifecycle.register("journal", lambda: app.state.journal.is_alive())

    def identified(inner: ASGIApp) -> ASGIApp:
        return Identify(inner, lambda headers: app.state.authenticator.authenticate(headers))

    return guarded(
        app,
        settings.door,
        lifecycle=lifecycle,
        endpoint=ENDPOINT,
        caller_name=name_of_caller,
        authenticate=identified,
    )
