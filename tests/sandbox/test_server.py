"""The sandbox as a process of its own, over real connections."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
SHOPPER = "/vtex/api/creditcontrol/accounts/11144477735_CPF"
KEYS = {"X-VTEX-API-AppKey": "vtexappkey-sandbox", "X-VTEX-API-AppToken": "sandbox-vtex-token"}
PROMPTLY_SECONDS = 5


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("sandbox at http://127.0.0.1:"), line
    return line.removeprefix("sandbox at ").strip()


@contextlib.contextmanager
def stopped_at_the_end(process: subprocess.Popen[str]) -> Iterator[str]:
    with process:
        try:
            yield address_of(process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with stopped_at_the_end(started()) as address:
        yield address


@pytest.fixture
def sandbox(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers=KEYS, timeout=PROMPTLY_SECONDS) as client:
        yield client
        client.post("/_sandbox/reset")


def put_fault(client: httpx.Client, fault: dict[str, object]) -> None:
    client.put("/_sandbox/faults/vtex-credit", json=fault).raise_for_status()


def test_it_answers_over_http(sandbox: httpx.Client) -> None:
    assert b'"availableCredit":850.555' in sandbox.get(SHOPPER).content


def test_a_reset_kills_the_connection_before_any_byte(sandbox: httpx.Client) -> None:
    put_fault(sandbox, {"mode": "reset"})
    host, port = sandbox.base_url.host, sandbox.base_url.port or 0
    with socket.create_connection((host, port), timeout=PROMPTLY_SECONDS) as connection:
        connection.sendall(f"GET {SHOPPER} HTTP/1.1\r\nHost: sandbox\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_reset_kills_no_other_connection(sandbox: httpx.Client) -> None:
    put_fault(sandbox, {"mode": "reset"})
    with httpx.Client(base_url=sandbox.base_url) as other, pytest.raises(httpx.ReadError):
        other.get(SHOPPER)

    assert sandbox.get("/_sandbox/health").status_code == 200


def test_a_hanging_request_gets_no_answer_and_others_do(sandbox: httpx.Client) -> None:
    put_fault(sandbox, {"mode": "hang"})
    with pytest.raises(httpx.ReadTimeout):
        sandbox.get(SHOPPER, timeout=0.2)

    assert sandbox.get("/vtex/api/giftcards/954").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "hang"},
        {"mode": "latency", "milliseconds": 60_000},
        {"mode": "applied_late", "milliseconds": 60_000, "calls": "all"},
    ],
)
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_promptly_and_quietly_while_requests_wait(
    fault: dict[str, object], sign: signal.Signals
) -> None:
    process = started()
    with stopped_at_the_end(process) as address, httpx.Client(base_url=address) as client:
        put_fault(client, fault)
        host, port = client.base_url.host, client.base_url.port or 0
        with socket.create_connection((host, port)) as waiting:
            waiting.sendall(f"GET {SHOPPER} HTTP/1.1\r\nHost: sandbox\r\n\r\n".encode())
            client.get("/_sandbox/health")
            process.send_signal(sign)
            process.wait(PROMPTLY_SECONDS)
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_it_stops_when_its_parent_is_gone() -> None:
    with subprocess.Popen(["sleep", "60"]) as parent:
        process = started("--parent-pid", str(parent.pid))
        with stopped_at_the_end(process):
            parent.kill()
            parent.wait()
            process.wait(PROMPTLY_SECONDS)


def test_a_bad_seed_file_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text('{"vtex_credit": {"accounts": [{"opened": "soon"}]}}')
    process = started("--seed", str(file))
    _, complaint = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "vtex_credit.accounts[0].opened: 'soon'" in complaint


def test_own_data_is_served(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(
        """{"vtex_credit": {
            "credentials": {"users": [{"token": "mine", "rights": ["Main Access"]}]},
            "accounts": [{"id": "mine", "email": "me@example.com", "opened": "now-1d",
                          "credit_limit": 7.125}]}}"""
    )
    with stopped_at_the_end(started("--seed", str(file))) as address:
        response = httpx.get(
            f"{address}/vtex/api/creditcontrol/accounts/mine",
            headers={"VtexIdclientAutCookie": "mine"},
        )

    assert b'"availableCredit":7.125' in response.content
