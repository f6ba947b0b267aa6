"""What both VTEX stand-ins have in common: who may call, how times are written, refusals."""

import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.exact_json import ExactJSONResponse
from sandbox.seed import Record, SeedError

Endpoint = Callable[[Request], Awaitable[Response]]
Rights = frozenset[str]


class Refused(Exception):
    """A refusal in words; which ones the provider uses is assumed, it documents none of these."""

    def __init__(self, status: int, code: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message} if code is None else {"code": code, "message": message}


@dataclass(frozen=True)
class KeyPair:
    token: str
    rights: Rights


class Access:
    """
    Credentials and their rights.

    Documented: a key pair, both headers or neither, or a user token in a header (not a cookie).
    """

    def __init__(self, keys: dict[str, KeyPair], users: dict[str, Rights]) -> None:
        self._keys = keys
        self._users = users

    @classmethod
    def from_seed(cls, record: Record, known_rights: Iterable[str]) -> "Access":
        known = frozenset(known_rights)
        keys = {
            entry.text("key"): KeyPair(entry.text("token"), _rights(entry, known))
            for entry in record.records("keys")
        }
        users = {entry.text("token"): _rights(entry, known) for entry in record.records("users")}
        record.finish()
        return cls(keys, users)

    def rights_of(self, connection: HTTPConnection) -> Rights | None:
        """None for a caller that is not known."""
        headers = connection.headers
        key, token = headers.get("X-VTEX-API-AppKey"), headers.get("X-VTEX-API-AppToken")
        if key is None and token is None:
            return self._users.get(headers.get("VtexIdclientAutCookie", ""))
        pair = self._keys.get(key or "")
        if pair is None or not hmac.compare_digest(pair.token.encode(), (token or "").encode()):
            return None
        return pair.rights


def _rights(entry: Record, known: Rights) -> Rights:
    rights = frozenset(entry.texts("rights"))
    if unknown := sorted(rights - known):
        raise SeedError(f"{entry.at('rights')}: there is no right {unknown[0]!r}")
    entry.finish()
    return rights


def needs(*any_of: str) -> Callable[[Endpoint], Endpoint]:
    """Refuse with 403 a caller without one of these rights."""

    def guarded_by_rights(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if request.state.rights.isdisjoint(any_of):
                return Response("Access denied", 403, media_type="text/plain")
            return await endpoint(request)

        return guarded

    return guarded_by_rights


def either_slash(path: str, endpoint: Endpoint, *, method: str = "GET") -> list[Route]:
    """The guides also call collections with a slash at the end."""
    return [Route(p, endpoint, methods=[method]) for p in (path, f"{path}/")]


def vtex_app(routes: list[Route], access: Access) -> Starlette:
    """Known callers only; refusals as VTEX words them; a bare 404 or 405 for all other routes."""
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_KnownCallers, access=access)],
        exception_handlers={Refused: _refusal, HTTPException: _bare},
    )
    app.router.redirect_slashes = False
    return app


class _KnownCallers:
    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            rights = self._access.rights_of(HTTPConnection(scope))
            scope.setdefault("state", {})["rights"] = rights
            if rights is None:
                app = Response(status_code=401)
        await app(scope, receive, send)


async def _refusal(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refused)
    return ExactJSONResponse(exc.body, exc.status)


async def _bare(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return Response(status_code=exc.status_code, headers=exc.headers)


def ticks(moment: datetime) -> str:
    """
    UTC with up to seven fraction digits, zeros at the end dropped.

    The seventh digit, which Python's clock has not, repeats the sixth.
    """
    fraction = f"{moment.microsecond:06d}{moment.microsecond % 10}".rstrip("0")
    whole = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"
