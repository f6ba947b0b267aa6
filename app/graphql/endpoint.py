"""GraphQL over HTTP, and the playground for whoever opens the endpoint in a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult

from app.authentication.refusals import AuthenticationUnavailable, NotAuthenticated
from app.domain.caller import Caller
from app.graphql.context import Context
from app.graphql.over_http import (
    MediaType,
    NotARequest,
    acceptable,
    asked_by_get,
    asked_by_post,
)
from app.graphql.trusted_documents import TrustedDocuments, TrustedDocumentsSettings

CORRELATION_HEADER = "X-Correlation-Id"


NewContext = Callable[[Caller, str, Callable[[], None]], Context]
"""
Makes a context for a caller, a correlation id, and what is to be called when the request may not be
cancelled any more.
"""


class Endpoint(GraphQL[Context, None]):
    """
    Args:
        authenticate: Says who sends a request, or raises one of the refusals.
        new_context: Makes the context of a caller's request.
        page: Answers a browser; None for a request that is meant for the API.
        trusted: Finds the documents that requests name by hash; by default there are none.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        authenticate: Callable[[HTTPConnection], Awaitable[Caller]],
        new_context: NewContext,
        page: Callable[[Request], Response | None],
        trusted: TrustedDocuments | None = None,
    ) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=())
        self._authenticate = authenticate
        self._new_context = new_context
        self._page = page
        self._trusted = trusted or TrustedDocuments(TrustedDocumentsSettings(), longest=0)

    async def run(
        self, request: Request | WebSocket, context: Any = None, root_value: Any = None
    ) -> Any:
        if isinstance(request, Request) and (page := self._page(request)):
            return page
        correlation_id = request.scope.get("state", {}).get("correlation_id") or uuid4().hex
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            response = await self._answer(request, correlation_id, root_value)
        if isinstance(response, Response):
            response.headers[CORRELATION_HEADER] = correlation_id
        return response

    async def _answer(
        self, request: Request | WebSocket, correlation_id: str, root_value: Any
    ) -> Any:
        try:
            caller = await self._authenticate(request)
        except NotAuthenticated as refusal:
            challenge = {"WWW-Authenticate": refusal.challenge}
            return self._not_admitted(request, refusal, correlation_id, challenge)
        except AuthenticationUnavailable as refusal:
            wait = {"Retry-After": str(refusal.retry_after_seconds)}
            return self._not_admitted(request, refusal, correlation_id, wait)
        own = self._new_context(caller, correlation_id, _must_finish(request))
        try:
            return await self._respond(request, own, root_value)
        finally:
            await own.desk.reads.close()

    async def _respond(self, request: Request | WebSocket, own: Context, root_value: Any) -> Any:
        try:
            return await super().run(request, own, root_value)
        except NotARequest as exc:
            return self._refusal(request, exc)
        except GraphQLError as exc:
            answer: GraphQLHTTPResponse = {"errors": [exc.formatted]}
            return self.create_response(answer, await self.get_sub_response(request))
        except HTTPException as exc:
            status = HTTPStatus(exc.status_code)
            allow = "GET, POST" if status is HTTPStatus.METHOD_NOT_ALLOWED else None
            return self._refusal(request, NotARequest(status, exc.reason, allow=allow))

    def _not_admitted(
        self,
        request: Request | WebSocket,
        refusal: NotAuthenticated | AuthenticationUnavailable,
        correlation_id: str,
        headers: Mapping[str, str],
    ) -> Response:
        """In the form of a GraphQL answer, for clients that read nothing else."""
        extensions = {"code": refusal.code, "correlationId": correlation_id}
        answer = {"errors": [{"message": str(refusal), "extensions": extensions}]}
        response = self._response(answer, _form_for(request), HTTPStatus(refusal.status))
        response.headers.update(headers)
        return response

    def _refusal(self, request: Request | WebSocket, why: NotARequest) -> Response:
        response = self._response(why.as_answer(), _form_for(request), why.status)
        if why.allow:
            response.headers["Allow"] = why.allow
        return response

    def _response(self, answer: object, media_type: MediaType, status: HTTPStatus) -> Response:
        return Response(
            self.encode_json(answer),
            status_code=status,
            headers={"Content-Type": f"{media_type}; charset=utf-8", "Vary": "Accept"},
        )

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        response = await super().get_sub_response(request)
        response.headers["content-type"] = acceptable(request.headers.get("accept"))
        return response

    def should_render_graphql_ide(self, request: Any) -> bool:
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        if request.method == "GET":
            asked = asked_by_get(request.query_params)
        else:
            asked = asked_by_post(request.content_type, await request.get_body())
        return GraphQLRequestData(
            query=self._trusted.text_of(
                asked.query, document_id=asked.document_id, extensions=asked.extensions
            ),
            variables=asked.variables,
            operation_name=asked.operation_name,
            extensions=asked.extensions,
        )

    async def execute_single(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        try:
            return await super().execute_single(*args, **kwargs)
        except HTTPException as exc:
            if isinstance(exc.__cause__, InvalidOperationTypeError):
                raise NotARequest(
                    HTTPStatus.METHOD_NOT_ALLOWED, "By GET come queries only.", allow="POST"
                ) from exc
            raise

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        answer = await super().process_result(request, result)
        if result.data is None and not any(error.path for error in result.errors or ()):
            del answer["data"]
        return answer

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        media_type = MediaType(sub_response.headers["content-type"])
        return self._response(response_data, media_type, _status(response_data, media_type))


def _must_finish(request: Request | WebSocket) -> Callable[[], None]:
    """The door's own way to be told; there may be no door."""
    told: Callable[[], None] | None = request.scope.get("state", {}).get("must_finish")
    return told or (lambda: None)


def _status(answer: object, media_type: MediaType) -> HTTPStatus:
    """Clients that only know plain JSON take any other status than 200 for a broken connection."""
    if media_type is MediaType.GRAPHQL and isinstance(answer, dict) and "data" not in answer:
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.OK


def _form_for(request: Request | WebSocket) -> MediaType:
    """Of a refusal: what the client asks for, and plain JSON when it cannot have that."""
    try:
        return acceptable(request.headers.get("accept"))
    except NotARequest:
        return MediaType.JSON
