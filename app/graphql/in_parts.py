"""Answers in parts: what is slow comes later, with `@defer`."""

from __future__ import annotations

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class Parts:
    """
    For a request whose client takes its answer in parts: what works on them.

    graphql-core stops that work only when the stream of parts was begun and is closed.
    """

    def __init__(self) -> None:
        self._executor: DeferringExecutor | None = None

    def begin(self, executor: DeferringExecutor) -> None:
        self._executor = executor

    async def stop(self) -> None:
        """Leave nothing behind, however far the answer came."""
        if self._executor:
            await self._executor.cancel_incremental_work()


class DeferringExecutor(StrawberryGraphQLCoreExecutionContext):
    """Begins with what is deferred at once: it comes later because it is slow, and no later."""

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        executor = super().build(*args, **kwargs)
        if isinstance(executor, cls) and (parts := executor.context_value.parts):
            executor.enable_early_execution = True
            parts.begin(executor)
        return executor
