"""A client whose stack ends in a respx router instead of a connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import respx
from pydantic import SecretStr

from adapters.transport.upstream import Upstream
from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_giftcard.client import VtexGiftcard
from adapters.vtex_giftcard.settings import VtexGiftcardSettings, connect
from app.domain.identifiers import SourceKey


@pytest.fixture
def provider() -> respx.Router:
    return respx.Router()


@pytest.fixture
def settings() -> VtexGiftcardSettings:
    return VtexGiftcardSettings(
        key="cards-br",
        provider="vtex.giftcard",
        base_url="https://store.example/vtex/",
        default_currency="BRL",
        credentials=VtexCredentials(
            app_key=SecretStr("vtexappkey-store"), app_token=SecretStr("the-token")
        ),
    )


@pytest.fixture
def client(provider: respx.Router, settings: VtexGiftcardSettings) -> VtexGiftcard:
    upstream = Upstream(
        SourceKey(settings.key),
        base_url=settings.base_url,
        headers=settings.request_headers(),
        timeout=httpx.Timeout(settings.timeout_seconds),
        transport=httpx.MockTransport(provider.async_handler),
        clock=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    return connect(settings, upstream)


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    return lambda name: (Path(__file__).parent / "fixtures" / f"{name}.json").read_bytes()
