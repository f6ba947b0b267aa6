"""What every source's table has, and how it names its secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from adapters.transport.settings import ReferredSecret, SourceSettings
from app.domain.capability import Capability
from app.domain.instruments import InstrumentKind

SECRET = TypeAdapter(ReferredSecret)

TABLE: dict[str, Any] = {
    "key": "vtex-br",
    "provider": "vtex.customer-credit",
    "base_url": "https://store.example/",
    "default_currency": "BRL",
}


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_TOKEN", " token \n")

    assert SECRET.validate_python({"env": "STORE_TOKEN"}) == SecretStr("token")


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("token\n", encoding="utf-8")

    assert SECRET.validate_python({"file": str(path)}) == SecretStr("token")


def test_a_secret_that_was_read_stays_what_it_is() -> None:
    assert SECRET.validate_python(SecretStr("token")) == SecretStr("token")


@pytest.mark.parametrize(
    "reference",
    [
        "token",
        17,
        None,
        {},
        {"env": 17},
        {"env": "STORE_TOKEN", "file": "token"},
        {"file": "token", "more": "x"},
        {"value": "token"},
    ],
    ids=repr,
)
def test_anything_but_a_reference_is_refused(reference: object) -> None:
    with pytest.raises(ValidationError, match="a secret is given by reference"):
        SECRET.validate_python(reference)


@pytest.mark.parametrize("name", ["STORE_TOKEN_NOBODY_SET", "STORE_TOKEN_EMPTY"])
def test_a_variable_that_is_not_set_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_TOKEN_EMPTY", "")

    with pytest.raises(ValidationError, match=f"the environment variable {name} is not set"):
        SECRET.validate_python({"env": name})


@pytest.mark.parametrize("name", ["", "sk_live_1234", "A B"])
def test_what_is_no_name_of_a_variable_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(ValidationError, match="the name of an environment variable is") as refusal:
        SECRET.validate_python({"env": name})
    (error,) = refusal.value.errors(include_input=False)
    assert not name or name not in str(error)


@pytest.mark.parametrize("content", [b"", b" \n", b"two\nlines", b"a\x00b", "ação".encode()])
def test_what_no_header_can_carry_is_refused_without_being_repeated(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)

    with pytest.raises(ValidationError, match="holds no secret in one line") as refusal:
        SECRET.validate_python({"file": str(path)})

    assert "lines" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["absent", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ValidationError, match="token cannot be read"):
        SECRET.validate_python({"file": str(path)})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://store.example/", "https://store.example"),
        ("http://127.0.0.1:8001/vtex//", "http://127.0.0.1:8001/vtex"),
        ("https://store.example/rest/default", "https://store.example/rest/default"),
    ],
)
def test_a_base_url_ends_without_a_slash(given: str, kept: str) -> None:
    assert SourceSettings.model_validate(TABLE | {"base_url": given}).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store.example",
        "ftp://store.example",
        "https://",
        "https:///path",
        "https://user:secret@store.example",
        "https://:secret@store.example",
        "https://store.example?key=secret",
        "https://store.example#secret",
        "https://store.example:port",
        "https://store.example:99999",
        "https://[::1",
        "https://exa mple",
        "https://store.example/\x00",
    ],
)
def test_a_base_url_that_cannot_be_one_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        SourceSettings.model_validate(TABLE | {"base_url": url})

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [
        {"key": "VTEX"},
        {"key": "1vtex"},
        {"key": ""},
        {"key": "a" * 41},
        {"default_currency": "real"},
        {"default_currency": "brl"},
        {"timeout_seconds": 0},
        {"timeout_seconds": 61},
        {"connect_timeout_seconds": -1},
        {"max_connections": 0},
        {"max_response_bytes": 1},
        {"tokn": "x"},
    ],
    ids=str,
)
def test_a_table_with_a_mistake_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SourceSettings.model_validate(TABLE | change)


@pytest.mark.parametrize(
    ("names", "shown"), [({}, "vtex-br"), ({"display_name": "VTEX Brazil"}, "VTEX Brazil")]
)
def test_a_source_is_shown_by_its_name_or_else_its_key(names: dict[str, str], shown: str) -> None:
    settings = SourceSettings.model_validate(TABLE | names)

    info = settings.info(
        kinds=frozenset({InstrumentKind.CREDIT_LINE}), capabilities=frozenset({Capability.READ})
    )

    assert info.display_name == shown
    assert (info.key, info.provider, str(info.default_currency)) == (
        "vtex-br",
        "vtex.customer-credit",
        "BRL",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"retries": -1},
        {"retries": 2},
        {"max_concurrent_calls": 0},
        {"calls_per_minute": 0},
        {"calls_per_minute": "many"},
        {"breaker": {"failure_ratio": 0}},
        {"breaker": {"failure_ratio": 1.1}},
        {"breaker": {"least_calls": 0}},
        {"breaker": {"open_seconds": 0}},
        {"breaker": {"window_seconds": -1}},
        {"breaker": {"opens": True}},
    ],
    ids=repr,
)
def test_a_limit_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SourceSettings.model_validate(TABLE | wrong)
