"""The four adapters, each on the stack of transports that the application gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import httpx
from pydantic import SecretStr

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings
from adapters.adobe_company_credit.settings import connect as connect_adobe
from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.settings import MedusaStoreCreditSettings
from adapters.store_credit.settings import connect as connect_medusa
from adapters.transport.layers import BodyLimit, Deadline
from adapters.transport.settings import SourceSettings
from adapters.transport.upstream import Upstream
from adapters.vtex_customer_credit.client import VtexCustomerCredit
from adapters.vtex_customer_credit.settings import VtexCustomerCreditSettings
from adapters.vtex_customer_credit.settings import connect as connect_vtex_credit
from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from adapters.vtex_giftcard.settings import connect as connect_vtex_giftcard
from app.domain.clock import utc_now
from app.domain.identifiers import SourceKey
from app.domain.paging import Page, Window
from app.domain.provider import Provider
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from sandbox.seed import built_in_section

T = TypeVar("T")
Wrap = Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST: Final = "http://sandbox.example"
MAX_BYTES: Final = 5_000_000

VTEX_KEY: Final = {"app_key": "vtexappkey-sandbox", "app_token": "sandbox-vtex-token"}
VTEX_WEAK_KEY: Final = {"app_key": "vtexappkey-readonly", "app_token": "sandbox-readonly-token"}
ADOBE_TOKEN: Final = {"kind": "bearer", "token": "sandbox-adobe-token"}
MEDUSA_KEY: Final = {"kind": "secret-key", "token": "sk_" + "5a" * 32}

Credentials = Mapping[str, str]


def layered(
    last: httpx.AsyncBaseTransport, *, seconds: float = 5, max_bytes: int = MAX_BYTES
) -> httpx.AsyncBaseTransport:
    return Deadline(BodyLimit(last, max_bytes=max_bytes), seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Adapters:
    """Makes adapters that share one way out."""

    transport: Callable[[], httpx.AsyncBaseTransport]
    host: str = HOST
    clock: Callable[[], datetime] = utc_now

    def vtex_credit(self, credentials: Credentials = VTEX_KEY) -> VtexCustomerCredit:
        settings = VtexCustomerCreditSettings.model_validate(
            self._table("vtex-credit", "vtex.customer-credit", "/vtex", credentials)
        )
        return connect_vtex_credit(settings, self._upstream(settings, settings.request_headers()))

    def vtex_giftcard(self, credentials: Credentials = VTEX_KEY) -> VtexGiftcard:
        settings = VtexGiftcardSettings.model_validate(
            self._table("vtex-giftcard", "vtex.giftcard", "/vtex", credentials)
        )
        return connect_vtex_giftcard(settings, self._upstream(settings, settings.request_headers()))

    def adobe(
        self, credentials: Credentials = ADOBE_TOKEN, base_path: str = "/adobe/rest/default"
    ) -> AdobeCompanyCredit:
        settings = AdobeCompanyCreditSettings.model_validate(
            self._table("adobe", "adobe.company-credit", base_path, credentials)
        )
        return connect_adobe(settings, self._upstream(settings, settings.request_headers()))

    def medusa(self, credentials: Credentials = MEDUSA_KEY) -> MedusaStoreCredit:
        settings = MedusaStoreCreditSettings.model_validate(
            self._table("medusa", "medusa.store-credit", "/medusa", credentials)
        )
        return connect_medusa(settings, self._upstream(settings, settings.request_headers()))

    def named(self, stand_in: str) -> Provider:
        made: Mapping[str, Callable[[], Provider]] = {
            "vtex-credit": self.vtex_credit,
            "vtex-giftcard": self.vtex_giftcard,
            "adobe": self.adobe,
            "medusa": self.medusa,
        }
        return made[stand_in]()

    def _table(
        self, key: str, provider: str, path: str, credentials: Credentials
    ) -> dict[str, object]:
        plain = {"kind"}
        return {
            "key": key,
            "provider": provider,
            "base_url": self.host + path,
            "default_currency": "BRL",
            "credentials": {
                name: value if name in plain else SecretStr(value)
                for name, value in credentials.items()
            },
        }

    def _upstream(self, settings: SourceSettings, headers: Mapping[str, str]) -> Upstream:
        return Upstream(
            SourceKey(settings.key),
            base_url=settings.base_url,
            headers=headers,
            timeout=httpx.Timeout(5),
            transport=self.transport(),
            clock=self.clock,
        )


def over_sandbox(
    seed: Mapping[str, Any] | None = None, *, wrap: Wrap = lambda inner: inner
) -> Adapters:
    """
    Adapters of a fresh sandbox in this process; its clock and theirs stand at `NOW`.

    Args:
        seed: Sections in place of the built-in ones.
        wrap: Put between the sandbox and the stack, to meddle with what goes through.
    """
    clock = Clock()
    clock.set(NOW)
    app = create_sandbox(seed, clock)
    return Adapters(transport=lambda: layered(wrap(httpx.ASGITransport(app=app))), clock=clock.now)


def section(name: str, **changes: Any) -> Mapping[str, Any]:
    """The built-in section *name* with members changed: objects merged, all else replaced."""
    built_in = built_in_section(name)
    merged = {
        member: {**built_in.get(member, {}), **value} if isinstance(value, Mapping) else value
        for member, value in changes.items()
    }
    return {name: {**built_in, **merged}}


async def walked(read: Callable[[Window], Awaitable[Page[T]]], *, limit: int) -> list[T]:
    """All items of a list, window by window; nothing in it is unreadable."""
    items: list[T] = []
    offset: int | None = 0
    while offset is not None:
        page = await read(Window(offset, limit))
        assert not page.faults
        assert len(page.items) <= limit
        items += page.items
        assert page.next_offset is None or page.next_offset > offset
        offset = page.next_offset
    return items
