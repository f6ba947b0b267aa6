"""One exchange for each writing Customer Credit operation against the official OpenAPI files."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from sandbox.exact_json import dumps
from tests.sandbox.vtex_credit_calls import PREFIX, Store, section_of

SPECS = Path(__file__).parents[2] / "../shared/providers/specs"
OFFICIAL = "vtex-customer-credit.openapi.json"
PATCHED = "vtex-customer-credit.patched.openapi.json"
ACCOUNT = "/accounts/{creditAccountId}"
TRANSACTION = f"{ACCOUNT}/transactions/{{transactionId}}"
INVOICE = f"{ACCOUNT}/invoices/{{invoiceId}}"
TERMS = {
    "dailyInterestRate": Decimal("0.01"),
    "invoicePostponementLimit": 2,
    "taxRate": Decimal("0.4"),
    "maxPostponementDays": 30,
    "defaultCreditValue": Decimal("150.5"),
    "postponementEnabled": True,
    "automaticCheckingAccountCreationEnabled": True,
    "toleranceEnabled": True,
    "myCreditsEnabled": True,
    "maxPreAuthorizationGrowthRate": Decimal("0.1"),
    "notificationsSettings": {
        "daysPrior": [{"days": 1, "timeOfDay": "16:00:00"}],
        "daysAfter": [{"days": 0, "timeOfDay": "12:00:00"}],
    },
}
OPEN = {
    "document": "11111111111",
    "documentType": "CPF",
    "email": "new@example.com",
    "creditLimit": "1100.50",
    "tolerance": "0.2",
    "description": "",
}
IDENTITY = {"email": "moved@example.com", "document": "1", "documentType": "Other"}
HOLD = {"value": Decimal("49.7"), "settle": False, "installments": 3}

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the official OpenAPI files (../shared/providers/specs) are not here"
)


class Spec:
    """What one OpenAPI 3.0 file says of the bodies of its operations, as JSON Schema."""

    def __init__(self, name: str) -> None:
        self._paths = json.loads((SPECS / name).read_text())["paths"]

    def writes(self) -> Iterator[tuple[str, str]]:
        for path, verbs in self._paths.items():
            for verb in verbs.keys() & {"post", "put", "delete"}:
                yield verb.upper(), path.removeprefix(PREFIX)

    def request_faults(self, verb: str, path: str, body: object) -> list[str]:
        declared = self._operation(verb, path).get("requestBody")
        if body is None:
            return ["a body is required"] if declared and declared.get("required") else []
        return self._faults(declared, body)

    def answer_faults(self, verb: str, path: str, body: object) -> list[str]:
        declared = self._operation(verb, path)["responses"]["200"]
        if body is None:
            return ["the answer is empty"] if "content" in declared else []
        return self._faults(declared, body)

    def _operation(self, verb: str, path: str) -> Any:
        return self._paths[PREFIX + path][verb.lower()]

    def _faults(self, declared: Any, body: object) -> list[str]:
        schema = _plain(declared["content"]["application/json"]["schema"])
        read = json.loads(dumps(body))
        return [error.message for error in Draft4Validator(schema).iter_errors(read)]


def _plain(schema: Any) -> Any:
    """With `nullable` as JSON Schema says it."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {name: _plain(part) for name, part in schema.items()}
    if plain.pop("nullable", None) is True:
        plain["type"] = [plain["type"], "null"]
    return plain


class Recorder:
    """Calls, and keeps what was exchanged by verb and path template."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.exchanges: dict[tuple[str, str], tuple[object, object]] = {}

    async def call(self, verb: str, template: str, body: object = None, **ids: str) -> Any:
        answer = await self._store.call(verb, template.format(**ids), body)
        self.exchanges[verb, template] = (body, answer)
        return answer


async def exchanges() -> dict[tuple[str, str], tuple[object, object]]:
    async with Store(section_of(terms=TERMS)) as store:
        recorder = Recorder(store)
        await _whole_life(recorder)
        return recorder.exchanges


async def _whole_life(recorder: Recorder) -> None:
    call = recorder.call
    await call("PUT", "/storeconfig", TERMS)
    one = {"creditAccountId": (await call("POST", "/accounts", OPEN))["id"]}
    await call("PUT", ACCOUNT, IDENTITY | {"creditLimit": 900, "tolerance": Decimal("0.25")}, **one)
    await call("PUT", f"{ACCOUNT}/creditlimit", {"value": Decimal("800.5")}, **one)
    await call("PUT", f"{ACCOUNT}/tolerance", {"value": Decimal("0.3")}, **one)
    statement = f"{ACCOUNT}/statements/{{statementId}}"
    await call("PUT", statement, {"value": "-15.0"}, **one, statementId="s1")
    claims = {"claims": {"email": "two@example.com"}}
    holder = await call("POST", f"{ACCOUNT}/holders", claims, **one)
    await call("DELETE", f"{ACCOUNT}/holders/{{holderId}}", **one, holderId=holder["id"])
    await _life_of_a_purchase(recorder, one)
    await call("DELETE", ACCOUNT, {}, **one)


async def _life_of_a_purchase(recorder: Recorder, one: dict[str, str]) -> None:
    call, holds = recorder.call, f"{ACCOUNT}/transactions"
    cancelled = await call("POST", holds, HOLD, **one)
    await call("DELETE", TRANSACTION, **one, transactionId=cancelled["id"])
    hold = await call("POST", holds, HOLD | {"expirationDate": "2026-11-25"}, **one)
    ids = {**one, "transactionId": hold["id"]}
    await call("PUT", TRANSACTION, HOLD | {"value": Decimal("50.7")}, **ids)
    settled = await call("PUT", f"{TRANSACTION}/settlement", {"value": Decimal("49.95")}, **ids)
    await call("POST", f"{TRANSACTION}/refunds", {"value": Decimal("5.5")}, **ids)
    first, second, third = ({**one, "invoiceId": f"{settled['id']}-0{n}"} for n in (1, 2, 3))
    await call("PUT", f"{INVOICE}/postponement", {"dueDays": 10}, **first)
    note = {"status": "Paid", "observation": "Paid at the shop", "paymentLink": None}
    await call("PUT", INVOICE, note, **first)
    await call("POST", f"{INVOICE}/payments", **second)
    await call("DELETE", INVOICE, **third)


@pytest.mark.parametrize("name", [OFFICIAL, PATCHED])
async def test_every_write_fits_the_file(name: str) -> None:
    spec, exchanged = Spec(name), await exchanges()

    faults = {
        operation: found
        for operation, (sent, answered) in exchanged.items()
        if (
            found := spec.request_faults(*operation, sent)
            + spec.answer_faults(*operation, answered)
        )
    }
    assert exchanged.keys() == set(spec.writes())
    assert faults == {}


async def test_a_wrong_exchange_would_be_found() -> None:
    spec = Spec(PATCHED)

    assert spec.request_faults("PUT", f"{ACCOUNT}/creditlimit", {"value": "5"})
    assert spec.request_faults("PUT", f"{ACCOUNT}/creditlimit", None)
    assert spec.answer_faults("POST", f"{TRANSACTION}/refunds", {"value": "5"})
    assert spec.answer_faults("POST", f"{TRANSACTION}/refunds", None)
