"""The table of one source of gift cards."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from app.domain.instruments import InstrumentKind
from app.domain.provider import Capability, ReadsGiftCards

TABLE: dict[str, Any] = {
    "key": "cards-br",
    "provider": "vtex.giftcard",
    "base_url": "https://store.example",
    "default_currency": "BRL",
    "credentials": {"user_token": {"env": "CARDS_USER_TOKEN"}},
}


def test_secrets_are_read_by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARDS_USER_TOKEN", "a-user-token")
    settings = VtexGiftcardSettings(**TABLE)
    assert settings.request_headers() == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "VtexIdclientAutCookie": "a-user-token",
    }
    assert "a-user-token" not in repr(settings)


def test_reads_get_three_seconds_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARDS_USER_TOKEN", "a-user-token")
    assert VtexGiftcardSettings(**TABLE).timeout_seconds == 3.0
    assert VtexGiftcardSettings(**TABLE, timeout_seconds=0.5).timeout_seconds == 0.5
    with pytest.raises(ValidationError):
        VtexGiftcardSettings(**TABLE, timeout_seconds=0)


def test_another_provider_is_refused() -> None:
    with pytest.raises(ValidationError, match="provider"):
        VtexGiftcardSettings(**{**TABLE, "provider": "vtex.customer-credit"})


def test_the_source_offers_what_the_read_side_has(client: VtexGiftcard) -> None:
    assert isinstance(client, ReadsGiftCards)
    assert client.info.provider == "vtex.giftcard"
    assert client.info.kinds == {InstrumentKind.GIFT_CARD}
    assert client.info.capabilities == {
        Capability.READ,
        Capability.SEARCH,
        Capability.LEDGER,
        Capability.HOLD_LOOKUP,
        Capability.EXPIRY,
    }
