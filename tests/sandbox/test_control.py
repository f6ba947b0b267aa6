"""The sandbox's own routes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sandbox.application import create_sandbox

KEYS = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
SHOPPER = "/vtex/api/creditcontrol/accounts/11144477735_CPF"
STAND_INS = ("vtex-credit", "vtex-giftcard", "adobe", "medusa")


@pytest.fixture
async def sandbox() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_sandbox())
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox.example", headers=KEYS
    ) as client:
        yield client


async def test_the_index_says_what_is_where(sandbox: httpx.AsyncClient) -> None:
    index = (await sandbox.get("/")).json()

    assert set(index["stand_ins"]) == set(STAND_INS)


async def test_health_answers(sandbox: httpx.AsyncClient) -> None:
    assert (await sandbox.get("/_sandbox/health")).json() == {"status": "ok"}


async def test_at_first_no_stand_in_has_a_fault(sandbox: httpx.AsyncClient) -> None:
    faults = (await sandbox.get("/_sandbox/faults")).json()

    assert faults == {name: {"mode": "none"} for name in STAND_INS}


@pytest.mark.parametrize("name", STAND_INS)
async def test_a_fault_is_put_answered_and_read_back_with_its_defaults(
    sandbox: httpx.AsyncClient, name: str
) -> None:
    put = await sandbox.put(f"/_sandbox/faults/{name}", json={"mode": "throttle"})
    read = await sandbox.get(f"/_sandbox/faults/{name}")

    assert put.json() == read.json()
    assert read.json() == {
        "mode": "throttle",
        "retry_after_seconds": 1,
        "probability": 1,
        "seed": 0,
        "path_contains": "",
        "calls": "all",
        "times": 0,
        "strikes_left": None,
    }


async def test_a_new_fault_replaces_the_old_one_whole(sandbox: httpx.AsyncClient) -> None:
    url = "/_sandbox/faults/vtex-credit"
    await sandbox.put(url, json={"mode": "error", "path_contains": "/accounts"})
    await sandbox.put(url, json={"mode": "error", "status": 502})

    assert (await sandbox.get(url)).json()["path_contains"] == ""


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("vtex-credit", SHOPPER),
        ("vtex-giftcard", "/vtex/api/giftcards/954"),
        ("adobe", "/adobe/rest/default/V1/companyCredits/31"),
        ("medusa", "/medusa/admin/store-credit-accounts"),
    ],
)
async def test_a_fault_strikes_its_own_provider_only(
    sandbox: httpx.AsyncClient, name: str, path: str
) -> None:
    await sandbox.put(f"/_sandbox/faults/{name}", json={"mode": "error", "status": 555})

    assert (await sandbox.get(path)).status_code == 555
    for other in STAND_INS:
        fault = (await sandbox.get(f"/_sandbox/faults/{other}")).json()
        assert (fault["mode"] == "error") is (other == name)


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_an_unknown_stand_in_is_404_and_told_the_known_ones(
    sandbox: httpx.AsyncClient, method: str
) -> None:
    response = await sandbox.request(method, "/_sandbox/faults/paypal", json={"mode": "hang"})

    assert response.status_code == 404
    assert "vtex-credit, vtex-giftcard, adobe, medusa" in response.text


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/_sandbox/faults/adobe", b'{"mode":"explode"}', "mode"),
        ("/_sandbox/faults/adobe", b'{"mode":"latency","milliseconds":-5}', "milliseconds"),
        ("/_sandbox/faults/adobe", b'{"mode":"latency","milliseconds":1.5}', "milliseconds"),
        ("/_sandbox/faults/adobe", b"hang", "not JSON"),
        ("/_sandbox/clock", b"", "not JSON"),
        ("/_sandbox/clock", b"{}", "advance_seconds"),
        ("/_sandbox/clock", b'{"now":5}', "advance_seconds"),
        ("/_sandbox/clock", b'{"now":"soon"}', "now: 'soon' is not RFC 3339"),
        ("/_sandbox/clock", b'{"now":"2030-01-01T00:00:00"}', "no time zone"),
        ("/_sandbox/clock", b'{"advance_seconds":-1}', "advance_seconds: -1"),
        ("/_sandbox/clock", b'{"advance_seconds":true}', "advance_seconds"),
        ("/_sandbox/clock", b'{"advance_seconds":1e30}', "advance_seconds"),
        ("/_sandbox/clock", b'{"now":"2030-01-01T00:00:00Z","advance_seconds":1}', "or"),
    ],
)
async def test_bad_control_input_is_400_and_told_what_is_wrong(
    sandbox: httpx.AsyncClient, path: str, body: bytes, named: str
) -> None:
    response = await sandbox.put(path, content=body)

    assert response.status_code == 400
    assert named in response.json()["error"]


async def test_the_clock_runs_in_real_time_until_set(sandbox: httpx.AsyncClient) -> None:
    clock = (await sandbox.get("/_sandbox/clock")).json()

    assert abs(datetime.fromisoformat(clock["now"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock["frozen"] is False


async def test_the_clock_can_be_set_and_advanced(sandbox: httpx.AsyncClient) -> None:
    await sandbox.put("/_sandbox/clock", json={"now": "2030-01-01T00:00:00Z"})
    clock = (await sandbox.put("/_sandbox/clock", json={"advance_seconds": 90})).json()

    assert clock == {"now": "2030-01-01T00:01:30Z", "frozen": True}


async def test_time_lets_a_hold_fall_off(sandbox: httpx.AsyncClient) -> None:
    buyer = "/vtex/api/creditcontrol/accounts/11222333000181_CNPJ"
    before = (await sandbox.get(buyer)).json()["preAuthorizedCredit"]
    await sandbox.put("/_sandbox/clock", json={"advance_seconds": 11 * 86_400})

    assert (before, (await sandbox.get(buyer)).json()["preAuthorizedCredit"]) == (1500.5, 0)


async def test_a_reset_brings_fresh_data_real_time_and_no_faults(
    sandbox: httpx.AsyncClient,
) -> None:
    await sandbox.put("/_sandbox/faults/medusa", json={"mode": "hang"})
    await sandbox.put("/_sandbox/clock", json={"now": "2050-01-01T00:00:00Z"})
    response = await sandbox.post("/_sandbox/reset")

    assert response.json() == {"reset": True}
    assert (await sandbox.get("/_sandbox/faults/medusa")).json() == {"mode": "none"}
    assert (await sandbox.get("/_sandbox/clock")).json()["frozen"] is False
    assert (await sandbox.get(SHOPPER)).json()["availableCredit"] == 850.555


async def test_a_path_of_neither_vtex_api_is_404(sandbox: httpx.AsyncClient) -> None:
    assert (await sandbox.get("/vtex/api/oms/orders")).status_code == 404
