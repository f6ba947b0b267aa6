"""What a `[[sources]]` table with `provider = "vtex.giftcard"` holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.transport.settings import SourceSettings
from adapters.transport.upstream import Upstream
from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.instruments import InstrumentKind
from app.domain.provider import Capability, SourceInfo


class VtexGiftcardSettings(SourceSettings):
    """`base_url` is the root of the store's host, without `/api`."""

    provider: Literal["vtex.giftcard"]
    credentials: VtexCredentials
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 3.0

    def request_headers(self) -> dict[str, str]:
        """The file requires Accept and Content-Type of every call, those without a body too."""
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            **self.credentials.headers(),
        }

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
                }
            ),
        )


def connect(settings: VtexGiftcardSettings, upstream: Upstream) -> VtexGiftcard:
    return VtexGiftcard(upstream, settings.source_info())
