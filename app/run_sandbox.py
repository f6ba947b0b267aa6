"""The sandbox as a child process, for as long as somebody needs it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Final

from app.listen import HOST, listen

STARTS_WITHIN_SECONDS: Final = 20
STOPS_WITHIN_SECONDS: Final = 5


class SandboxDidNotStart(Exception):
    pass


@contextlib.contextmanager
def running_sandbox(port: int) -> Iterator[None]:
    """
    A sandbox on *port* of this machine, ready to answer. It stops at the end of the block, and by
    itself when this process disappears.

    Raises:
        PortTaken: Something else listens there.
        SandboxDidNotStart: It ended, or never answered.
    """
    listen(HOST, port).close()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", f"--port={port}", f"--parent-pid={os.getpid()}"],
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop it after the last request
    )
    try:
        _wait_until_ready(process, port)
        yield
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while not _answers(port):
        if process.poll() is not None:
            raise SandboxDidNotStart(f"the sandbox ended at once, with code {process.returncode}")
        if time.monotonic() > give_up_at:
            raise SandboxDidNotStart(f"no answer from it in {STARTS_WITHIN_SECONDS} seconds")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with contextlib.closing(HTTPConnection(HOST, port, timeout=1)) as connection:
        try:
            connection.request("GET", "/_sandbox/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
