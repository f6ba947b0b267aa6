"""Writes whose answer is lost: what the caller sees, and what was carried out all the same."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.application import create_sandbox
from sandbox.faults import Fault, Faulty
from sandbox.refusals import AdobeRefusals
from sandbox.server import SandboxServer

BODY = b'{"value":12.30}'
PROMPTLY_SECONDS = 5


@dataclass(frozen=True)
class Loss:
    fault: dict[str, Any]
    seen: str
    is_applied: bool = True


LOSSES = {
    "applied_then_cut": Loss({"mode": "applied_then_cut"}, "cut"),
    "cut_before_applied": Loss({"mode": "cut_before_applied"}, "cut", is_applied=False),
    "applied_then_500": Loss({"mode": "applied_then_500"}, "500"),
    "applied_then_401": Loss({"mode": "applied_then_401"}, "401"),
    "applied_late": Loss({"mode": "applied_late", "milliseconds": 20}, "200"),
    "html_502": Loss({"mode": "html_502"}, "502", is_applied=False),
    "html_502, applied": Loss({"mode": "html_502", "applied": True}, "502"),
}
LATE = LOSSES["applied_late"].fault


@pytest.fixture(params=LOSSES)
def loss(request: pytest.FixtureRequest) -> Loss:
    return LOSSES[request.param]


class Till:
    """A stand-in that books the body of every POST."""

    def __init__(self) -> None:
        self.booked: list[bytes] = []
        self.has_booked = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method == "POST":
            self.booked.append(await request.body())
            self.has_booked.set()
        await JSONResponse({"booked": len(self.booked)})(scope, receive, send)

    async def booking(self) -> list[bytes]:
        async with asyncio.timeout(PROMPTLY_SECONDS):
            await self.has_booked.wait()
        return self.booked


class AnnouncingServer(SandboxServer):
    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, "127.0.0.1", 0)
        self.listens = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    server = AnnouncingServer(app)
    serving = asyncio.create_task(server.serve())
    await server.listens.wait()
    try:
        async with httpx.AsyncClient(base_url=server.address, timeout=PROMPTLY_SECONDS) as client:
            yield client
    finally:
        server.should_exit = True
        await serving


def behind(fault: dict[str, Any], till: Till) -> Faulty:
    stand_in = Faulty(till, AdobeRefusals())
    stand_in.fault = Fault.from_json(fault)
    return stand_in


async def seen(client: httpx.AsyncClient, method: str, path: str, **sent: Any) -> str:
    try:
        return str((await client.request(method, path, **sent)).status_code)
    except httpx.ReadError:
        return "cut"


async def test_only_the_mode_decides_whether_a_write_is_carried_out(loss: Loss) -> None:
    till = Till()
    async with served(behind(loss.fault, till)) as client:
        answer = await seen(client, "POST", "/book", content=BODY)

    assert (answer, till.booked) == (loss.seen, [BODY] if loss.is_applied else [])


async def test_reads_are_left_alone_unless_ordered(loss: Loss) -> None:
    async with served(behind(loss.fault, Till())) as client:
        assert (await client.get("/balance")).json() == {"booked": 0}


@pytest.mark.parametrize("mode", ["applied_then_cut", "cut_before_applied", "applied_late"])
async def test_a_long_write_comes_in_whole_before_anything_happens(mode: str) -> None:
    chunks, till, loss = [b"x" * 65_536] * 40, Till(), LOSSES[mode]

    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async with served(behind(loss.fault, till)) as client:
        answer = await seen(client, "POST", "/book", content=sent())

    booked = [len(body) for body in till.booked]
    assert (answer, booked) == (loss.seen, [40 * 65_536] if loss.is_applied else [])


async def test_a_late_booking_answers_a_caller_that_has_waited() -> None:
    async with served(behind(LATE, Till())) as client:
        response = await client.post("/book", content=BODY)

    assert response.json() == {"booked": 1}
    assert response.elapsed.total_seconds() >= 0.02


async def test_a_caller_that_gives_up_does_not_stop_a_late_booking() -> None:
    till = Till()
    async with served(behind({"mode": "applied_late", "milliseconds": 200}, till)) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/book", content=BODY, timeout=0.05)

        assert await till.booking() == [BODY]


async def test_a_refusal_of_the_stand_in_is_lost_like_any_answer() -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"message": "No such entity."}, 404)(scope, receive, send)

    stand_in = Faulty(refusing, AdobeRefusals())
    stand_in.fault = Fault.from_json({"mode": "applied_then_500"})
    async with served(stand_in) as client:
        assert await seen(client, "POST", "/book", content=BODY) == "500"


async def test_the_page_of_the_proxy_is_html() -> None:
    async with served(behind({"mode": "html_502"}, Till())) as client:
        response = await client.post("/book", content=BODY)

    assert response.headers["Content-Type"].startswith("text/html")
    assert "502 Bad Gateway" in response.text


async def test_the_server_stops_promptly_while_a_booking_waits() -> None:
    stand_in = behind({"mode": "applied_late", "milliseconds": 600_000}, Till())
    async with asyncio.timeout(PROMPTLY_SECONDS):
        async with served(stand_in) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.post("/book", content=BODY, timeout=0.05)


WRITE = {"type": "http", "method": "POST", "path": "/book", "headers": []}


class Caller:
    """Says *messages*, then stays on the line in silence."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._unsaid = list(messages)
        self.is_silent = asyncio.Event()
        self.heard: list[Message] = []

    async def receive(self) -> Message:
        if self._unsaid:
            return self._unsaid.pop(0)
        self.is_silent.set()
        await asyncio.Event().wait()
        raise AssertionError("nothing ends the silence")

    async def send(self, message: Message) -> None:
        self.heard.append(message)


SAID: Message = {"type": "http.request", "body": BODY, "more_body": False}
HALF_SAID: Message = {"type": "http.request", "body": BODY[:5], "more_body": True}
LEFT: Message = {"type": "http.disconnect"}


async def test_nothing_is_booked_before_the_time_is_up_though_the_caller_has_left() -> None:
    till, caller = Till(), Caller([SAID, LEFT])
    await behind(LATE, till)(dict(WRITE), caller.receive, caller.send)

    assert till.booked == []
    assert await till.booking() == [BODY]
    assert caller.heard == []


async def test_a_request_that_is_cancelled_is_booked_late_all_the_same() -> None:
    till, caller = Till(), Caller([SAID])
    stand_in = behind(LATE, till)
    call = asyncio.ensure_future(stand_in(dict(WRITE), caller.receive, caller.send))
    await caller.is_silent.wait()
    call.cancel()

    assert await till.booking() == [BODY]


async def test_a_late_booking_is_not_made_in_data_that_came_after_it() -> None:
    old, new, caller = Till(), Till(), Caller([SAID, LEFT])
    stand_in = behind(LATE, old)
    await stand_in(dict(WRITE), caller.receive, caller.send)
    stand_in.app = new

    assert (await old.booking(), new.booked) == ([BODY], [])


async def test_a_stand_in_that_fails_late_fails_its_caller() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    stand_in, caller = Faulty(broken, AdobeRefusals()), Caller([SAID])
    stand_in.fault = Fault.from_json(LATE)
    with pytest.raises(ZeroDivisionError):
        await stand_in(dict(WRITE), caller.receive, caller.send)


@pytest.mark.parametrize("mode", ["applied_then_500", "applied_late", "html_502, applied"])
async def test_half_a_request_is_not_carried_out(mode: str) -> None:
    till, caller, tasks = Till(), Caller([HALF_SAID, LEFT]), asyncio.all_tasks()
    await behind(LOSSES[mode].fault, till)(dict(WRITE), caller.receive, caller.send)

    assert (till.booked, caller.heard) == ([], [])
    assert asyncio.all_tasks() == tasks, "nothing is left to do later"


@pytest.mark.parametrize("mode", ["applied_then_cut", "cut_before_applied"])
async def test_where_no_connection_can_be_cut_nothing_is_booked_either(mode: str) -> None:
    till, caller = Till(), Caller([SAID])
    with pytest.raises(RuntimeError, match="python -m sandbox"):
        await behind({"mode": mode}, till)(dict(WRITE), caller.receive, caller.send)

    assert till.booked == []


VTEX = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
READS = {
    "vtex-credit": ("/vtex/api/creditcontrol/accounts/11144477735_CPF", VTEX),
    "vtex-giftcard": ("/vtex/api/giftcards/954", VTEX),
    "adobe": (
        "/adobe/rest/default/V1/companyCredits/31",
        {"Authorization": "Bearer sandbox-adobe-token"},
    ),
    "medusa": (
        "/medusa/admin/store-credit-accounts",
        {"Authorization": "Bearer sandbox-medusa-user-token"},
    ),
}


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[httpx.AsyncClient]:
    async with served(create_sandbox()) as client:
        yield client


@pytest.mark.parametrize("stand_in", READS)
async def test_every_stand_in_loses_one_answer_and_is_healthy_again(
    sandbox: httpx.AsyncClient, stand_in: str, loss: Loss
) -> None:
    path, headers = READS[stand_in]
    controls = f"/_sandbox/faults/{stand_in}"
    ordered = await sandbox.put(controls, json={**loss.fault, "calls": "reads", "times": 1})
    answers = [await seen(sandbox, "GET", path, headers=headers) for _ in range(2)]

    assert answers == [loss.seen, "200"]
    assert ordered.json()["strikes_left"] == 1
    assert (await sandbox.get(controls)).json()["strikes_left"] == 0


async def test_a_reset_of_the_sandbox_takes_back_what_is_left_of_a_fault(
    sandbox: httpx.AsyncClient,
) -> None:
    await sandbox.put("/_sandbox/faults/adobe", json={"mode": "applied_then_500", "times": 3})
    await sandbox.post("/_sandbox/reset")

    assert (await sandbox.get("/_sandbox/faults/adobe")).json() == {"mode": "none"}
