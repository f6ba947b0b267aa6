"""What the code says of operations: which fields stand on them, which modules call them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from strawberry.types.base import StrawberryObjectDefinition

from app.graphql.declare import Upstream
from app.graphql.schema import build_schema

ROOT: Final = Path(__file__).parents[2]

_NAME: Final = re.compile(r"(vtex|adobe|medusa)\.\w+/\w+(\(\w+\))?")


def fields_on() -> Mapping[str, Sequence[str]]:
    """Name of each operation: the fields that are declared to stand on it."""
    found = defaultdict(set)
    for field, operations in _declarations():
        for operation in operations:
            found[operation].add(field)
    return {operation: sorted(fields) for operation, fields in found.items()}


def operations_behind() -> Mapping[str, frozenset[str]]:
    """Each field that stands on operations, as `Query.creditAccount`: those operations."""
    return {field: frozenset(operations) for field, operations in _declarations()}


def _declarations() -> Iterator[tuple[str, Sequence[str]]]:
    schema = build_schema()
    converter = schema.schema_converter
    for name, kind in converter.type_map.items():
        definition = kind.definition
        if not isinstance(definition, StrawberryObjectDefinition):
            continue
        for field in definition.fields:
            for directive in field.directives:
                if isinstance(directive, Upstream):
                    yield (
                        f"{name}.{converter.config.name_converter.get_graphql_name(field)}",
                        (directive.ops),
                    )


def callers_of() -> Mapping[str, Sequence[str]]:
    """Name of each operation that an adapter calls: the modules that do."""
    found = defaultdict(set)
    for path in sorted((ROOT / "adapters").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and _is_name(node.value):
                found[str(node.value)].add(str(path.relative_to(ROOT)))
    return {operation: sorted(modules) for operation, modules in found.items()}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
