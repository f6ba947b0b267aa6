"""`creditgraph keys new` prints a key and what the configuration needs to accept it."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from app.authentication.authenticator import Authenticator
from app.authentication.command import keys
from app.authentication.settings import AuthenticationSettings
from app.domain.access import AccessLevel
from tests.authentication.issuing import NAME_SECRET, Issuing, bearer

cli = typer.Typer()
cli.add_typer(keys)


@cli.callback()
def _cli() -> None:
    """As the real one: the keys are one group of several."""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["keys", "new", *arguments])
    return result.exit_code, result.output


def made(output: str) -> tuple[str, AuthenticationSettings]:
    (key,) = re.findall(r"^cg_\w+$", output, re.MULTILINE)
    configuration = tomllib.loads(output[output.index("[[authentication") :])
    return key, AuthenticationSettings.model_validate(configuration["authentication"])


async def test_the_printed_key_opens_the_door_that_has_the_printed_lines() -> None:
    code, output = run(
        *("--name", "checkout", "--level", "SERVICE"),
        *("--scope", "credit:read", "--scope", "credit:spend"),
    )
    assert code == 0
    key, settings = made(output)
    entrance = Authenticator(settings, fetch=Issuing().fetch, name_secret=NAME_SECRET)
    caller = await entrance.authenticate(bearer(key))
    assert caller.name == "key:checkout"
    assert caller.level is AccessLevel.SERVICE
    assert caller.scopes == {"credit:read", "credit:spend"}


def test_a_key_can_end() -> None:
    _, settings = made(run("--name", "temporary", "--days", "30")[1])
    ends = settings.api_keys[0].expires_at
    assert ends is not None
    assert timedelta(days=29) < ends - datetime.now(UTC) <= timedelta(days=30)


def test_a_key_can_be_a_shoppers() -> None:
    _, settings = made(run("--name", "app", "--level", "SHOPPER", "--email", "a@example.com")[1])
    assert settings.api_keys[0].email == "a@example.com"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--name"),
        (("--name", "Check Out"), "name"),
        (("--name", "x", "--level", "ROOT"), "--level"),
        (("--name", "x", "--scope", "credit:everything"), "--scope"),
        (("--name", "x", "--level", "SHOPPER"), "email"),
        (("--name", "x", "--email", "a@example.com"), "email"),
    ],
)
def test_wrong_usage_makes_no_key(arguments: tuple[str, ...], said: str) -> None:
    code, output = run(*arguments)
    assert code == 2
    assert said in output
    assert not re.search(r"cg_[0-9a-f]{12}_", output)
