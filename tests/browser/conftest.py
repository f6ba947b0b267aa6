"""A headless Chromium on the playground, with the rest of the network closed."""

import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright, expect

from app.listen import listen
from app.main import ENDPOINT, create_app
from app.run_sandbox import running_sandbox
from app.settings import sandbox_settings

LOOPBACK = "127.0.0.1"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
    # The second lock: what slips past the routing below finds no host either.
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
)
WINDOW: ViewportSize = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Visit:
    """One visitor's window and what went wrong behind it."""

    page: Page
    url: str
    foreign_requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Sandbox:
    """The stand-ins of the visit, which a test may break."""

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://{LOOPBACK}:{port}")

    def fault(self, stand_in: str, mode: str) -> None:
        path = f"/_sandbox/faults/{stand_in}"
        self._client.put(path, json={"mode": mode}).raise_for_status()

    def heal(self) -> None:
        self._client.post("/_sandbox/reset").raise_for_status()

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def sandbox_port() -> Iterator[int]:
    with listen(LOOPBACK, 0) as listener:
        port: int = listener.getsockname()[1]
    with running_sandbox(port):
        yield port


@pytest.fixture
def sandbox(sandbox_port: int) -> Iterator[Sandbox]:
    sandbox = Sandbox(sandbox_port)
    yield sandbox
    sandbox.heal()
    sandbox.close()


@pytest.fixture(scope="module")
def playground_url(sandbox_port: int) -> Iterator[str]:
    """The application itself, on the sandbox."""
    settings = sandbox_settings(sandbox_port)
    config = uvicorn.Config(create_app(settings), log_level="warning", ws="none")
    with listen(LOOPBACK, 0) as listener:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}{ENDPOINT}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    executable = os.environ.get("CREDITGRAPH_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM_NAMES)), None
    )
    if executable is None:
        pytest.skip(f"no {', '.join(CHROMIUM_NAMES)} on the PATH, CREDITGRAPH_CHROMIUM is unset")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_ARGUMENTS
        )
        yield browser
        await browser.close()


@pytest.fixture
async def visit(chromium: Browser, playground_url: str) -> AsyncIterator[Visit]:
    """A first visit. Whatever the test does: no request leaves the machine, no error is logged."""
    context = await chromium.new_context(viewport=WINDOW, device_scale_factor=2)
    visit = Visit(await context.new_page(), playground_url)

    async def stay_on_loopback(route: Route) -> None:
        if urlsplit(route.request.url).hostname == LOOPBACK:
            await route.continue_()
        else:
            visit.foreign_requests.append(route.request.url)
            await route.abort()

    await context.route("**/*", stay_on_loopback)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "console",
        lambda message: (
            visit.complaints.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    await visit.page.goto(playground_url)
    for region in ("Operation Editor", "Result Window"):
        await expect(visit.page.get_by_label(region).get_by_role("textbox")).to_be_attached()
    yield visit
    await context.close()
    assert visit.foreign_requests == []
    assert visit.complaints == []
