"""What the soak moves money on: instruments of its own in every stand-in, each with money."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

OWNER: Final = "soak@example.com"
CURRENCY: Final = "BRL"
OPENING: Final = 100_000
"""What every instrument has at the start: no ordinary debit can exhaust it."""

_BUILT_IN: Final = Path(__file__).parents[2] / "sandbox/seed"


class Provider(StrEnum):
    """By the key of its source, which is the name of its stand-in as well."""

    VTEX_CREDIT = "vtex-credit"
    VTEX_GIFTCARD = "vtex-giftcard"
    ADOBE = "adobe"
    MEDUSA = "medusa"


@dataclass(frozen=True, slots=True)
class Instrument:
    provider: Provider
    native_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument with the id that the graph has for it."""

    instrument: Instrument
    id: str


def instruments(count: int) -> Iterator[Instrument]:
    """*count* of each provider."""
    for number in range(count):
        yield Instrument(Provider.VTEX_CREDIT, f"soak-{number}")
        yield Instrument(Provider.VTEX_GIFTCARD, f"{OWNER}_{number}")
        yield Instrument(Provider.ADOBE, str(3000 + number))
        yield Instrument(Provider.MEDUSA, _ulid("sc_acc", number))


def seed(count: int) -> Mapping[str, Any]:
    """For `--seed` of the sandbox: its own credentials, and *count* instruments a provider."""
    numbers = range(count)
    return {
        "vtex_credit": {
            **_built_in("vtex_credit", "credentials", "store_configuration"),
            "accounts": [_vtex_account(number) for number in numbers],
        },
        "vtex_giftcard": {
            **_built_in("vtex_giftcard", "credentials", "provider_keys", "defects"),
            "cards": [_card(number) for number in numbers],
        },
        "adobe": {
            **_built_in("adobe", "switches", "credentials", "websites"),
            "customers": [_adobe_customer(number) for number in numbers],
            "companies": [_company(number) for number in numbers],
            "credits": [_credit(number) for number in numbers],
        },
        "medusa": {
            **_built_in("medusa"),
            "credentials": _medusa_credentials(),
            "customers": [_medusa_customer(number) for number in numbers],
            "accounts": [_medusa_account(number) for number in numbers],
            "gift_cards": [],
        },
    }


def _built_in(section: str, *members: str) -> dict[str, Any]:
    whole = json.loads((_BUILT_IN / f"{section}.json").read_text(encoding="utf-8"))
    return {name: whole[name] for name in members}


def _vtex_account(number: int) -> Mapping[str, Any]:
    return {
        "id": f"soak-{number}",
        "email": f"soak-{number}@example.com",
        "opened": "now-90d",
        "credit_limit": OPENING,
    }


def _card(number: int) -> Mapping[str, Any]:
    return {
        "id": f"{OWNER}_{number}",
        "code": f"SOAK-{number:04d}",
        "profile_id": OWNER,
        "currency": CURRENCY,
        "emitted": "now-90d",
        "expires": "now+90d",
        "multiple_credits": True,
        "balance": OPENING,
    }


def _adobe_customer(number: int) -> Mapping[str, Any]:
    return {
        "id": 1000 + number,
        "email": f"soak-{number}@example.com",
        "website_id": 1,
        "created_at": "now-90d",
        "updated_at": "now-90d",
        "firstname": "Soak",
        "lastname": str(number),
        "memberships": [{"company_id": 2000 + number, "status": 1, "is_default": True}],
    }


def _company(number: int) -> Mapping[str, Any]:
    return {
        "id": 2000 + number,
        "status": 1,
        "company_name": f"Soak {number}",
        "company_email": f"soak-{number}@example.com",
        "super_user_id": 1000 + number,
    }


def _credit(number: int) -> Mapping[str, Any]:
    opening = {"credit_limit": OPENING, "balance": 0}
    return {
        "id": 3000 + number,
        "company_id": 2000 + number,
        "currency_code": CURRENCY,
        **opening,
        "history": [{"datetime": "now-90d", "type": 1, "amount": 0, **opening}],
    }


def _medusa_credentials() -> Mapping[str, Any]:
    """Without the tokens of shoppers who are not there."""
    return {**_built_in("medusa", "credentials")["credentials"], "customer_tokens": []}


def _medusa_customer(number: int) -> Mapping[str, Any]:
    return {
        "id": _ulid("cus", number),
        "email": f"soak-{number}@example.com",
        "created_at": "now-90d",
    }


def _medusa_account(number: int) -> Mapping[str, Any]:
    opening = {
        "id": _ulid("sc_trx", number),
        "type": "credit",
        "amount": OPENING,
        "reference": "api-key",
        "reference_id": "soak",
        "created_at": "now-90d",
    }
    return {
        "id": _ulid("sc_acc", number),
        "currency_code": CURRENCY.lower(),
        "customer_id": _ulid("cus", number),
        "created_at": "now-90d",
        "ledger": [opening],
    }


def _ulid(prefix: str, number: int) -> str:
    return f"{prefix}_01K0S0AK{number:018d}"
