"""What the configuration of a source may say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings
from app.domain.capability import Capability
from app.domain.instruments import InstrumentKind
from app.domain.provider import ReadsCreditAccounts, ReadsCreditLedger

Build = Callable[..., AdobeCompanyCreditSettings]


def test_a_token_is_sent_as_a_bearer(settings: Build) -> None:
    assert settings().request_headers() == {"Authorization": "Bearer sandbox-adobe-token"}


def test_a_store_view_is_sent_beside_it(settings: Build) -> None:
    assert settings(store="b2b_us").request_headers() == {
        "Authorization": "Bearer sandbox-adobe-token",
        "Store": "b2b_us",
    }


def test_a_token_is_never_printed(settings: Build) -> None:
    assert "sandbox-adobe-token" not in repr(settings())


def test_a_token_of_two_words_is_refused(settings: Build, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("Bearer sandbox-adobe-token", encoding="utf-8")

    with pytest.raises(ValidationError) as refusal:
        settings(credentials={"kind": "bearer", "token": {"file": str(tmp_path / "token")}})

    assert "one word" in str(refusal.value)
    assert "sandbox-adobe-token" not in str(refusal.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "https://shop.example/rest/default/V1"},
        {"base_url": "https://shop.example/rest/default/V1/"},
        {"store": "b2b us"},
        {"store": "x\r\nCookie: a"},
        {"website_id": -1},
        {"credentials": {"kind": "oauth1", "token": {"env": "ADOBE_TOKEN"}}},
        {"credentials": {"kind": "bearer", "token": "sandbox-adobe-token"}},
        {"credentials": {"kind": "bearer", "token": {"env": "ADOBE_TOKEN"}, "user": "x"}},
        {"provider": "adobe"},
    ],
)
def test_a_wrong_setting_is_refused_without_repeating_it(
    settings: Build, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValidationError) as refusal:
        settings(**wrong)

    assert "sandbox-adobe-token" not in str(refusal.value)


def test_a_source_tells_what_it_can_do(
    connected: Callable[..., AdobeCompanyCredit],
) -> None:
    client = connected(display_name="Adobe, US")

    assert (client.info.key, client.info.provider) == ("adobe", "adobe.company-credit")
    assert client.info.display_name == "Adobe, US"
    assert client.info.kinds == {InstrumentKind.CREDIT_LINE}
    assert client.info.capabilities == {
        Capability.READ,
        Capability.SEARCH,
        Capability.LEDGER,
        Capability.BALANCE_INCREASE,
        Capability.BALANCE_DECREASE,
        Capability.LIMIT_WRITE,
        Capability.ACCOUNT_WRITE,
    }
    assert {kind.capability for kind in client.writers} <= client.info.capabilities
    assert isinstance(client, ReadsCreditAccounts)
    assert isinstance(client, ReadsCreditLedger)
