"""What an issuer's claims mean here is said by the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from app.authentication.claims import caller_of, find
from app.authentication.settings import IssuerSettings
from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.identifiers import ProviderCustomerId, SourceKey
from tests.authentication.issuing import claims, issuer_table

EMAIL = {"email": "Shopper@Example.com", "email_verified": True}
LEVELS = {
    "claims": {"level": "realm_access.roles"},
    "levels": {"store-admin": "ADMIN", "backend": "SERVICE", "guest": "PUBLIC"},
}


def caller(said: dict[str, Any], **settings: object) -> Caller:
    issuer = IssuerSettings.model_validate(issuer_table(**settings))
    return caller_of(claims(**said), issuer, name="token:x")


def identity(said: dict[str, Any], **settings: object) -> CustomerIdentity | None:
    return caller(said, **settings).identity


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("store-admin", AccessLevel.ADMIN),
        (["backend"], AccessLevel.SERVICE),
        (["backend", "store-admin", "guest"], AccessLevel.ADMIN),
        (["guest"], AccessLevel.PUBLIC),
        (["something else", 7, None, ["store-admin"]], AccessLevel.SHOPPER),
        ("ADMIN", AccessLevel.SHOPPER),
        ("store-admin backend", AccessLevel.SHOPPER),
        ({"store-admin": True}, AccessLevel.SHOPPER),
        (3, AccessLevel.SHOPPER),
        (True, AccessLevel.SHOPPER),
        (None, AccessLevel.SHOPPER),
    ],
)
def test_the_highest_level_that_is_named_counts(said: object, level: AccessLevel) -> None:
    assert caller({"realm_access": {"roles": said}}, **LEVELS).level is level


def test_a_level_that_nobody_mapped_means_nothing() -> None:
    assert caller({"level": "ADMIN", "role": "ADMIN"}).level is AccessLevel.SHOPPER


def test_an_issuer_of_machines_can_have_another_level() -> None:
    machine = caller({}, default_level="SERVICE", default_scopes=["credit:read"])
    assert machine.level is AccessLevel.SERVICE
    assert machine.scopes == {"credit:read"}


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ("openid credit:read  profile invoice:read", {"credit:read", "invoice:read"}),
        (["credit:read", "email", 7, None], {"credit:read"}),
        ("", set()),
        ([], set()),
        ({"credit:read": True}, set()),
        (True, set()),
        ("CREDIT:READ", set()),
    ],
)
def test_scopes_come_as_a_text_or_a_list(said: object, scopes: set[str]) -> None:
    assert caller({"scope": said}, default_scopes=["audit:read"]).scopes == scopes


def test_scopes_may_stand_under_another_name() -> None:
    said = {"permissions": ["credit:read"], "scope": "credit:write"}
    assert caller(said, claims={"scopes": "permissions"}).scopes == {"credit:read"}


@pytest.mark.parametrize(
    ("said", "name", "found"),
    [
        ({"role": "a"}, "role", "a"),
        ({"a": {"b": {"c": 1}}}, "a.b.c", 1),
        ({"https://example.com/role": "a"}, "https://example.com/role", "a"),
        ({"https://example.com/who": {"role": "a"}}, "https://example.com/who.role", "a"),
        ({"a.b": 1, "a": {"b": 2}}, "a.b", 1),
        ({"a": {"b.c": 1}}, "a.b.c", 1),
        ({"a": "text"}, "a.b", None),
        ({"a": [{"b": 1}]}, "a.b", None),
        ({}, "a.b.c", None),
        ({"": {"": 1}}, ".", 1),
    ],
)
def test_a_claim_is_found_by_its_name_or_its_path(
    said: dict[str, Any], name: str, found: object
) -> None:
    assert find(said, name) == found


def test_a_shopper_is_found_by_everything_that_is_told() -> None:
    said = {
        **EMAIL,
        "https://example.com/cpf": "111.444.777-35",
        "ext": {"medusa": "cus_1"},
        "n": 11,
    }
    names = {
        "document": "https://example.com/cpf",
        "ids": {"medusa": "ext.medusa", "adobe": "n", "vtex": "absent"},
    }
    assert identity(said, claims=names) == CustomerIdentity(
        email="shopper@example.com",
        document="11144477735",
        links=(
            Link(SourceKey("medusa"), ProviderCustomerId("cus_1"), IdentityMatch.CLAIM),
            Link(SourceKey("adobe"), ProviderCustomerId("11"), IdentityMatch.CLAIM),
        ),
    )


def test_nothing_but_the_e_mail_is_looked_for_unless_the_configuration_says_so() -> None:
    assert identity({"document": "11144477735", "medusa": "cus_1"}) is None


def test_a_shopper_of_whom_nothing_is_told_is_nobody_in_particular() -> None:
    assert caller({}).identity is None


@pytest.mark.parametrize("level", ["SERVICE", "ADMIN", "PUBLIC"])
def test_only_a_shopper_owns_anything(level: str) -> None:
    assert identity(EMAIL, default_level=level) is None


@pytest.mark.parametrize(
    ("verified", "strict", "lax"),
    [
        (True, True, True),
        ("true", True, True),
        (None, False, True),
        (False, False, False),
        ("false", False, False),
        (0, False, False),
        (1, False, False),
        ("yes", False, False),
        ([], False, False),
    ],
)
def test_an_e_mail_that_may_be_anybodys_is_not_used(
    verified: object, *, strict: bool, lax: bool
) -> None:
    said = {**EMAIL, "email_verified": verified}
    assert (identity(said) is not None) is strict
    assert (identity(said, require_verified_email=False) is not None) is lax


@pytest.mark.parametrize(
    "email",
    [
        "shopper",
        "@example.com",
        "shopper@",
        "a@b@example.com",
        "shopper@example.com\r\nX: y",
        "shopper @example.com",
        "shopper@example.com\0",
        "s\u212aopper@example.com",
        "shopp\u0435r@example.com",
        "x" * 250 + "@example.com",
        ["shopper@example.com"],
        7,
        "",
    ],
)
def test_an_e_mail_that_is_none_is_not_used(email: object) -> None:
    assert identity({**EMAIL, "email": email}) is None


@pytest.mark.parametrize("document", [11144477735, "abc1", "", "-", "1" * 33, ["1"], "\u0661"])
def test_a_document_that_is_none_is_not_used(document: object) -> None:
    assert identity({"doc": document}, claims={"document": "doc"}) is None


@pytest.mark.parametrize(
    "own_id", ["", "a\nb", "x" * 513, True, 1.5, -1, 10**18, ["cus_1"], {}, None]
)
def test_an_id_that_is_none_is_not_used(own_id: object) -> None:
    assert identity({"id": own_id}, claims={"ids": {"medusa": "id"}}) is None


def test_a_caller_is_printed_without_personal_data() -> None:
    assert "example.com" not in repr(caller(EMAIL))
