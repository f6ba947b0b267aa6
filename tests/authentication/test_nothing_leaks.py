"""Whatever happens at the door, no credential and no claim stands in a log or an error."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from typing import Any

import pytest
import structlog

from app.authentication.api_keys import new_api_key
from app.authentication.authenticator import Authenticator
from app.authentication.demo_keys import demo_keys
from app.authentication.refusals import (
    AuthenticationUnavailable,
    KeysUnavailable,
    NotAuthenticated,
)
from app.authentication.settings import AuthenticationSettings
from tests.authentication.issuing import (
    NAME_SECRET,
    OTHER_RSA_KEY,
    Issuing,
    bearer,
    claims,
    issuer_table,
    token,
)

SUBJECT = "auth0|subject-4f1c"
EMAIL = "shopper@example.com"
DOCUMENT = "11144477735"
OWN_ID = "cus_01K0A000000000000000000001"
KEY_NAME = "kid-of-a-token"
PERSONAL = (SUBJECT, EMAIL, DOCUMENT, OWN_ID)
LIVE, ENDED, STRANGE = new_api_key(), new_api_key(), new_api_key()

SETTINGS = AuthenticationSettings.model_validate(
    {
        "issuers": [issuer_table(claims={"document": "document", "ids": {"medusa": "id"}})],
        "api_keys": [
            {"name": "live", "hash": LIVE.hash_line, "level": "SERVICE"},
            {
                "name": "ended",
                "hash": ENDED.hash_line,
                "level": "SERVICE",
                "expires_at": "2020-01-01T00:00:00Z",
            },
        ],
    }
)


def personal(**others: object) -> dict[str, Any]:
    said = {"email": EMAIL, "email_verified": True, "document": DOCUMENT, "id": OWN_ID}
    return claims(sub=SUBJECT, **said, **others)


GOOD = token(personal())
LATE = token(personal(exp=int(time.time()) - 600))

TRIED: list[Mapping[str, str]] = [
    bearer(GOOD),
    bearer(LATE),
    bearer(token(personal(), key=OTHER_RSA_KEY)),
    bearer(token(personal(), kid=KEY_NAME)),
    bearer(token(personal(aud="elsewhere"))),
    bearer(token(personal(iss="https://evil.example/"))),
    bearer(token(personal(), crit=["x"])),
    bearer(GOOD[:-20]),
    bearer(GOOD + "\r\n"),
    bearer(LIVE.key),
    bearer(ENDED.key),
    bearer(STRANGE.key),
    bearer(LIVE.key[:-1] + "!"),
    bearer(demo_keys()[2].key),
    {"Authorization": f"Basic {LIVE.key}"},
    {**bearer(LIVE.key), "X-Api-Key": STRANGE.key},
    {"X-Api-Key": GOOD},
]


def parts(headers: Mapping[str, str]) -> set[str]:
    """What is told of the credentials when any of it is found: each part of a token or a key."""
    return {
        part
        for value in headers.values()
        for part in value.replace(" ", ".").replace("_", ".").split(".")
        if len(part) > 8
    }


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("headers", TRIED)
async def test_no_line_and_no_error_tells_anything(
    headers: Mapping[str, str], *, away: bool
) -> None:
    issuing = Issuing()
    if away:
        issuing.served = KeysUnavailable("no answer")
    entrance = Authenticator(SETTINGS, fetch=issuing.fetch, name_secret=NAME_SECRET)
    told = ""
    with structlog.testing.capture_logs() as lines:
        try:
            told += (await entrance.authenticate(headers)).name
        except (NotAuthenticated, AuthenticationUnavailable) as exc:
            told += "".join(traceback.format_exception(exc)) + repr(exc) + repr(vars(exc))
    told += repr(lines)
    for secret in (*PERSONAL, KEY_NAME, *parts(headers)):
        assert secret not in told
