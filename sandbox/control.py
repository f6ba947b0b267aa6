"""The sandbox's own routes: faults, clock, reset and health below `/_sandbox`, an index at `/`."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.exact_json import ExactJSONResponse, loads
from sandbox.faults import BadFault, Fault, Faulty
from sandbox.stand_ins import StandIns

FARTHEST_SECONDS = 100 * 366 * 24 * 3_600

INDEX = {
    "sandbox": "Stand-ins for four credit providers, with data of invented people.",
    "stand_ins": {
        "vtex-credit": "/vtex/api/creditcontrol",
        "vtex-giftcard": "/vtex/api/giftcards",
        "adobe": "/adobe/rest/{store}/V1",
        "medusa": "/medusa",
    },
    "other_ways_in": {
        "gift cards by the hub": "/vtex/api/giftcardproviders",
        "gift cards by the provider protocol": "/vtex/protocol/giftcards",
        "sign-in of Adobe's cloud service": "/adobe/ims/token/v3",
    },
    "controls": {
        "GET /_sandbox/health": "answers when the sandbox serves",
        "GET /_sandbox/faults": "the faults of all stand-ins",
        "GET, PUT /_sandbox/faults/{stand-in}": 'one fault, e.g. {"mode": "hang"}',
        "GET, PUT /_sandbox/clock": '{"now": "2030-01-01T00:00:00Z"} or {"advance_seconds": 60}',
        "POST /_sandbox/reset": "fresh data, no faults, real time",
    },
}


Endpoint = Callable[[Request], Awaitable[Response]]


class BadInput(ValueError):
    """What was wrong with a control request, in words for its sender."""


class Controls:
    def __init__(self, stand_ins: StandIns) -> None:
        self._stand_ins = stand_ins

    def routes(self) -> list[Route]:
        return [
            Route("/", self.index),
            Route("/_sandbox/health", self.health),
            Route("/_sandbox/reset", self.reset, methods=["POST"]),
            Route("/_sandbox/faults", self.faults),
            Route("/_sandbox/faults/{name}", self.fault),
            Route("/_sandbox/faults/{name}", _explained(self.set_fault), methods=["PUT"]),
            Route("/_sandbox/clock", self.clock),
            Route("/_sandbox/clock", _explained(self.set_clock), methods=["PUT"]),
        ]

    async def index(self, _: Request) -> Response:
        return ExactJSONResponse(INDEX)

    async def health(self, _: Request) -> Response:
        return ExactJSONResponse({"status": "ok"})

    async def reset(self, _: Request) -> Response:
        self._stand_ins.reset()
        return ExactJSONResponse({"reset": True})

    async def faults(self, _: Request) -> Response:
        by_name = self._stand_ins.by_name
        return ExactJSONResponse({name: s.fault.as_json() for name, s in by_name.items()})

    async def fault(self, request: Request) -> Response:
        return ExactJSONResponse(self._named(request).fault.as_json())

    async def set_fault(self, request: Request) -> Response:
        stand_in = self._named(request)
        stand_in.fault = Fault.from_json(await _json_body(request))
        return ExactJSONResponse(stand_in.fault.as_json())

    async def clock(self, _: Request) -> Response:
        return _clock_response(self._stand_ins.clock)

    async def set_clock(self, request: Request) -> Response:
        _move(self._stand_ins.clock, await _json_body(request))
        return _clock_response(self._stand_ins.clock)

    def _named(self, request: Request) -> Faulty:
        name, by_name = request.path_params["name"], self._stand_ins.by_name
        if name not in by_name:
            known = ", ".join(by_name)
            raise HTTPException(404, f"no stand-in is called {name}; there are {known}")
        return by_name[name]


def _explained(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (BadFault, BadInput) as exc:
            return ExactJSONResponse({"error": str(exc)}, 400)

    return guarded


async def _json_body(request: Request) -> Any:
    try:
        return loads(await request.body())
    except ValueError as exc:
        raise BadInput(f"the body is not JSON: {exc}") from exc


def _move(clock: Clock, document: object) -> None:
    match document:
        case {"now": str(written), **rest} if not rest:
            clock.set(_moment(written))
        case {"advance_seconds": int(seconds), **rest} if not rest and type(seconds) is int:
            if not 0 <= seconds <= FARTHEST_SECONDS:
                raise BadInput(f"advance_seconds: {seconds} is not from 0 to {FARTHEST_SECONDS}")
            clock.advance(timedelta(seconds=seconds))
        case _:
            raise BadInput('wanted {"now": "2030-01-01T00:00:00Z"} or {"advance_seconds": 60}')


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as exc:
        raise BadInput(f"now: {written!r} is not RFC 3339") from exc
    if moment.tzinfo is None:
        raise BadInput(f"now: {written!r} has no time zone")
    return moment


def _clock_response(clock: Clock) -> Response:
    return ExactJSONResponse({"now": _written(clock.now()), "frozen": clock.frozen})


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
