"""One card, what is said of it over HTTP, and how the gateway would ask for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import httpx
import respx
import simplejson

from adapters.vtex_giftcard.client import VtexGiftcard
from app.domain.identifiers import ProviderCardId, ProviderHoldId, SourceKey
from app.domain.instructions import (
    CancelOnGiftCard,
    CreditGiftCard,
    DebitGiftCard,
    HoldOnGiftCard,
    Instruction,
    SettleGiftCard,
)
from app.domain.instruments import GiftCard, InstrumentStatus, Secret, VtexGiftCardDetails
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call, Writer

SOURCE: Final = SourceKey("cards-br")
CARD_ID: Final = ProviderCardId("shopper@example.com_7")
HOLD: Final = ProviderHoldId("faa6831230634c4b8fb897e02ba9c5a1")
URL: Final = "https://store.example/vtex/api/giftcards/shopper%40example.com_7"
CODE: Final = "WXYZ-BCDF-GHJK-LMNP"
MARK: Final = "cg-0f3a-1"
JSON: Final = {"Content-Type": "application/json"}

LOST: Final[dict[str, httpx.Response | httpx.HTTPError]] = {
    "timeout": httpx.ReadTimeout(""),
    "reset": httpx.ReadError(""),
    "server error": httpx.Response(500, json={"message": "An error has occurred."}),
    "page of a proxy": httpx.Response(502, html="<html>Bad gateway</html>"),
    "401 after work": httpx.Response(401),
    "redirect": httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
    "truncated": httpx.Response(200, content=b'{"id":"faa68312', headers=JSON),
    "empty": httpx.Response(200),
    "page with 200": httpx.Response(200, html="<html>Sign in</html>"),
    "another document": httpx.Response(200, json={"error": {"code": "1402"}}),
    "empty id": httpx.Response(200, json={"id": "", "oid": "", "value": 1, "date": "2026-01-01"}),
}
"""After any of these nobody knows whether it was carried out."""


def brl(amount: str) -> Money:
    return Money(Decimal(amount), Currency("BRL"))


CARD: Final = GiftCard(
    source=SOURCE,
    provider_card_id=CARD_ID,
    redemption_code=Secret(CODE),
    currency=Currency("BRL"),
    currency_assumed=False,
    status=InstrumentStatus.ACTIVE,
    balance=brl("100"),
    issued_at=None,
    expires_at=None,
    observed_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    details=VtexGiftCardDetails(relation_name=None, caption=None, discount=None),
)


def credit(amount: str = "30.50", **others: Any) -> CreditGiftCard:
    return CreditGiftCard(**_transaction(amount, others))


def debit(amount: str = "30.50", **others: Any) -> DebitGiftCard:
    return DebitGiftCard(**_transaction(amount, others))


def hold(amount: str = "30.50", **others: Any) -> HoldOnGiftCard:
    return HoldOnGiftCard(**_transaction(amount, others))


def settle(amount: str = "30.50") -> SettleGiftCard:
    return SettleGiftCard(source=SOURCE, card_id=CARD_ID, amount=brl(amount), hold_id=HOLD)


def cancel(amount: str = "30.50", *, before: str = "0") -> CancelOnGiftCard:
    return CancelOnGiftCard(
        source=SOURCE,
        card_id=CARD_ID,
        amount=brl(amount),
        hold_id=HOLD,
        given_back_before=brl(before),
    )


def _transaction(amount: str, others: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "card_id": CARD_ID,
        "amount": brl(amount),
        "description": "Goodwill",
        **others,
    }


@dataclass
class Teller:
    """Asks the client's writers for something, and says what the provider answers."""

    client: VtexGiftcard
    provider: respx.Router
    card: GiftCard | None = CARD

    async def prepare(self, instruction: Instruction) -> Evidence:
        return await self.client.writers[type(instruction)].prepare(instruction, self.card)

    async def send(self, instruction: Instruction) -> Booking:
        return await self._writer(instruction).send(self._call(instruction, NO_EVIDENCE))

    async def find(self, instruction: Instruction, evidence: Evidence) -> Booking | None:
        return await self._writer(instruction).find(self._call(instruction, evidence))

    def answers(self, method: str, path: str, answer: httpx.Response | Exception) -> respx.Route:
        return self.provider.route(method=method, url=URL + path).mock(
            return_value=answer if isinstance(answer, httpx.Response) else None,
            side_effect=answer if isinstance(answer, Exception) else None,
        )

    def says(self, path: str, document: object) -> respx.Route:
        return self.answers("GET", path, json_of(document))

    def has_balance(self, amount: str) -> respx.Route:
        """When it is read again."""
        return self.says(
            "",
            {
                "id": CARD_ID,
                "redemptionCode": CODE,
                "balance": Decimal(amount),
                "currencyCode": "BRL",
                "emissionDate": "2026-01-01",
                "expiringDate": "2027-01-01",
            },
        )

    def lists_transactions(self, *rows: tuple[str, str, str, str]) -> None:
        """Newest first: id, operation, amount, request id."""
        self.says("/transactions", [{"id": row[0]} for row in rows])
        for transaction_id, operation, value, request_id in rows:
            self.says(
                f"/transactions/{transaction_id}",
                {
                    "operation": operation,
                    "value": Decimal(value),
                    "date": "2026-02-01",
                    "requestId": request_id,
                },
            )

    def tells_of_hold(
        self, value: str = "50", *, settled: tuple[str, ...] = (), given_back: tuple[str, ...] = ()
    ) -> None:
        self.says(
            f"/transactions/{HOLD}",
            {"operation": "Debit", "value": Decimal(value), "date": "2026-02-01"},
        )
        self.lists_movements("settlements", *settled)
        self.lists_movements("cancellations", *given_back)

    def lists_movements(self, kind: str, *amounts: str) -> None:
        """Oldest first."""
        self.says(
            f"/transactions/{HOLD}/{kind}",
            [
                {"oid": f"{kind}-{day}", "value": Decimal(amount), "date": f"2026-02-0{day}"}
                for day, amount in enumerate(amounts, start=1)
            ],
        )

    @property
    def written(self) -> list[tuple[str, str, Any]]:
        """Path and document of every POST."""
        return [
            (
                call.request.method,
                str(call.request.url).removeprefix(URL),
                simplejson.loads(call.request.content, use_decimal=True),
            )
            for call in self.provider.calls
            if call.request.method != "GET"
        ]

    def _writer(self, instruction: Instruction) -> Writer[Any]:
        return self.client.writers[type(instruction)]

    def _call(self, instruction: Instruction, evidence: Evidence) -> Call[Any]:
        return Call(instruction=instruction, mark=MARK, evidence=evidence, observed=self.card)


def json_of(document: object) -> httpx.Response:
    body = simplejson.dumps(document, use_decimal=True)
    return httpx.Response(200, content=body, headers=JSON)
