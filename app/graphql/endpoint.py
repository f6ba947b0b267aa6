"""GraphQL over HTTP, and the playground for whoever opens the endpoint in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL

from app.graphql.context import Context

CORRELATION_HEADER = "X-Correlation-Id"


class Endpoint(GraphQL[Context, None]):
    """
    Args:
        new_context: Makes the context of a request that has this correlation id.
        page: Answers a browser; None for a request that is meant for the API.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        new_context: Callable[[str], Context],
        page: Callable[[Request], Response | None],
    ) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=())
        self._new_context = new_context
        self._page = page

    async def run(
        self, request: Request | WebSocket, context: Any = None, root_value: Any = None
    ) -> Any:
        if isinstance(request, Request) and (page := self._page(request)):
            return page
        correlation_id = uuid4().hex
        own = self._new_context(correlation_id)
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            try:
                response = await super().run(request, own, root_value)
            finally:
                await own.desk.reads.close()
        if isinstance(response, Response):
            response.headers[CORRELATION_HEADER] = correlation_id
        return response

    def parse_json(self, data: str | bytes) -> Any:
        """Only an object is a request; anything else is refused as malformed."""
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as exc:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from exc
        if not isinstance(document, dict):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is not a GraphQL request.")
        return document
