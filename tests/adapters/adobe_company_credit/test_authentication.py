"""Proof of who asks: signed requests, and tokens that are fetched, kept and renewed."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import httpx
import pytest
from pydantic import ValidationError

from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings
from adapters.transport import exact_json
from adapters.transport.upstream import Upstream
from app.domain.errors import (
    OutcomeUnknown,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
    SourceProblemKind,
)
from app.domain.identifiers import SourceKey

Build = Callable[..., AdobeCompanyCreditSettings]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRETS = {
    "CONSUMER_KEY": "ck",
    "CONSUMER_SECRET": "cs&1",
    "ACCESS_TOKEN": "at",
    "ACCESS_TOKEN_SECRET": "as/2",
    "PASSWORD": "sandbox-password",
    "CLIENT_SECRET": "sandbox-ims-secret",
}
INTEGRATION = {
    "kind": "integration",
    "consumer_key": {"env": "CONSUMER_KEY"},
    "consumer_secret": {"env": "CONSUMER_SECRET"},
    "access_token": {"env": "ACCESS_TOKEN"},
    "access_token_secret": {"env": "ACCESS_TOKEN_SECRET"},
}
ADMIN = {"kind": "admin-token", "username": "svc-gateway", "password": {"env": "PASSWORD"}}
IMS = {
    "kind": "ims",
    "client_id": "client-1",
    "client_secret": {"env": "CLIENT_SECRET"},
    "organization_id": "ORG@AdobeOrg",
    "token_url": "https://ims.example/ims/token/v3",
}
WAYS = {"integration": INTEGRATION, "admin": ADMIN, "ims": IMS}
TOKEN_PATHS = {"/rest/default/V1/integration/admin/token", "/ims/token/v3"}

Answer = httpx.Response | Exception


class Shop(httpx.AsyncBaseTransport):
    """
    Answers `{}`, and gives a token whenever it is asked for one.

    Attributes:
        asked: Requests to the shop itself, in order.
        sign_ins: Requests for a token.
        tokens: Answers to them, in order; after these, tokens that count up.
        answers: Answers of the shop, in order.
        ended: Proofs that are refused once these are used up.
        gate: Closed, it keeps those waiting who sign in.
    """

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.sign_ins: list[httpx.Request] = []
        self.tokens: list[Answer] = []
        self.answers: list[Answer] = []
        self.ended: set[str] = set()
        self.signing_in = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path in TOKEN_PATHS:
            self.sign_ins.append(request)
            self.signing_in.set()
            await self.gate.wait()
            return self._next(self.tokens, self._given(request))
        self.asked.append(httpx.Request(request.method, request.url, headers=dict(request.headers)))
        await asyncio.sleep(0)
        ended = request.headers["Authorization"] in self.ended
        return self._next(self.answers, httpx.Response(401 if ended else 200, content=b"{}"))

    def _given(self, request: httpx.Request) -> httpx.Response:
        token = f"token-{len(self.sign_ins)}"
        if request.url.host == "ims.example":
            return httpx.Response(
                200, json={"access_token": token, "token_type": "bearer", "expires_in": 86_399}
            )
        return httpx.Response(200, json=token)

    @staticmethod
    def _next(answers: list[Answer], otherwise: httpx.Response) -> httpx.Response:
        answer = answers.pop(0) if answers else otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        self.closed = True

    def proofs(self) -> list[str]:
        return [request.headers["Authorization"] for request in self.asked]


class Times:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def clock() -> Times:
    return Times()


@pytest.fixture
def build(settings: Build, monkeypatch: pytest.MonkeyPatch) -> Build:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    return settings


@pytest.fixture
def upstream_of(build: Build, shop: Shop, clock: Times) -> Callable[[Any], Upstream]:
    def connect(credentials: Any) -> Upstream:
        configured = build(credentials=credentials)
        return Upstream(
            SourceKey("adobe"),
            base_url=configured.base_url,
            headers=configured.request_headers(),
            timeout=httpx.Timeout(1),
            transport=configured.authenticated(shop, clock),
            clock=clock,
        )

    return connect


async def read(upstream: Upstream, query: list[tuple[str, str]] | None = None) -> int:
    return (await upstream.read("x", "V1", "companyCredits", query=query or ())).status


async def write(upstream: Upstream) -> int:
    return (await upstream.write("x", "POST", "V1", "increase", body={"value": 5})).status


TOKEN_WAYS = pytest.mark.parametrize("way", [ADMIN, IMS], ids=["admin", "ims"])


class TestSignatures:
    @staticmethod
    def parameters(request: httpx.Request) -> dict[str, str]:
        scheme, _, rest = request.headers["Authorization"].partition(" ")
        assert scheme == "OAuth"
        return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', rest)}

    def signature(self, request: httpx.Request) -> str:
        """By the contract's recipe, apart from the library."""
        signed = self.parameters(request)
        del signed["oauth_signature"]
        query = parse_qsl(request.url.query.decode(), keep_blank_values=True)
        pairs = sorted(
            (quote(name, safe=""), quote(value, safe=""))
            for name, value in [*signed.items(), *query]
        )
        address = str(request.url).partition("?")[0]
        joined = "&".join(f"{name}={value}" for name, value in pairs)
        text = "&".join(quote(it, safe="") for it in (request.method, address, joined))
        return b64encode(hmac.digest(b"cs%261&as%2F2", text.encode(), "sha256")).decode()

    @pytest.mark.parametrize(
        "query",
        [
            [],
            [
                ("searchCriteria[filterGroups][0][filters][0][field]", "email"),
                ("searchCriteria[filterGroups][0][filters][0][value]", "jöhn+a b%20@example.com"),
                ("fields", "items[id],total_count"),
            ],
        ],
        ids=["no query", "brackets"],
    )
    async def test_a_request_is_signed_with_its_decoded_query(
        self, upstream_of: Any, shop: Shop, query: list[tuple[str, str]]
    ) -> None:
        await read(upstream_of(INTEGRATION), query)

        (request,) = shop.asked
        told = self.parameters(request)
        assert told.pop("oauth_nonce")
        assert told == {
            "oauth_consumer_key": "ck",
            "oauth_token": "at",
            "oauth_timestamp": str(int(NOW.timestamp())),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_version": "1.0",
            "oauth_signature": self.signature(request),
        }

    async def test_a_body_is_not_signed(self, upstream_of: Any, shop: Shop) -> None:
        await write(upstream_of(INTEGRATION))

        (request,) = shop.asked
        assert self.parameters(request)["oauth_signature"] == self.signature(request)

    async def test_no_nonce_is_used_twice(self, upstream_of: Any, shop: Shop) -> None:
        upstream = upstream_of(INTEGRATION)

        for _ in range(20):
            await read(upstream)

        assert len({self.parameters(it)["oauth_nonce"] for it in shop.asked}) == 20

    @pytest.mark.parametrize("call", [read, write])
    async def test_a_proof_that_is_refused_as_a_bad_request_is_about_our_credentials(
        self, upstream_of: Any, shop: Shop, call: Any
    ) -> None:
        shop.answers = [httpx.Response(400, json={"message": "oauth_problem=timestamp_refused"})]

        with pytest.raises(ProviderRefusedUs):
            await call(upstream_of(INTEGRATION))

    async def test_other_bad_requests_are_left_as_they_are(
        self, upstream_of: Any, shop: Shop
    ) -> None:
        shop.answers = [httpx.Response(400, json={"message": "no"})]

        assert await write(upstream_of(INTEGRATION)) == 400

    async def test_nothing_that_is_signed_is_logged(
        self, upstream_of: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        upstream = upstream_of(INTEGRATION)

        with caplog.at_level(logging.DEBUG):
            await read(upstream, [("email", "somebody@example.com")])

        assert "somebody" not in caplog.text
        assert "oauth_token" not in caplog.text


class TestSigningIn:
    async def test_an_administrator_is_given_a_token_for_a_password(
        self, upstream_of: Any, shop: Shop
    ) -> None:
        await read(upstream_of(ADMIN))

        (sign_in,) = shop.sign_ins
        assert (sign_in.method, str(sign_in.url)) == (
            "POST",
            "https://shop.example/rest/default/V1/integration/admin/token",
        )
        assert sign_in.headers["Content-Type"] == "application/json"
        assert exact_json.decode(sign_in.content) == {
            "username": "svc-gateway",
            "password": "sandbox-password",
        }
        assert shop.proofs() == ["Bearer token-1"]

    async def test_a_server_is_given_a_token_for_its_client_secret(
        self, upstream_of: Any, shop: Shop
    ) -> None:
        await read(upstream_of(IMS))

        (sign_in,) = shop.sign_ins
        assert (sign_in.method, str(sign_in.url)) == ("POST", IMS["token_url"])
        assert sign_in.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert dict(parse_qsl(sign_in.content.decode())) == {
            "grant_type": "client_credentials",
            "client_id": "client-1",
            "client_secret": "sandbox-ims-secret",
            "scope": "openid,AdobeID,email,profile,additional_info.roles,"
            "additional_info.projectedProductContext,commerce.accs",
        }
        (request,) = shop.asked
        assert request.headers["Authorization"] == "Bearer token-1"
        assert request.headers["x-api-key"] == "client-1"
        assert request.headers["x-gw-ims-org-id"] == "ORG@AdobeOrg"

    @TOKEN_WAYS
    async def test_a_token_is_fetched_once_for_all_who_wait(
        self, upstream_of: Any, shop: Shop, way: Any
    ) -> None:
        upstream = upstream_of(way)
        shop.gate.clear()
        calls = [asyncio.create_task(read(upstream)) for _ in range(10)]
        await shop.signing_in.wait()
        shop.gate.set()

        assert await asyncio.gather(*calls) == [200] * 10
        assert len(shop.sign_ins) == 1

    async def test_who_stops_waiting_takes_the_token_from_nobody(
        self, upstream_of: Any, shop: Shop
    ) -> None:
        upstream = upstream_of(ADMIN)
        shop.gate.clear()
        first, second = (asyncio.create_task(read(upstream)) for _ in range(2))
        await shop.signing_in.wait()
        first.cancel()
        shop.gate.set()

        assert await second == 200
        assert len(shop.sign_ins) == 1

    async def test_closing_ends_a_sign_in_and_the_connection(
        self, upstream_of: Any, shop: Shop
    ) -> None:
        upstream = upstream_of(ADMIN)
        shop.gate.clear()
        waiting = asyncio.create_task(read(upstream))
        await shop.signing_in.wait()

        await upstream.aclose()

        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert shop.closed

    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    async def test_closing_closes_the_connection(
        self, upstream_of: Any, shop: Shop, way: Any
    ) -> None:
        await upstream_of(way).aclose()

        assert shop.closed

    @pytest.mark.parametrize(
        ("way", "life"),
        [
            (ADMIN, timedelta(hours=4)),
            (ADMIN | {"lifetime_seconds": 3600}, timedelta(hours=1)),
            (IMS, timedelta(seconds=86_399)),
        ],
        ids=["admin", "admin, an hour", "ims"],
    )
    async def test_a_token_is_renewed_shortly_before_its_end(
        self, upstream_of: Any, shop: Shop, clock: Times, way: Any, life: timedelta
    ) -> None:
        upstream = upstream_of(way)
        await read(upstream)
        clock.pass_by(seconds=life.total_seconds() - 61)
        await read(upstream)
        clock.pass_by(seconds=1)
        await read(upstream)

        assert shop.proofs() == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]

    async def test_a_short_token_is_kept_for_half_of_its_life(
        self, upstream_of: Any, shop: Shop, clock: Times
    ) -> None:
        upstream = upstream_of(IMS)
        short = {"access_token": "short", "expires_in": 10}
        shop.tokens = [httpx.Response(200, json=short)]
        await read(upstream)
        clock.pass_by(seconds=4)
        await read(upstream)
        clock.pass_by(seconds=1)
        await read(upstream)

        assert shop.proofs() == ["Bearer short", "Bearer short", "Bearer token-2"]


class TestARefusedToken:
    @TOKEN_WAYS
    async def test_a_read_is_sent_once_more_with_a_new_token(
        self, upstream_of: Any, shop: Shop, clock: Times, way: Any
    ) -> None:
        upstream = upstream_of(way)
        await read(upstream)
        clock.pass_by(seconds=61)
        shop.answers = [httpx.Response(401)]

        assert await read(upstream) == 200
        assert shop.proofs() == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]

    async def test_a_second_refusal_is_final(
        self, upstream_of: Any, shop: Shop, clock: Times
    ) -> None:
        upstream = upstream_of(ADMIN)
        await read(upstream)
        clock.pass_by(seconds=61)
        shop.answers = [httpx.Response(401), httpx.Response(401)]

        with pytest.raises(ProviderRefusedUs):
            await read(upstream)

        assert len(shop.asked) == 3

    async def test_a_missing_permission_does_not_use_up_tokens(
        self, upstream_of: Any, shop: Shop
    ) -> None:
        upstream = upstream_of(ADMIN)
        shop.answers = [httpx.Response(401) for _ in range(5)]

        for _ in range(5):
            with pytest.raises(ProviderRefusedUs):
                await read(upstream)

        assert len(shop.sign_ins) == 1

    async def test_all_who_were_refused_share_one_new_token(
        self, upstream_of: Any, shop: Shop, clock: Times
    ) -> None:
        upstream = upstream_of(ADMIN)
        await read(upstream)
        clock.pass_by(seconds=61)
        shop.ended = {"Bearer token-1"}

        assert await asyncio.gather(*(read(upstream) for _ in range(4))) == [200] * 4
        assert len(shop.sign_ins) == 2

    async def test_a_write_is_never_sent_again_but_the_next_has_a_new_token(
        self, upstream_of: Any, shop: Shop, clock: Times
    ) -> None:
        upstream = upstream_of(ADMIN)
        await read(upstream)
        clock.pass_by(seconds=61)
        shop.answers = [httpx.Response(401)]

        with pytest.raises(OutcomeUnknown) as unknown:
            await write(upstream)
        assert unknown.value.kind is SourceProblemKind.CREDENTIALS_REJECTED
        assert len(shop.asked) == 2

        await write(upstream)
        assert shop.proofs()[-1] == "Bearer token-2"


class TestNoToken:
    CASES = pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (httpx.Response(401, json={"message": "x"}), ProviderRefusedUs),
            (httpx.Response(400, json={"error": "invalid_client"}), ProviderRefusedUs),
            (httpx.Response(404), ProviderRefusedUs),
            (httpx.Response(429, headers={"Retry-After": "17"}), ProviderThrottled),
            (httpx.Response(500), ProviderUnreachable),
            (httpx.Response(302), ProviderUnreachable),
            (httpx.Response(200, content=b"<html>"), ProviderUnreachable),
            (httpx.Response(200, content=b'"two words"'), ProviderUnreachable),
            (httpx.Response(200, content=b'""'), ProviderUnreachable),
            (httpx.Response(200, content=b'"x\\r\\nCookie: a"'), ProviderUnreachable),
            (httpx.Response(200, content=b'{"token":"x"}'), ProviderUnreachable),
            (httpx.Response(200, content=b'{"access_token":"x"}'), ProviderUnreachable),
            (
                httpx.Response(200, content=b'{"access_token":"x","expires_in":0}'),
                ProviderUnreachable,
            ),
            (httpx.ReadTimeout("late"), ProviderTimedOut),
            (httpx.ReadError("reset"), ProviderUnreachable),
            (httpx.ConnectError("refused"), ProviderUnreachable),
        ],
        ids=repr,
    )

    @TOKEN_WAYS
    @CASES
    @pytest.mark.parametrize("call", [read, write])
    async def test_nothing_is_sent_and_the_reason_told(
        self,
        upstream_of: Any,
        shop: Shop,
        way: Any,
        answer: Answer,
        fault: type[ProviderFault],
        call: Any,
    ) -> None:
        shop.tokens = [answer]

        with pytest.raises(fault) as told:
            await call(upstream_of(way))

        assert not shop.asked
        assert len(shop.sign_ins) == 1
        if isinstance(told.value, ProviderThrottled):
            assert told.value.retry_after_seconds == 17

    async def test_all_who_wait_are_told(self, upstream_of: Any, shop: Shop) -> None:
        upstream = upstream_of(ADMIN)
        shop.tokens = [httpx.Response(500)]

        outcomes = await asyncio.gather(*(read(upstream) for _ in range(3)), return_exceptions=True)

        assert [type(it) for it in outcomes] == [ProviderUnreachable] * 3
        assert len(shop.sign_ins) == 1

    async def test_the_next_call_tries_again(self, upstream_of: Any, shop: Shop) -> None:
        upstream = upstream_of(ADMIN)
        shop.tokens = [httpx.Response(500)]
        with pytest.raises(ProviderUnreachable):
            await read(upstream)

        assert await read(upstream) == 200


class TestSettings:
    @pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
    def test_secrets_are_never_printed(self, build: Build, shop: Shop, way: Any) -> None:
        configured = build(credentials=way)
        printed = repr(configured) + repr(configured.credentials)

        assert not [secret for secret in SECRETS.values() if repr(secret) in printed]

    def test_a_bearer_is_sent_without_a_layer(self, build: Build, shop: Shop) -> None:
        assert build().authenticated(shop, lambda: NOW) is shop

    def test_the_store_view_goes_with_the_headers_of_a_tenant(self, build: Build) -> None:
        assert build(credentials=IMS, store="b2b_us").request_headers() == {
            "x-api-key": "client-1",
            "x-gw-ims-org-id": "ORG@AdobeOrg",
            "Store": "b2b_us",
        }

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "oauth2"},
            {"token": {"env": "PASSWORD"}},
            INTEGRATION | {"access_token": "in the open"},
            {name: value for name, value in INTEGRATION.items() if name != "access_token"},
            ADMIN | {"password": "in the open"},
            ADMIN | {"username": ""},
            ADMIN | {"lifetime_seconds": 0},
            IMS | {"client_id": "two words"},
            IMS | {"organization_id": "x\r\nCookie: a"},
            IMS | {"token_url": "ftp://ims.example"},
            IMS | {"token_url": "https://user:word@ims.example/"},
        ],
        ids=repr,
    )
    def test_a_wrong_setting_is_refused_without_repeating_it(
        self, build: Build, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(ValidationError) as refusal:
            build(credentials=wrong)

        assert "in the open" not in str(refusal.value)
        assert not [one for one in SECRETS.values() if repr(one) in str(refusal.value)]
