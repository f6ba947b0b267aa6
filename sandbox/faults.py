"""
Faults on order: what a provider's network, gateway or server may do instead of answering.

A fault stands in front of one stand-in. `latency` and `malformed` let the stand-in do its work
first, so a money call is carried out even when its answer comes late or damaged; the other modes
never reach it.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.exact_json import dumps

ABORT_EXTENSION = "sandbox.abort"
"""Under this key of `scope["extensions"]` the server offers to kill the connection."""


class BadFault(ValueError):
    """The message says which option of a fault is wrong, and how."""


class Refusals(Protocol):
    """A provider's own way of saying no."""

    def error(self, status: int) -> Response: ...
    def unauthorized(self) -> Response: ...
    def throttled(self) -> Response: ...


@dataclass(frozen=True)
class Option:
    default: object
    wanted: str
    accepts: Callable[[Any], bool]


def _whole_number(least: int, most: int, *, default: int) -> Option:
    return Option(
        default,
        f"a whole number from {least} to {most}",
        lambda value: type(value) is int and least <= value <= most,
    )


MALFORMED_KINDS = ("html", "truncated", "wrong_type")

OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "none": {},
    "latency": {"milliseconds": _whole_number(0, 600_000, default=1_000)},
    "hang": {},
    "error": {"status": _whole_number(500, 599, default=500)},
    "reset": {},
    "malformed": {
        "kind": Option(
            "truncated",
            f"one of {', '.join(MALFORMED_KINDS)}",
            lambda value: value in MALFORMED_KINDS,
        )
    },
    "throttle": {"retry_after_seconds": _whole_number(0, 86_400, default=1)},
    "unauthorized": {},
}

EVERY_MODE: Mapping[str, Option] = {
    "probability": Option(
        1,
        "a number from 0 to 1",
        lambda value: type(value) in (int, Decimal) and 0 <= value <= 1,
    ),
    "seed": _whole_number(0, 2**32, default=0),
    "path_contains": Option("", "a text", lambda value: isinstance(value, str)),
}


@dataclass(frozen=True)
class Fault:
    """Which requests it strikes depends on their order and the seed, on nothing else."""

    mode: str = "none"
    options: Mapping[str, Any] = field(default_factory=dict)
    _dice: random.Random = field(default_factory=random.Random, repr=False, compare=False)

    @classmethod
    def from_json(cls, document: object) -> "Fault":
        if not isinstance(document, Mapping):
            raise BadFault('a fault is an object such as {"mode": "hang"}')
        mode = document.get("mode")
        if not isinstance(mode, str) or mode not in OPTIONS:
            raise BadFault(f"mode: {_shown(mode)} is none of {', '.join(OPTIONS)}")
        known = {**OPTIONS[mode], **EVERY_MODE} if mode != "none" else {}
        for name in document:
            if name != "mode" and name not in known:
                raise BadFault(f"{name}: the mode {mode} has no such option; {_listed(known)}")
        chosen: dict[str, Any] = {
            name: _checked(name, option, document) for name, option in known.items()
        }
        return cls(mode, chosen, random.Random(chosen.get("seed")))

    def as_json(self) -> dict[str, Any]:
        return {"mode": self.mode, **self.options}

    def strikes(self, path: str) -> bool:
        if self.mode == "none" or self.options["path_contains"] not in path:
            return False
        probability: int | Decimal = self.options["probability"]
        return self._dice.random() < probability


def _checked(name: str, option: Option, document: Mapping[str, Any]) -> Any:
    value = document.get(name, option.default)
    if not option.accepts(value):
        raise BadFault(f"{name}: {_shown(value)} is not {option.wanted}")
    return value


def _listed(options: Mapping[str, Option]) -> str:
    return f"there are {', '.join(options)}" if options else "it has none"


def _shown(value: object) -> str:
    return dumps(value).decode()


class Faulty:
    """A stand-in behind its fault. Both may be replaced while it serves."""

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self.app = app
        self.fault = Fault()
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.fault
        if scope["type"] != "http" or not fault.strikes(scope["path"]):
            await self.app(scope, receive, send)
            return
        match fault.mode:
            case "latency":
                await self._answer_late(fault, scope, receive, send)
            case "malformed":
                answer = await _answer_of(self.app, scope, receive)
                await _malformed(fault.options["kind"], answer)(scope, receive, send)
            case "hang":
                await _client_is_gone(receive)
            case "reset":
                await _kill_connection(scope, receive)
            case _:
                await self._refusal(fault)(scope, receive, send)

    def _refusal(self, fault: Fault) -> Response:
        match fault.mode:
            case "error":
                return self._refusals.error(fault.options["status"])
            case "throttle":
                response = self._refusals.throttled()
                response.headers["Retry-After"] = str(fault.options["retry_after_seconds"])
                return response
        return self._refusals.unauthorized()

    async def _answer_late(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _answer_of(self.app, scope, receive)
        try:
            async with asyncio.timeout(fault.options["milliseconds"] / 1_000):
                await _client_is_gone(receive)
        except TimeoutError:
            for message in answer:
                await send(message)


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    answer: list[Message] = []

    async def keep(message: Message) -> None:
        answer.append(message)

    await app(scope, receive, keep)
    return answer


def _malformed(kind: str, answer: list[Message]) -> Response:
    match kind:
        case "html":
            return HTMLResponse("<html><body><h1>Sorry</h1><p>Back in a moment.</p></body></html>")
        case "wrong_type":
            return Response(b'"neither an object nor a list"', media_type="application/json")
    body = b"".join(message.get("body", b"") for message in answer)
    return Response(body[: len(body) // 2] or b"{", media_type="application/json")


async def _client_is_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _kill_connection(scope: Scope, receive: Receive) -> None:
    abort = scope.get("extensions", {}).get(ABORT_EXTENSION)
    if abort is None:
        raise RuntimeError(
            "only the sandbox's own server (python -m sandbox) can reset connections"
        )
    abort()
    await _client_is_gone(receive)
