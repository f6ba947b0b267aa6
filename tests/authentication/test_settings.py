"""The `[authentication]` table says what is wrong with it, and never what stands there."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from app.authentication.api_keys import HashLine, new_api_key
from app.authentication.demo_keys import demo_keys
from app.authentication.settings import ALGORITHMS, AuthenticationSettings
from app.domain.access import AccessLevel
from app.explain_problems import explain
from tests.authentication.issuing import issuer_table

KEY = new_api_key()


def settings(**table: object) -> AuthenticationSettings:
    return AuthenticationSettings.model_validate(table)


def key_table(**others: object) -> dict[str, Any]:
    return {"name": "checkout", "hash": KEY.hash_line, "level": "SERVICE", **others}


def problems(**table: object) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**table)
    return "\n".join(explain(caught.value))


def test_everything_may_be_left_out() -> None:
    nothing = settings()
    assert nothing.anonymous_level is AccessLevel.PUBLIC
    assert not nothing.closes_the_door


def test_the_door_is_closed_when_credentials_exist_and_are_needed() -> None:
    assert settings(issuers=[issuer_table()]).closes_the_door
    assert settings(api_keys=[key_table()]).closes_the_door
    assert not settings(api_keys=[key_table()], anonymous_level="SERVICE").closes_the_door


def test_a_whole_table_is_read() -> None:
    read = settings(
        **tomllib.loads(
            f"""
            [[issuers]]
            issuer = "https://id.example.com/"
            audiences = ["creditgraph"]
            jwks_url = "https://id.example.com/keys"
            algorithms = ["ES256"]
            default_scopes = ["invoice:postpone"]

            [issuers.claims]
            level = "https://example.com/role"
            ids = {{ medusa = "https://example.com/medusa" }}

            [issuers.levels]
            store-admin = "ADMIN"

            [[api_keys]]
            name = "checkout"
            hash = "{KEY.hash_line}"
            level = "SERVICE"
            scopes = ["credit:read", "credit:spend"]
            expires_at = 2027-01-01T00:00:00Z
            """
        )
    )
    assert read.issuers[0].levels == {"store-admin": AccessLevel.ADMIN}
    assert read.linked_sources() == {"medusa"}


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "RS1", "ES256K", "*"])
def test_a_weak_algorithm_cannot_be_allowed(algorithm: str) -> None:
    assert "issuers[0].algorithms[0]" in problems(issuers=[issuer_table(algorithms=[algorithm])])


def test_all_asymmetric_algorithms_are_allowed_unless_said_otherwise() -> None:
    assert settings(issuers=[issuer_table()]).issuers[0].algorithms == ALGORITHMS


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com/keys",
        "ftp://id.example.com/keys",
        "https://user:secret@id.example.com/keys",
        "https:///keys",
        "https://id.example.com/keys#x",
        "https://id.example.com/ke ys",
        "file:///etc/passwd",
        "https://[::1/keys",
        "keys",
        "",
    ],
)
def test_keys_come_from_a_safe_place(url: str) -> None:
    assert "issuers[0].jwks_url" in problems(issuers=[issuer_table(jwks_url=url)])


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/keys", "http://127.0.0.1/keys", "http://[::1]:1/keys"]
)
def test_this_machine_is_a_safe_place(url: str) -> None:
    assert settings(issuers=[issuer_table(jwks_url=url)]).issuers[0].jwks_url == url


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"jwks_url": None}, "either jwks_url or jwks_file is needed"),
        ({"jwks_file": "keys.json"}, "either jwks_url or jwks_file is needed"),
        ({"claims": {"level": "role"}}, "claims.level and levels are only of use together"),
        ({"levels": {"a": "ADMIN"}}, "claims.level and levels are only of use together"),
        ({"audiences": []}, "issuers[0].audiences"),
        ({"audiences": [""]}, "issuers[0].audiences[0]"),
        ({"issuer": ""}, "issuers[0].issuer"),
        ({"leeway_seconds": 3600}, "issuers[0].leeway_seconds"),
        ({"default_level": "ROOT"}, "PUBLIC, SHOPPER, SERVICE or ADMIN is expected"),
        ({"default_level": 3}, "PUBLIC, SHOPPER, SERVICE or ADMIN is expected"),
        ({"default_scopes": ["credit:everything"]}, "issuers[0].default_scopes[0]"),
        ({"secret": "x"}, "issuers[0].secret: there is no such setting"),
    ],
)
def test_a_wrong_issuer_is_refused(wrong: dict[str, Any], problem: str) -> None:
    assert problem in problems(issuers=[issuer_table(**wrong)])


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"hash": KEY.key}, "a hash line"),
        ({"hash": KEY.hash_line.upper()}, "a hash line"),
        ({"hash": KEY.hash_line + "\n"}, "a hash line"),
        ({"hash": str(HashLine.of(demo_keys()[0].key))}, "a demo key"),
        ({"name": "Check Out"}, "api_keys[0].name"),
        ({"name": "someone@example.com"}, "api_keys[0].name"),
        ({"level": "PUBLIC"}, "nobody needs a key for what is PUBLIC"),
        ({"level": "SHOPPER"}, "a key of level SHOPPER has an email"),
        ({"email": "a@example.com"}, "a key of level SHOPPER has an email"),
        ({"level": "SHOPPER", "email": "nobody"}, "this is no e-mail address"),
        ({"expires_at": "2027-01-01T00:00:00"}, "api_keys[0].expires_at"),
    ],
)
def test_a_wrong_key_is_refused(wrong: dict[str, Any], problem: str) -> None:
    assert problem in problems(api_keys=[key_table(**wrong)])


def test_a_key_in_the_place_of_its_hash_is_not_repeated() -> None:
    assert KEY.key not in problems(api_keys=[key_table(hash=KEY.key)])


def test_two_of_the_same_are_refused() -> None:
    assert "two issuers" in problems(issuers=[issuer_table(), issuer_table()])
    assert "two api_keys" in problems(api_keys=[key_table(), key_table(name="other")])


def test_an_anonymous_caller_is_no_shopper() -> None:
    assert "owns nothing" in problems(anonymous_level="SHOPPER")
    assert "of no use" in problems(anonymous_scopes=["credit:read"])
