"""The list of scopes is that of the schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain.access import AccessLevel, Scope

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "../shared/schema-target.graphql"


def scopes_in(sdl: str) -> set[str]:
    lists = re.findall(r"scopes: \[([^\]]*)\]", sdl)
    return {scope for one in lists for scope in re.findall(r'"([^"]+)"', one)}


def test_every_scope_of_the_printed_schema_is_known() -> None:
    assert scopes_in((ROOT / "schema.graphql").read_text()) <= set(Scope)


def test_the_scopes_are_those_of_the_target() -> None:
    if not TARGET.exists():
        pytest.skip("the target schema is not on this machine")
    assert scopes_in(TARGET.read_text()) == set(Scope)


def test_levels_have_an_order() -> None:
    assert AccessLevel.PUBLIC < AccessLevel.SHOPPER < AccessLevel.SERVICE < AccessLevel.ADMIN
