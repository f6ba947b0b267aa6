"""The stand-in as an ASGI app: bodies, guards and conditional answers around the routes."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox import exact_json
from sandbox.medusa import routes
from sandbox.medusa.books import Books
from sandbox.medusa.call import Answer, Call
from sandbox.medusa.credentials import Actor, Credentials
from sandbox.medusa.errors import NoSuchRoute, Refusal, no_such_route_page
from sandbox.medusa.outage import Database
from sandbox.medusa.payload import read_body

JSON_TYPE: Final = "application/json; charset=utf-8"

_SHOPPERS_ONLY = re.compile(r"/store/(store-credit-accounts|carts/[^/]+/store-credits)(/.*)?")


@dataclass(frozen=True)
class Medusa:
    books: Books
    credentials: Credentials
    database: Database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = _escaped_path(scope)
        response = await self._response(request, path)
        await response(scope, receive, send)

    async def _response(self, request: Request, path: str) -> Response:
        try:
            body = await read_body(request)
            if path == "/health":
                return HTMLResponse("OK")
            return _json_response(request, 200, await self._answer(request, path, body))
        except Refusal as refusal:
            return _json_response(request, refusal.status, refusal.body)
        except NoSuchRoute:
            return HTMLResponse(no_such_route_page(request.method, path), 404)

    async def _answer(self, request: Request, path: str, body: Mapping[str, Any]) -> Answer:
        actor = self._admitted(request, path)
        found = routes.find(request.method, path.removesuffix("/"), self.books.state.defects)
        if found is None:
            raise NoSuchRoute
        await self.database.reach(request, path, actor)
        handler, parts = found
        return await handler(
            Call(
                books=self.books,
                credentials=self.credentials,
                actor=actor,
                authorization=request.headers.get("authorization", ""),
                path=parts,
                query_string=request.url.query,
                body=body,
            )
        )

    def _admitted(self, request: Request, path: str) -> Actor | None:
        """The guards stand before the routes: an unknown path is 401 to a stranger."""
        authorization = request.headers.get("authorization", "")
        if f"{path}/".startswith("/admin/"):
            return self.credentials.admin(authorization)
        if f"{path}/".startswith("/store/"):
            key = request.headers.get("x-publishable-api-key", "")
            self.credentials.check_publishable_key(key)
            if _SHOPPERS_ONLY.fullmatch(path):
                return self.credentials.shopper(authorization)
        return None


def _escaped_path(scope: Scope) -> str:
    """Routes are found first and their parts unescaped after: `a%2Fb` is one part (assumed)."""
    path: str = scope["raw_path"].decode("latin-1")
    return path.removeprefix(scope.get("root_path", "")) or "/"


def _json_response(request: Request, status: int, content: Answer) -> Response:
    body = exact_json.dumps(content)
    etag = f'W/"{len(body):x}-{b64encode(sha1(body).digest()).decode()[:27]}"'
    headers = {"content-type": JSON_TYPE, "etag": etag}
    if status == 200 and _is_fresh(request, etag):
        return Response(status_code=304, headers={"etag": etag})
    return Response(body, status, headers)


def _is_fresh(request: Request, etag: str) -> bool:
    if request.method not in ("GET", "HEAD"):
        return False
    if "no-cache" in request.headers.get("cache-control", ""):
        return False
    known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in known]
