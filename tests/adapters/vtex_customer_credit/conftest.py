"""The room behind a real `Upstream` whose last transport is a respx router."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from adapters.transport import exact_json
from adapters.transport.upstream import Upstream
from adapters.vtex_customer_credit.client import VtexCustomerCredit
from adapters.vtex_customer_credit.settings import VtexCustomerCreditSettings, connect
from app.domain.identifiers import SourceKey
from app.domain.money import Currency, Money

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

ROOT = "https://store.example/api/creditcontrol"

Fixture = Callable[[str], str]
Document = Callable[..., str]
Brl = Callable[[str], Money]
Sent = Callable[[], list[str]]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def root() -> str:
    return ROOT


@pytest.fixture
def fixture() -> Fixture:
    folder = Path(__file__).parent / "fixtures"
    return lambda name: (folder / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture
def document(fixture: Fixture) -> Document:
    """A fixture with some members set anew, and those set to None left out."""

    def change(name: str, /, **members: Any) -> str:
        body = exact_json.decode(fixture(name).encode()) | members
        kept = {name: value for name, value in body.items() if value is not None}
        return exact_json.encode(kept).decode()

    return change


@pytest.fixture
def listed() -> Callable[..., str]:
    """A search answer around documents; its summary is wrong on purpose."""

    def wrap(*documents: str) -> str:
        return f'{{"data": [{",".join(documents)}], "summary": {json.dumps({"count": 9999})}}}'

    return wrap


@pytest.fixture
def brl() -> Brl:
    return lambda amount: Money(Decimal(amount), Currency("BRL"))


@pytest.fixture
def router() -> respx.Router:
    return respx.Router(assert_all_called=False)


@pytest.fixture
def sent(router: respx.Router) -> Sent:
    """Path and query of every request, byte for byte, without what they all begin with."""
    return lambda: [
        call.request.url.raw_path.decode().removeprefix("/api/creditcontrol")
        for call in router.calls
    ]


@pytest.fixture
def client(router: respx.Router, monkeypatch: pytest.MonkeyPatch) -> VtexCustomerCredit:
    monkeypatch.setenv("VTEX_KEY", "vtexappkey-store-ABCDEF")
    monkeypatch.setenv("VTEX_TOKEN", "SECRETTOKEN")
    settings = VtexCustomerCreditSettings.model_validate(
        {
            "key": "vtex-br",
            "provider": "vtex.customer-credit",
            "base_url": "https://store.example",
            "default_currency": "BRL",
            "credentials": {"app_key": {"env": "VTEX_KEY"}, "app_token": {"env": "VTEX_TOKEN"}},
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
