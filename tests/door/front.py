"""Standing before the door: small applications, and clients that behave or do not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from typing import Any

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door import DoorSettings, DrainingServer, Lifecycle, guarded, uvicorn_settings

JSON = {"Content-Type": "application/json"}
QUERY = b'{"query": "{ __typename }"}'


async def greeter(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body and says how long it was."""
    if scope["type"] == "http":
        body = await Request(scope, receive).body()
        await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


class Hall:
    """An application whose requests stay until they are let out."""

    def __init__(self) -> None:
        self.inside = 0
        self.cancelled = 0
        self.entered = asyncio.Semaphore(0)
        self.open = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.inside += 1
        self.entered.release()
        try:
            await self.open.wait()
            await PlainTextResponse("done")(scope, receive, send)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.inside -= 1


class Visitor:
    """One request to an ASGI application, message by message."""

    def __init__(
        self,
        *,
        method: str = "POST",
        path: str = "/graphql",
        query: bytes = b"",
        headers: Sequence[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),),
        body: Sequence[bytes] = (QUERY,),
        client: tuple[str, int] | None = ("192.0.2.1", 50000),
    ) -> None:
        self.scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "root_path": "",
            "headers": list(headers),
            "server": ("door.example", 80),
            "client": client,
        }
        self.answer: list[Message] = []
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        for number, part in enumerate(body, start=1):
            self.say(part, more=number < len(body))

    def say(self, part: bytes, *, more: bool) -> None:
        self._coming.put_nowait({"type": "http.request", "body": part, "more_body": more})

    def leave(self) -> None:
        self._coming.put_nowait({"type": "http.disconnect"})

    async def visit(self, app: ASGIApp) -> None:
        async def send(message: Message) -> None:
            self.answer.append(message)

        await app(self.scope, self._coming.get, send)

    @property
    def status(self) -> int | None:
        return self.answer[0]["status"] if self.answer else None


def door(app: ASGIApp, **settings: Any) -> ASGIApp:
    return guarded(app, DoorSettings.model_validate(settings), lifecycle=Lifecycle())


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door.example")


def error_of(response: httpx.Response) -> dict[str, Any]:
    """The one error of a refusal."""
    (error,) = response.json()["errors"]
    assert response.json().keys() == {"errors"}
    assert error.keys() == {"message", "extensions"}
    assert error["extensions"]["correlationId"] == response.headers["X-Correlation-Id"]
    return {"message": error["message"], "code": error["extensions"]["code"]}


class Wire:
    """A client that writes what it likes to a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def say_no_more(self) -> None:
        self._writer.write_eof()

    async def hear(self) -> bytes:
        """One whole answer."""
        async with asyncio.timeout(5):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            return head + await self._reader.readexactly(length)

    async def hear_out(self) -> bytes:
        """All that comes until the server closes, or resets what is still written to it."""
        heard = bytearray()
        with suppress(ConnectionError):
            async with asyncio.timeout(5):
                while part := await self._reader.read(65_536):
                    heard += part
        return bytes(heard)

    def close(self) -> None:
        self._writer.close()


class House:
    """A real server in this event loop."""

    def __init__(self, port: int, server: DrainingServer, lifecycle: Lifecycle) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.server = server
        self.lifecycle = lifecycle

    @asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.port))
        with closing(wire):
            yield wire


@asynccontextmanager
async def house(app: ASGIApp, *, http: Any = None, **settings: Any) -> AsyncIterator[House]:
    """
    *app* behind the door, listening.

    Args:
        http: A protocol class instead of the one that the settings make.
    """
    given = DoorSettings.model_validate({"serving": {"last_call_seconds": 0}, **settings})
    lifecycle = Lifecycle()
    options = uvicorn_settings(given)
    if http:
        options["http"] = http
    options["lifespan"] = "auto"
    config = uvicorn.Config(guarded(app, given, lifecycle=lifecycle), **options)
    server = DrainingServer(config, lifecycle=lifecycle, serving=given.serving)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await until(lambda: server.started)
            yield House(listener.getsockname()[1], server, lifecycle)
        finally:
            server.should_exit = True
            await serving


async def until(condition: Callable[[], object]) -> None:
    """Let all others go on until *condition* is met."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  what is waited for tells nobody
            await asyncio.sleep(0)
