"""One `[[sources]]` table of provider `medusa.store-credit`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.gift_cards import MedusaWithGiftCards
from adapters.transport.settings import ReferredSecret, SourceSettings
from adapters.transport.upstream import Upstream
from app.domain.capability import Capability
from app.domain.instruments import InstrumentKind
from app.domain.provider import SourceInfo

_SCHEMES: Final = {"secret-key": "Basic", "user-token": "Bearer"}
"""A secret key sent as Bearer is refused, and the other way round."""


_CAPABILITIES: Final = frozenset(
    {
        Capability.READ,
        Capability.SEARCH,
        Capability.LEDGER,
        Capability.ACCOUNT_WRITE,
        Capability.BALANCE_INCREASE,
    }
)
_WITH_DEBIT: Final = frozenset({Capability.DEBIT, Capability.CLAIM})
"""To claim is to debit the account that nobody owns, and to credit the customer's."""

_WITH_CARDS: Final = frozenset({Capability.EXPIRY})
_KINDS: Final = frozenset({InstrumentKind.STORE_CREDIT})
_CARDS: Final = frozenset({InstrumentKind.GIFT_CARD})
_FIRST_WITH_DEBIT: Final = (2, 21, 1)


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
    """
    `base_url` is the root that `/admin` stands under.

    Attributes:
        release: Of the loyalty plugin; without one, the newest that is known.
        gift_cards: Whether cards are looked at too. They have no owner here, so they add nothing to
            what a customer can spend, and every question about a customer's cards costs a call.
        writes_end_within_seconds: Longer than for others: with its database away, the provider
            keeps writes waiting for more than a minute.
    """

    provider: Literal["medusa.store-credit"]
    credentials: MedusaCredentials
    release: Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")] = "2.21.1"

    gift_cards: bool = False
    writes_end_within_seconds: Annotated[float, Field(ge=1, le=3600)] = 180.0

    def request_headers(self) -> dict[str, str]:
        token = self.credentials.token.get_secret_value()
        return {"Authorization": f"{_SCHEMES[self.credentials.kind]} {token}"}

    def _has_debit_route(self) -> bool:
        return tuple(map(int, self.release.split("."))) >= _FIRST_WITH_DEBIT

    def source_info(self) -> SourceInfo:
        return self.info(
            kinds=_KINDS | (_CARDS if self.gift_cards else set()),
            capabilities=_CAPABILITIES
            | (_WITH_DEBIT if self._has_debit_route() else set())
            | (_WITH_CARDS if self.gift_cards else set()),
        )


def connect(settings: MedusaStoreCreditSettings, upstream: Upstream) -> MedusaStoreCredit:
    room = MedusaWithGiftCards if settings.gift_cards else MedusaStoreCredit
    return room(upstream, settings.source_info())
