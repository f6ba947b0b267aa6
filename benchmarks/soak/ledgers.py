"""What the providers themselves say: balances, and every line of their ledgers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import aiohttp

from benchmarks.soak.instruments import Instrument, Provider

_VTEX: Final = {
    "X-VTEX-API-AppKey": "vtexappkey-sandbox",
    "X-VTEX-API-AppToken": "sandbox-vtex-token",
    "Accept": "application/json",
}
_ADOBE: Final = {"Authorization": "Bearer sandbox-adobe-token", "Accept": "application/json"}
_MEDUSA: Final = {"Authorization": "Basic sk_" + 32 * "5a"}
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """
    Attributes:
        effect: On the balance.
        captured: What was captured of a debit that has to be.
    """

    effect: Decimal
    captured: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """
    One instrument at its provider.

    Attributes:
        lines: Oldest first.
    """

    balance: Decimal
    lines: Sequence[Line]


class Ledgers:
    """
    Args:
        sandbox: Its URL.
    """

    def __init__(self, session: aiohttp.ClientSession, sandbox: str) -> None:
        self._session = session
        self._sandbox = sandbox
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def read(self, instruments: Iterable[Instrument]) -> Mapping[Instrument, Book]:
        wanted = list(instruments)
        books = await asyncio.gather(*map(self._book, wanted))
        return dict(zip(wanted, books, strict=True))

    async def _book(self, instrument: Instrument) -> Book:
        match instrument.provider:
            case Provider.VTEX_CREDIT:
                return await self._vtex_account(instrument.native_id)
            case Provider.VTEX_GIFTCARD:
                return await self._card(instrument.native_id)
            case Provider.ADOBE:
                return await self._adobe_credit(instrument.native_id)
            case Provider.MEDUSA:
                return await self._medusa_account(instrument.native_id)

    async def _vtex_account(self, native_id: str) -> Book:
        """The manual ledger; what invoices do to an account is another one."""
        path = f"/vtex/api/creditcontrol/accounts/{native_id}/statements"
        found = await self._get(path, _VTEX)
        manual = [one["value"] for one in found["statements"] if one["origin"] == "Statement"]
        return Book(Decimal(found["currentBalance"]), [Line(Decimal(value)) for value in manual])

    async def _card(self, native_id: str) -> Book:
        card = f"/vtex/api/giftcards/{native_id}"
        found = await self._get(card, _VTEX)
        listed = await self._get(f"{card}/transactions", _VTEX)
        paths = [f"{card}/transactions/{one['id']}" for one in reversed(listed)]
        return Book(Decimal(found["balance"]), await asyncio.gather(*map(self._on_card, paths)))

    async def _on_card(self, path: str) -> Line:
        one = await self._get(path, _VTEX)
        if one["operation"] == "Credit":
            return Line(Decimal(one["value"]))
        settled = await self._get(f"{path}/settlements", _VTEX)
        captured = tuple(Decimal(each["value"]) for each in settled)
        return Line(-Decimal(one["value"]), captured)

    async def _adobe_credit(self, native_id: str) -> Book:
        root = "/adobe/rest/default/V1/companyCredits"
        condition = "searchCriteria[filter_groups][0][filters][0]"
        found, history = await asyncio.gather(
            self._get(f"{root}/{native_id}", _ADOBE),
            self._get(
                f"{root}/history",
                _ADOBE,
                {f"{condition}[field]": "company_credit_id", f"{condition}[value]": native_id},
            ),
        )
        rows = sorted(history["items"], key=lambda row: int(row["id"]))
        return Book(Decimal(found["balance"]), [Line(Decimal(row["amount"])) for row in rows])

    async def _medusa_account(self, native_id: str) -> Book:
        account = f"/medusa/admin/store-credit-accounts/{native_id}"
        found, ledger = await asyncio.gather(
            self._get(account, _MEDUSA),
            self._get(f"{account}/transactions", _MEDUSA, {"limit": "100000"}),
        )
        rows = sorted(ledger["transactions"], key=lambda row: str(row["id"]))
        signs = {"credit": 1, "debit": -1}
        lines = [Line(signs[row["type"]] * Decimal(row["amount"])) for row in rows]
        return Book(Decimal(found["store_credit_account"]["balance"]), lines)

    async def _get(
        self, path: str, headers: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> Any:
        url = self._sandbox + path
        async with self._turns, self._session.get(url, headers=headers, params=query) as response:
            response.raise_for_status()
            return json.loads(await response.text(), parse_float=Decimal)
