"""
The four providers in one process: `python -m benchmarks.gateways.stub --port 9701`.

What it says and how slowly is changed while it runs: `PUT /_stub {"latency_ms": 20, "hanging":
"adobe.company-credit"}`; `GET /_stub` tells how often what was asked, `DELETE /_stub` forgets it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from functools import cache
from typing import Any, Final, cast

import httptools
import uvloop

from benchmarks.gateways.processes import LOOPBACK
from benchmarks.gateways.provider_answers import (
    PROVIDERS,
    Answer,
    Asked,
    UnknownQuestion,
    answer,
    http_answer,
)

CONTROL: Final = b"/_stub"


class Weather:
    """How the providers are doing, and what they were asked."""

    def __init__(self) -> None:
        self.latency_seconds = 0.0
        self.hanging: str | None = None
        self.counts: Counter[tuple[str, str]] = Counter()

    def change(self, wish: dict[str, Any]) -> None:
        """
        Raises:
            ValueError: *wish* says something else than `latency_ms` and `hanging`.
        """
        unknown = wish.keys() - {"latency_ms", "hanging"}
        hanging = wish.get("hanging")
        if unknown or hanging not in (None, *PROVIDERS):
            raise ValueError(f"latency_ms and hanging, one of {PROVIDERS}")
        self.latency_seconds = float(wish.get("latency_ms", 0)) / 1000
        self.hanging = hanging

    def report(self) -> dict[str, Any]:
        return {
            "latency_ms": self.latency_seconds * 1000,
            "hanging": self.hanging,
            "calls": {f"{provider}: {fact}": n for (provider, fact), n in self.counts.items()},
        }


class Connection(asyncio.Protocol):
    """One request after the other, each answered with bytes that are there already."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._parser = httptools.HttpRequestParser(self)
        self._forget_request()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods only
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) == len(b"REST-Range") and name.lower() == b"rest-range":
            self._range = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        asked = Asked(self._parser.get_method(), self._target, self._range, self._body)
        self._forget_request()
        if asked.target == CONTROL:
            self._write(self._control(asked))
            return
        try:
            found = _kept(asked)
        except UnknownQuestion as exc:
            self._write(http_answer(404, {"message": str(exc)}))
            return
        self._weather.counts[found.provider, found.fact] += 1
        self._write_after_a_while(found)

    def _write_after_a_while(self, found: Answer) -> None:
        weather = self._weather
        if found.provider == weather.hanging:
            return
        if weather.latency_seconds:
            self._loop.call_later(weather.latency_seconds, self._write, found.content)
        else:
            self._write(found.content)

    def _write(self, content: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(content)

    def _control(self, asked: Asked) -> bytes:
        try:
            if asked.method == b"PUT":
                self._weather.change(json.loads(asked.body))
            elif asked.method == b"DELETE":
                self._weather.counts.clear()
        except (ValueError, TypeError, AttributeError) as exc:
            return http_answer(400, {"message": str(exc)})
        return http_answer(200, self._weather.report())

    def _forget_request(self) -> None:
        self._target = self._range = self._body = b""


_kept = cache(answer)


async def serve(port: int) -> None:
    """Until it is cancelled."""
    weather = Weather()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(weather), LOOPBACK, port, backlog=1024
    )
    async with server:
        await server.serve_forever()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways.stub")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    try:
        uvloop.run(serve(arguments.port))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
