"""What an Adobe Commerce source needs to be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, TypeAlias

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator

from adapters.adobe_company_credit.authentication import (
    AdminSignIn,
    ImsSignIn,
    Signed,
    SigningSecrets,
    WithToken,
)
from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.transport.settings import ReferredSecret, SourceSettings
from adapters.transport.upstream import Upstream
from app.domain.capability import Capability
from app.domain.clock import Clock
from app.domain.instruments import InstrumentKind
from app.domain.provider import SourceInfo

PlainWord: TypeAlias = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]
TokenUrl: TypeAlias = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#@]*)?$")]


def _one_word(token: SecretStr) -> SecretStr:
    """Adobe reads a header of exactly two words."""
    if " " in token.get_secret_value():
        raise ValueError("a token is one word")
    return token


class _Way(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def request_headers(self) -> dict[str, str]:
        """What does not change from one request to the next."""
        return {}


class BearerToken(_Way):
    """
    A token that is sent as it is: an admin token, an integration token where the shop allows it as
    a bearer, or an IMS access token. It is not renewed here.
    """

    kind: Literal["bearer"]
    token: Annotated[ReferredSecret, AfterValidator(_one_word)]

    def request_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.get_secret_value()}"}

    def authenticated(
        self, transport: httpx.AsyncBaseTransport, base_url: str, clock: Clock
    ) -> httpx.AsyncBaseTransport:
        return transport


class Integration(_Way):
    """The four secrets of an integration (PaaS): every request is signed, by OAuth 1.0a."""

    kind: Literal["integration"]
    consumer_key: ReferredSecret
    consumer_secret: ReferredSecret
    access_token: ReferredSecret
    access_token_secret: ReferredSecret

    def authenticated(
        self, transport: httpx.AsyncBaseTransport, base_url: str, clock: Clock
    ) -> httpx.AsyncBaseTransport:
        secrets = SigningSecrets(
            consumer_key=self.consumer_key.get_secret_value(),
            consumer_secret=self.consumer_secret.get_secret_value(),
            access_token=self.access_token.get_secret_value(),
            access_token_secret=self.access_token_secret.get_secret_value(),
        )
        return Signed(transport, secrets, clock)


class AdminToken(_Way):
    """
    Name and password of an administrator (PaaS), where the shop asks for no second factor.

    Attributes:
        lifetime_seconds: Of the token, as the merchant has set it.
    """

    kind: Literal["admin-token"]
    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: ReferredSecret
    lifetime_seconds: Annotated[int, Field(ge=60, le=31_536_000)] = 14_400

    def authenticated(
        self, transport: httpx.AsyncBaseTransport, base_url: str, clock: Clock
    ) -> httpx.AsyncBaseTransport:
        sign_in = AdminSignIn(
            url=f"{base_url}/V1/integration/admin/token",
            username=self.username,
            password=self.password.get_secret_value(),
            life=timedelta(seconds=self.lifetime_seconds),
        )
        return WithToken(transport, sign_in, clock)


class ImsClient(_Way):
    """
    A server-to-server credential of Adobe's identity service (SaaS).

    Attributes:
        token_url: Where the service gives tokens.
    """

    kind: Literal["ims"]
    client_id: PlainWord
    client_secret: ReferredSecret
    organization_id: PlainWord
    token_url: TokenUrl = "https://ims-na1.adobelogin.com/ims/token/v3"

    def request_headers(self) -> dict[str, str]:
        return {"x-api-key": self.client_id, "x-gw-ims-org-id": self.organization_id}

    def authenticated(
        self, transport: httpx.AsyncBaseTransport, base_url: str, clock: Clock
    ) -> httpx.AsyncBaseTransport:
        sign_in = ImsSignIn(
            url=self.token_url,
            client_id=self.client_id,
            client_secret=self.client_secret.get_secret_value(),
        )
        return WithToken(transport, sign_in, clock)


Credentials: TypeAlias = Annotated[
    BearerToken | Integration | AdminToken | ImsClient, Field(discriminator="kind")
]
"""Ways to sign in, told apart by `kind`."""


class AdobeCompanyCreditSettings(SourceSettings):
    """
    Attributes:
        base_url: Everything before `/V1`: `https://shop.example/rest/default` on PaaS, with the
            code of a store view; the tenant's URL on SaaS.
        store: Code of the store view, for SaaS, where the URL does not carry it.
        website_id: Only customers of this website are found by e-mail; all websites without it.

    A customer's id at this source, in a directory or a claim, is `customer:<number>`,
    `company:<number>`, or a plain number, which is a customer's.
    """

    provider: Literal["adobe.company-credit"]
    credentials: Credentials
    store: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")] | None = None
    website_id: Annotated[int, Field(ge=0)] | None = None

    @field_validator("base_url")
    @classmethod
    def _ends_before_version(cls, url: str) -> str:
        if url.endswith("/V1"):
            raise ValueError("the URL ends before /V1")
        return url

    def request_headers(self) -> dict[str, str]:
        store = {"Store": self.store} if self.store else {}
        return self.credentials.request_headers() | store

    def authenticated(
        self, transport: httpx.AsyncBaseTransport, clock: Clock
    ) -> httpx.AsyncBaseTransport:
        """*transport*, with the proof of who asks put on every request."""
        return self.credentials.authenticated(transport, self.base_url, clock)

    def source_info(self) -> SourceInfo:
        return self.info(
            kinds=frozenset({InstrumentKind.CREDIT_LINE}),
            capabilities=frozenset(
                {
                    Capability.READ,
                    Capability.SEARCH,
                    Capability.LEDGER,
                    Capability.BALANCE_INCREASE,
                    Capability.BALANCE_DECREASE,
                    Capability.LIMIT_WRITE,
                    Capability.ACCOUNT_WRITE,
                }
            ),
        )


def connect(settings: AdobeCompanyCreditSettings, upstream: Upstream) -> AdobeCompanyCredit:
    return AdobeCompanyCredit(upstream, settings.source_info(), website_id=settings.website_id)
