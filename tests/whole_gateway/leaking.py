"""The application with a leak: `python -m tests.whole_gateway.leaking LEAK serve ...`."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

import app.door.access_log
import app.graphql.guard
from adapters.transport.upstream import Answer, Upstream
from app.__main__ import main
from app.graphql.opaque import Seal


def headers_in_the_access_log() -> None:
    app.door.access_log._as_it_came = lambda scope: str(scope["headers"])


def answers_in_the_log() -> None:
    read = Upstream.read

    async def tell(self: Upstream, *asked: Any, **more: Any) -> Answer:
        answer = await read(self, *asked, **more)
        structlog.get_logger("leak").debug("answer", body=answer.body.hex())
        return answer

    Upstream.read = tell  # type: ignore[method-assign]  # on purpose


def ids_in_the_clear() -> None:
    def seal(self: Seal, purpose: str, content: Sequence[object], *, bound_to: str = "") -> str:
        return f"{purpose}_{base64.urlsafe_b64encode(json.dumps(content).encode()).decode()}"

    Seal.seal = seal  # type: ignore[method-assign]  # on purpose


def fields_for_everybody() -> None:
    app.graphql.guard.require = lambda *_: None


LEAKS: Final[Mapping[str, Callable[[], None]]] = {
    leak.__name__: leak
    for leak in (
        headers_in_the_access_log,
        answers_in_the_log,
        ids_in_the_clear,
        fields_for_everybody,
    )
}

if __name__ == "__main__":
    LEAKS[sys.argv.pop(1)]()
    main()
