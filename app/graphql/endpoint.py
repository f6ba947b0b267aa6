"""GraphQL over HTTP, and the playground for whoever opens the endpoint in a browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from typing import Any, Final, cast
from uuid import uuid4

import structlog
from graphql import ExperimentalIncrementalExecutionResults, GraphQLError
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from app.authentication.refusals import AuthenticationUnavailable, NotAuthenticated
from app.domain.caller import Caller
from app.graphql.answers import Answers, Key, written
from app.graphql.context import Context
from app.graphql.http_caching import headers_of, is_known
from app.graphql.in_parts import Parts
from app.graphql.over_http import (
    Asked,
    MediaType,
    NotARequest,
    acceptable,
    asked_by_get,
    asked_by_post,
    takes_parts,
)
from app.graphql.replies import NothingNew, Reply, ReplyInParts, encoded
from app.graphql.trusted_documents import TrustedDocuments, TrustedDocumentsSettings

CORRELATION_HEADER: Final = "X-Correlation-Id"

NewContext = Callable[[Caller, str, Callable[[], None]], Context]
"""
Makes a context for a caller, a correlation id, and what is to be called when the request may not be
cancelled any more.
"""

Refused = NotAuthenticated | AuthenticationUnavailable | NotARequest | GraphQLError

_OPERATIONS: Final = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}


@dataclass(frozen=True, slots=True)
class Admitted:
    """
    A request that is going to be answered.

    Attributes:
        form: Of an answer that is given at once.
        document: The text; None when there is none.
        headers: Of the answer, whatever that is.
        may_be_kept: By the client: a GET that names a trusted document.
    """

    request: Request
    caller: Caller
    form: MediaType
    asked: Asked
    document: str | None
    headers: Mapping[str, str]
    may_be_kept: bool

    def key(self) -> Key | None:
        """By which the answer is remembered."""
        if self.document is None:
            return None
        asked = self.asked
        variables = written(asked.variables)
        return Key(self.caller, self.document, asked.operation_name, variables, self.form)


class Endpoint:
    """
    An ASGI application for one path.

    Args:
        authenticate: Says who sends a request, or raises one of the refusals.
        new_context: Makes the context of a caller's request.
        page: Answers a browser; None for a request that is meant for the API.
        trusted: Finds the documents that requests name by hash; by default there are none.
        answers: Remembers whole ones; by default each is made anew.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        authenticate: Callable[[HTTPConnection], Awaitable[Caller]],
        new_context: NewContext,
        page: Callable[[Request], Response | None],
        trusted: TrustedDocuments | None = None,
        answers: Answers | None = None,
    ) -> None:
        self._schema = schema
        self._authenticate = authenticate
        self._new_context = new_context
        self._page = page
        self._trusted = trusted or TrustedDocuments(TrustedDocumentsSettings(), longest=0)
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if page := self._page(request):
            await page(scope, receive, send)
            return
        correlation_id = scope.get("state", {}).get("correlation_id")
        if correlation_id:  # of the door, which has told the log as well
            await self._answer(request, correlation_id, send)
            return
        correlation_id = uuid4().hex
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            await self._answer(request, correlation_id, send)

    async def _answer(self, request: Request, correlation_id: str, send: Send) -> None:
        always = {CORRELATION_HEADER: correlation_id}
        try:
            admitted = await self._admit(request, always)
        except (NotAuthenticated, AuthenticationUnavailable, NotARequest, GraphQLError) as refused:
            await _refusal(request, refused, always).send(send)
            return
        key = admitted.key() if self._answers else None
        known = await self._answers.find(key) if self._answers and key else None
        if known is not None:
            await _reply(admitted, known.body, seconds=known.seconds).send(send)
            return
        context = self._new_context(admitted.caller, correlation_id, _must_finish(request))
        context.parts = Parts() if takes_parts(request.headers.get("accept")) else None
        try:
            reply = await self._execute(admitted, context, key)
            await reply.send(send)
        finally:
            if context.parts:
                await context.parts.stop()
            await context.desk.reads.close()

    async def _admit(self, request: Request, headers: Mapping[str, str]) -> Admitted:
        """
        Raises:
            NotAuthenticated: The credentials are not good.
            AuthenticationUnavailable: Nobody can tell.
            NotARequest: It is none.
            GraphQLError: The document it names is not known, or not taken.
        """
        caller = await self._authenticate(request)
        form = acceptable(request.headers.get("accept"))
        asked = await _asked(request)
        document = self._trusted.text_of(
            asked.query, document_id=asked.document_id, extensions=asked.extensions
        )
        may_be_kept = request.method == "GET" and self._trusted.is_named(
            asked.query, document_id=asked.document_id, extensions=asked.extensions
        )
        return Admitted(request, caller, form, asked, document, headers, may_be_kept)

    async def _execute(
        self, admitted: Admitted, context: Context, key: Key | None
    ) -> Reply | ReplyInParts | NothingNew:
        headers = admitted.headers
        try:
            result = await self._schema.execute(
                admitted.document,
                variable_values=admitted.asked.variables,
                context_value=context,
                operation_name=admitted.asked.operation_name,
                allowed_operation_types=_OPERATIONS[admitted.request.method],
                operation_extensions=admitted.asked.extensions,
            )
        except MissingQueryError:
            refusal = NotARequest(HTTPStatus.BAD_REQUEST, "There is no GraphQL document in it.")
            return _not_a_request(refusal, admitted.form, headers)
        except CannotGetOperationTypeError as exc:
            refusal = NotARequest(HTTPStatus.BAD_REQUEST, exc.as_http_error_reason())
            return _not_a_request(refusal, admitted.form, headers)
        except InvalidOperationTypeError:
            refusal = NotARequest(
                HTTPStatus.METHOD_NOT_ALLOWED, "By GET come queries only.", allow="POST"
            )
            return _not_a_request(refusal, admitted.form, headers)
        in_parts = cast("object", result)  # Strawberry's annotation does not tell of it
        if isinstance(in_parts, ExperimentalIncrementalExecutionResults):
            return ReplyInParts(_parts(in_parts), headers)
        answer = _whole(result)
        body = encoded(answer)
        if result.errors:
            return Reply(body, admitted.form, _status(answer, admitted.form), headers)
        until = _reusable_until(context)
        if self._answers and key:
            self._answers.remember(key, body, context.desk.reads.used, until=until)
        return _reply(admitted, body, seconds=int(until - context.desk.clock().timestamp()))


async def _asked(request: Request) -> Asked:
    """
    Raises:
        NotARequest: It is none.
    """
    if request.method == "GET":
        return asked_by_get(request.query_params)
    if request.method == "POST":
        return asked_by_post(request.headers.get("content-type"), await _body(request.receive))
    raise NotARequest(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "GraphQL only supports GET and POST requests.",
        allow="GET, POST",
    )


async def _body(receive: Receive) -> bytes:
    """
    Whole: the door has it by now, and Starlette's stream of it costs more than what it brings.

    Raises:
        ClientDisconnect: The rest does not come.
    """
    message = await receive()
    parts = [message.get("body", b"")]
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return b"".join(parts)


def _reply(admitted: Admitted, body: bytes, *, seconds: int) -> Reply | NothingNew:
    """
    An answer without errors.

    Args:
        seconds: For so long it may be used again.
    """
    if seconds <= 0 or not admitted.may_be_kept:
        return Reply(body, admitted.form, headers=admitted.headers)
    headers = {**admitted.headers, **headers_of(body, seconds=seconds)}
    if is_known(headers["ETag"], admitted.request.headers.get("if-none-match")):
        return NothingNew(headers)
    return Reply(body, admitted.form, headers=headers)


def _reusable_until(context: Context) -> float:
    """By what the document says, and by what the answer was made of, if it was of anything."""
    fresh_until = context.desk.reads.used.until
    if fresh_until == inf:
        return 0
    return min(fresh_until, context.desk.clock().timestamp() + context.reusable_seconds)


def _whole(result: ExecutionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if result.data is not None or any(error.path for error in result.errors or ()):
        answer["data"] = result.data
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        answer["extensions"] = result.extensions
    return answer


async def _parts(
    results: ExperimentalIncrementalExecutionResults,
) -> AsyncGenerator[Mapping[str, Any], None]:
    yield cast("Mapping[str, Any]", results.initial_result.formatted)
    async with aclosing(results.subsequent_results) as later:
        async for result in later:
            yield cast("Mapping[str, Any]", result.formatted)


def _must_finish(request: Request) -> Callable[[], None]:
    """The door's own way to be told; there may be no door."""
    told: Callable[[], None] | None = request.scope.get("state", {}).get("must_finish")
    return told or (lambda: None)


def _status(answer: Mapping[str, Any], form: MediaType) -> HTTPStatus:
    """Clients that only know plain JSON take any other status than 200 for a broken connection."""
    if form is MediaType.GRAPHQL and "data" not in answer:
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.OK


def _refusal(request: Request, why: Refused, headers: Mapping[str, str]) -> Reply:
    form = _form_for(request)
    match why:
        case NotAuthenticated():
            challenge = {"WWW-Authenticate": why.challenge}
            return _not_admitted(why, form, {**headers, **challenge})
        case AuthenticationUnavailable():
            wait = {"Retry-After": str(why.retry_after_seconds)}
            return _not_admitted(why, form, {**headers, **wait})
        case NotARequest():
            return _not_a_request(why, form, headers)
        case GraphQLError():
            answer = {"errors": [why.formatted]}
            return Reply(encoded(answer), form, _status(answer, form), headers)


def _not_admitted(
    why: NotAuthenticated | AuthenticationUnavailable, form: MediaType, headers: Mapping[str, str]
) -> Reply:
    """In the form of a GraphQL answer, for clients that read nothing else."""
    extensions = {"code": why.code, "correlationId": headers[CORRELATION_HEADER]}
    answer = {"errors": [{"message": str(why), "extensions": extensions}]}
    return Reply(encoded(answer), form, HTTPStatus(why.status), headers)


def _not_a_request(why: NotARequest, form: MediaType, headers: Mapping[str, str]) -> Reply:
    allow = {"Allow": why.allow} if why.allow else {}
    return Reply(encoded(why.as_answer()), form, why.status, {**headers, **allow})


def _form_for(request: Request) -> MediaType:
    """Of a refusal: what the client asks for, and plain JSON when it cannot have that."""
    try:
        return acceptable(request.headers.get("accept"))
    except NotARequest:
        return MediaType.JSON
