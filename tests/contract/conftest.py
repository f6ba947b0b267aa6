"""The adapters over a fresh sandbox, and what the sandbox says without one in between."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox import exact_json
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from tests.contract.cast import Said
from tests.contract.stack import HOST, NOW, Adapters, over_sandbox

HEADERS = {
    "X-VTEX-API-AppKey": "vtexappkey-sandbox",
    "X-VTEX-API-AppToken": "sandbox-vtex-token",
}
AUTHORIZATION = {
    "/adobe": "Bearer sandbox-adobe-token",
    "/medusa": f"Basic sk_{'5a' * 32}",
    "/vtex": "",
}


@pytest.fixture
def sources() -> Adapters:
    return over_sandbox()


@pytest.fixture
def said() -> Said:
    """The JSON at a path of a fresh sandbox with the built-in data."""
    clock = Clock()
    clock.set(NOW)
    transport = httpx.ASGITransport(app=create_sandbox(clock=clock))

    async def get(path: str) -> Any:
        mount = "/" + path.split("/")[1]
        headers = HEADERS | {"Authorization": AUTHORIZATION[mount]}
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            response = await client.get(path, headers=headers)
        assert response.status_code == 200, response.text
        return exact_json.loads(response.content)

    return get
