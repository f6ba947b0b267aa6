"""Requests and models against the published schema, where it lies beside this repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from adapters.adobe_company_credit.search import Filter, Search
from adapters.adobe_company_credit.wire import (
    COMPANY,
    COMPANY_MEMBERSHIP,
    CREDIT,
    CUSTOMER,
    CUSTOMER_LIST_ITEM,
    ERROR,
    HISTORY_ROW,
    SEARCH_RESULTS,
)

SPEC = (
    Path(__file__).parents[3] / "../shared/providers/specs/adobe-company-credit.openapi.json"
).resolve()

MODELS: dict[str, TypeAdapter[Any]] = {
    "/V1/companyCredits": CREDIT,
    "/V1/companyCredits/{creditId}": CREDIT,
    "/V1/companyCredits/company/{companyId}": CREDIT,
    "/V1/companyCredits/history": HISTORY_ROW,
    "/V1/company": COMPANY,
    "/V1/company/{companyId}": COMPANY,
    "/V1/customers/search": CUSTOMER_LIST_ITEM,
    "/V1/customers/{customerId}": CUSTOMER,
}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip(f"the published schema is not at {SPEC}")
    document: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"), parse_float=str)
    return document


def examples(spec: dict[str, Any], path: str, status: str) -> Iterator[Any]:
    response = spec["paths"][path]["get"]["responses"][status]
    if "$ref" in response:
        response = spec["components"]["responses"][response["$ref"].rsplit("/", 1)[-1]]
    content = response["content"]["application/json"]
    if "example" in content:
        yield content["example"]
    for example in content.get("examples", {}).values():
        yield example["value"]


@pytest.mark.parametrize("path", MODELS)
def test_every_published_example_is_understood(spec: dict[str, Any], path: str) -> None:
    for example in examples(spec, path, "200"):
        things = [example]
        if "total_count" in example:
            things = SEARCH_RESULTS.validate_python(example).items or []
        for thing in things:
            MODELS[path].validate_python(thing)


@pytest.mark.parametrize("path", MODELS)
def test_every_published_refusal_is_understood(spec: dict[str, Any], path: str) -> None:
    responses = spec["paths"][path]["get"]["responses"]
    for status in {"400", "404"} & responses.keys():
        for example in examples(spec, path, status):
            assert ERROR.validate_python(example).parameters is not None or status == "400"


def test_what_we_read_is_in_the_schema(spec: dict[str, Any]) -> None:
    schemas = spec["components"]["schemas"]
    models: dict[str, TypeAdapter[Any]] = {
        "CreditLimit": CREDIT,
        "CreditListItem": CREDIT,
        "HistoryItem": HISTORY_ROW,
        "Company": COMPANY,
        "CompanyMembership": COMPANY_MEMBERSHIP,
        "Customer": CUSTOMER,
        "CustomerSearchResults": SEARCH_RESULTS,
    }
    for name, model in models.items():
        assert set(model.json_schema()["properties"]) <= set(schemas[name]["properties"])


def test_search_parameters_are_spelled_as_published(spec: dict[str, Any]) -> None:
    published = {parameter["name"] for parameter in spec["components"]["parameters"].values()}
    search = Search(
        operation="", path=(), filters=(Filter("a", "1"), Filter("b", "2")), fields="items[id]"
    )
    names = [name for name, _ in search.query(page_size=1, page_number=1)]

    assert {name for name in names if "[1]" not in name} <= published
    assert "searchCriteria[filterGroups][1][filters][0][field]" in published


@pytest.mark.parametrize(
    ("fixture", "path", "status"),
    [
        ("spec.credit.granted", "/V1/companyCredits/company/{companyId}", "200"),
        ("spec.credit.never_granted", "/V1/companyCredits/{creditId}", "200"),
        ("spec.credits", "/V1/companyCredits", "200"),
        ("spec.history", "/V1/companyCredits/history", "200"),
        ("spec.company", "/V1/company/{companyId}", "200"),
        ("spec.customer", "/V1/customers/{customerId}", "200"),
        ("spec.404.credit", "/V1/companyCredits/{creditId}", "404"),
        ("spec.404.company_credit", "/V1/companyCredits/company/{companyId}", "404"),
        ("spec.404.entity", "/V1/company/{companyId}", "404"),
        ("spec.400.sort_direction", "/V1/companyCredits/history", "400"),
        ("spec.401", "/V1/companyCredits", "401"),
        ("spec.500", "/V1/companyCredits", "500"),
    ],
)
def test_the_fixtures_are_the_published_examples(
    spec: dict[str, Any],
    body: Callable[[str], bytes],
    fixture: str,
    path: str,
    status: str,
) -> None:
    assert json.loads(body(fixture), parse_float=str) in list(examples(spec, path, status))
