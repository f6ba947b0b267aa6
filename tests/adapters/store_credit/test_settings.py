"""What an operator writes, and what goes out because of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.store_credit.settings import MedusaStoreCreditSettings
from app.domain.instruments import InstrumentKind
from app.domain.provider import Capability


def settings(credentials: dict[str, Any]) -> MedusaStoreCreditSettings:
    return MedusaStoreCreditSettings.model_validate(
        {
            "key": "medusa",
            "provider": "medusa.store-credit",
            "base_url": "https://medusa.example/",
            "default_currency": "USD",
            "credentials": credentials,
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


def test_a_source_offers_what_its_read_side_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDUSA_TOKEN", "sk_5a5a")

    info = settings({"kind": "secret-key", "token": {"env": "MEDUSA_TOKEN"}}).source_info()

    assert info.kinds == {InstrumentKind.STORE_CREDIT}
    assert info.capabilities == {Capability.READ, Capability.SEARCH, Capability.LEDGER}
