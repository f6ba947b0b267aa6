"""One configured backend as its client sees it: ask, get a complete answer or a fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
import structlog
from pydantic import TypeAdapter, ValidationError

from adapters.transport import exact_json
from adapters.transport.faults import fault_of_status, read_fault
from app.domain.errors import InvalidQuestion, ProviderContractBroken, ProviderFault
from app.domain.identifiers import SourceKey

T = TypeVar("T")

_log = structlog.get_logger("creditgraph.upstream")

LONGEST_SEGMENT = 512


def utc_now() -> datetime:
    return datetime.now(UTC)


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
        timeout: Its four parts, given to the transport with each request.
        transport: The stack that requests go through; closed with this object.
        clock: Tells when an answer was complete.
    """

    def __init__(
        self,
        source: SourceKey,
        *,
        base_url: str,
        headers: Mapping[str, str],
        timeout: httpx.Timeout,
        transport: httpx.AsyncBaseTransport,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.source = source
        self.clock = clock
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._extensions = {"timeout": timeout.as_dict()}
        self._transport = transport

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
            headers={**self._headers, **(headers or {})},
            content=None if question is None else exact_json.encode(question),
            extensions=self._extensions,
        )
        started_at = self.clock()
        try:
            response = await self._exchange(request, refusals)
        except ProviderFault as fault:
            _log.info("upstream fault", source=self.source, operation=operation, kind=fault.kind)
            raise
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

    async def _exchange(self, request: httpx.Request, refusals: Collection[int]) -> httpx.Response:
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.HTTPError as exc:
            raise read_fault(exc, self.source) from exc
        if response.is_success or response.status_code in refusals:
            return response
        raise fault_of_status(
            response.status_code, response.headers, self.source
        ) or ProviderContractBroken(self.source)

    def _url(self, segments: Sequence[str], query: Sequence[tuple[str, str]]) -> httpx.URL:
        path = "".join("/" + path_segment(segment) for segment in segments)
        try:
            search = "?" + urlencode(query, quote_via=quote) if query else ""
            return httpx.URL(self._base_url + path + search)
        except (UnicodeEncodeError, httpx.InvalidURL) as exc:
            raise InvalidQuestion("The provider cannot be asked with such a text.") from exc

    async def aclose(self) -> None:
        await self._transport.aclose()


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
