"""An Adobe shop made of canned answers, and the client that reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings, connect
from adapters.transport import exact_json
from adapters.transport.upstream import Upstream
from app.domain.identifiers import SourceKey

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BASE = "https://shop.example/rest/default"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def shop() -> Iterator[respx.Router]:
    """Routes below the base URL; an unknown one fails the test."""
    router = respx.Router(base_url=BASE, assert_all_called=False)
    yield router
    router.reset()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AdobeCompanyCreditSettings]:
    monkeypatch.setenv("ADOBE_TOKEN", "sandbox-adobe-token")

    def build(**others: object) -> AdobeCompanyCreditSettings:
        table = {
            "key": "adobe",
            "provider": "adobe.company-credit",
            "base_url": BASE,
            "default_currency": "USD",
            "credentials": {"kind": "bearer", "token": {"env": "ADOBE_TOKEN"}},
        }
        return AdobeCompanyCreditSettings.model_validate(table | others)

    return build


@pytest.fixture
def connected(
    shop: respx.Router, settings: Callable[..., AdobeCompanyCreditSettings]
) -> Callable[..., AdobeCompanyCredit]:
    def build(**others: object) -> AdobeCompanyCredit:
        configured = settings(**others)
        upstream = Upstream(
            SourceKey(configured.key),
            base_url=configured.base_url,
            headers=configured.request_headers(),
            timeout=httpx.Timeout(1),
            transport=httpx.MockTransport(shop.async_handler),
            clock=lambda: NOW,
        )
        return connect(configured, upstream)

    return build


@pytest.fixture
async def adobe(
    connected: Callable[..., AdobeCompanyCredit],
) -> AsyncIterator[AdobeCompanyCredit]:
    client = connected()
    yield client
    await client.aclose()


@pytest.fixture
def sent(shop: respx.Router) -> Callable[[], list[str]]:
    """The requests so far as `GET /path?query`, below the base URL and unescaped."""

    def requests() -> list[str]:
        return [
            f"{call.request.method} {unquote(str(call.request.url)).removeprefix(BASE)}"
            for call in shop.calls
        ]

    return requests


@pytest.fixture
def body() -> Callable[[str], bytes]:
    """A file of `fixtures`."""
    folder = Path(__file__).parent / "fixtures"
    return lambda name: (folder / f"{name}.json").read_bytes()


@pytest.fixture
def credit_body() -> Callable[..., bytes]:
    """A credit record, exact numbers included; a member given as None is left out."""

    def build(**members: object) -> bytes:
        record = {
            "id": 31,
            "company_id": 21,
            "credit_limit": 5000,
            "balance": Decimal("-1250.5"),
            "currency_code": "BRL",
            "exceed_limit": False,
            "available_limit": Decimal("3749.5"),
        } | members
        return exact_json.encode({k: v for k, v in record.items() if v is not None})

    return build


@pytest.fixture
def list_body() -> Callable[..., bytes]:
    """A search answer of items given as bytes."""

    def build(*items: bytes, total: int | None = None) -> bytes:
        count = len(items) if total is None else total
        return b'{"items":[%s],"search_criteria":{"filter_groups":[]},"total_count":%d}' % (
            b",".join(items),
            count,
        )

    return build
