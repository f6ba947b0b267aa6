"""What a top-level error tells a client: a code, and never more than was written for clients."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

import strawberry
import structlog
from graphql import (
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLStreamDirective,
    SubsequentIncrementalExecutionResult,
)
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext

from app.domain.errors import (
    CredentialsNeeded,
    CreditError,
    CurrencyMismatch,
    Forbidden,
    InvalidQuestion,
    ProviderFault,
    RecordsUnavailable,
    RequestRefused,
    UnsupportedOperation,
)
from app.graphql.context import Context
from app.graphql.without_values import without_values

LaterResults = AsyncGenerator[SubsequentIncrementalExecutionResult, None]

STREAM: Final = GraphQLStreamDirective.name

_log = structlog.get_logger("creditgraph.graphql")

_CODES: tuple[tuple[type[CreditError], str], ...] = (
    (InvalidQuestion, "INVALID_INPUT"),
    (CurrencyMismatch, "CURRENCY_MISMATCH"),
    (CredentialsNeeded, "UNAUTHENTICATED"),
    (Forbidden, "FORBIDDEN"),
    (UnsupportedOperation, "UNSUPPORTED"),
    (RequestRefused, "NOT_FOUND"),
)
"""First match wins; every refusal that is left is of something that is not there."""


class PresentingSchema(strawberry.Schema):
    """
    Gives each error its code; what nobody foresaw is logged and masked.

    Fragments may be deferred. Lists are not streamed: providers give them page by page anyway.

    Strawberry hands on what comes in parts as it is, errors among it, so that is presented here.

    Nothing else is logged: an error of the client's may repeat what it sent, a card's code for one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        executable = self._schema
        executable.directives = tuple(one for one in executable.directives if one.name != STREAM)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        assert execution_context is not None
        context: Context = execution_context.context
        errors[:] = [present(error, context.correlation_id) for error in errors]

    async def _handle_execution_result(
        self,
        context: ExecutionContext,
        result: Any,
        extensions_runner: SchemaExtensionsRunner,
        *,
        skip_process_errors: bool = False,
    ) -> Any:
        if not isinstance(result, ExperimentalIncrementalExecutionResults):
            return await super()._handle_execution_result(
                context, result, extensions_runner, skip_process_errors=skip_process_errors
            )
        first = result.initial_result
        self.process_errors(first.errors or [], context)
        first.extensions = await extensions_runner.get_extensions_results(context)
        return result._replace(
            subsequent_results=self._presented(result.subsequent_results, context)
        )

    async def _presented(
        self, results: LaterResults, execution_context: ExecutionContext
    ) -> LaterResults:
        async with aclosing(results):
            async for result in results:
                for part in (*(result.incremental or ()), *(result.completed or ())):
                    self.process_errors(part.errors or [], execution_context)
                yield result


def present(error: GraphQLError, correlation_id: str) -> GraphQLError:
    """*error* as a client may see it."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    match cause:
        case None if "code" in (error.extensions or {}):
            return error
        case None:  # a variable that is not what the document declares
            message, extensions = without_values(error.message), {"code": "INVALID_INPUT"}
        case ProviderFault():
            message, extensions = cause.says, _of_fault(cause)
        case RecordsUnavailable():
            message, extensions = str(cause), {"code": "RECORDS_UNAVAILABLE"}
        case RequestRefused():
            message = str(cause)
            extensions = {"code": next(code for kind, code in _CODES if isinstance(cause, kind))}
        case _:
            _log.error(
                "unforeseen error", path=error.path, correlation_id=correlation_id, exc_info=cause
            )
            message, extensions = "Something went wrong here.", {"code": "INTERNAL"}
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**extensions, "correlationId": correlation_id},
    )


def _of_fault(fault: ProviderFault) -> dict[str, Any]:
    return {
        "code": "UPSTREAM_UNAVAILABLE",
        "kind": fault.kind,
        "source": fault.source,
        "retryable": fault.retryable,
        "retryAfterSeconds": fault.retry_after_seconds,
    }
