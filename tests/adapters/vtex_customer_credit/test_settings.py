"""The `[[sources]]` table, and the two ways to be known to VTEX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_customer_credit.settings import VtexCustomerCreditSettings
from app.domain.capability import Capability
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.money import Currency
from app.domain.provider import SourceInfo

TABLE: dict[str, Any] = {
    "key": "vtex-br",
    "provider": "vtex.customer-credit",
    "display_name": "VTEX Brazil",
    "base_url": "https://store.vtexcommercestable.com.br/",
    "default_currency": "BRL",
    "credentials": {"user_token": {"env": "VTEX_USER"}},
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VTEX_KEY", "VTEX_TOKEN", "VTEX_USER"):
        monkeypatch.setenv(name, f"SECRET-{name}")


KEY = {"app_key": {"env": "VTEX_KEY"}}
TOKEN = {"app_token": {"env": "VTEX_TOKEN"}}
USER = {"user_token": {"env": "VTEX_USER"}}


@pytest.mark.parametrize(
    ("credentials", "headers"),
    [
        (
            KEY | TOKEN,
            {
                "X-VTEX-API-AppKey": "SECRET-VTEX_KEY",
                "X-VTEX-API-AppToken": "SECRET-VTEX_TOKEN",
            },
        ),
        (USER, {"VtexIdclientAutCookie": "SECRET-VTEX_USER"}),
    ],
)
def test_a_key_pair_or_a_user_token_becomes_headers(
    credentials: dict[str, Any], headers: dict[str, str]
) -> None:
    assert VtexCredentials.model_validate(credentials).headers() == headers


@pytest.mark.parametrize(
    ("credentials", "complaint"),
    [
        ({}, "either app_key and app_token or user_token is expected"),
        (KEY | TOKEN | USER, "either app_key and app_token or user_token is expected"),
        (KEY, "given together"),
        (TOKEN, "given together"),
        (KEY | USER, "given together"),
        (KEY | {"app_token": "SECRET in the open"}, "by reference"),
        (KEY | TOKEN | {"cookie": USER["user_token"]}, "Extra inputs are not permitted"),
    ],
)
def test_other_credentials_are_refused_without_being_repeated(
    credentials: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint) as refusal:
        VtexCustomerCreditSettings.model_validate(TABLE | {"credentials": credentials})

    assert "SECRET" not in str(refusal.value)


def test_settings_do_not_print_their_secrets() -> None:
    assert "SECRET" not in repr(VtexCustomerCreditSettings.model_validate(TABLE))


def test_requests_carry_both_content_headers_and_the_credentials() -> None:
    settings = VtexCustomerCreditSettings.model_validate(TABLE)

    assert settings.request_headers() == {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "VtexIdclientAutCookie": "SECRET-VTEX_USER",
    }
    assert settings.base_url == "https://store.vtexcommercestable.com.br"


def test_the_source_says_what_can_be_done_with_it() -> None:
    assert VtexCustomerCreditSettings.model_validate(TABLE).source_info() == SourceInfo(
        key=SourceKey("vtex-br"),
        provider="vtex.customer-credit",
        display_name="VTEX Brazil",
        default_currency=Currency("BRL"),
        kinds=frozenset({InstrumentKind.CREDIT_LINE}),
        capabilities=frozenset(
            {
                Capability.READ,
                Capability.SEARCH,
                Capability.INVOICES,
                Capability.LEDGER,
                Capability.STORE_CONFIGURATION,
                Capability.ACCOUNT_WRITE,
                Capability.LIMIT_WRITE,
                Capability.TOLERANCE,
                Capability.BALANCE_DECREASE,
                Capability.HOLDERS,
                Capability.NATIVE_HOLDS,
                Capability.PARTIAL_CAPTURE,
                Capability.REFUND,
            }
        ),
    )


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("SECRET-FROM-FILE\n", encoding="utf-8")

    credentials = VtexCredentials.model_validate({"user_token": {"file": str(path)}})

    assert credentials.headers() == {"VtexIdclientAutCookie": "SECRET-FROM-FILE"}
