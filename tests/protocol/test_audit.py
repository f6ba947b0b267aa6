"""The reference audits of GraphQL over HTTP, run by the suite's own code."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from app.main import create_app
from tests.graphql.graph import settings

AUDIT = Path(__file__).parent / "audit"
AUDITS = 61
INSTALLS_WITHIN_SECONDS = 120
RUNS_WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(settings()), log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def node() -> str:
    """Node.js, with the suite installed as its lock file says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("no node and npm on the PATH")
    if not _is_installed():
        done = subprocess.run(
            [npm, "ci"], cwd=AUDIT, capture_output=True, text=True, timeout=INSTALLS_WITHIN_SECONDS
        )
        if done.returncode:
            pytest.skip(f"npm could not install the audit suite: {done.stderr[-300:]}")
    return node


def _is_installed() -> bool:
    """npm writes its own copy of the lock file last."""
    copy = AUDIT / "node_modules" / ".package-lock.json"
    return copy.exists() and copy.stat().st_mtime >= (AUDIT / "package-lock.json").stat().st_mtime


def test_every_audit_of_the_reference_suite_passes(node: str, url: str) -> None:
    done = subprocess.run(
        [node, "audit.mjs", url],
        cwd=AUDIT,
        capture_output=True,
        text=True,
        timeout=RUNS_WITHIN_SECONDS,
        check=True,
    )
    results = json.loads(done.stdout)
    assert [one for one in results if one["status"] != "ok"] == []
    assert len(results) == AUDITS
