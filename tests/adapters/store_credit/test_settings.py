"""What an operator writes, and what goes out because of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.store_credit.settings import MedusaStoreCreditSettings
from app.domain.capability import Capability
from app.domain.instruments import InstrumentKind


def settings(credentials: dict[str, Any], **others: object) -> MedusaStoreCreditSettings:
    return MedusaStoreCreditSettings.model_validate(
        {
            "key": "medusa",
            "provider": "medusa.store-credit",
            "base_url": "https://medusa.example/",
            "default_currency": "USD",
            "credentials": credentials,
            **others,
        }
    )


@pytest.mark.parametrize(
    ("kind", "header"), [("secret-key", "Basic sk_5a5a"), ("user-token", "Bearer sk_5a5a")]
)
def test_the_kind_of_credential_decides_the_scheme(
    kind: str, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")

    made = settings({"kind": kind, "token": {"env": "MEDUSA_TOKEN"}})

    assert made.request_headers() == {"Authorization": header}


def test_a_token_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a.b.c\n")

    made = settings({"kind": "user-token", "token": {"file": str(tmp_path / "token")}})

    assert made.request_headers() == {"Authorization": "Bearer a.b.c"}


def test_settings_never_print_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")

    made = settings({"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}})

    assert "sk_5a5a" not in f"{made!r} {made} {made.model_dump()}"


@pytest.mark.parametrize(
    "credentials",
    [
        {"kind": "secret-key", "token": "sk_in_the_file"},
        {"kind": "api-key", "token": {"env": "PATH"}},
        {"kind": "secret-key"},
        {"kind": "secret-key", "token": {"env": "PATH"}, "scheme": "Bearer"},
    ],
)
def test_credentials_of_another_form_are_refused_without_repeating_them(
    credentials: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(credentials)

    assert "sk_in_the_file" not in str(refused.value)


def test_a_source_of_the_newest_release_can_do_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")

    info = settings({"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}}).source_info()

    assert info.kinds == {InstrumentKind.STORE_CREDIT}
    assert info.capabilities == {
        Capability.READ,
        Capability.SEARCH,
        Capability.LEDGER,
        Capability.ACCOUNT_WRITE,
        Capability.BALANCE_INCREASE,
        Capability.DEBIT,
        Capability.CLAIM,
    }


@pytest.mark.parametrize(
    ("release", "able"),
    [
        ("2.14.0", set()),
        ("2.21.0", set()),
        ("2.21.1", {Capability.DEBIT, Capability.CLAIM}),
        ("2.100.0", {Capability.DEBIT, Capability.CLAIM}),
        ("3.0.0", {Capability.DEBIT, Capability.CLAIM}),
    ],
)
def test_debits_and_with_them_claims_came_with_a_release(
    release: str, able: set[Capability], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")

    made = settings({"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}}, release=release)

    assert made.source_info().capabilities & {Capability.DEBIT, Capability.CLAIM} == able


@pytest.mark.parametrize("release", ["", "2.21", "v2.21.1", "2.21.1-next", "2.21.1\n", "newest", 2])
def test_a_release_has_three_numbers(release: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")

    with pytest.raises(ValidationError):
        settings({"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}}, release=release)


def test_a_write_may_wait_for_the_database_longer_than_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")
    credentials = {"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}}

    for given, seconds in (({}, 180), ({"writes_end_within_seconds": 20}, 20)):
        info = settings(credentials, **given).source_info()

        assert info.writes_end_within == timedelta(seconds=seconds)


def test_gift_cards_are_looked_at_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")
    credentials = {"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}}

    info = settings(credentials, gift_cards=True).source_info()

    assert info.kinds == {InstrumentKind.STORE_CREDIT, InstrumentKind.GIFT_CARD}
    assert Capability.EXPIRY in info.capabilities
