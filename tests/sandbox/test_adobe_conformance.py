"""Every answer of the Adobe Commerce stand-in against the published schema, strictly."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator

from sandbox import exact_json
from sandbox.adobe import create_adobe
from sandbox.clock import Clock

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT / "../shared/providers/specs/adobe-company-credit.openapi.json"
SEED = ROOT / "sandbox/seed/adobe.json"

pytestmark = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason=f"the OpenAPI file {SPECIFICATION.name} is not here"
)

PLACE = "searchCriteria[filterGroups][0][filters][0]"
SORTED = "searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]"
CREDITS = "/V1/companyCredits"
CREDIT = "/V1/companyCredits/{creditId}"
CREDIT_OF_COMPANY = "/V1/companyCredits/company/{companyId}"
HISTORY = "/V1/companyCredits/history"
COMPANIES = "/V1/company"
COMPANY = "/V1/company/{companyId}"
CUSTOMERS = "/V1/customers/search"
CUSTOMER = "/V1/customers/{customerId}"


def strict_json_schema(schema: Any) -> Any:
    """
    OpenAPI 3.0 as JSON Schema: nullable becomes a type, and members nobody described are wrong.
    """
    if isinstance(schema, list):
        return [strict_json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: strict_json_schema(value) for name, value in schema.items()}
    if strict.get("type") == "object" and "properties" in strict:
        strict.setdefault("additionalProperties", False)
    if strict.pop("nullable", False):
        strict = {"anyOf": [strict, {"type": "null"}]}
    return strict


def validator(path: str, status: int) -> Draft4Validator:
    specification = json.loads(SPECIFICATION.read_text())
    responses = specification["paths"][path]["get"]["responses"]
    response = responses.get(str(status), responses["default"])
    if "$ref" in response:
        response = specification["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return Draft4Validator(
        {
            "components": {"schemas": strict_json_schema(specification["components"]["schemas"])},
            **response["content"]["application/json"]["schema"],
        }
    )


async def ask(url: str, token: str = "sandbox-adobe-token", accept: str = "*/*") -> httpx.Response:
    adobe = create_adobe(exact_json.loads(SEED.read_bytes()), Clock())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=adobe), base_url="http://shop.example/rest/default"
    ) as client:
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        return await client.get(url, headers=headers)


@pytest.mark.parametrize(
    ("path", "url", "status"),
    [
        *((CREDIT, f"/V1/companyCredits/{number}", 200) for number in range(31, 42)),
        (CREDIT, "/V1/companyCredits/999", 404),
        (CREDIT, "/V1/companyCredits/abc", 400),
        *((CREDIT_OF_COMPANY, f"/V1/companyCredits/company/{n}", 200) for n in range(21, 32)),
        (CREDIT_OF_COMPANY, "/V1/companyCredits/company/32", 404),
        (CREDITS, "/V1/companyCredits?searchCriteria=", 200),
        (CREDITS, f"/V1/companyCredits?{PLACE}[field]=balance&{PLACE}[value]=0", 200),
        (CREDITS, f"/V1/companyCredits?{SORTED}=ASC&searchCriteria[pageSize]=2", 200),
        (CREDITS, "/V1/companyCredits", 400),
        (CREDITS, f"/V1/companyCredits?{SORTED}=UP", 400),
        (CREDITS, f"/V1/companyCredits?{PLACE}[conditionType]=eq", 400),
        (CREDITS, f"/V1/companyCredits?{PLACE}[field]=id&{PLACE}[value]=1", 500),
        (HISTORY, "/V1/companyCredits/history?searchCriteria=", 200),
        (HISTORY, "/V1/companyCredits/history/?searchCriteria[currentPage]=4", 200),
        (HISTORY, "/V1/companyCredits/history", 400),
        *((COMPANY, f"/V1/company/{number}", 200) for number in range(21, 34)),
        (COMPANY, "/V1/company/999", 404),
        (COMPANIES, "/V1/company?searchCriteria=", 200),
        (COMPANIES, "/V1/company", 400),
        *((CUSTOMER, f"/V1/customers/{number}", 200) for number in range(11, 28)),
        (CUSTOMER, "/V1/customers/999", 404),
        (CUSTOMERS, "/V1/customers/search?searchCriteria=", 200),
        (CUSTOMERS, "/V1/customers/search", 400),
    ],
)
async def test_an_answer_fits_the_published_schema(path: str, url: str, status: int) -> None:
    answer = await ask(url)
    assert answer.status_code == status
    validator(path, status).validate(answer.json())


@pytest.mark.parametrize("path", [CREDITS, HISTORY, COMPANIES, CUSTOMERS])
async def test_a_refused_token_fits_the_published_schema(path: str) -> None:
    answer = await ask(f"{path}?searchCriteria=", token="sandbox-adobe-norights")
    assert answer.status_code == 401
    validator(path, 401).validate(answer.json())
    published = json.loads(SPECIFICATION.read_text())["paths"][path]["get"]["responses"]["401"]
    name = published["$ref"].rpartition("/")[2]
    responses = json.loads(SPECIFICATION.read_text())["components"]["responses"]
    assert answer.json() == responses[name]["content"]["application/json"]["example"]


async def test_a_refused_media_type_fits_the_published_schema() -> None:
    answer = await ask("/V1/companyCredits/31", accept="text/html")
    assert answer.status_code == 406
    validator(CREDIT, 406).validate(answer.json())


async def test_the_companies_of_a_customer_are_published_companies() -> None:
    companies = (await ask("/V1/customers/15/companies")).json()
    assert len(companies) == 2
    for company in companies:
        validator(COMPANY, 200).validate(company)


@pytest.mark.parametrize(
    ("path", "url", "status", "example"),
    [
        (CREDIT, "/V1/companyCredits/999", "404", None),
        (CREDIT, "/V1/companyCredits/abc", "400", None),
        (CREDIT_OF_COMPANY, "/V1/companyCredits/company/999", "404", None),
        (CREDITS, "/V1/companyCredits", "400", "missing_one"),
        (CREDITS, f"/V1/companyCredits?{SORTED}=UP", "400", "sort_direction"),
        (COMPANY, "/V1/company/999", "404", None),
        (CUSTOMER, "/V1/customers/999", "404", None),
    ],
)
async def test_a_refusal_equals_the_published_example(
    path: str, url: str, status: str, example: str | None
) -> None:
    specification = json.loads(SPECIFICATION.read_text())
    content = specification["paths"][path]["get"]["responses"][status]["content"]
    published = content["application/json"]
    expected = published["examples"][example]["value"] if example else published["example"]
    assert (await ask(url)).json() == expected
