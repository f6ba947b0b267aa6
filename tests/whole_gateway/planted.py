"""A sandbox that knows the marks, and says them where a provider should say nothing of the kind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import exact_json
from sandbox.application import create_sandbox
from sandbox.seed import SECTIONS, built_in_section
from sandbox.server import SandboxServer
from tests.door.front import until
from tests.whole_gateway.configured import SECRETS, SOURCES
from tests.whole_gateway.marks import (
    ADOBE_TOKEN,
    ANSWER_BROKEN,
    ANSWER_ERROR,
    ANSWER_HEADER,
    CLAIM_CODE,
    CODE,
    EXTRA_MEMBER,
    GARBLED,
    MEDUSA_KEY,
    METRICS_TOKEN,
    OTHER_DOCUMENT,
    OTHER_EMAIL,
    OWN_DOCUMENT,
    OWN_EMAIL,
    VTEX_KEY,
    VTEX_TOKEN,
)
from tests.whole_gateway.process import LOOPBACK

OWN_MEDUSA_ID: Final = "cus_01K0A000000000000000000001"
CUSTOMERS: Final = [
    {
        "email": OWN_EMAIL.planted,
        "document": OWN_DOCUMENT.text,
        "links": {"medusa": OWN_MEDUSA_ID},
    },
    {
        "email": OTHER_EMAIL.planted,
        "document": OTHER_DOCUMENT.text,
        "links": {"medusa": "cus_01K0A000000000000000000002"},
    },
]
"""For the gateway's configuration: Medusa finds nobody by an e-mail."""

MARKED_SECRETS: Final = SECRETS | {
    "VTEX_KEY": VTEX_KEY.text,
    "VTEX_TOKEN": VTEX_TOKEN.text,
    "ADOBE_TOKEN": ADOBE_TOKEN.text,
    "MEDUSA_KEY": MEDUSA_KEY.text,
    "METRICS_TOKEN": METRICS_TOKEN.text,
}
"""What the gateway is to be given, instead of the sandbox's own."""

_REPLACED: Final = {
    "shopper@example.com": OWN_EMAIL.planted,
    "buyer@example.com": OTHER_EMAIL.planted,
    "11144477735": OWN_DOCUMENT.text,
    "11222333000181": OTHER_DOCUMENT.text,
    "TCND-ZCIY-DFDB-XIUN": CODE.planted,
    "SC-4PHN-WGXV-S64P-HNWG": CLAIM_CODE.planted,
    **{SECRETS[name]: MARKED_SECRETS[name] for name in SECRETS if name != "IDS"},
}
"""Built-in values by those that stand in their place."""

Meddle = Callable[[httpx.Response], Response]


def _changed(found: httpx.Response, body: Any) -> Response:
    return Response(json.dumps(body), found.status_code, {"Content-Type": "application/json"})


def truthful(found: httpx.Response) -> Response:
    """With headers of all kinds."""
    said = ANSWER_HEADER.text
    headers = {
        "Content-Type": "application/json",
        "Set-Cookie": f"session={said}",
        "Link": f"<https://shop.example/{said}>",
        "X-Request-Id": said,
        "ETag": f'"{said}"',
        "Warning": f"299 - {said}",
    }
    return Response(found.content, found.status_code, headers | _ranges(found))


def _ranges(found: httpx.Response) -> dict[str, str]:
    return {name: found.headers[name] for name in found.headers if "range" in name.lower()}


def _refusing(status: int) -> Meddle:
    said = ANSWER_ERROR.text
    body = {"message": said, "code": said, "trace": said, "parameters": [said], "errors": [said]}
    headers = {
        "Retry-After": said,
        "WWW-Authenticate": said,
        "Location": f"https://x.example/{said}",
    }

    def refuse(found: httpx.Response) -> Response:
        return Response(json.dumps(body), status, {"Content-Type": "application/json", **headers})

    return refuse


def _saying(content: bytes, **headers: str) -> Meddle:
    return lambda _: Response(content, headers={"Content-Type": "application/json", **headers})


def _leaf_by_leaf(change: Callable[[Any], Any]) -> Meddle:
    def everywhere(value: Any) -> Any:
        match value:
            case dict():
                return {name: everywhere(one) for name, one in value.items()}
            case list():
                return [everywhere(one) for one in value]
        return change(value)

    return lambda found: _changed(found, everywhere(found.json()))


def _with_more(found: httpx.Response) -> Response:
    def more(value: Any) -> Any:
        match value:
            case dict():
                inner = {name: more(one) for name, one in value.items()}
                return inner | {EXTRA_MEMBER.text: EXTRA_MEMBER.text, "internal": EXTRA_MEMBER.text}
            case list():
                return [more(one) for one in value]
        return value

    return _changed(found, more(found.json()))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_BROKEN: Final = ANSWER_BROKEN.text.encode()
MANNERS: Final[Mapping[str, Meddle]] = {
    "truthful": truthful,
    "more members": _with_more,
    "texts garbled": _leaf_by_leaf(lambda it: GARBLED.text if isinstance(it, str) else it),
    "numbers garbled": _leaf_by_leaf(lambda it: ANSWER_BROKEN.text if _is_number(it) else it),
    **{f"refuses with {it}": _refusing(it) for it in (302, 400, 401, 403, 404, 409, 429, 500, 503)},
    "a page": _saying(b"<html>" + _BROKEN, **{"Content-Type": "text/html"}),
    "a text": _saying(b'"' + _BROKEN + b'"'),
    "a list of texts": _saying(b'["' + _BROKEN + b'"]'),
    "cut off": _saying(b'{"message": "' + _BROKEN),
    "no Unicode": _saying(b'{"message": "' + _BROKEN + b'\xff"}'),
    "not compressed": _saying(_BROKEN, **{"Content-Encoding": "gzip"}),
}
"""In this order: what the circuits take for failures comes last, as nothing is read after it."""
FAULTS: Final[Mapping[str, Mapping[str, object]]] = {
    "late": {"mode": "latency", "milliseconds": 50},
    "hanging": {"mode": "hang"},
    "failing": {"mode": "error", "status": 503},
    "resetting": {"mode": "reset"},
    **{kind: {"mode": "malformed", "kind": kind} for kind in ("html", "truncated", "wrong_type")},
    "throttling": {"mode": "throttle", "retry_after_seconds": 7},
    "unauthorized": {"mode": "unauthorized"},
}


class Planted:
    """
    Attributes:
        meddle: What becomes of the sandbox's answers.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.meddle: Meddle = truthful

    async def fault(self, options: Mapping[str, object]) -> None:
        """The same for all four."""
        async with httpx.AsyncClient(base_url=self.url) as controls:
            for one in SOURCES:
                response = await controls.put(f"/_sandbox/faults/{one}", json=dict(options))
                assert response.is_success, response.text


class _Meddling:
    """Between the sandbox and its server; a fault that is no answer passes through it."""

    def __init__(self, app: ASGIApp, meddle: Callable[[httpx.Response], Response]) -> None:
        self._app = app
        self._meddle = meddle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self._app(scope, receive, send)
            return
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        if messages:
            await self._meddle(_whole(messages))(scope, receive, send)


def _whole(messages: list[Any]) -> httpx.Response:
    start, *parts = messages
    body = b"".join(part.get("body", b"") for part in parts)
    return httpx.Response(start["status"], headers=start["headers"], content=body)


def _seed() -> Mapping[str, Any]:
    text = exact_json.dumps({name: built_in_section(name) for name in SECTIONS}).decode()
    for built_in, mark in _REPLACED.items():
        assert built_in in text, built_in
        text = text.replace(built_in, mark)
    return dict(exact_json.loads(text.encode()))


@asynccontextmanager
async def planted_sandbox() -> AsyncIterator[Planted]:
    """Served in this event loop."""
    planted = Planted("")
    app = _Meddling(create_sandbox(_seed()), lambda found: planted.meddle(found))
    server = SandboxServer(app, LOOPBACK, 0)
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started)
        planted.url = server.address
        yield planted
    finally:
        server.should_exit = True
        await serving
