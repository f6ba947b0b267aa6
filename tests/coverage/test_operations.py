"""No operation of a contract is left out, and none is made up."""

from __future__ import annotations

import json

import pytest

from tests.coverage.code import ROOT, callers_of, fields_on
from tests.coverage.contracts import (
    BESIDE,
    CALLED,
    COMPANY_CREDIT,
    CONTRACTS,
    CUSTOMER_CREDIT,
    GIFTCARD,
    OPERATIONS,
    STORE_CREDIT,
)
from tests.coverage.table import README, table, table_in

DOCUMENTS = ROOT.parent / "shared/providers/specs"


def test_the_contracts_have_as_many_operations_as_they_say() -> None:
    assert {provider: len(operations) for provider, operations in CONTRACTS.items()} == {
        CUSTOMER_CREDIT: 26,
        GIFTCARD: 11,
        COMPANY_CREDIT: 8,
        STORE_CREDIT: 7,
    }


def test_every_operation_stands_behind_a_field_and_no_field_on_another_one() -> None:
    assert fields_on().keys() == OPERATIONS.keys()


def test_every_operation_is_called_by_an_adapter_and_nothing_else_is() -> None:
    assert callers_of().keys() - BESIDE == CALLED


def test_what_is_never_called_has_operations_in_its_place_that_are() -> None:
    assert {each for one in OPERATIONS.values() for each in one.instead} <= CALLED


def test_what_adapters_call_beside_is_really_called() -> None:
    assert callers_of().keys() >= BESIDE


@pytest.mark.parametrize(
    ("provider", "document", "root"),
    [
        (CUSTOMER_CREDIT, "vtex-customer-credit", ""),
        (GIFTCARD, "vtex-giftcard", "/api"),
        (COMPANY_CREDIT, "adobe-company-credit", ""),
    ],
)
def test_verbs_and_paths_are_those_of_the_official_document(
    provider: str, document: str, root: str
) -> None:
    path = DOCUMENTS / f"{document}.openapi.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    assert {(one.verb, _bare(one.path)) for one in CONTRACTS[provider]} == {
        (verb.upper(), _bare(root + route))
        for route, verbs in json.loads(path.read_text(encoding="utf-8"))["paths"].items()
        for verb in verbs
        if verb in ("get", "post", "put", "delete") and _is_of_credit(route)
    }


def _is_of_credit(route: str) -> bool:
    """Adobe's document describes companies, customers and sign-in too."""
    return not route.startswith("/V1/") or route.startswith("/V1/companyCredits")


def _bare(path: str) -> str:
    """Without the names of what varies."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_the_table_of_the_readme_says_what_the_code_says() -> None:
    assert table_in(README.read_text(encoding="utf-8")) == table()
