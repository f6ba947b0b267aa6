"""One configured backend as its client sees it: ask, get a complete answer or a fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

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
from adapters.transport.messages import Base, PreparedRequest
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
Fault = TypeVar("Fault", bound=ProviderFault | OutcomeUnknown)

LONGEST_SEGMENT: Final = 512
LONGEST_TARGET: Final = 65_536
CORRELATION_HEADER: Final = "X-Correlation-Id"

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*")
_NO_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and half characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer with a status that is no fault; `observed_at` is when it was complete."""

    source: SourceKey
    response: httpx.Response
    observed_at: datetime

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self.response.headers

    @property
    def body(self) -> bytes:
        return self.response.content

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
        self._base = Base(base_url, {"Accept": "application/json", **headers})
        self._reading = {CALL_CLASS: CallClass.READ, "timeout": timeout.as_dict()}
        self._writing = {
            CALL_CLASS: CallClass.WRITE,
            "timeout": timeout.as_dict() | {"read": write_seconds, "write": write_seconds},
            DEADLINE_SECONDS: write_seconds,
        }
        self._transport = transport
        self._watch = watch
        self._log = structlog.get_logger("creditgraph.upstream").bind(source=source)

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
        request = self._request(
            "GET" if question is None else "POST",
            self._target(segments, query),
            headers,
            question,
            self._reading,
        )
        begun_at = self.clock()
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.HTTPError as exc:
            raise self._told(operation, read_fault(exc, self.source)) from exc
        status = response.status_code
        if not (200 <= status < 300 or status in refusals):
            fault = fault_of_status(status, response.headers, self.source)
            raise self._told(operation, fault or ProviderContractBroken(self.source))
        return self._answered(operation, response, begun_at)

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
        request = self._request(method, self._target(segments, query), headers, body, self._writing)
        begun_at = self.clock()
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.HTTPError as exc:
            raise self._told(operation, write_fault(exc, self.source)) from exc
        status = response.status_code
        if not (200 <= status < 300 or status in refusals):
            fault = write_fault_of_status(status, response.headers, self.source)
            raise self._told(operation, fault)
        return self._answered(operation, response, begun_at)

    def _request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None,
        body: object,
        extensions: Mapping[str, Any],
    ) -> PreparedRequest:
        return PreparedRequest(
            method,
            self._base,
            target,
            headers={**_correlation(), **(headers or {})},
            content=None if body is None else exact_json.encode(body),
            extensions=extensions,
        )

    def _target(self, segments: Sequence[str], query: Sequence[tuple[str, str]]) -> str:
        path = self._base.path + "".join(["/" + path_segment(one) for one in segments])
        try:
            asked = "&".join([f"{escaped(name)}={escaped(value)}" for name, value in query])
        except UnicodeEncodeError as exc:
            raise InvalidQuestion("The provider cannot be asked with such a text.") from exc
        target = f"{path or '/'}?{asked}" if asked else path or "/"
        if len(target) > LONGEST_TARGET:
            raise InvalidQuestion("The provider cannot be asked with so long a text.")
        return target

    def _answered(self, operation: str, response: httpx.Response, begun_at: datetime) -> Answer:
        answer = Answer(source=self.source, response=response, observed_at=self.clock())
        self._log.debug(
            "upstream answer",
            operation=operation,
            status=response.status_code,
            seconds=(answer.observed_at - begun_at).total_seconds(),
        )
        return answer

    def _told(self, operation: str, fault: Fault) -> Fault:
        """*fault*, with a log line for it."""
        lost = isinstance(fault, OutcomeUnknown)
        self._log.info(
            "upstream fault",
            operation=operation,
            kind=fault.kind,
            **({"outcome": "unknown"} if lost else {}),
        )
        return fault

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
    if text in ("", ".", "..") or len(text) > LONGEST_SEGMENT or _NO_TEXT.search(text):
        raise InvalidQuestion("This id cannot be one of the provider's.")
    return escaped(text)


def escaped(text: str) -> str:
    """
    *text* without anything that means something in a URL.

    Raises:
        UnicodeEncodeError: It holds half characters.
    """
    return text if _PLAIN.fullmatch(text) else quote(text, safe="")
