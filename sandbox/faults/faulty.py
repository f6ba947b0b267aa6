"""A stand-in behind its fault: what each mode does with a request that it strikes."""

import asyncio
import contextlib
from typing import Protocol

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.faults.exchange import Answer, Exchange
from sandbox.faults.order import Fault

_BAD_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)


class Refusals(Protocol):
    """A provider's own way of saying no."""

    def error(self, status: int) -> Response: ...
    def unauthorized(self) -> Response: ...
    def throttled(self) -> Response: ...


class Faulty:
    """A stand-in behind its fault. Both may be replaced while it serves."""

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self.app = app
        self.fault = Fault()
        self._refusals = refusals
        self._late: set[asyncio.Task[Answer]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.fault
        if scope["type"] != "http" or not fault.strikes(scope["method"], scope["path"]):
            await self.app(scope, receive, send)
            return
        with contextlib.suppress(ClientDisconnect):
            await self._strike(fault, Exchange(self.app, scope, receive, send))

    async def _strike(self, fault: Fault, exchange: Exchange) -> None:
        match fault.mode:
            case "hang":
                await exchange.caller_left()
            case "reset":
                await exchange.abort()
            case "cut_before_applied" | "applied_then_cut":
                await _cut(fault, exchange)
            case "latency":
                await _answer_late(fault, exchange)
            case "applied_late":
                await self._carry_out_late(fault, exchange)
            case "malformed":
                answer = await exchange.carried_out(await exchange.body())
                await exchange.reply(_malformed(fault.options["kind"], answer))
            case _:
                await self._refuse(fault, exchange)

    async def _refuse(self, fault: Fault, exchange: Exchange) -> None:
        if fault.is_applied:
            await exchange.carried_out(await exchange.body())
        await exchange.reply(self._refusal(fault))

    def _refusal(self, fault: Fault) -> Response:
        match fault.mode:
            case "error":
                return self._refusals.error(fault.options["status"])
            case "applied_then_500":
                return self._refusals.error(500)
            case "throttle":
                response = self._refusals.throttled()
                response.headers["Retry-After"] = str(fault.options["retry_after_seconds"])
                return response
            case "html_502":
                return HTMLResponse(_BAD_GATEWAY_PAGE, 502)
        return self._refusals.unauthorized()

    async def _carry_out_late(self, fault: Fault, exchange: Exchange) -> None:
        """In a task of its own, which nothing that happens to the caller can stop."""
        body = await exchange.body()
        work = asyncio.create_task(_carried_out_late(fault, exchange, body))
        self._late.add(work)
        work.add_done_callback(self._late.discard)
        if await _is_awaited(work, exchange):
            await exchange.deliver(work.result())


async def _cut(fault: Fault, exchange: Exchange) -> None:
    """Not before the request is in, or a caller still sending would see a broken write instead."""
    exchange.require_abort()
    body = await exchange.body()
    if fault.is_applied:
        await exchange.carried_out(body)
    await exchange.abort()


async def _answer_late(fault: Fault, exchange: Exchange) -> None:
    answer = await exchange.carried_out(await exchange.body())
    try:
        async with asyncio.timeout(fault.options["milliseconds"] / 1_000):
            await exchange.caller_left()
    except TimeoutError:
        await exchange.deliver(answer)


async def _carried_out_late(fault: Fault, exchange: Exchange, body: bytes) -> Answer:
    await asyncio.sleep(fault.options["milliseconds"] / 1_000)
    return await exchange.carried_out(body)


async def _is_awaited(work: asyncio.Task[Answer], exchange: Exchange) -> bool:
    """Whether *work* is done while its caller is still there."""
    leaving = asyncio.create_task(exchange.caller_left())
    try:
        await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
    return work.done()


def _malformed(kind: str, answer: Answer) -> Response:
    match kind:
        case "html":
            return HTMLResponse("<html><body><h1>Sorry</h1><p>Back in a moment.</p></body></html>")
        case "wrong_type":
            return Response(b'"neither an object nor a list"', media_type="application/json")
    body = b"".join(message.get("body", b"") for message in answer)
    return Response(body[: len(body) // 2] or b"{", media_type="application/json")
