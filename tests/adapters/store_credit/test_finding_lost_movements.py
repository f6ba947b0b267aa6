"""A credit or debit whose answer was lost, found again in the ledger or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from app.domain.errors import (
    CreditError,
    ProviderContractBroken,
    ProviderFailed,
    ProviderRefusedUs,
    ProviderTimedOut,
    ProviderUnreachable,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instruments import StoreCreditAccount
from app.domain.operation import Booking, Evidence
from tests.adapters.store_credit.movements import (
    BEFORE,
    LEDGER_PATH,
    MARK,
    TAG,
    both,
    call,
    entry,
    stage_ledger,
    writer,
)


@both
async def test_a_lost_call_is_found_by_its_mark(
    route: str, client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(
        router,
        entry("sc_trx_9", "Goodwill", type_=route),
        entry("sc_trx_8", f"Goodwill {TAG}", type_=route),
        entry("sc_trx_7", f"Goodwill [creditgraph:{MARK[:-1]}2]", type_=route),
        entry(BEFORE, None, type_=route),
    )

    found = await writer(client, route).find(call(route, account))

    assert found == Booking(provider_reference="sc_trx_8", entry_id=ProviderEntryId("sc_trx_8"))


NOT_OURS = {
    "nothing": [],
    "somebody else's": [entry("sc_trx_9", "Goodwill")],
    "another mark": [entry("sc_trx_9", "Goodwill [creditgraph:cg-other]")],
    "a longer mark": [entry("sc_trx_9", f"[creditgraph:{MARK}-2]")],
    "the mark inside a note": [entry("sc_trx_9", f"as {TAG}, again")],
    "a note of another call that names it": [entry("sc_trx_9", f"{TAG} [creditgraph:cg-other]")],
    "the mark under the other direction": [entry("sc_trx_9", f"Goodwill {TAG}", type_="debit")],
    "no note": [entry("sc_trx_9", None)],
}


@pytest.mark.parametrize("rows", NOT_OURS.values(), ids=NOT_OURS)
async def test_what_is_not_of_this_call_is_no_trace_of_it(
    rows: list[object],
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    stage_ledger(router, *rows, entry(BEFORE))

    assert await writer(client, "credit").find(call("credit", account)) is None


async def test_of_two_entries_with_the_mark_the_older_one_is_the_call(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(router, entry("sc_trx_9", TAG), entry("sc_trx_8", TAG), entry(BEFORE))

    found = await writer(client, "credit").find(call("credit", account))

    assert found is not None
    assert found.entry_id == "sc_trx_8"


async def test_a_call_is_found_behind_everything_that_was_booked_since(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    later = [entry(f"sc_trx_{number}") for number in range(250)]
    long_ago = [entry(f"sc_trx_old_{number}", at="09:00") for number in range(250)]
    ours = entry("sc_trx_ours", TAG)
    ledger = stage_ledger(router, *later, ours, entry(BEFORE), *long_ago)

    found = await writer(client, "credit").find(call("credit", account))

    assert found is not None
    assert found.entry_id == "sc_trx_ours"
    assert ledger.call_count == 3


async def test_an_entry_of_a_server_whose_clock_is_behind_is_found(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    above = [entry(f"sc_trx_{number}", at="11:01") for number in range(99)]
    ours = entry("sc_trx_ours", TAG, at="10:59")
    stage_ledger(router, *above, entry(BEFORE), ours)

    found = await writer(client, "credit").find(call("credit", account))

    assert found is not None
    assert found.entry_id == "sc_trx_ours"


async def test_without_an_entry_before_the_whole_ledger_is_looked_through(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    later = [entry(f"sc_trx_{number}") for number in range(150)]
    stage_ledger(router, *later, entry("sc_trx_ours", TAG))
    asked = replace(call("credit", account), evidence=Evidence())

    found = await writer(client, "credit").find(asked)

    assert found is not None
    assert found.entry_id == "sc_trx_ours"


async def test_a_call_that_is_booked_late_is_found_then(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    asked = call("credit", account)
    stage_ledger(router, entry(BEFORE))
    assert await writer(client, "credit").find(asked) is None

    router.reset()
    stage_ledger(router, entry("sc_trx_9", TAG), entry(BEFORE))

    assert await writer(client, "credit").find(asked) is not None


async def test_an_entry_that_cannot_be_read_may_be_the_call(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(router, {"id": "sc_trx_9"}, entry(BEFORE))

    with pytest.raises(ProviderContractBroken):
        await writer(client, "credit").find(call("credit", account))


async def test_an_entry_that_cannot_be_read_does_not_hide_the_call(
    client: MedusaStoreCredit, router: respx.Router, account: StoreCreditAccount
) -> None:
    stage_ledger(router, {"id": "sc_trx_9"}, entry("sc_trx_8", TAG), entry(BEFORE))

    assert await writer(client, "credit").find(call("credit", account)) is not None


@both
@pytest.mark.parametrize(
    ("happens", "fault"),
    [
        (httpx.ReadTimeout("late"), ProviderTimedOut),
        (httpx.ConnectError("refused"), ProviderUnreachable),
        (httpx.Response(500), ProviderFailed),
        (httpx.Response(401), ProviderRefusedUs),
        (httpx.Response(200, html="<html>"), ProviderContractBroken),
        (httpx.Response(404, html="<html>"), ProviderContractBroken),
    ],
)
async def test_while_the_provider_is_away_nothing_can_be_told(
    happens: Any,
    fault: type[CreditError],
    route: str,
    client: MedusaStoreCredit,
    router: respx.Router,
    account: StoreCreditAccount,
) -> None:
    router.get(path=LEDGER_PATH).mock(side_effect=[happens])

    with pytest.raises(fault):
        await writer(client, route).find(call(route, account))
