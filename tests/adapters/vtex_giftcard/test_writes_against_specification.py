"""What we write under both OpenAPI files, the official one and the patched one."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import respx
from jsonschema import Draft202012Validator

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.errors import OutcomeUnknown
from app.domain.instructions import Instruction
from tests.adapters.vtex_giftcard.teller import CARD, Teller, cancel, credit, debit, hold, settle
from tests.adapters.vtex_giftcard.test_against_specification import (
    CARD as CARD_PATH,
)
from tests.adapters.vtex_giftcard.test_against_specification import (
    SPECS,
    TRANSACTION,
    as_json_schema,
    specification,
)
from tests.adapters.vtex_giftcard.test_writes_issuing import ISSUE

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the OpenAPI files of the providers are not at ../shared/providers"
)

WRITES: dict[str, tuple[Instruction, str]] = {
    "credit": (credit("0.0001"), f"{CARD_PATH}/transactions"),
    "debit": (debit(order_id="v7-01"), f"{CARD_PATH}/transactions"),
    "hold": (hold("100"), f"{CARD_PATH}/transactions"),
    "settle": (settle(), f"{TRANSACTION}/settlements"),
    "cancel": (cancel(), f"{TRANSACTION}/cancellations"),
    "issue": (ISSUE, "/giftcards"),
}


@pytest.mark.parametrize(
    ("name", "prefix"), [("openapi", ""), ("patched.openapi", "/api")], ids=["official", "patched"]
)
@pytest.mark.parametrize(("instruction", "path"), WRITES.values(), ids=WRITES)
async def test_a_write_is_valid(
    client: VtexGiftcard,
    provider: respx.Router,
    name: str,
    prefix: str,
    instruction: Instruction,
    path: str,
) -> None:
    provider.route().mock(side_effect=httpx.ReadTimeout(""))
    with pytest.raises(OutcomeUnknown):
        await Teller(client, provider, card=CARD).send(instruction)

    request = provider.calls.last.request
    document = specification(name)
    declared: dict[str, Any] = document["paths"][prefix + path]["post"]["requestBody"]["content"]
    schema = declared[request.headers["Content-Type"]]["schema"]
    validator = Draft202012Validator(
        {"components": as_json_schema(document["components"]), **as_json_schema(schema)}
    )
    validator.validate(json.loads(request.content))
