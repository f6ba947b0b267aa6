"""Every fault that can be ordered of the sandbox, over real connections to its own server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from adapters.transport.connection import Connection
from app.domain.errors import (
    AccountNotFound,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
)
from app.domain.identifiers import ProviderAccountId, ProviderStoreCreditId
from app.domain.paging import Window
from tests.contract.cast import (
    BUYERS_ACCOUNT,
    BUYERS_STORE_CREDIT,
    COLLECTORS_CARDS,
    LOYALTY_CARD,
    SHOPPER,
    by_email,
)
from tests.contract.stack import Adapters, layered

ROOT = Path(__file__).parents[2]
STAND_INS = ("vtex-credit", "vtex-giftcard", "adobe", "medusa")

FAULTS: list[tuple[dict[str, object], type[ProviderFault]]] = [
    ({"mode": "hang"}, ProviderTimedOut),
    ({"mode": "latency", "milliseconds": 600_000}, ProviderTimedOut),
    ({"mode": "reset"}, ProviderUnreachable),
    ({"mode": "error"}, ProviderFailed),
    ({"mode": "error", "status": 502}, ProviderFailed),
    ({"mode": "error", "status": 503}, ProviderFailed),
    ({"mode": "error", "status": 599}, ProviderFailed),
    ({"mode": "malformed", "kind": "truncated"}, ProviderContractBroken),
    ({"mode": "malformed", "kind": "html"}, ProviderContractBroken),
    ({"mode": "malformed", "kind": "wrong_type"}, ProviderContractBroken),
    ({"mode": "throttle"}, ProviderThrottled),
    ({"mode": "unauthorized"}, ProviderRefusedUs),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A sandbox in a process of its own, on a free port."""
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("sandbox at ").strip()
        finally:
            process.kill()


@pytest.fixture
def order(address: str) -> Iterator[Callable[..., None]]:
    """Orders a fault of a stand-in; all end with the test."""
    with httpx.Client(base_url=address) as controls:

        def put(stand_in: str, fault: dict[str, object]) -> None:
            controls.put(f"/_sandbox/faults/{stand_in}", json=fault).raise_for_status()

        yield put
        controls.post("/_sandbox/reset").raise_for_status()


@pytest.fixture
async def within(address: str) -> AsyncIterator[Callable[[float], Adapters]]:
    """Adapters that wait so many seconds for an answer."""
    connection = Connection(max_connections=10)
    yield lambda seconds: Adapters(
        transport=lambda: layered(connection, seconds=seconds), host=address
    )
    await connection.aclose()


@pytest.fixture
def sources(within: Callable[[float], Adapters]) -> Adapters:
    return within(10)


Read = Callable[[Adapters], Awaitable[object]]

READS: dict[str, Read] = {
    "vtex-credit": lambda sources: sources.vtex_credit().credit_account(BUYERS_ACCOUNT),
    "vtex-giftcard": lambda sources: sources.vtex_giftcard().gift_card(LOYALTY_CARD),
    "adobe": lambda sources: sources.adobe().credit_accounts_of(SHOPPER),
    "medusa": lambda sources: sources.medusa().store_credit_account(BUYERS_STORE_CREDIT),
}


@pytest.mark.parametrize("stand_in", STAND_INS)
@pytest.mark.parametrize(
    ("fault", "expected"), FAULTS, ids=[" ".join(map(str, it.values())) for it, _ in FAULTS]
)
async def test_a_fault_is_told_as_what_it_is(
    within: Callable[[float], Adapters],
    order: Callable[..., None],
    stand_in: str,
    fault: dict[str, object],
    expected: type[ProviderFault],
) -> None:
    order(stand_in, fault)
    sources = within(0.1 if expected is ProviderTimedOut else 10)

    for answer in (sources.named(stand_in).probe(), READS[stand_in](sources)):
        with pytest.raises(ProviderFault) as told:
            await answer
        assert type(told.value) is expected
        assert told.value.source == stand_in


@pytest.mark.parametrize("stand_in", STAND_INS)
async def test_a_source_in_trouble_leaves_the_others_alone(
    sources: Adapters, order: Callable[..., None], stand_in: str
) -> None:
    order(stand_in, {"mode": "hang"})

    for other in STAND_INS:
        if other != stand_in:
            await sources.named(other).probe()
            await READS[other](sources)


@pytest.mark.parametrize("stand_in", STAND_INS)
async def test_a_source_answers_again_when_its_trouble_is_over(
    sources: Adapters, order: Callable[..., None], stand_in: str
) -> None:
    order(stand_in, {"mode": "reset"})
    with pytest.raises(ProviderUnreachable):
        await READS[stand_in](sources)
    order(stand_in, {"mode": "none"})

    await READS[stand_in](sources)


@pytest.mark.parametrize("stand_in", STAND_INS)
async def test_a_late_answer_within_the_time_is_an_answer(
    sources: Adapters, order: Callable[..., None], stand_in: str
) -> None:
    order(stand_in, {"mode": "latency", "milliseconds": 1})

    await READS[stand_in](sources)


@pytest.mark.parametrize("stand_in", STAND_INS)
async def test_how_long_to_slow_down_is_told(
    sources: Adapters, order: Callable[..., None], stand_in: str
) -> None:
    order(stand_in, {"mode": "throttle", "retry_after_seconds": 17})

    with pytest.raises(ProviderThrottled) as told:
        await READS[stand_in](sources)

    assert told.value.retry_after_seconds == 17


async def test_a_company_in_trouble_costs_its_credit_and_no_other(
    sources: Adapters, order: Callable[..., None]
) -> None:
    order("adobe", {"mode": "error", "path_contains": "/companyCredits/company/26"})

    page = await sources.adobe().credit_accounts_of(by_email("two-companies"))

    assert [account.provider_account_id for account in page.items] == ["35"]
    assert [type(fault) for fault in page.faults] == [ProviderFailed]


async def test_an_unknown_id_is_not_found_over_real_connections_too(sources: Adapters) -> None:
    for escaped in ("no/such", "no such", "não", "%2e%2e", "a?b#c"):
        with pytest.raises(AccountNotFound):
            await sources.vtex_credit().credit_account(ProviderAccountId(escaped))
        with pytest.raises(AccountNotFound):
            await sources.medusa().store_credit_account(ProviderStoreCreditId(escaped))


async def test_a_server_that_is_not_there_is_unreachable(free_tcp_port: int) -> None:
    connection = Connection(max_connections=1)
    nowhere = Adapters(
        transport=lambda: layered(connection), host=f"http://127.0.0.1:{free_tcp_port}"
    )
    try:
        for stand_in in STAND_INS:
            with pytest.raises(ProviderUnreachable):
                await nowhere.named(stand_in).probe()
    finally:
        await connection.aclose()


async def test_many_reads_at_once_share_the_connections_and_keep_their_answers(
    sources: Adapters,
) -> None:
    vtex = sources.vtex_giftcard()
    ids = (await vtex.search_gift_cards(COLLECTORS_CARDS, Window(0, 100))).items

    cards = await asyncio.gather(*map(vtex.gift_card, ids))

    assert [card.provider_card_id for card in cards] == list(ids)
