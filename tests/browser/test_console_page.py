"""What the console sends to a browser, byte by byte, without one."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request

from app.console import ReadyTab, console_page, console_routes, ready_tabs, wants_console

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "app" / "console" / "source"
SCHEMA = ROOT / "schema.graphql"

TABS = pytest.mark.parametrize("tab", ready_tabs(), ids=lambda tab: tab.title)


class ScriptTexts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        if self.get_starttag_text() == '<script type="application/json" id="configuration">':
            self.texts.append(data)


def html(**settings: str) -> str:
    return bytes(console_page(**settings).body).decode()  # type: ignore[arg-type]  # text settings


@pytest.fixture
async def files() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=console_routes(endpoint="/graphql")))
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        yield client


def named_files(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page)


def test_the_configuration_cannot_end_the_script_it_stands_in() -> None:
    title = "</script><script>alert(1)</script><!--\u2028"
    page = html(title=title)
    configuration, *rest = ScriptTexts(page).texts
    assert json.loads(configuration)["title"] == title
    assert not "".join(rest).strip()
    assert "\u2028" not in configuration
    assert "<script>alert" not in page


def test_the_configuration_carries_endpoint_headers_and_tabs() -> None:
    page = console_page(endpoint="/shop/graphql", headers={"Authorization": "Bearer sandbox"})
    configuration = json.loads(ScriptTexts(bytes(page.body).decode()).texts[0])
    assert configuration["endpoint"] == "/shop/graphql"
    assert configuration["headers"] == {"Authorization": "Bearer sandbox"}
    assert [tab["title"] for tab in configuration["tabs"]] == [tab.title for tab in ready_tabs()]


def test_the_page_forbids_inline_scripts_framing_and_other_hosts() -> None:
    headers = console_page().headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} < set(policy)
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"
    assert headers["vary"] == "Accept"


def test_the_page_asks_for_files_below_its_endpoint_only() -> None:
    assert named_files(html(endpoint="/shop/graphql"))
    assert all(
        name.startswith("/shop/graphql/console/")
        for name in named_files(html(endpoint="/shop/graphql"))
    )


async def test_every_file_the_page_names_is_served_for_ever(files: httpx.AsyncClient) -> None:
    for name in named_files(html()):
        response = await files.get(name)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".js", "text/javascript; charset=utf-8"),
        (".css", "text/css; charset=utf-8"),
        (".svg", "image/svg+xml"),
        (".woff2", "font/woff2"),
        (".ttf", "font/ttf"),
    ],
)
async def test_a_built_file_has_its_media_type(
    files: httpx.AsyncClient, suffix: str, media_type: str
) -> None:
    built = next((SOURCE.parent / "built").glob(f"*{suffix}"))
    response = await files.get(f"/graphql/console/{built.name}")
    assert response.headers["content-type"] == media_type
    assert response.content == built.read_bytes()


@pytest.mark.parametrize("name", ["index.html", "missing.js", "../page.py", "%2e%2e/page.py", ""])
async def test_nothing_but_built_files_is_served(files: httpx.AsyncClient, name: str) -> None:
    assert (await files.get(f"/graphql/console/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("method", "accept", "query", "expected"),
    [
        ("GET", "text/html,application/xhtml+xml,*/*;q=0.8", "", True),
        ("HEAD", "text/html", "", True),
        ("GET", "*/*", "", False),
        ("GET", "application/json, text/html;q=0.5", "", False),
        ("GET", "text/html", "query=%7B__typename%7D", False),
        ("POST", "text/html", "", False),
    ],
)
def test_a_browser_opening_the_endpoint_gets_the_console(
    method: str,
    accept: str,
    query: str,
    expected: bool,  # noqa: FBT001  # a column of the table above
) -> None:
    request = Request(
        {
            "type": "http",
            "method": method,
            "path": "/graphql",
            "query_string": query.encode(),
            "headers": [(b"accept", accept.encode())],
        }
    )
    assert wants_console(request) is expected


@TABS
def test_a_ready_tab_explains_itself_and_names_its_operation(tab: ReadyTab) -> None:
    operation = next(
        node for node in parse(tab.query).definitions if isinstance(node, OperationDefinitionNode)
    )
    assert operation.name is not None
    assert tab.title
    assert tab.summary.endswith((".", "?"))
    asked = {definition.variable.name.value for definition in operation.variable_definitions or ()}
    assert set(json.loads(tab.variables or "{}")) == asked


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text())


@TABS
def test_a_ready_tab_is_valid_in_our_schema(tab: ReadyTab, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(tab.query)) == []


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((SOURCE / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
