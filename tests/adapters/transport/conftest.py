"""A peer on the loopback that answers byte for byte what a test tells it to."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.transport.connection import Connection

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Peer:
    """Reads requests that have no body and answers each with `answer`."""

    def __init__(self) -> None:
        self.base_url = ""
        self.requests: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.answer: Answer = self.says(OK)

    def says(self, *answers: bytes) -> Answer:
        """These bytes for the first requests, the last of them for all others too."""

        async def write(writer: asyncio.StreamWriter) -> None:
            writer.write(answers[min(len(self.requests), len(answers)) - 1])
            await writer.drain()

        return write

    def says_and_hangs_up(self, answer: bytes) -> Answer:
        async def write(writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            await writer.drain()
            writer.close()

        return write

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                await self.answer(writer)
        writer.close()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield peer
    for writer in peer.writers:
        writer.close()
    server.close()
    await server.wait_closed()


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    connection = Connection(max_connections=10)
    yield connection
    await connection.aclose()


@pytest.fixture
def ask(peer: Peer) -> Callable[..., httpx.Request]:
    def request(
        path: str = "/", *, method: str = "GET", timeout: httpx.Timeout | None = None
    ) -> httpx.Request:
        return httpx.Request(
            method,
            peer.base_url + path,
            extensions={"timeout": (timeout or httpx.Timeout(5)).as_dict()},
        )

    return request


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate of 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "peer.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
async def tls_peer(certificate: Path) -> AsyncIterator[Peer]:
    peer = Peer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=context)
    peer.base_url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield peer
    for writer in peer.writers:
        writer.close()
    server.close()
    await server.wait_closed()


@pytest.fixture
def unused_base_url() -> Callable[[], str]:
    def find() -> str:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{unused.getsockname()[1]}"

    return find


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of its own; skipped where there is none."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server")
    socket = tmp_path / "redis.sock"
    with subprocess.Popen(
        [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "eady to accept connections" in line:
                break
        try:
            yield f"unix://{socket}"
        finally:
            process.kill()
