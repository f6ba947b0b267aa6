"""The table of one source of gift cards."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from app.domain.capability import Capability
from app.domain.instructions import (
    CancelOnGiftCard,
    CreditGiftCard,
    DebitGiftCard,
    HoldOnGiftCard,
    IssueGiftCard,
    SettleGiftCard,
)
from app.domain.instruments import InstrumentKind
from app.domain.provider import ReadsGiftCards, Writes

TABLE: dict[str, Any] = {
    "key": "cards-br",
    "provider": "vtex.giftcard",
    "base_url": "https://store.example",
    "default_currency": "BRL",
    "credentials": {"user_token": {"env": "CARDS_USER_TOKEN"}},
}

KEY_PAIR: dict[str, Any] = {
    "credentials": {"app_key": SecretStr("a-key"), "app_token": SecretStr("a-token")}
}
AT_A_PROVIDER = {"flavour": "provider-protocol", "base_url": "https://cards.example/api/"}


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


def test_the_source_can_read_and_do_everything_a_card_is_for(client: VtexGiftcard) -> None:
    assert isinstance(client, ReadsGiftCards)
    assert isinstance(client, Writes)
    assert client.info.provider == "vtex.giftcard"
    assert client.info.kinds == {InstrumentKind.GIFT_CARD}
    assert client.info.capabilities == {
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


def test_every_writer_is_declared_as_a_capability(client: VtexGiftcard) -> None:
    assert {kind.capability for kind in client.writers} <= client.info.capabilities
    assert set(client.writers) == {
        CreditGiftCard,
        DebitGiftCard,
        HoldOnGiftCard,
        SettleGiftCard,
        CancelOnGiftCard,
        IssueGiftCard,
    }


def test_the_hub_speaks_its_own_media_type() -> None:
    settings = VtexGiftcardSettings(**{**TABLE, **KEY_PAIR, "flavour": "hub", "provider_id": "own"})
    assert settings.request_headers() == {
        "Accept": "application/vnd.vtex.giftcardproviders.v1+json",
        "X-VTEX-API-AppKey": "a-key",
        "X-VTEX-API-AppToken": "a-token",
    }


def test_a_provider_has_keys_of_its_own() -> None:
    settings = VtexGiftcardSettings(**{**TABLE, **KEY_PAIR, **AT_A_PROVIDER})
    assert settings.request_headers() == {
        "Accept": "application/vnd.vtex.giftcards.v1+json",
        "X-PROVIDER-API-AppKey": "a-key",
        "X-PROVIDER-API-AppToken": "a-token",
    }


USER_TOKEN: dict[str, Any] = {"credentials": {"user_token": SecretStr("a-user-token")}}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"flavour": "hub"}, "provider_id is given for the hub"),
        ({"provider_id": "own"}, "provider_id is given for the hub"),
        ({**AT_A_PROVIDER, "provider_id": "own"}, "provider_id is given for the hub"),
        ({"flavour": "hub", "provider_id": ""}, "provider_id"),
        ({**AT_A_PROVIDER, "base_url": "https://cards.example"}, "at least one path segment"),
        ({**AT_A_PROVIDER, "base_url": "https://cards.example/"}, "at least one path segment"),
        ({**AT_A_PROVIDER, **USER_TOKEN}, "app_key and app_token only"),
        ({"flavour": "native-hub"}, "flavour"),
    ],
)
def test_a_flavour_that_lacks_something_is_refused(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        VtexGiftcardSettings(**{**TABLE, **KEY_PAIR, **table})
