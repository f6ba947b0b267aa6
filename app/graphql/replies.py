"""What goes back to a client: one answer, or parts of one as they come."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from starlette.types import Send
from strawberry.http.streaming import MultipartTransport

from app.graphql.over_http import INCREMENTAL_SPEC, MULTIPART, MediaType

_FORMS: Final = {form: f"{form}; charset=utf-8" for form in MediaType}


def encoded(answer: object) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """
    One answer, complete.

    Attributes:
        headers: Besides the content's type and length. Which form an answer has, `Accept` says.
    """

    body: bytes
    form: MediaType
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, send: Send) -> None:
        headers = {
            "Content-Type": _FORMS[self.form],
            "Content-Length": str(len(self.body)),
            "Vary": "Accept",
            **self.headers,
        }
        await send(_start(self.status, headers))
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class NothingNew:
    """For a client that has the answer already."""

    headers: Mapping[str, str]

    async def send(self, send: Send) -> None:
        await send(_start(HTTPStatus.NOT_MODIFIED, self.headers))
        await send({"type": "http.response.body", "body": b""})


@dataclass(frozen=True, slots=True)
class ReplyInParts:
    """Parts of an answer, each sent when it is there and followed at once by its delimiter."""

    parts: AsyncGenerator[Mapping[str, Any], None]
    headers: Mapping[str, str]

    async def send(self, send: Send) -> None:
        transport = MultipartTransport()
        headers = {
            "Content-Type": f'{MULTIPART}; boundary="{transport.separator}"'
            f"; incrementalSpec={INCREMENTAL_SPEC}",
            "Vary": "Accept",
            "X-Accel-Buffering": "no",  # else nginx keeps the parts until the last one is there
            **self.headers,
        }
        await send(_start(HTTPStatus.OK, headers))
        opening = f"--{transport.separator}"
        async with aclosing(self.parts):
            async for part in self.parts:
                text = opening + transport.encode_multipart_data(part, _text)
                await send(_body(text, more=True))
                opening = ""
        await send(_body("--\r\n", more=False))


def _text(answer: object) -> str:
    return json.dumps(answer, separators=(",", ":"))


def _start(status: HTTPStatus, headers: Mapping[str, str]) -> dict[str, Any]:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": int(status), "headers": raw}


def _body(text: str, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": more}
