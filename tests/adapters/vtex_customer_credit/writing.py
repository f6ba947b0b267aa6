"""What the tests of all writers share: a call, and the ways in which its answer gets lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar

import httpx
import pytest
import respx

from adapters.transport import exact_json
from app.domain.errors import (
    OutcomeUnknown,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
    SourceProblemKind,
)
from app.domain.identifiers import ProviderAccountId, SourceKey
from app.domain.instructions import Instruction
from app.domain.instruments import (
    CreditAccount,
    Instrument,
    InstrumentStatus,
    VtexCreditAccountDetails,
    VtexDocumentType,
)
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Evidence
from app.domain.provider import Call

What = TypeVar("What", bound=Instruction)

SOURCE: Final = SourceKey("vtex-br")
ACCOUNT: Final = ProviderAccountId("11144477735_CPF")
ROOT_PATH: Final = "/api/creditcontrol"
ACCOUNT_PATH: Final = f"{ROOT_PATH}/accounts/{ACCOUNT}"
MARK: Final = "cg-0123456789abcdef0123456789abcdef-1"
NOW: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def brl(amount: str) -> Money:
    return Money(Decimal(amount), Currency("BRL"))


def account(
    *,
    status: InstrumentStatus = InstrumentStatus.ACTIVE,
    limit: str = "1000",
    available: str = "850.555",
    held: str = "0",
    tolerance: str = "0.10",
    email: str | None = "shopper@example.com",
    document: str | None = "11144477735",
    document_type: VtexDocumentType | None = VtexDocumentType.CPF,
) -> CreditAccount:
    """The account of `account.worked-example.json`, as it was read before a call."""
    return CreditAccount(
        source=SOURCE,
        provider_account_id=ACCOUNT,
        currency=Currency("BRL"),
        status=status,
        limit=brl(limit),
        available=brl(available),
        available_other=brl(available),
        held=brl(held),
        tolerance=Decimal(tolerance),
        holder_email=email,
        observed_at=NOW,
        details=VtexCreditAccountDetails(
            account_id=ACCOUNT,
            email=email,
            document=document,
            document_type=document_type,
            balance=brl("0.0"),
            available_credit=brl(available),
            available_balance=brl(available),
            pre_authorized_credit=brl(held),
            raw_status="Open",
        ),
    )


CLOSED: Final = account(status=InstrumentStatus.CLOSED)


def call(
    instruction: What,
    observed: Instrument | None = None,
    evidence: Evidence = NO_EVIDENCE,
) -> Call[What]:
    return Call(instruction=instruction, mark=MARK, evidence=evidence, observed=observed)


@dataclass(frozen=True)
class Said:
    """One request, as far as it differs between calls."""

    method: str
    path: str
    body: str


def said(request: httpx.Request) -> Said:
    path = request.url.raw_path.decode().removeprefix(ROOT_PATH)
    return Said(request.method, path, request.content.decode())


def written(router: respx.Router) -> list[Said]:
    """The requests that can change something, in order."""
    return [said(it.request) for it in router.calls if it.request.method != "GET"]


LOST: Final = {
    "timeout": (httpx.ReadTimeout("late"), SourceProblemKind.TIMEOUT),
    "reset": (httpx.ReadError("reset"), SourceProblemKind.UNREACHABLE),
    "cut short": (httpx.RemoteProtocolError("cut"), SourceProblemKind.BAD_RESPONSE),
    "500": (
        httpx.Response(500, json={"message": "An error has occurred."}),
        SourceProblemKind.UPSTREAM_ERROR,
    ),
    "502 page": (httpx.Response(502, html="<h1>Bad"), SourceProblemKind.UPSTREAM_ERROR),
    "401 after work": (httpx.Response(401), SourceProblemKind.CREDENTIALS_REJECTED),
    "200 page": (httpx.Response(200, html="<h1>Hello"), SourceProblemKind.BAD_RESPONSE),
    "200 in half": (httpx.Response(200, text='{"valu'), SourceProblemKind.BAD_RESPONSE),
}
"""Each leaves it open whether the call was carried out."""

NOT_BEGUN: Final = {
    "not connected": (httpx.ConnectError("refused"), ProviderUnreachable),
    "not connected in time": (httpx.ConnectTimeout("late"), ProviderTimedOut),
    "throttled": (httpx.Response(429), ProviderThrottled),
    "without the right": (httpx.Response(403), ProviderRefusedUs),
}
"""Each says that nothing was changed."""

Outcome = tuple[httpx.Response | Exception, SourceProblemKind]
Fault = tuple[httpx.Response | Exception, type[ProviderFault]]

every_lost_answer = pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
every_fault_before_work = pytest.mark.parametrize("fault", NOT_BEGUN.values(), ids=NOT_BEGUN)


def answering(route: respx.Route, outcome: httpx.Response | Exception) -> respx.Route:
    return route.mock(side_effect=outcome if isinstance(outcome, Exception) else [outcome])


async def assert_lost(attempt: Awaitable[object], kind: SourceProblemKind) -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        await attempt
    assert (unknown.value.source, unknown.value.kind) == (SOURCE, kind)


def body(**members: object) -> str:
    return exact_json.encode(members).decode()


Serve = Callable[..., None]
