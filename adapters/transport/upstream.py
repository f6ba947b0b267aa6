"""One configured backend as its client sees it: ask, get a complete answer or a fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
import structlog
from pydantic import TypeAdapter, ValidationError

from adapters.transport import exact_json
from adapters.transport.calls import CALL_CLASS, DEADLINE_SECONDS, CallClass
from adapters.transport.faults import (
    fault_of_status,
    read_fault,
    write_fault,
    write_fault_of_status,
)
from app.domain.clock import Clock, utc_now
from app.domain.errors import (
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderFault,
)
from app.domain.identifiers import SourceKey
from app.domain.provider import TellsHealth
from app.domain.source_health import SourceHealth

T = TypeVar("T")

_log = structlog.get_logger("creditgraph.upstream")

LONGEST_SEGMENT = 512
CORRELATION_HEADER = "X-Correlation-Id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer with a status that is no fault; `observed_at` is when it was complete."""

    source: SourceKey
    status: int
    headers: httpx.Headers
    body: bytes
    observed_at: datetime

    def json(self) -> Any:
        """
        The body with exact numbers.

        Raises:
            ProviderContractBroken: It is not JSON.
        """
        try:
            return exact_json.decode(self.body)
        except ValueError as exc:
            raise ProviderContractBroken(self.source) from exc

    def read(self, shape: TypeAdapter[T]) -> T:
        """
        The body as a wire model.

        Raises:
            ProviderContractBroken: It is not JSON, or not of that shape.
        """
        return self.validate(shape, self.json())

    def validate(self, shape: TypeAdapter[T], part: Any) -> T:
        """A part of the decoded body as a wire model: list items stand each on their own."""
        try:
            return shape.validate_python(part)
        except ValidationError as exc:
            raise ProviderContractBroken(self.source) from _without_input(exc)


def _without_input(error: ValidationError) -> ValueError:
    """Where a document departs from its shape and how, but not what stands there."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return ValueError(
        "; ".join(f"{'.'.join(map(str, it['loc']))}: {it['type']}" for it in problems)
    )


class Upstream:
    """
    The way to one backend.

    Args:
        base_url: Scheme, host and the path all routes start with.
        headers: Sent with every request, credentials included.
        timeout: Its four parts, given to the transport with each read.
        write_seconds: How long the whole exchange of a write may take.
        transport: The stack that requests go through; closed with this object.
        clock: Tells when an answer was complete.
        watch: Who knows how the backend has been doing.
    """

    def __init__(
        self,
        source: SourceKey,
        *,
        base_url: str,
        headers: Mapping[str, str],
        timeout: httpx.Timeout,
        write_seconds: float = 15.0,
        transport: httpx.AsyncBaseTransport,
        clock: Clock = utc_now,
        watch: TellsHealth | None = None,
    ) -> None:
        self.source = source
        self.clock = clock
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._reading = {CALL_CLASS: CallClass.READ, "timeout": timeout.as_dict()}
        self._writing = {
            CALL_CLASS: CallClass.WRITE,
            "timeout": timeout.as_dict() | {"read": write_seconds, "write": write_seconds},
            DEADLINE_SECONDS: write_seconds,
        }
        self._transport = transport
        self._watch = watch

    async def health(self) -> SourceHealth | None:
        return None if self._watch is None else await self._watch.health()

    async def read(
        self,
        operation: str,
        *segments: str,
        query: Sequence[tuple[str, str]] = (),
        question: object = None,
        headers: Mapping[str, str] | None = None,
        refusals: Collection[int] = (404,),
    ) -> Answer:
        """
        Ask something that changes nothing.

        Args:
            operation: The provider's operation, for logs and metrics: `vtex.cc/OpenanAccount`.
            segments: Path below the base URL, each escaped as one segment.
            query: In order, names may repeat.
            question: JSON body; with one the request is a POST.
            refusals: Statuses that the caller reads itself, beside 2xx.

        Raises:
            InvalidQuestion: A segment cannot stand in a path, or the query in a URL.
            ProviderFault: No usable answer.
        """
        request = httpx.Request(
            "GET" if question is None else "POST",
            self._url(segments, query),
            headers={**self._headers, **_correlation(), **(headers or {})},
            content=None if question is None else exact_json.encode(question),
            extensions=self._reading,
        )
        with self._told(operation) as tell:
            try:
                response = await self._transport.handle_async_request(request)
            except httpx.HTTPError as exc:
                raise read_fault(exc, self.source) from exc
            if not (response.is_success or response.status_code in refusals):
                raise fault_of_status(
                    response.status_code, response.headers, self.source
                ) or ProviderContractBroken(self.source)
            return tell(response)

    async def write(
        self,
        operation: str,
        method: str,
        *segments: str,
        query: Sequence[tuple[str, str]] = (),
        body: object = None,
        headers: Mapping[str, str] | None = None,
        refusals: Collection[int] = (400, 404),
    ) -> Answer:
        """
        Ask, once, for something that changes something.

        Args:
            body: JSON; None for a request without a body.
            refusals: Statuses that mean that nothing was changed, and that the caller reads itself.

        Raises:
            InvalidQuestion: A segment cannot stand in a path.
            ProviderFault: It was not sent, or refused before work; nothing was changed.
            OutcomeUnknown: No answer, or one that tells nothing.
        """
        request = httpx.Request(
            method,
            self._url(segments, query),
            headers={**self._headers, **_correlation(), **(headers or {})},
            content=None if body is None else exact_json.encode(body),
            extensions=self._writing,
        )
        with self._told(operation) as tell:
            try:
                response = await self._transport.handle_async_request(request)
            except httpx.HTTPError as exc:
                raise write_fault(exc, self.source) from exc
            if not (response.is_success or response.status_code in refusals):
                raise write_fault_of_status(response.status_code, response.headers, self.source)
            return tell(response)

    @contextmanager
    def _told(self, operation: str) -> Iterator[Callable[[httpx.Response], Answer]]:
        """A log line for what comes of an exchange; gives what makes an answer of a response."""
        started_at = self.clock()

        def tell(response: httpx.Response) -> Answer:
            answer = Answer(
                source=self.source,
                status=response.status_code,
                headers=response.headers,
                body=response.content,
                observed_at=self.clock(),
            )
            _log.debug(
                "upstream answer",
                source=self.source,
                operation=operation,
                status=answer.status,
                seconds=(answer.observed_at - started_at).total_seconds(),
            )
            return answer

        try:
            yield tell
        except (ProviderFault, OutcomeUnknown) as fault:
            lost = isinstance(fault, OutcomeUnknown)
            _log.info(
                "upstream fault",
                source=self.source,
                operation=operation,
                kind=fault.kind,
                **({"outcome": "unknown"} if lost else {}),
            )
            raise

    def _url(self, segments: Sequence[str], query: Sequence[tuple[str, str]]) -> httpx.URL:
        path = "".join("/" + path_segment(segment) for segment in segments)
        try:
            search = "?" + urlencode(query, quote_via=quote) if query else ""
            return httpx.URL(self._base_url + path + search)
        except (UnicodeEncodeError, httpx.InvalidURL) as exc:
            raise InvalidQuestion("The provider cannot be asked with such a text.") from exc

    async def aclose(self) -> None:
        await self._transport.aclose()


def _correlation() -> dict[str, str]:
    """The id that the log lines of this request bear, so that the provider's can be laid beside."""
    bound = structlog.contextvars.get_contextvars().get("correlation_id")
    return {CORRELATION_HEADER: bound} if bound else {}


def path_segment(text: str) -> str:
    """
    *text* escaped so that it can only be one path segment.

    Raises:
        InvalidQuestion: It is empty, a dot segment, too long, or holds control characters or half
            characters.
    """
    if (
        text in ("", ".", "..")
        or len(text) > LONGEST_SEGMENT
        or any(
            ord(char) < 32 or 127 <= ord(char) < 160 or 0xD800 <= ord(char) < 0xE000
            for char in text
        )
    ):
        raise InvalidQuestion("This id cannot be one of the provider's.")
    return quote(text, safe="")
