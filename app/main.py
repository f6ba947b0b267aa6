"""Where everything meets: settings to transports, to sources, to schema, to the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeGuard

import httpx
from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

import adapters.adobe_company_credit.settings as adobe
import adapters.store_credit.settings as medusa
import adapters.vtex_customer_credit.settings as vtex_credit
import adapters.vtex_giftcard.settings as vtex_giftcard
from adapters.transport.connection import Connection
from adapters.transport.leases import Leases
from adapters.transport.rates import CallsPerMinute, counts_in, open_pool
from adapters.transport.settings import SourceSettings
from adapters.transport.upstream import Upstream
from adapters.transport.way import Way
from app.authentication.authenticator import Authenticator
from app.authentication.demo_keys import demo_keys
from app.cache.front import SharedReads
from app.console import console_page, console_routes, wants_console
from app.domain.caller import Caller
from app.domain.clock import Clock, utc_now
from app.domain.identifiers import SourceKey
from app.domain.provider import Provider, TellsHealth
from app.door import Exposition, Lifecycle, Tally, bearers_of, guarded, neighbours
from app.door.rate_windows import BoundedWindows
from app.fetch_keys import fetch_keys, key_transport
from app.graphql.answers import Answers
from app.graphql.context import Context
from app.graphql.endpoint import Endpoint
from app.graphql.ids import Ids
from app.graphql.opaque import Seal
from app.graphql.schema import build_schema
from app.graphql.trusted_documents import TrustedDocuments
from app.identify import Identify, name_of_caller, who_asks
from app.journal.failures import JournalUnavailable, JournalUnusable
from app.journal.journal import Journal, open_journal
from app.operations.carry_out import Operations
from app.operations.desk import Desk
from app.operations.directory import Directory
from app.operations.fingerprint import Fingerprints
from app.operations.holds import Holds
from app.operations.prune import forget_always
from app.operations.reading import Reads
from app.operations.sources import Sources
from app.operations.steps import Patience
from app.remember import open_shared_reads
from app.settings import Settings, Source

ENDPOINT: Final = "/graphql"

_SHARE_OF_DEADLINE: Final = 0.8
"""Of the door's deadline: who waits for a mutation is told how far it came before that ends."""


_FORGETS_EVERY: Final = timedelta(hours=1)


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
    """To real backends. Replicas that count callers together keep to their limits together, too."""
    counting = settings.door.rate
    url = None if counting.redis_url is None else counting.redis_url.get_secret_value()
    patience_seconds = counting.redis_timeout_seconds

    async with open_pool(url, patience_seconds=patience_seconds) as pool:
        shared = None if pool is None else counts_in(pool)

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

        def leased(source: SourceSettings) -> Leases | None:
            if pool is None or source.max_concurrent_calls is None:
                return None
            from adapters.transport.lease_book import RedisLeaseBook  # brings Redis with it

            key = SourceKey(source.key)
            book = RedisLeaseBook(pool, source=key, most=source.max_concurrent_calls)
            return Leases(book, source=key, patience_seconds=patience_seconds)

        def way(source: SourceSettings) -> Way:
            connection = Connection(max_connections=source.max_connections)
            return Way(connection, source, rate=counted(source), leases=leased(source), clock=clock)

        yield way


@dataclass(frozen=True, slots=True)
class Connected:
    """
    Attributes:
        ways: To those sources that are watched.
    """

    providers: Sequence[Provider]
    ways: Mapping[SourceKey, Way]


@asynccontextmanager
async def open_sources(
    settings: Settings, *, transport: Transports | None = None, clock: Clock = utc_now
) -> AsyncIterator[Connected]:
    """The enabled sources, connected until the end of the block."""
    async with AsyncExitStack() as stack:
        if transport is None:
            transport = await stack.enter_async_context(real_transports(settings, clock))
        providers, ways = [], {}
        for source in settings.sources:
            if source.enabled:
                way = transport(source)
                provider = connect(source, way, clock)
                stack.push_async_callback(provider.aclose)
                providers.append(provider)
                if isinstance(way, Way):
                    ways[provider.info.key] = way
        yield Connected(providers, ways)


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


class JournalNotOpened(Exception):
    """What is in the way of keeping a journal, for whoever starts the program."""


@asynccontextmanager
async def open_configured_journal(settings: Settings, clock: Clock) -> AsyncIterator[Journal]:
    """
    Raises:
        JournalNotOpened
    """
    secret = settings.id_secret.get_secret_value()
    async with AsyncExitStack() as stack:
        try:
            opening = open_journal(settings.journal.address(), secret=secret, clock=clock)
            journal = await stack.enter_async_context(opening)
        except OSError as exc:
            raise JournalNotOpened(f"journal: {exc.strerror or 'its file cannot be made'}") from exc
        except (JournalUnusable, JournalUnavailable) as exc:
            raise JournalNotOpened(f"journal: {exc}") from exc
        yield journal


@asynccontextmanager
async def open_operations(
    settings: Settings, journal: Journal, sources: Sources, shared: SharedReads, clock: Clock
) -> AsyncIterator[Operations]:
    """What changes something; what is not known is settled, and what is old forgotten."""
    answered = timedelta(seconds=_SHARE_OF_DEADLINE * settings.door.deadline_seconds)
    operations = Operations(
        journal,
        sources,
        shared,
        fingerprints=Fingerprints(settings.id_secret.get_secret_value()),
        clock=clock,
        patience=Patience(answer=answered),
    )
    every = timedelta(seconds=settings.journal.settle_every_seconds)
    keep = timedelta(days=settings.journal.keep_days)
    tending = [
        asyncio.create_task(operations.settle_always(every=every)),
        asyncio.create_task(forget_always(journal, keep=keep, every=_FORGETS_EVERY, clock=clock)),
    ]
    try:
        yield operations
    finally:
        for task in tending:
            task.cancel()
        await asyncio.gather(*tending, return_exceptions=True)
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
        shared: SharedReads,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sources = sources
        self._operations = operations
        self._holds = holds
        self._shared = shared
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
                reads=Reads(parallel=self._settings.parallel_reads, shared=self._shared),
                rates=self._rates,
                deadline_after=timedelta(seconds=self._settings.deadline_seconds),
                clock=self._clock,
            ),
            ids=self._ids,
            seal=self._seal,
            source_ids=self._source_ids,
            caller=caller,
            changes=self._operations,
            standing=self._holds,
            correlation_id=correlation_id,
            must_finish=must_finish,
        )


def create_app(
    settings: Settings,
    *,
    transport: Transports | None = None,
    journal: Callable[[], AbstractAsyncContextManager[Journal]] | None = None,
    clock: Clock = utc_now,
) -> Starlette:
    """
    The whole application.

    Args:
        transport: In place of the ways to real backends; tests give another one.
        journal: Gives one that is open, in place of opening the configured one.
    """
    journal_for_life = journal or partial(open_configured_journal, settings, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with (
            open_sources(settings, transport=transport, clock=clock) as connected,
            open_authenticator(settings, clock) as authenticator,
            open_shared_reads(settings, clock) as shared,
        ):
            sources = Sources(connected.providers)
            async with (
                journal_for_life() as journal,
                open_operations(settings, journal, sources, shared, clock) as operations,
            ):
                holds = Holds(journal, sources, clock)
                app.state.gateway = Gateway(settings, sources, operations, holds, shared, clock)
                app.state.authenticator = authenticator
                app.state.shared_reads = shared
                app.state.journal = journal
                if settings.shows_metrics:
                    from app.metrics import Metrics  # brings a library, for those who read them

                    app.state.metrics = Metrics(
                        connected.ways, shared, operations, journal, clock=clock
                    )
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
        answers=Answers(
            lambda tags, *, since: app.state.shared_reads.untouched(tags, since=since),
            most_bytes=settings.cache.answer_bytes,
            clock=clock,
        ),
    )
    app.router.routes += [
        *console_routes(endpoint=ENDPOINT),
        Route(ENDPOINT, endpoint),
        Route("/", front),
    ]
    return app


class PastRouting:
    """
    What is asked of the endpoint goes to it at once, all else to *app*.

    Past Starlette's search for a route and its middleware, which cost as much as finding an answer
    that is remembered. A fault is answered as Starlette does.
    """

    def __init__(self, app: Starlette) -> None:
        self._app = app
        (endpoint,) = (route.app for route in app.routes if _is_endpoint(route))
        self._endpoint = ServerErrorMiddleware(endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == "http" and scope["path"] == ENDPOINT
        await (self._endpoint if is_asked else self._app)(scope, receive, send)


def _is_endpoint(route: BaseRoute) -> TypeGuard[Route]:
    return isinstance(route, Route) and route.path == ENDPOINT


def behind_the_door(app: Starlette, settings: Settings, lifecycle: Lifecycle) -> ASGIApp:
    """*app* as the world meets it: limits, rates, drain, log lines, security headers."""

    lifecycle.register("journal", lambda: app.state.journal.is_alive())

    def identified(inner: ASGIApp) -> ASGIApp:
        return Identify(inner, lambda headers: app.state.authenticator.authenticate(headers))

    tally = Tally(endpoint=ENDPOINT)
    return guarded(
        PastRouting(app),
        settings.door,
        tally=tally,
        exposition=_exposition(app, settings, tally),
        lifecycle=lifecycle,
        endpoint=ENDPOINT,
        caller_name=name_of_caller,
        authenticate=identified,
    )


def _exposition(app: Starlette, settings: Settings, tally: Tally) -> Exposition | None:
    """Who reads the metrics: who has the token, or who is on the sandbox's machine."""
    if not settings.shows_metrics:
        return None
    token = settings.metrics.token
    return Exposition(
        read=lambda: app.state.metrics.read(tally),
        may_read=neighbours if token is None else bearers_of(token.get_secret_value()),
    )
