"""The room behind a real `Upstream` whose last transport is a respx router."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.gift_cards import MedusaWithGiftCards
from adapters.store_credit.settings import MedusaStoreCreditSettings, connect
from adapters.transport.upstream import Upstream
from app.domain.identifiers import ProviderCustomerId, ProviderStoreCreditId, SourceKey
from app.domain.instruments import (
    InstrumentStatus,
    MedusaStoreCreditDetails,
    StoreCreditAccount,
)
from app.domain.money import Currency, Money

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Fixture = Callable[[str], str]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def fixture() -> Fixture:
    folder = Path(__file__).parent / "fixtures"
    return lambda name: (folder / name).read_text(encoding="utf-8")


@pytest.fixture
def router() -> respx.Router:
    return respx.Router(assert_all_called=False)


@pytest.fixture
def client(router: respx.Router, monkeypatch: pytest.MonkeyPatch) -> MedusaStoreCredit:
    monkeypatch.setenv("MEDUSA_KEY", "sk_" + "5a" * 32)
    return connected(router)


@pytest.fixture
def cards(router: respx.Router, monkeypatch: pytest.MonkeyPatch) -> MedusaWithGiftCards:
    monkeypatch.setenv("MEDUSA_KEY", "sk_" + "5a" * 32)
    made = connected(router, gift_cards=True)
    assert isinstance(made, MedusaWithGiftCards)
    return made


def connected(router: respx.Router, **options: object) -> MedusaStoreCredit:
    settings = MedusaStoreCreditSettings.model_validate(
        {
            "key": "medusa",
            "provider": "medusa.store-credit",
            "base_url": "https://medusa.example",
            "default_currency": "USD",
            "credentials": {"kind": "secret-key", "token": {"env": "MEDUSA_KEY"}},
            **options,
        }
    )
    upstream = Upstream(
        SourceKey(settings.key),
        base_url=settings.base_url,
        headers=settings.request_headers(),
        timeout=httpx.Timeout(2),
        transport=httpx.MockTransport(router.async_handler),
        clock=lambda: NOW,
    )
    return connect(settings, upstream)


@pytest.fixture
def account() -> StoreCreditAccount:
    usd = Currency("USD")
    return StoreCreditAccount(
        source=SourceKey("medusa"),
        provider_store_credit_id=ProviderStoreCreditId("sc_acc_01M80JFBSK9QFTH2JZRYB5KFJ4"),
        currency=usd,
        status=InstrumentStatus.ACTIVE,
        balance=Money(Decimal("17.96"), usd),
        total_credited=Money(Decimal("30.3"), usd),
        total_debited=Money(Decimal("12.34"), usd),
        created_at=None,
        updated_at=None,
        observed_at=NOW,
        details=MedusaStoreCreditDetails(
            provider_customer_id=ProviderCustomerId("cus_01M80JFBRTJAAHGJXDZMY1KZTZ"),
            masked_claim_code=None,
            metadata=None,
            transaction_groups=None,
        ),
    )
