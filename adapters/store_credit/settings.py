"""One `[[sources]]` table of provider `medusa.store-credit`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from adapters.store_credit.client import MedusaStoreCredit
from adapters.transport.settings import ReferredSecret, SourceSettings
from adapters.transport.upstream import Upstream
from app.domain.instruments import InstrumentKind
from app.domain.provider import Capability, SourceInfo

_SCHEMES: Final = {"secret-key": "Basic", "user-token": "Bearer"}
"""A secret key sent as Bearer is refused, and the other way round."""


class MedusaCredentials(BaseModel):
    """
    Attributes:
        kind: `secret-key` for a secret API key (`sk_...`, does not expire), `user-token` for the
            token of an admin user (lives a day by default).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["secret-key", "user-token"]
    token: ReferredSecret


class MedusaStoreCreditSettings(SourceSettings):
    """`base_url` is the root that `/admin` stands under."""

    provider: Literal["medusa.store-credit"]
    credentials: MedusaCredentials

    def request_headers(self) -> dict[str, str]:
        token = self.credentials.token.get_secret_value()
        return {"Authorization": f"{_SCHEMES[self.credentials.kind]} {token}"}

    def source_info(self) -> SourceInfo:
        return self.info(
            kinds=frozenset({InstrumentKind.STORE_CREDIT}),
            capabilities=frozenset({Capability.READ, Capability.SEARCH, Capability.LEDGER}),
        )


def connect(settings: MedusaStoreCreditSettings, upstream: Upstream) -> MedusaStoreCredit:
    return MedusaStoreCredit(upstream, settings.source_info())
