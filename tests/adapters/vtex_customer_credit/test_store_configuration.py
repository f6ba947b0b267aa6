"""The terms of the store, and the harmless question of `probe`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import ProviderContractBroken, ProviderRefusedUs
from app.domain.identifiers import SourceKey
from app.domain.invoices import Reminder, StoreConfiguration
from app.domain.money import Money

Fixture = Callable[[str], str]
Document = Callable[..., str]
Brl = Callable[[str], Money]
Sent = Callable[[], list[str]]


async def test_the_store_configuration_is_read_whole(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    brl: Brl,
    sent: Sent,
) -> None:
    router.get(f"{root}/storeconfig").respond(
        text=document(
            "store-configuration.documented",
            dailyInterestRate=Decimal("0.00033"),
            taxRate=Decimal("0.02"),
            maxPreAuthorizationGrowthRate=Decimal("0.1"),
            invoicePostponementLimit=2,
            maxPostponementDays=Decimal("15.0"),
            toleranceEnabled=True,
            myCreditsEnabled=True,
        )
    )

    assert await client.store_configuration() == StoreConfiguration(
        source=SourceKey("vtex-br"),
        daily_interest_rate=Decimal("0.00033"),
        tax_rate=Decimal("0.02"),
        default_limit=brl("2000.0"),
        postponement_enabled=False,
        max_postponements=2,
        max_postponement_days=15,
        tolerance_enabled=True,
        self_service_enabled=True,
        automatic_accounts=False,
        max_hold_growth_rate=Decimal("0.1"),
        reminders_before=(
            Reminder(days=5, time_of_day="12:00:00"),
            Reminder(days=1, time_of_day="12:00:00"),
            Reminder(days=0, time_of_day="12:00:00"),
        ),
        reminders_after=(Reminder(days=3, time_of_day="12:00:00"),),
    )
    assert sent() == ["/storeconfig"]


@pytest.mark.parametrize("settings", [None, {}, {"daysPrior": None, "daysAfter": []}])
async def test_a_store_may_send_no_reminders(
    client: VtexCustomerCredit, router: respx.Router, document: Document, settings: object
) -> None:
    router.route().respond(
        text=document("store-configuration.documented", notificationsSettings=settings)
    )

    configuration = await client.store_configuration()

    assert (configuration.reminders_before, configuration.reminders_after) == ((), ())


async def test_a_store_without_configuration_breaks_the_contract(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    router.route().respond(404)

    with pytest.raises(ProviderContractBroken):
        await client.store_configuration()


async def test_a_probe_asks_for_one_account(
    client: VtexCustomerCredit, router: respx.Router, root: str, fixture: Fixture, sent: Sent
) -> None:
    router.get(f"{root}/accounts").respond(text=fixture("accounts.documented"))

    await client.probe()

    assert sent() == ["/accounts?from=1&to=1"]


async def test_a_probe_finds_missing_rights_and_wrong_addresses(
    client: VtexCustomerCredit, router: respx.Router, root: str
) -> None:
    route = router.get(f"{root}/accounts")

    route.respond(403)
    with pytest.raises(ProviderRefusedUs):
        await client.probe()

    route.respond(404, text="<html>no such page</html>")
    with pytest.raises(ProviderContractBroken):
        await client.probe()


@pytest.mark.parametrize(
    "members",
    [
        {"toleranceEnabled": "true"},
        {"postponementEnabled": 1},
        {"maxPostponementDays": "30"},
        {"maxPostponementDays": True},
        {"invoicePostponementLimit": Decimal("1.5")},
        {"notificationsSettings": {"daysPrior": [{"days": "3", "timeOfDay": "09:00"}]}},
    ],
    ids=str,
)
async def test_a_term_of_the_wrong_kind_breaks_the_contract(
    client: VtexCustomerCredit,
    router: respx.Router,
    root: str,
    document: Document,
    members: dict[str, object],
) -> None:
    body = document("store-configuration.documented", **members)
    router.get(f"{root}/storeconfig").respond(text=body)

    with pytest.raises(ProviderContractBroken):
        await client.store_configuration()
