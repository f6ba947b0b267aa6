"""Our requests under both OpenAPI files, the official one and the patched one, and its samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import respx
from jsonschema import Draft202012Validator

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.cart import Cart, CartItem
from app.domain.paging import Window
from app.domain.provider import GiftCardQuestion

SPECS = Path(__file__).parents[3] / "../shared/providers/specs"

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the OpenAPI files of the providers are not at ../shared/providers"
)

CARD = "/giftcards/{giftCardId}"
TRANSACTION = CARD + "/transactions/{transactionId}"
SAMPLES = {
    "card": (CARD, "get"),
    "search": ("/giftcards/_search", "post"),
    "transactions": (CARD + "/transactions", "get"),
    "transaction": (TRANSACTION, "get"),
    "authorization": (TRANSACTION + "/authorization", "get"),
    "settlements": (TRANSACTION + "/settlements", "get"),
    "cancellations": (TRANSACTION + "/cancellations", "get"),
}


def specification(name: str) -> Any:
    return json.loads((SPECS / f"vtex-giftcard.{name}.json").read_bytes())


def as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a second type."""
    if isinstance(part, list):
        return [as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    changed = {name: as_json_schema(each) for name, each in part.items()}
    if part.get("nullable") is True:
        changed["type"] = [part["type"], "null"]
    return changed


QUESTIONS = {
    "balance": GiftCardQuestion(email="shopper@example.com"),
    "code": GiftCardQuestion(redemption_code="WXYZ-BCDF-GHJK-LMNP", document="11144477735"),
    "cart": GiftCardQuestion(
        email="shopper@example.com",
        relation_name="spring",
        cart=Cart(
            grand_total=Decimal("182.00"),
            items_total=Decimal("200.00"),
            discounts=Decimal("20.00"),
            shipping=Decimal("2.00"),
            items=(
                CartItem(
                    id="2",
                    product_id="1",
                    ref_id=None,
                    name="Shoes",
                    price=Decimal("200.00"),
                    quantity=1,
                ),
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", ["openapi", "patched.openapi"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
async def test_a_search_is_valid(
    client: VtexGiftcard, provider: respx.Router, name: str, question: GiftCardQuestion
) -> None:
    provider.route().respond(json=[])
    await client.search_gift_cards(question, Window())
    schema = as_json_schema(specification(name)["components"])
    validator = Draft202012Validator(
        {"components": schema, "$ref": "#/components/schemas/GetGiftCardusingJSONRequest"}
    )
    validator.validate(json.loads(provider.calls.last.request.content))


@pytest.mark.parametrize(("fixture", "place"), SAMPLES.items(), ids=SAMPLES)
def test_a_documented_fixture_is_the_sample_of_the_file(
    sample: Callable[[str], bytes], fixture: str, place: tuple[str, str]
) -> None:
    path, method = place
    answer = specification("openapi")["paths"][path][method]["responses"]["200"]
    assert (
        json.loads(sample(f"{fixture}.documented"))
        == answer["content"]["application/json"]["example"]
    )
