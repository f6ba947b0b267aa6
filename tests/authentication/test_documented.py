"""`docs/authentication.md` has every setting, every scope, and an example that is valid."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.authentication.settings import (
    ApiKeySettings,
    AuthenticationSettings,
    ClaimNames,
    IssuerSettings,
)
from app.domain.access import AccessLevel, Scope

PAGE = (Path(__file__).parents[2] / "docs/authentication.md").read_text()

SECTIONS: dict[str, type[BaseModel]] = {
    "`[authentication]`": AuthenticationSettings,
    "`[[authentication.issuers]]`": IssuerSettings,
    "`[authentication.issuers.claims]`": ClaimNames,
    "`[[authentication.api_keys]]`": ApiKeySettings,
}


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> dict[str, str]:
    """Name of each setting and its default."""
    return dict(re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \| .*\|$", section(title), re.MULTILINE))


@pytest.mark.parametrize("title", SECTIONS)
def test_the_page_has_exactly_the_settings_there_are(title: str) -> None:
    assert set(rows(title)) == set(SECTIONS[title].model_fields)


@pytest.mark.parametrize("title", SECTIONS)
def test_the_page_tells_the_defaults(title: str) -> None:
    for name, field in SECTIONS[title].model_fields.items():
        match field.default:
            case bool(value):
                written = f"`{str(value).lower()}`"
            case AccessLevel(name=value) | str(value):
                written = f'`"{value}"`'
            case int(value):
                written = f"`{value}`"
            case _:
                continue
        assert rows(title)[name] == written


def test_the_page_has_every_scope() -> None:
    assert set(re.findall("`([a-z]+:[a-z]+)`", section("Scopes"))) == set(Scope)


def test_the_example_is_valid() -> None:
    example = tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0])
    assert AuthenticationSettings.model_validate(example["authentication"]).closes_the_door
