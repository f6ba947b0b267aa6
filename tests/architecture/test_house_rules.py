"""Rules of the house that a look at the source can tell."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("app", "adapters", "sandbox") for path in (ROOT / folder).rglob("*.py")
)
LONGEST_FILE = 500
NAMELESS = {"utils", "common", "helpers", "service", "manager", "misc"}
"""A function without a home has an undiscovered idea."""

DOES_SOMETHING = {
    "open",
    "getenv",
    "read_text",
    "read_bytes",
    "urlopen",
    "connect",
    "AsyncClient",
    "Client",
    "ClientSession",
    "create_server",
    "run",
}
"""Calls that reach outside the process, or make what does."""

SKIPPED = re.compile(
    r"(^|/)(\.git|\.venv|node_modules|__pycache__|\.[a-z]+_cache|\.hypothesis|build|dist|[^/]*\.egg-info)/"
)
REGISTRY = re.compile(
    r"(pypi|npmjs|pythonhosted|yarnpkg|crates|docker)\.(org|com|io)|registry\.[a-z.]+/", re.I
)
MACHINE_PATH = re.compile(r"(?<![\w.-])/(work|root|home)/[a-z]")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Every text file of the repository, also where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines() or [relative(path) for path in ROOT.rglob("*")]
    for name in names:
        path = ROOT / name
        if path.is_file() and not SKIPPED.search(name) and path != Path(__file__):
            body = path.read_bytes()
            if b"\0" not in body:
                yield name, body.decode(errors="replace")


def run_on_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything below *tree* that runs when the module is imported: not what a function holds."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, node.args):
                yield from run_on_import(part)
        elif not isinstance(node, ast.Lambda) and not _is_entry(node):
            yield node
            yield from run_on_import(node)


def _is_entry(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def reaches_out(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in DOES_SOMETHING
        case ast.Attribute(value=ast.Name(id="os"), attr="environ"):
            return True
    return False


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_importing_a_module_does_nothing_outside(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert [ast.unparse(node) for node in run_on_import(tree) if reaches_out(node)] == []


@pytest.mark.parametrize(
    "line",
    [
        "import os; DEBUG = os.environ['DEBUG']",
        "TEXT = Path('x').read_text()",
        "client = httpx.AsyncClient()",
        "def f(x=open('y')): ...",
        "class A:\n    text = open('y').read()",
    ],
)
def test_doing_something_on_import_is_found(line: str) -> None:
    assert any(reaches_out(node) for node in run_on_import(ast.parse(line)))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_nothing_catches_everything(path: Path) -> None:
    caught = [
        ast.unparse(node.type) if node.type else "everything"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
    ]
    assert not {"everything", "Exception", "BaseException"} & set(caught)


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_file_has_a_name_and_an_end(path: Path) -> None:
    assert path.stem not in NAMELESS
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_no_file_names_a_package_registry_or_a_machine() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in tracked_texts()
        for pattern in (REGISTRY, MACHINE_PATH)
        for match in pattern.finditer(text)
        if not name.startswith("app/console/built/")
    ]
    assert found == []


@pytest.mark.parametrize(
    "text", ["https://registry.npmjs.org/x", "files.pythonhosted.org", "/home/me/x", "'/root/x'"]
)
def test_a_registry_and_a_machine_are_found(text: str) -> None:
    assert REGISTRY.search(text) or MACHINE_PATH.search(text)
