"""A real process behind the door: `python -m tests.door.served PORT SETTINGS`."""

from __future__ import annotations

import asyncio
import json
import sys

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.door import DoorSettings, DrainingServer, Lifecycle, guarded, uvicorn_settings


async def work(request: Request) -> PlainTextResponse:
    """Counts on standard output what was begun and what was finished."""
    sys.stdout.write("begun\n")
    await request.body()
    await asyncio.sleep(float(request.headers.get("X-Seconds", "0.05")))
    sys.stdout.write("finished\n")
    return PlainTextResponse("worked")


def main(port: int, settings: DoorSettings) -> None:
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    lifecycle = Lifecycle()
    app = Starlette(routes=[Route("/graphql", work, methods=["POST"])])
    config = uvicorn.Config(
        guarded(app, settings, lifecycle=lifecycle), port=port, **uvicorn_settings(settings)
    )
    DrainingServer(config, lifecycle=lifecycle, serving=settings.serving).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), DoorSettings.model_validate(json.loads(sys.argv[2])))
