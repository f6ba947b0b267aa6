"""Every setting stands in `docs/settings.md`, with its default, and in the example."""

from __future__ import annotations

import re
import tomllib
from enum import Enum
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.adobe_company_credit.settings import AdobeCompanyCreditSettings, BearerToken
from adapters.store_credit.settings import MedusaCredentials, MedusaStoreCreditSettings
from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_customer_credit.settings import VtexCustomerCreditSettings
from adapters.vtex_giftcard.settings import VtexGiftcardSettings
from app.authentication.settings import AuthenticationSettings
from app.cache.settings import CacheSettings
from app.door.settings import DoorSettings
from app.graphql.limits.settings import DocumentLimits
from app.graphql.trusted_documents.settings import TrustedDocumentsSettings
from app.settings import (
    CustomerEntry,
    ExchangeRates,
    JournalSettings,
    MetricsSettings,
    Settings,
    read_settings,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/settings.md").read_text()
EXAMPLE = ROOT / "docs/creditgraph.example.toml"

SOURCES: tuple[type[BaseModel], ...] = (
    VtexCustomerCreditSettings,
    VtexGiftcardSettings,
    AdobeCompanyCreditSettings,
    MedusaStoreCreditSettings,
)
SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "Top level": (Settings,),
    "`[[sources]]`": SOURCES,
    "`[[customers]]`": (CustomerEntry,),
    "`[exchange_rates]`": (ExchangeRates,),
    "`[authentication]`": (AuthenticationSettings,),
    "`[door]`": (DoorSettings,),
    "`[journal]`": (JournalSettings,),
    "`[cache]`": (CacheSettings,),
    "`[metrics]`": (MetricsSettings,),
    "`[limits]`": (DocumentLimits,),
    "`[trusted_documents]`": (TrustedDocumentsSettings,),
}


def rows(section: str) -> dict[str, str]:
    """Name of each setting in the section's first table, and its default."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0].split("`credentials`, by")[0]
    cells = re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \| .*\|$", text, re.MULTILINE)
    return dict(cells)


def written(field: FieldInfo) -> str | None:
    """The default as a file would have it; None for those a page puts into words."""
    default = field.get_default(call_default_factory=True, validated_data={})
    if field.is_required():
        return "required"
    match default:
        case Enum():
            return f'`"{default.name}"`'
        case bool():
            return f"`{str(default).lower()}`"
        case str():
            return f'`"{default}"`'
        case int() | float():
            return f"`{default}`"
    return None


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_exactly_the_settings_there_are(section: str) -> None:
    assert set(rows(section)) == {
        name for model in SECTIONS[section] for name in model.model_fields
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_tells_the_defaults(section: str) -> None:
    documented = rows(section)
    for model in SECTIONS[section]:
        for name, field in model.model_fields.items():
            default = written(field)
            assert default is None or default in documented[name], (model, name)


@pytest.mark.parametrize("credentials", [VtexCredentials, BearerToken, MedusaCredentials])
def test_the_page_has_every_credential(credentials: type[BaseModel]) -> None:
    table = PAGE.split("`credentials`, by provider:")[1].split("\n## ")[0]
    assert all(f"`{name}" in table for name in credentials.model_fields)


def test_the_example_uses_every_setting_that_all_sources_share() -> None:
    tables = tomllib.loads(EXAMPLE.read_text())["sources"]
    shared = set.intersection(*(set(model.model_fields) for model in SOURCES))
    assert shared <= {name for table in tables for name in table}
    assert {table["provider"] for table in tables} == {
        "vtex.customer-credit",
        "vtex.giftcard",
        "adobe.company-credit",
        "medusa.store-credit",
    }


def test_the_example_is_valid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    token = tmp_path / "adobe-token"
    token.write_text("a-token")
    for name in ("VTEX_APP_KEY", "VTEX_APP_TOKEN", "MEDUSA_SECRET_KEY", "METRICS_TOKEN"):
        monkeypatch.setenv(name, "a-secret-of-some-length")
    monkeypatch.setenv("CREDITGRAPH_IDS", "i" * 32)
    monkeypatch.setenv("JOURNAL_URL", "postgresql://gateway:a-secret@db.example/journal")
    monkeypatch.setenv("CACHE_URL", "rediss://gateway:a-secret@cache.example:6379")
    own = tmp_path / "own.toml"
    own.write_text(EXAMPLE.read_text().replace("/run/secrets/adobe-token", str(token)))

    settings = read_settings(own)

    assert set(Settings.model_fields) == settings.model_fields_set
    assert [source.key for source in settings.sources] == ["vtex-br", "cards-br", "b2b", "medusa"]
