"""Which part may import which: the arrows of the house, read from the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STANDARD_LIBRARY = {*sys.stdlib_module_names, "_typeshed"}

ROOMS = {
    "vtex_customer_credit": {"adapters.vtex_credentials"},
    "vtex_giftcard": {"adapters.vtex_credentials"},
    "adobe_company_credit": {"oauthlib"},
    "store_credit": set[str](),
}
OF_A_ROOM = {"app.domain", "adapters.transport", "pydantic", "httpx"}

RULES: dict[str, set[str]] = {
    "app/domain": {"app.domain"},
    "app/at_rest": {"app.at_rest", "app.domain", "cattrs", "cryptography"},
    "app/cache/settings.py": {"adapters.transport.settings", "pydantic"},
    "app/cache": {"app.at_rest", "app.cache", "app.domain", "aiocache", "redis", "structlog"},
    "app/operations": {
        "app.at_rest.canonical",
        "app.cache",
        "app.domain",
        "app.journal",
        "app.operations",
        "structlog",
    },
    "app/journal": {
        "app.at_rest",
        "app.domain",
        "app.journal",
        "alembic",
        "platformdirs",
        "sqlalchemy",
        "structlog",
    },
    "app/authentication": {
        "app.authentication",
        "app.domain",
        "cryptography",
        "jwt",
        "pydantic",
        "pydantic_core",
        "structlog",
        "typer",
    },
    "app/door": {
        "app.domain.durations",
        "app.door",
        "h11",
        "limits",
        "pydantic",
        "redis",
        "starlette",
        "structlog",
        "uvicorn",
    },
    "app/graphql/limits/settings.py": {"pydantic"},
    "app/graphql/trusted_documents/settings.py": {
        "app.graphql.trusted_documents.manifest",
        "pydantic",
    },
    "app/graphql": {
        "app.authentication.refusals",
        "app.cache",
        "app.graphql",
        "app.operations",
        "app.domain",
        "strawberry",
        "graphql",
        "starlette",
        "cryptography",
        "structlog",
    },
    "app/console": {"app.console", "starlette"},
    "adapters/transport": {
        "adapters.transport",
        "app.domain",
        "aiohappyeyeballs",
        "httptools",
        "httpx",
        "limits",
        "pydantic",
        "redis",
        "simplejson",
        "structlog",
    },
    "adapters/vtex_credentials.py": {"adapters.transport", "pydantic"},
    **{
        f"adapters/{room}": {f"adapters.{room}", *OF_A_ROOM, *shared}
        for room, shared in ROOMS.items()
    },
    "sandbox/server.py": {"sandbox", "starlette", "uvicorn"},
    "sandbox": {"sandbox", "starlette"},
    "benchmarks/soak": {"benchmarks.soak", "aiohttp", "asyncpg"},
    "benchmarks/gateways/tutorial_server.py": {"httpx", "strawberry"},
    "benchmarks/gateways": {
        "benchmarks.gateways",
        "aiohttp",
        "httptools",
        "simplejson",
        "uvloop",
    },
    "tests/benchmarks": {"benchmarks.gateways", "aiohttp", "pytest", "simplejson"},
    "tests/soak": {"benchmarks.soak", "asyncpg", "pytest"},
}
"""
What each part may import besides the standard library; the first line that fits a file counts.
The modules directly in `app` put the house together and may import everything.
"""


def modules(folder: str) -> Iterator[Path]:
    place = ROOT / folder
    yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def rule_of(file: str) -> str | None:
    return next((part for part in RULES if file == part or file.startswith(f"{part}/")), None)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                yield f"a relative import in line {node.lineno}"


def is_within(name: str, parts: set[str]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def forbidden(path: Path, allowed: set[str]) -> list[str]:
    return [name for name in imports(path) if not is_within(name, allowed | STANDARD_LIBRARY)]


def every_module() -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for folder in ("app", "adapters", "sandbox", "benchmarks", "tests/benchmarks", "tests/soak")
        for path in modules(folder)
        if path.parent != ROOT / "app" and path.name != "__init__.py"
    ]


@pytest.mark.parametrize("file", every_module())
def test_a_module_imports_only_what_its_part_may(file: str) -> None:
    rule = rule_of(file)
    assert rule, f"{file} belongs to no part"
    assert forbidden(ROOT / file, RULES[rule]) == []


def test_every_adapter_is_a_room_with_a_rule() -> None:
    folders = {
        path.name for path in (ROOT / "adapters").iterdir() if (path / "__init__.py").exists()
    }
    assert folders == {*ROOMS, "transport"}


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    "file", ["client.py", "wire.py", "translate.py", "settings.py", "NOTES.md"]
)
def test_every_room_has_the_same_five_files(room: str, file: str) -> None:
    assert (ROOT / "adapters" / room / file).is_file()


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("import httpx", {"app.domain"}),
        ("from adapters.store_credit.wire import Account", {"adapters.transport"}),
        ("from adapters import store_credit", {"adapters.transport"}),
        ("from . import neighbour", {"app.domain"}),
        ("def late():\n    import app.graphql", {"app.domain"}),
    ],
)
def test_a_forbidden_arrow_is_found(line: str, allowed: set[str], tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(line)
    assert forbidden(module, allowed)
