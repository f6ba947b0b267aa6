"""The terms of the store, whole."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import CurrencyMismatch, InvalidQuestion, ProviderFailed
from app.domain.instructions import UpdateStoreConfiguration
from app.domain.invoices import Reminder
from app.domain.money import Currency, Money
from app.domain.operation import Booking
from app.domain.provider import Writer
from tests.adapters.vtex_customer_credit.scenes import TERMS, TERMS_BODY, UPDATE_TERMS, Backend
from tests.adapters.vtex_customer_credit.writing import ROOT_PATH, brl, call, written


@pytest.fixture
def backend(router: respx.Router) -> Backend:
    return Backend(router)


@pytest.fixture
def writer(client: VtexCustomerCredit) -> Writer[UpdateStoreConfiguration]:
    return client.writers[UpdateStoreConfiguration]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"daily_interest_rate": Decimal(-1)}, ("dailyInterestRate",)),
        ({"tax_rate": Decimal("0.00000001")}, ("taxRate",)),
        ({"max_hold_growth_rate": Decimal("-0.1")}, ("maxHoldGrowthRate",)),
        ({"default_limit": brl("-1")}, ("defaultLimit", "amount")),
    ],
)
async def test_terms_that_would_not_survive_are_refused(
    writer: Writer[UpdateStoreConfiguration], changes: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await writer.prepare(replace(UPDATE_TERMS, terms=replace(TERMS, **changes)), None)

    assert refusal.value.path == path


async def test_the_default_limit_has_the_currency_of_the_store(
    writer: Writer[UpdateStoreConfiguration],
) -> None:
    dollars = replace(TERMS, default_limit=Money(Decimal(1), Currency("USD")))

    with pytest.raises(CurrencyMismatch):
        await writer.prepare(replace(UPDATE_TERMS, terms=dollars), None)


async def test_the_terms_in_the_answer_are_not_believed(
    writer: Writer[UpdateStoreConfiguration], router: respx.Router
) -> None:
    """The vendor's own sample shows false where true was sent."""
    said = {**TERMS_BODY, "postponementEnabled": False, "toleranceEnabled": False}
    router.put(path=f"{ROOT_PATH}/storeconfig").respond(json=said)

    assert await writer.send(call(UPDATE_TERMS)) == Booking()


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({}, Booking()),
        ({"dailyInterestRate": "0.010"}, Booking()),
        ({"taxRate": 0.41}, None),
        ({"postponementEnabled": False}, None),
        ({"notificationsSettings": None}, None),
    ],
)
async def test_a_change_is_found_in_the_terms(
    writer: Writer[UpdateStoreConfiguration],
    router: respx.Router,
    backend: Backend,
    shown: dict[str, Any],
    found: Booking | None,
) -> None:
    backend.shows_terms(**shown)

    assert await writer.find(call(UPDATE_TERMS)) == found
    assert not written(router)


async def test_reminders_before_and_after_go_out_on_their_sides(
    writer: Writer[UpdateStoreConfiguration], router: respx.Router
) -> None:
    router.put(path=f"{ROOT_PATH}/storeconfig").respond(json=dict(TERMS_BODY))
    terms = replace(
        TERMS,
        reminders_before=(),
        reminders_after=(Reminder(days=3, time_of_day="08:00:00"),),
    )

    await writer.send(call(replace(UPDATE_TERMS, terms=terms)))

    assert written(router)[0].body.endswith(
        '"notificationsSettings":{"daysPrior":[],"daysAfter":[{"days":3,"timeOfDay":"08:00:00"}]}}'
    )


async def test_terms_that_cannot_be_read_tell_nothing(
    writer: Writer[UpdateStoreConfiguration], backend: Backend
) -> None:
    backend.terms.respond(500)

    with pytest.raises(ProviderFailed):
        await writer.find(call(UPDATE_TERMS))
