"""What a `[[sources]]` table with `provider = "vtex.giftcard"` holds."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from adapters.transport.settings import SourceSettings
from adapters.transport.upstream import Upstream
from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_giftcard.api import GiftcardApi
from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.dialect import NATIVE, PROTOCOL, Dialect, hub
from app.domain.capability import Capability
from app.domain.instruments import InstrumentKind
from app.domain.provider import SourceInfo

_TO_A_PROVIDER: Final = {
    "X-VTEX-API-AppKey": "X-PROVIDER-API-AppKey",
    "X-VTEX-API-AppToken": "X-PROVIDER-API-AppToken",
}


class VtexGiftcardSettings(SourceSettings):
    """
    One of three doors to gift cards: VTEX's own, its hub, or a provider that speaks its protocol.

    `base_url` is the root of the store's host, without `/api`; for a provider it is its service
    address, without `/giftcards`.
    """

    provider: Literal["vtex.giftcard"]
    flavour: Literal["native", "hub", "provider-protocol"] = "native"
    provider_id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    credentials: VtexCredentials
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 3.0
    max_concurrent_calls: Annotated[int, Field(ge=1, le=100_000)] | None = 500
    calls_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] | None = 5_000

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.flavour == "hub") != (self.provider_id is not None):
            raise ValueError("provider_id is given for the hub, and for nothing else")
        if self.flavour == "provider-protocol":
            self._refuse_as_provider()
        return self

    def _refuse_as_provider(self) -> None:
        """Documented: a service address has at least one path segment, the keys come in a pair."""
        if urlsplit(self.base_url).path in ("", "/"):
            raise ValueError("base_url of a provider has at least one path segment")
        if self.credentials.user_token is not None:
            raise ValueError("a provider knows app_key and app_token only")

    def dialect(self) -> Dialect:
        match self.flavour, self.provider_id:
            case "native", _:
                return NATIVE
            case "hub", str(provider_id):
                return hub(provider_id)
            case _:
                return PROTOCOL

    def request_headers(self) -> dict[str, str]:
        credentials = self.credentials.headers()
        if self.flavour == "provider-protocol":
            credentials = {_TO_A_PROVIDER[name]: secret for name, secret in credentials.items()}
        return self.dialect().headers() | credentials

    def source_info(self) -> SourceInfo:
        return self.info(
            kinds=frozenset({InstrumentKind.GIFT_CARD}),
            capabilities=frozenset(
                {
                    Capability.READ,
                    Capability.SEARCH,
                    Capability.LEDGER,
                    Capability.HOLD_LOOKUP,
                    Capability.EXPIRY,
                    Capability.ACCOUNT_WRITE,
                    Capability.BALANCE_INCREASE,
                    Capability.DEBIT,
                    Capability.NATIVE_HOLDS,
                    Capability.PARTIAL_CAPTURE,
                    Capability.REFUND,
                    Capability.NATIVE_IDEMPOTENCY,
                }
            ),
        )


def connect(settings: VtexGiftcardSettings, upstream: Upstream) -> VtexGiftcard:
    return VtexGiftcard(GiftcardApi(upstream, settings.dialect()), settings.source_info())
