"""Plain Strawberry and httpx, in the server beside this file, from the gateway's own packages."""

from __future__ import annotations

import sys

from benchmarks.gateways.contestants import Contestant, Place, Started
from benchmarks.gateways.hand_written import hand_written, surroundings


def tutorial() -> Contestant:
    return hand_written("tutorial", "Strawberry + httpx, as in their tutorials", _start)


def _start(place: Place) -> Started:
    server = ("uvicorn", "benchmarks.gateways.tutorial_server:app")
    arguments = (f"--port={place.port}", "--log-level=warning")
    return Started([sys.executable, "-m", *server, *arguments], surroundings(place))
