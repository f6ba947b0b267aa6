"""Keeps execution from proposing names of the schema for a misspelt member of a variable."""

from __future__ import annotations

from typing import Any

from app.graphql.prepared import PreparedExecution


class WithoutSuggestions(PreparedExecution):
    """For a schema's `execution_context_class`."""

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        return super().build(*args, **{**kwargs, "hide_suggestions": True})
