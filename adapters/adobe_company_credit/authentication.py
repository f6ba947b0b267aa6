"""What proves who asks, put on every request: a signature, or a token that is renewed in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from pydantic import TypeAdapter, ValidationError

from adapters.adobe_company_credit.wire import ADMIN_TOKEN, IMS_TOKEN, ImsToken
from adapters.transport import exact_json
from app.domain.clock import Clock

RENEWED_EARLY: Final = timedelta(seconds=60)
REFUSED: Final = 403
"""What a request is answered with that proof could not be had for: it was refused before work."""

IMS_SCOPES: Final = (
    "openid,AdobeID,email,profile,additional_info.roles,"
    "additional_info.projectedProductContext,commerce.accs"
)


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """The four of an integration."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)


class Signed(httpx.AsyncBaseTransport):
    """
    Signs each request by OAuth 1.0a with HMAC-SHA256, the query included, a JSON body not.

    Source: documented, the parameters and statuses of Adobe's page on OAuth-based authentication.
    Assumed: that a refused proof is named in the answer as `oauth_problem=`.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, secrets: SigningSecrets, clock: Clock
    ) -> None:
        self._inner = inner
        self._secrets = secrets
        self._clock = clock
        # At DEBUG it writes what it signs: the token, and the e-mail that is searched for.
        logging.getLogger("oauthlib").setLevel(logging.INFO)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Authorization"] = self._signature(request)
        response = await self._inner.handle_async_request(request)
        if response.status_code == 400 and b"oauth_problem=" in await response.aread():
            return httpx.Response(REFUSED, request=request)
        return response

    def _signature(self, request: httpx.Request) -> str:
        signer = Client(
            self._secrets.consumer_key,
            client_secret=self._secrets.consumer_secret,
            resource_owner_key=self._secrets.access_token,
            resource_owner_secret=self._secrets.access_token_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
            timestamp=str(int(self._clock().timestamp())),
        )
        method: Any = request.method
        _, headers, _ = signer.sign(str(request.url), http_method=method)
        return str(headers["Authorization"])

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(frozen=True, slots=True)
class Token:
    """*life* is how long it lasts from when it was given."""

    text: str = field(repr=False)
    life: timedelta


class SignIn(Protocol):
    """A way to be given a token."""

    def request(self) -> httpx.Request: ...

    def token_in(self, body: bytes) -> Token:
        """
        Raises:
            ValueError: There is none in it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminSignIn:
    """
    Of an administrator of the shop, with a password alone.

    Attributes:
        life: As the merchant has set it; the answer does not tell.
    """

    url: str
    username: str
    password: str = field(repr=False)
    life: timedelta

    def request(self) -> httpx.Request:
        body = {"username": self.username, "password": self.password}
        return httpx.Request(
            "POST",
            self.url,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            content=exact_json.encode(body),
        )

    def token_in(self, body: bytes) -> Token:
        return Token(_read(ADMIN_TOKEN, body), self.life)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImsSignIn:
    """Of a server at Adobe's identity service, by client credentials."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)

    def request(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": IMS_SCOPES,
        }
        return httpx.Request("POST", self.url, headers={"Accept": "application/json"}, data=form)

    def token_in(self, body: bytes) -> Token:
        answer: ImsToken = _read(IMS_TOKEN, body)
        return Token(answer.access_token, timedelta(seconds=answer.expires_in))


def _read(shape: TypeAdapter[Any], body: bytes) -> Any:
    try:
        return shape.validate_python(exact_json.decode(body))
    except ValidationError:
        raise ValueError("no token in the answer") from None


@dataclass(frozen=True, slots=True)
class _Held:
    token: Token
    given_at: datetime

    def is_due(self, now: datetime) -> bool:
        return now >= self.given_at + self.token.life - min(RENEWED_EARLY, self.token.life / 2)

    def may_have_ended(self, now: datetime) -> bool:
        """A token that was only just given is refused for want of a permission."""
        return now >= self.given_at + RENEWED_EARLY


class _TurnedAwayError(Exception):
    """No token, and nothing was sent."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.status = status
        self.headers = headers


class WithToken(httpx.AsyncBaseTransport):
    """
    Sends a token as the bearer, fetched once for all who wait for it and kept until shortly before
    its end. A read that is refused with an older token is sent once more with a new one; a write
    never is.

    Raises:
        httpx.ConnectError, httpx.ConnectTimeout: There is no token to be had; nothing was sent.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, sign_in: SignIn, clock: Clock) -> None:
        self._inner = inner
        self._sign_in = sign_in
        self._clock = clock
        self._held: _Held | None = None
        self._renewal: asyncio.Task[_Held] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._answered(request)
        except _TurnedAwayError as turned:
            return httpx.Response(turned.status, headers=turned.headers, request=request)

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        held = await self._current(request)
        response = await self._send(request, held)
        if response.status_code != 401 or not held.may_have_ended(self._clock()):
            return response
        if self._held is held:
            self._held = None
        if request.method != "GET":
            return response
        return await self._send(request, await self._current(request))

    async def _send(self, request: httpx.Request, held: _Held) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {held.token.text}"
        return await self._inner.handle_async_request(request)

    async def _current(self, request: httpx.Request) -> _Held:
        if self._held is not None and not self._held.is_due(self._clock()):
            return self._held
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renewed(request.extensions))
            self._renewal.add_done_callback(self._forget_renewal)
        return await asyncio.shield(self._renewal)

    async def _renewed(self, extensions: Mapping[str, Any]) -> _Held:
        request = self._sign_in.request()
        request.extensions["timeout"] = extensions.get("timeout", {})
        given_at = self._clock()
        try:
            response = await self._inner.handle_async_request(request)
        except httpx.TimeoutException:
            raise httpx.ConnectTimeout("no token in time") from None
        except httpx.HTTPError:
            raise httpx.ConnectError("no way to a token") from None
        self._held = _Held(await self._token(response), given_at)
        return self._held

    async def _token(self, response: httpx.Response) -> Token:
        body = await response.aread()
        if response.status_code == 429:
            waits = {"Retry-After": response.headers.get("Retry-After", "")}
            raise _TurnedAwayError(429, waits)
        if response.is_client_error:
            raise _TurnedAwayError(REFUSED, {})
        try:
            return self._sign_in.token_in(body if response.is_success else b"")
        except ValueError:
            raise httpx.ConnectError("no token in the answer") from None

    def _forget_renewal(self, renewal: asyncio.Task[_Held]) -> None:
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()

    async def aclose(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        await self._inner.aclose()
