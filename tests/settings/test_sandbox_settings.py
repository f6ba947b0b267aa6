"""What is configured when nothing is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.access import AccessLevel
from app.domain.money import Currency
from app.settings import ConfigurationError, sandbox_settings

SEEDS = Path(__file__).parents[2] / "sandbox/seed"


def test_there_are_four_sources_on_the_port_of_the_sandbox() -> None:
    assert {source.key: source.base_url for source in sandbox_settings(8765).sources} == {
        "vtex-credit": "http://127.0.0.1:8765/vtex",
        "vtex-giftcard": "http://127.0.0.1:8765/vtex",
        "adobe": "http://127.0.0.1:8765/adobe/rest/default",
        "medusa": "http://127.0.0.1:8765/medusa",
    }


def test_it_is_a_demo_and_says_so() -> None:
    assert sandbox_settings(8001).demo


def test_a_hanging_source_times_out_before_the_answer_is_due() -> None:
    settings = sandbox_settings(8001)
    assert all(one.timeout_seconds < settings.deadline_seconds for one in settings.sources)


def test_the_directory_links_the_customers_of_the_medusa_seed() -> None:
    known = {
        one["id"]: one["email"]
        for one in json.loads((SEEDS / "medusa.json").read_text())["customers"]
    }
    links = {
        link.provider_customer_id: one.email
        for one in sandbox_settings(8001).directory()
        for link in one.links
    }
    assert len(links) == 4
    assert links.items() <= known.items()


def test_the_directory_has_the_documents_of_the_vtex_seed() -> None:
    known = {
        one["email"]: one["document"]
        for one in json.loads((SEEDS / "vtex_credit.json").read_text())["accounts"]
        if one.get("document")
    }
    for one in sandbox_settings(8001).directory():
        assert known.get(one.email, one.document) == one.document


def test_the_rate_of_the_worked_example_is_current() -> None:
    lookup = sandbox_settings(8001).rate_lookup(lambda: datetime.now(UTC))
    rate = lookup(Currency("USD"), Currency("BRL"))

    assert rate
    assert (rate.rate, rate.haircut_bps) == (Decimal("5.4321"), 100)


def test_the_environment_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITGRAPH_LOG_LEVEL", "debug")
    monkeypatch.setenv("CREDITGRAPH_SOURCES", "[]")
    settings = sandbox_settings(8001, port=9000)

    assert (settings.log_level, settings.port, len(settings.sources)) == ("debug", 9000, 4)


def test_it_is_bound_to_this_machine_too() -> None:
    with pytest.raises(ConfigurationError, match="host: this is no loopback address"):
        sandbox_settings(8001, host="0.0.0.0")


def test_who_shows_no_key_sees_nothing_of_the_sandbox_either() -> None:
    authentication = sandbox_settings(8001).authentication

    assert authentication.anonymous_level is AccessLevel.PUBLIC
    assert not authentication.anonymous_scopes
