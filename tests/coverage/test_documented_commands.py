"""What the pages tell to type is JSON, and asks for what the schema has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_variable_values,
    parse,
    validate,
)

from app.graphql.schema import printed_schema
from tests.coverage.code import ROOT

PAGES: Final = ("README.md", "docs/money.md")

_TELLING_CURL: Final = """
curl() { while [ $# -gt 0 ]; do [ "$1" = -d ] && printf '%s\\0' "$2" >> "$BODIES"; shift; done; }
"""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(printed_schema())


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_sends_what_the_gateway_understands(
    page: str, schema: GraphQLSchema, tmp_path: Path
) -> None:
    sent = _bodies((ROOT / page).read_text(encoding="utf-8"), tmp_path)
    asked = [body for body in sent if "query" in body]
    assert asked
    assert [problem for body in asked for problem in _problems(body, schema)] == []


def _bodies(page: str, folder: Path) -> list[dict[str, Any]]:
    """What the commands of a page give to curl, which is not run."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on the PATH")
    blocks = re.findall(r"```sh\n([\s\S]*?)```", page)
    commands = [block for block in blocks if "curl" in block or "graph " in block]
    told = folder / "bodies"
    script = "\n".join([_TELLING_CURL, *commands])
    subprocess.run([bash, "-c", script], env={"BODIES": str(told), "PATH": "/usr/bin:/bin"})
    return [json.loads(body) for body in told.read_text(encoding="utf-8").split("\0") if body]


def _problems(body: dict[str, Any], schema: GraphQLSchema) -> list[str]:
    document = parse(body["query"])
    if problems := validate(schema, document):
        return [one.message for one in problems]
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    defined = operation.variable_definitions or ()
    given = get_variable_values(schema, list(defined), body.get("variables", {}))
    return [one.message for one in given] if isinstance(given, list) else []
