"""The command line as a process of its own, over real connections."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.graphql.schema import printed_schema

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30
LOOPBACK = "127.0.0.1"

MEDUSA = """
id_secret = { env = "IDS" }
[[sources]]
key = "medusa"
provider = "medusa.store-credit"
base_url = "http://127.0.0.1:1"
default_currency = "EUR"
credentials = { kind = "secret-key", token = { env = "MEDUSA_TOKEN" } }
"""
SECRETS = {"IDS": "i" * 32, "MEDUSA_TOKEN": "sk_never_to_be_seen"}


@dataclass(frozen=True)
class Serving:
    """A server that has said it is ready."""

    process: subprocess.Popen[str]
    welcome: str
    sandbox_port: int

    @property
    def address(self) -> str:
        found = re.search(r"(http://\S+)/graphql", self.welcome)
        assert found, self.welcome
        return found.group(1)

    @property
    def query(self) -> httpx.Response:
        """The answer to the query that the welcome shows, sent as it stands there."""
        (line,) = (one for one in self.welcome.splitlines() if "curl -s" in one)
        _, _, url, _, caller, _, kind, _, body = shlex.split(line)
        headers = dict(header.split(": ") for header in (caller, kind))
        return httpx.post(url, content=body, headers=headers)


def environment(**additions: str) -> dict[str, str]:
    """Without anything that would configure the program from outside."""
    outside = ("SANDBOX_PORT", "FORCE_COLOR", "TTY_COMPATIBLE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CREDITGRAPH_") and name not in outside
    }
    return {**kept, "COLUMNS": "100", **additions}


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def read_until(end: str, process: subprocess.Popen[str]) -> str:
    """What *process* prints; it is killed when it keeps us waiting."""
    assert process.stdout
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    text = ""
    while end not in text and (line := process.stdout.readline()):
        text += line
    watchdog.cancel()
    return text


@contextlib.contextmanager
def serving(*arguments: str, **variables: str) -> Iterator[Serving]:
    sandbox_port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port=0", *arguments],
        cwd=ROOT,
        env=environment(SANDBOX_PORT=str(sandbox_port), **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            welcome = read_until("Ctrl-C", process)
            yield Serving(process, welcome, sandbox_port)
        finally:
            process.terminate()


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def hold_connections_to(port: int) -> None:
    """Connect, wait until that connection ends, and again, until nobody is there any more."""
    while True:
        with (
            socket.create_connection((LOOPBACK, port), timeout=PATIENCE_SECONDS) as connection,
            contextlib.suppress(ConnectionResetError),
        ):
            connection.recv(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with serving() as one:
        yield one


@pytest.fixture
def sandbox(server: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{LOOPBACK}:{server.sandbox_port}") as client:
        yield client
        client.post("/_sandbox/reset")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(MEDUSA)
    return file


def test_the_query_of_the_welcome_answers(server: Serving) -> None:
    spendable = server.query.json()["data"]["customer"]["spendableCredit"]

    assert spendable["total"] == {"amount": "4752.35", "currencyCode": "BRL"}
    assert spendable["completeness"] == "COMPLETE"


def test_the_fault_of_the_welcome_breaks_a_provider(server: Serving, sandbox: httpx.Client) -> None:
    (line,) = (one for one in server.welcome.splitlines() if '"hang"' in one)
    *_, url, _, body = shlex.split(line)
    httpx.put(url, content=body).raise_for_status()
    spendable = server.query.json()["data"]["customer"]["spendableCredit"]

    assert spendable["total"]["amount"] == "1002.85"
    assert spendable["unavailable"] == [{"source": {"key": "adobe"}, "kind": "TIMEOUT"}]


def test_the_address_of_the_welcome_is_the_playground(server: Serving) -> None:
    page = httpx.get(f"{server.address}/graphql", headers={"Accept": "text/html"})

    assert page.headers["content-type"].startswith("text/html")


def test_its_health_can_be_asked(server: Serving) -> None:
    assert httpx.get(f"{server.address}/healthz").status_code == 200


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_server_and_sandbox_quietly(sign: signal.Signals) -> None:
    with serving() as one:
        one.process.send_signal(sign)
        _, complaints = one.process.communicate(timeout=PATIENCE_SECONDS)

        assert (one.process.returncode, complaints) == (0, "")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, one.sandbox_port))


def test_the_sandbox_does_not_outlive_a_server_that_is_killed() -> None:
    with serving() as one:
        one.process.kill()
        with pytest.raises(ConnectionRefusedError):
            hold_connections_to(one.sandbox_port)


def test_own_sources_are_served_without_a_sandbox(config: Path) -> None:
    with serving(f"--config={config}", **SECRETS) as one:
        assert "serves medusa at" in one.welcome
        assert httpx.get(f"{one.address}/healthz").status_code == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, one.sandbox_port))


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_taken_port_is_named(option: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        ports = {"--port": "0", "--sandbox-port": str(free_port())} | {option: str(port)}
        ended = run("serve", *(part for one in ports.items() for part in one))

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"creditgraph: port {port} of 127.0.0.1: something else listens there; choose another one"
    ]


def test_a_taken_port_is_named_by_the_sandbox_alone_too() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        ended = run("sandbox", "--port", str(listener.getsockname()[1]))

    assert ended.returncode == 2
    assert "something else listens there" in ended.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "store.example"])
def test_it_listens_on_this_machine_alone(host: str) -> None:
    ended = run("serve", "--host", host)

    assert ended.returncode == 2
    assert ended.stderr.startswith("creditgraph: host: this is no loopback address; unless")


def test_a_wrong_configuration_is_not_served(config: Path) -> None:
    ended = run("serve", "--config", str(config))

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "creditgraph: sources[0].credentials.token: the environment variable MEDUSA_TOKEN "
        "is not set",
        "creditgraph: id_secret: the environment variable IDS is not set",
    ]


def test_check_names_every_mistake_in_plain_lines(config: Path) -> None:
    config.write_text(
        MEDUSA.replace("EUR", "euro").replace("http:", "file:") + "timeout_seconds = 0"
    )
    ended = run("check", "--config", str(config), **SECRETS)

    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "problem sources[0].base_url: an http or https URL with a host is expected",
        "problem sources[0].default_currency: a currency code is three upper-case letters",
        "problem sources[0].timeout_seconds: Input should be greater than 0",
    ]


def test_check_names_a_source_that_cannot_be_reached(config: Path) -> None:
    ended = run("check", CREDITGRAPH_CONFIG=str(config), **SECRETS)

    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "source medusa UNREACHABLE The provider could not be reached, or the connection broke."
    ]
    assert "sk_never_to_be_seen" not in ended.stdout + ended.stderr


def test_check_names_an_issuer_whose_keys_cannot_be_had(config: Path) -> None:
    with config.open("a") as file:
        file.write(
            """
            [[authentication.issuers]]
            issuer = "https://issuer.example"
            audiences = ["creditgraph"]
            jwks_url = "http://127.0.0.1:1/keys.json"
            """
        )
    ended = run("check", "--config", str(config), **SECRETS)

    assert ended.returncode == 1
    assert ended.stdout.splitlines()[1].startswith("problem authentication.issuers[0].jwks_url: ")


def test_check_finds_nothing_wrong_with_a_working_sandbox(server: Serving) -> None:
    ended = run("check", "--sandbox-port", str(server.sandbox_port))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        f"source {key} ok" for key in ("vtex-credit", "vtex-giftcard", "adobe", "medusa")
    ]


def test_check_says_what_each_source_answered(server: Serving, sandbox: httpx.Client) -> None:
    for stand_in, mode in (
        ("vtex-credit", "unauthorized"),
        ("vtex-giftcard", "throttle"),
        ("adobe", "hang"),
        ("medusa", "malformed"),
    ):
        sandbox.put(f"/_sandbox/faults/{stand_in}", json={"mode": mode})
    ended = run("check", SANDBOX_PORT=str(server.sandbox_port))

    assert (ended.returncode, ended.stderr) == (1, "")
    assert [line.split()[2] for line in ended.stdout.splitlines()] == [
        "CREDENTIALS_REJECTED",
        "RATE_LIMITED",
        "TIMEOUT",
        "BAD_RESPONSE",
    ]


def test_check_steps_over_a_disabled_source(config: Path, server: Serving) -> None:
    table = MEDUSA.split("[[sources]]")[1].replace('"medusa"', '"off"', 1) + "enabled = false\n"
    port = f"{server.sandbox_port}/medusa"
    config.write_text(MEDUSA.replace("127.0.0.1:1", f"127.0.0.1:{port}") + f"[[sources]]{table}")
    key = SECRETS | {"MEDUSA_TOKEN": "sk_" + 32 * "5a"}
    ended = run("check", "--config", str(config), **key)

    assert (ended.returncode, ended.stdout) == (0, "source medusa ok\nsource off disabled\n")


def test_on_a_terminal_check_draws_a_coloured_table(config: Path) -> None:
    ended = run("check", "--config", str(config), FORCE_COLOR="1", **SECRETS)

    assert ended.returncode == 1
    assert "\x1b[31mUNREACHABLE" in ended.stdout
    assert "│" in ended.stdout


def test_schema_prints_the_schema() -> None:
    assert run("schema").stdout == printed_schema()


def test_version_is_that_of_the_project() -> None:
    assert re.fullmatch(r"creditgraph \d+\.\d+\.\d+\n", run("version").stdout)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("serve", ["--config", "--host", "--port", "--sandbox-port", "CREDITGRAPH_CONFIG"]),
        ("sandbox", ["--host", "--port", "--seed", "SANDBOX_PORT"]),
        ("check", ["--config", "--sandbox-port"]),
        ("schema", []),
        ("version", []),
    ],
)
def test_help_names_every_option(command: str, options: list[str]) -> None:
    ended = run(command, "--help")

    assert ended.returncode == 0
    assert [option for option in options if option not in ended.stdout] == []


def test_without_a_command_there_is_help() -> None:
    shown = run()

    assert all(
        command in shown.stdout + shown.stderr
        for command in ("serve", "sandbox", "schema", "check", "version")
    )


def test_logs_are_json_lines_in_a_pipe() -> None:
    with serving(CREDITGRAPH_LOG_LEVEL="debug") as one:
        assert one.query.is_success
        one.process.terminate()
        _, logged = one.process.communicate(timeout=PATIENCE_SECONDS)

    events = [json.loads(line) for line in logged.splitlines()]
    assert {"vtex-credit", "vtex-giftcard", "adobe", "medusa"} <= {
        event.get("source") for event in events
    }
    assert "sandbox-vtex-token" not in logged


def test_the_sandbox_leaves_no_journal_when_it_is_told_to_stop(
    tmp_path: Path,
) -> None:
    with serving(XDG_DATA_HOME=str(tmp_path)) as one:
        assert [each.suffix for each in (tmp_path / "creditgraph").iterdir()]
        one.process.terminate()
        one.process.communicate(timeout=PATIENCE_SECONDS)

    assert list((tmp_path / "creditgraph").iterdir()) == []
