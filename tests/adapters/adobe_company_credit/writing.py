"""What the tests of writes share: an account as it was seen, rows, and a history to search in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import httpx
import respx

from adapters.transport import exact_json
from app.domain.identifiers import ProviderAccountId, ProviderEntryId, SourceKey
from app.domain.instruments import AdobeCompanyCreditDetails, CreditAccount, InstrumentStatus
from app.domain.money import Currency, Money
from app.domain.operation import Evidence

USD: Final = Currency("USD")
MARK: Final = "cg-0123456789abcdef0123456789abcdef-1"
SEVEN: Final = ProviderAccountId("7")
SOURCE: Final = SourceKey("adobe")
SINCE_90: Final = Evidence(newest_entry_id=ProviderEntryId("90"))

Answer = httpx.Response | Exception | Sequence[Mapping[str, Any]]
_FIELD: Final = re.compile(r"searchCriteria\[filterGroups\]\[(\d+)\]\[filters\]\[0\]\[field\]")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), USD)


def account(**changes: Any) -> CreditAccount:
    """Credit 7 of company 3: 5000 granted, 1250.50 owed."""
    members: dict[str, Any] = {
        "source": SOURCE,
        "provider_account_id": SEVEN,
        "currency": USD,
        "status": InstrumentStatus.ACTIVE,
        "limit": usd("5000"),
        "available": usd("3749.5"),
        "outstanding": usd("1250.5"),
        "exceed_allowed": False,
        "observed_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "details": AdobeCompanyCreditDetails(
            credit_id=7,
            company_id=3,
            exceed_limit=False,
            balance=usd("-1250.5"),
            raw_available_limit=usd("3749.5"),
        ),
    }
    return CreditAccount(**members | changes)


def row(row_id: int, **changes: Any) -> dict[str, Any]:
    """A payment of 100 on credit 7; a member given as None is left out."""
    members = {
        "id": row_id,
        "company_credit_id": 7,
        "user_type": 1,
        "currency_credit": "USD",
        "currency_operation": "USD",
        "rate": 1,
        "amount": 100,
        "balance": Decimal("-1150.5"),
        "credit_limit": 5000,
        "available_limit": Decimal("3849.5"),
        "type": 4,
        "datetime": "2026-03-01 12:00:01",
        "comment": "",
    } | changes
    return {name: value for name, value in members.items() if value is not None}


def envelope(**parameters: Any) -> bytes:
    """A refusal whose message must not matter."""
    named = {"parameters": parameters} if parameters else {}
    return exact_json.encode({"message": "reworded"} | named)


def listed(rows: Sequence[Mapping[str, Any]], total: int | None = None) -> bytes:
    count = len(rows) if total is None else total
    return exact_json.encode({"items": list(rows), "search_criteria": {}, "total_count": count})


def filters_of(request: httpx.Request) -> dict[str, str]:
    """The filters of a search as `column condition`: value."""
    query = request.url.params
    groups = [match[1] for name in query if (match := _FIELD.fullmatch(name))]
    start = "searchCriteria[filterGroups]"
    return {
        f"{query[f'{start}[{group}][filters][0][field]']} "
        f"{query[f'{start}[{group}][filters][0][conditionType]']}": query[
            f"{start}[{group}][filters][0][value]"
        ]
        for group in groups
    }


def history(shop: respx.Router, answer: Callable[[Mapping[str, str]], Answer]) -> respx.Route:
    """A history that answers by the filters it is asked with."""

    def respond(request: httpx.Request) -> httpx.Response:
        said = answer(filters_of(request))
        if isinstance(said, Exception):
            raise said
        if isinstance(said, httpx.Response):
            return said
        return httpx.Response(200, content=listed(said))

    return shop.get("/V1/companyCredits/history").mock(side_effect=respond)


def searches(route: respx.Route) -> list[dict[str, str]]:
    return [filters_of(call.request) for call in route.calls]
