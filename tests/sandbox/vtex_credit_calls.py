"""Calling the VTEX Customer Credit stand-in as a client does, over a clock that stands still."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from sandbox.clock import Clock
from sandbox.exact_json import dumps, loads
from sandbox.vtex_credit import create_vtex_credit

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
PREFIX = "/api/creditcontrol"
KEYS = {"X-VTEX-API-AppKey": "k", "X-VTEX-API-AppToken": "t"}

TERMS: Mapping[str, Any] = {
    "invoicePostponementLimit": 2,
    "maxPostponementDays": 30,
    "postponementEnabled": True,
}


def section_of(
    account: Mapping[str, Any] | None = None,
    *,
    terms: Mapping[str, Any] = TERMS,
    rights: tuple[str, ...] = ("Main Access",),
    **members: Any,
) -> Mapping[str, Any]:
    """A store with the one account `one`, of limit 1000 unless *account* says otherwise."""
    base = {"id": "one", "email": "one@example.com", "opened": "now-9d", "credit_limit": 1000}
    return {
        "credentials": {"keys": [{"key": "k", "token": "t", "rights": list(rights)}]},
        "store_configuration": terms,
        "accounts": [base | dict(account or {})],
        **members,
    }


class Store:
    def __init__(self, section: Mapping[str, Any] | None = None) -> None:
        self.clock = Clock()
        self.clock.set(NOW)
        app = create_vtex_credit(section or section_of(), self.clock)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://vtex.example", headers=KEYS
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        value: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._client.__aexit__(kind, value, trace)

    def forget_credentials(self) -> None:
        for name in KEYS:
            del self._client.headers[name]

    async def send(
        self, verb: str, path: str, body: object = None, *, raw: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """*raw* goes out as it is, with only those *headers*; *body* as JSON that says so."""
        if body is not None:
            raw, headers = dumps(body), {"Content-Type": "application/json", **headers}
        return await self._client.request(verb, PREFIX + path, content=raw, headers=headers)

    async def call(self, verb: str, path: str, body: object = None) -> Any:
        """The answer of a call that succeeds; None for an empty one."""
        response = await self.send(verb, path, body)
        assert response.status_code == 200, response.text
        return loads(response.content) if response.content else None

    async def refusal(self, verb: str, path: str, body: object = None) -> int:
        """The status of a call that is refused, and nothing of the account has changed by it."""
        before = await self.everything()
        response = await self.send(verb, path, body)
        assert response.status_code >= 400, response.text
        assert "message" in response.json()
        assert await self.everything() == before
        return response.status_code

    async def account(self, account_id: str = "one") -> Any:
        return await self.call("GET", f"/accounts/{account_id}")

    async def invoices(self, account_id: str = "one") -> list[Any]:
        listed: list[Any] = (await self.call("GET", f"/accounts/{account_id}/invoices"))["data"]
        return listed

    async def ledger(self, account_id: str = "one") -> list[tuple[str, Any]]:
        """Origin and value of each statement."""
        found = await self.call("GET", f"/accounts/{account_id}/statements")
        return [(entry["origin"], entry["value"]) for entry in found["statements"]]

    async def everything(self) -> object:
        return [
            await self.call("GET", path)
            for path in ("/accounts", "/invoices?to=500", "/accounts/one/statements")
        ]

    async def hold(self, value: object, **members: object) -> str:
        """A new one on `one`, by its id."""
        body = {"value": value, **members}
        created = await self.call("POST", "/accounts/one/transactions", body)
        return str(created["id"])

    async def purchase(self, value: object, installments: int = 1) -> str:
        """A settled one on `one`, by the id of its transaction."""
        hold_id = await self.hold(value, settle=True, installments=installments)
        await self.call("PUT", f"/accounts/one/transactions/{hold_id}/settlement", {"value": value})
        return hold_id
