"""
Requests and answers in the shape of httpx's, without what httpx spends on making them.

`httpx.URL` parses a URL in the time that a whole exchange takes, and `httpx.Response` copies and
normalizes every header although hardly any is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import httpx

from adapters.transport.pool import Site, site_of

Fields = list[tuple[bytes, bytes]]
"""Headers as they are on the wire."""

_NO_BODY: Final = httpx.ByteStream(b"")
_COUNTED: Final = ("POST", "PUT", "PATCH")
"""Methods whose length is told even if there is no body."""

_METHOD: Final = re.compile(r"[A-Z]+")
_TARGET: Final = re.compile(rb"[\x21-\x7e]+")
_NAMES: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ENDS_A_LINE: Final = re.compile(rb"[\r\n\0]")


class Base:
    """What all requests to one backend begin with, read once."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parsed = httpx.URL(url.rstrip("/"))
        self.site = site_of(parsed)
        self.origin = f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"
        self.path = parsed.raw_path.decode("ascii").rstrip("/")
        self.headers = httpx.Headers([(b"Host", parsed.netloc), *httpx.Headers(headers).raw])


class PreparedRequest(httpx.Request):
    """
    A request below *base*, whose URL is parsed only when somebody looks at it.

    Args:
        target: Path and query as they are sent.
    """

    def __init__(
        self,
        method: str,
        base: Base,
        target: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        extensions: Mapping[str, Any],
    ) -> None:
        self.method = method
        self.base = base
        self.target = target
        self.headers = httpx.Headers(base.headers)
        self.extensions = dict(extensions)
        self.stream = _NO_BODY if content is None else httpx.ByteStream(content)
        self._content = content or b""  # where `read` would leave it
        for name, value in headers.items():
            self.headers[name] = value
        if content is not None or method in _COUNTED:
            self.headers["Content-Length"] = str(len(content or b""))

    @cached_property
    def url(self) -> httpx.URL:  # type: ignore[override]  # nobody sets it
        return httpx.URL(self.base.origin + self.target)


def destination(request: httpx.Request) -> tuple[Site, bytes]:
    """
    Where *request* goes: the site, and the target there.

    Raises:
        httpx.UnsupportedProtocol: It is no address of HTTP.
    """
    if isinstance(request, PreparedRequest):
        return request.base.site, request.target.encode("ascii")
    return site_of(request.url), request.url.raw_path


def head_of(request: httpx.Request, target: bytes) -> bytes:
    """
    The request line and the headers.

    Raises:
        httpx.LocalProtocolError: Something in it would end its line, or is no word where one is
            expected: what follows could be read as another request.
    """
    fields = request.headers.raw
    names = [name for name, _ in fields]
    lines = [name + b": " + value for name, value in fields]
    if not (
        _METHOD.fullmatch(request.method)
        and _TARGET.fullmatch(target)
        and _NAMES.fullmatch(b"".join(names))
        and b"" not in names
        and not _ENDS_A_LINE.search(b"".join(lines))
    ):
        raise httpx.LocalProtocolError("a request that cannot be written down")
    method = request.method.encode("ascii")
    return b"\r\n".join([method + b" " + target + b" HTTP/1.1", *lines, b"", b""])


class Received(httpx.Response):
    """
    An answer whose headers are read only when somebody looks at them.

    Attributes:
        fields: The headers as they were sent.
    """

    def __init__(
        self, status: int, fields: Fields, stream: httpx.AsyncByteStream, request: httpx.Request
    ) -> None:
        self.fields = fields
        super().__init__(status, stream=stream, request=request)
        del self.headers  # those of no fields

    @cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]  # nobody sets them
        return httpx.Headers(self.fields)

    def complete(self, fields: Fields, body: bytes) -> None:
        """Take *body* for read, with the headers that fit it."""
        self.fields = fields
        self._content = body  # where `aread` would leave it

    async def aclose(self) -> None:
        self.is_closed = True
        assert isinstance(self.stream, httpx.AsyncByteStream)
        await self.stream.aclose()


def fields_of(response: httpx.Response) -> Fields:
    return response.fields if isinstance(response, Received) else response.headers.raw


def completed(
    response: httpx.Response, fields: Fields, body: bytes, request: httpx.Request
) -> httpx.Response:
    """*response*, read: its whole *body*, with the headers that fit it."""
    if not isinstance(response, Received):
        response = Received(response.status_code, fields, httpx.ByteStream(body), request)
    response.complete(fields, body)
    return response
