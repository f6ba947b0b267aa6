"""The requests of writes against the published schema, where it lies beside this repository."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import respx
from jsonschema import Draft202012Validator

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.errors import OutcomeUnknown
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import (
    AnnotateLedgerEntry,
    BalanceReason,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
    SetCreditLimit,
    UpdateCreditAccount,
)
from app.domain.money import Currency, Money
from app.domain.provider import Call
from tests.adapters.adobe_company_credit.writing import (
    MARK,
    SEVEN,
    SINCE_90,
    SOURCE,
    account,
    history,
    row,
    usd,
)

SPEC = (
    Path(__file__).parents[3] / "../shared/providers/specs/adobe-company-credit.openapi.json"
).resolve()

MOVE: dict[str, Any] = {
    "source": SOURCE,
    "account_id": SEVEN,
    "comment": "words",
    "purchase_order": "PO-1",
    "order_id": "000000042",
}
EUROS = Money(Decimal(900), Currency("EUR"))

CREDIT, HISTORY = "/V1/companyCredits/{creditId}", "/V1/companyCredits/history/{historyId}"

INCREASES = (
    IncreaseCreditBalance(amount=usd("1.5"), reason=reason, **MOVE)
    for reason in BalanceReason
    if reason is not BalanceReason.PURCHASED
)
DECREASES = (
    DecreaseCreditBalance(amount=usd("1E+3"), reason=reason, **MOVE)
    for reason in (BalanceReason.UPDATED, BalanceReason.PURCHASED, BalanceReason.REIMBURSED)
)

WRITES: list[tuple[str, str, Instruction]] = [
    *((f"{CREDIT}/increaseBalance", "post", it) for it in INCREASES),
    *((f"{CREDIT}/decreaseBalance", "post", it) for it in DECREASES),
    (CREDIT, "put", SetCreditLimit(source=SOURCE, account_id=SEVEN, limit=usd("6000.1234"))),
    (CREDIT, "put", UpdateCreditAccount(source=SOURCE, account_id=SEVEN, exceed_limit=True)),
    (
        CREDIT,
        "put",
        UpdateCreditAccount(source=SOURCE, account_id=SEVEN, currency=EUROS.currency, limit=EUROS),
    ),
    (
        HISTORY,
        "put",
        AnnotateLedgerEntry(
            source=SOURCE, account_id=SEVEN, entry_id=ProviderEntryId("90"), comment="bank"
        ),
    ),
]


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip(f"the published schema is not at {SPEC}")
    document: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"))
    return document


def closed(schema: Any) -> Any:
    """The schema with no members but those it names, as the shop refuses others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    return parts | ({"additionalProperties": False} if "properties" in schema else {})


@pytest.mark.parametrize(
    ("path", "method", "instruction"),
    WRITES,
    ids=[f"{type(it).__name__} {getattr(it, 'reason', '')}" for _, _, it in WRITES],
)
async def test_what_is_sent_is_as_published(
    spec: dict[str, Any],
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    path: str,
    method: str,
    instruction: Instruction,
) -> None:
    published = spec["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    schema = closed(published) | {"components": closed(spec["components"])}
    route = shop.request(method, path.format(creditId=7, historyId=90)).respond(500)
    history(shop, lambda _: [row(90)])
    call = Call(instruction=instruction, mark=MARK, evidence=SINCE_90, observed=account())

    with pytest.raises(OutcomeUnknown):
        await adobe.writers[type(instruction)].send(call)

    sent = json.loads(route.calls.last.request.content)
    assert list(Draft202012Validator(schema).iter_errors(sent)) == []
