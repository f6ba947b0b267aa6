"""What a query selects below a field."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from strawberry.types.nodes import SelectedField, Selection

from app.graphql.context import Info


def selects(info: Info, names: Collection[str]) -> bool:
    """Whether any field of *names* is selected directly below the one being resolved."""
    return any(_any_of(field.selections, names) for field in info.selected_fields)


def _any_of(selections: Iterable[Selection], names: Collection[str]) -> bool:
    return any(
        one.name in names if isinstance(one, SelectedField) else _any_of(one.selections, names)
        for one in selections
    )
