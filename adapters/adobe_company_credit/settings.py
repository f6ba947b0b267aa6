"""What an Adobe Commerce source needs to be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.transport.settings import ReferredSecret, SourceSettings
from adapters.transport.upstream import Upstream
from app.domain.instruments import InstrumentKind
from app.domain.provider import Capability, SourceInfo


def _one_word(token: SecretStr) -> SecretStr:
    """Adobe reads a header of exactly two words."""
    if " " in token.get_secret_value():
        raise ValueError("a token is one word")
    return token


class BearerToken(BaseModel):
    """
    A token that is sent as it is: an admin token, an integration token where the shop allows it as
    a bearer, or an IMS access token. It is not renewed here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["bearer"]
    token: Annotated[ReferredSecret, AfterValidator(_one_word)]

    def request_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.get_secret_value()}"}


Credentials = BearerToken
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

    def source_info(self) -> SourceInfo:
        return self.info(
            kinds=frozenset({InstrumentKind.CREDIT_LINE}),
            capabilities=frozenset({Capability.READ, Capability.SEARCH, Capability.LEDGER}),
        )


def connect(settings: AdobeCompanyCreditSettings, upstream: Upstream) -> AdobeCompanyCredit:
    return AdobeCompanyCredit(upstream, settings.source_info(), website_id=settings.website_id)
