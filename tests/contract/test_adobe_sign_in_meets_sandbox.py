"""Every way to sign in at Adobe, against the stand-in, written apart from the same contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings, connect
from adapters.transport.upstream import Upstream
from app.domain.errors import ProviderRefusedUs
from app.domain.paging import Window
from app.domain.provider import CreditAccountQuestion
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from tests.contract.cast import ANY_ENTRY, BUYERS_CREDIT, SHOPPER
from tests.contract.stack import HOST, NOW, layered, section

INTEGRATION: dict[str, Any] = {
    "kind": "integration",
    "consumer_key": SecretStr("sandbox-adobe-consumer-key"),
    "consumer_secret": SecretStr("sandbox-adobe-consumer-secret"),
    "access_token": SecretStr("sandbox-adobe-access-token"),
    "access_token_secret": SecretStr("sandbox-adobe-access-token-secret"),
}
ADMIN: dict[str, Any] = {
    "kind": "admin-token",
    "username": "svc-gateway",
    "password": SecretStr("sandbox-adobe-password"),
}
IMS: dict[str, Any] = {
    "kind": "ims",
    "client_id": "sandbox-adobe-ims-client",
    "client_secret": SecretStr("sandbox-adobe-ims-secret"),
    "organization_id": "SANDBOX@AdobeOrg",
    "token_url": f"{HOST}/adobe/ims/token/v3",
}
WAYS = {"integration": INTEGRATION, "admin-token": ADMIN, "ims": IMS}
WRONG = {
    "integration": INTEGRATION | {"access_token_secret": SecretStr("wrong")},
    "unknown consumer": INTEGRATION | {"consumer_key": SecretStr("wrong")},
    "admin-token": ADMIN | {"password": SecretStr("wrong")},
    "ims": IMS | {"client_secret": SecretStr("wrong")},
    "ims, another organization": IMS | {"organization_id": "OTHER@AdobeOrg"},
}


class Signing:
    """An adapter with any credentials over a sandbox, its own clock *late* by so much."""

    def __init__(
        self, credentials: Mapping[str, Any], *, late: timedelta = timedelta(), **changes: Any
    ) -> None:
        clock = Clock()
        clock.set(NOW)
        app = create_sandbox(section("adobe", **changes), clock)
        base_path = "/adobe" if credentials["kind"] == "ims" else "/adobe/rest/default"
        settings = AdobeCompanyCreditSettings.model_validate(
            {
                "key": "adobe",
                "provider": "adobe.company-credit",
                "base_url": HOST + base_path,
                "default_currency": "USD",
                "store": "default",
                "credentials": credentials,
            }
        )
        transport = layered(httpx.ASGITransport(app=app))
        upstream = Upstream(
            settings.source_info().key,
            base_url=settings.base_url,
            headers=settings.request_headers(),
            timeout=httpx.Timeout(5),
            transport=settings.authenticated(transport, lambda: clock.now() - late),
            clock=clock.now,
        )
        self.clock = clock
        self.adobe = connect(settings, upstream)


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_signs_in_reads_everything(way: str) -> None:
    adobe = Signing(WAYS[way]).adobe

    await adobe.probe()
    assert (await adobe.credit_accounts_of(SHOPPER)).items
    assert (await adobe.credit_ledger(BUYERS_CREDIT, ANY_ENTRY, Window(0, 100))).total == 48
    assert (await adobe.search_credit_accounts(CreditAccountQuestion(), Window())).items


@pytest.mark.parametrize("way", WRONG)
async def test_whoever_does_not_is_refused(way: str) -> None:
    with pytest.raises(ProviderRefusedUs):
        await Signing(WRONG[way]).adobe.probe()


async def test_a_shop_that_wants_a_second_factor_refuses_the_password() -> None:
    with pytest.raises(ProviderRefusedUs):
        await Signing(ADMIN, switches={"two_factor": "on"}).adobe.probe()


async def test_a_clock_that_is_off_is_about_our_credentials() -> None:
    with pytest.raises(ProviderRefusedUs):
        await Signing(INTEGRATION, late=timedelta(hours=1)).adobe.probe()


@pytest.mark.parametrize("way", ["admin-token", "ims"])
@pytest.mark.parametrize("hours", [3.9, 4, 5, 23.9, 24, 200])
async def test_tokens_are_renewed_in_time_and_after_it(way: str, hours: float) -> None:
    signing = Signing(WAYS[way])
    await signing.adobe.probe()
    signing.clock.set(NOW + timedelta(hours=hours))

    await signing.adobe.probe()


async def test_a_token_that_ended_early_is_renewed_by_the_next_read() -> None:
    signing = Signing(ADMIN | {"lifetime_seconds": 31_536_000})
    await signing.adobe.probe()
    signing.clock.set(NOW + timedelta(hours=5))

    await signing.adobe.probe()
