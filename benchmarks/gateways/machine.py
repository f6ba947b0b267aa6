"""On what all this ran."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.gateways.hand_written import BFF
from benchmarks.gateways.hive_gateway import HIVE
from benchmarks.gateways.node_packages import installed_version, node_version, wanted
from benchmarks.gateways.tailcall_binary import TAILCALL

_OURS: Final = (
    "strawberry-graphql",
    "graphql-core",
    "pydantic",
    "httpx",
    "httptools",
    "uvicorn",
    "uvloop",
)


def machine() -> Iterator[str]:
    yield f"{datetime.now(UTC):%Y-%m-%d}"
    yield f"{os.cpu_count()} cores: {_processor()}"
    yield f"Linux {platform.release()}"
    yield f"Python {platform.python_version()}, Node.js {node_version() or 'not here'}"


def versions() -> list[tuple[str, str]]:
    found = [
        *((name, version(name)) for name in _OURS),
        *(
            (name, installed_version(folder, name) or "not installed")
            for folder in (BFF, HIVE, TAILCALL)
            for name in wanted(folder)
        ),
    ]
    return list(dict.fromkeys(found))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
