"""The page itself and the built files behind it."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from html import escape
from pathlib import Path, PurePath
from string import Template
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.console.ready_tabs import ready_tabs

BUILT: Final = Path(__file__).parent / "built"

# Monaco positions its lines by style attributes and writes its themes into style elements.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

# The tables Python reads from the machine differ: with a wrong type, `nosniff` blocks the script.
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}


def wants_console(request: Request) -> bool:
    """
    Whether a request on the endpoint comes from somebody opening it in a browser.

    A GET that carries a query, or accepts JSON by name, is for the API.
    """
    accept = request.headers.get("accept", "")
    return (
        request.method in {"GET", "HEAD"}
        and "text/html" in accept
        and "json" not in accept
        and "query" not in request.query_params
    )


def console_page(
    *,
    endpoint: str = "/graphql",
    headers: Mapping[str, str] | None = None,
    title: str = "Creditgraph",
) -> Response:
    """
    The playground for the API at *endpoint*, a path on the same host.

    Args:
        endpoint: As the browser sees it, so with the prefix of a proxy in front.
        headers: Request headers every tab starts with. Whoever opens the page can read them.
        title: Name of the product, in the window's title and in the corner of the page.
    """
    configuration = {
        "title": title,
        "endpoint": endpoint,
        "headers": dict(headers) if headers else None,
        "tabs": [asdict(tab) for tab in ready_tabs()],
    }
    html = _template().substitute(
        title=escape(title),
        assets=escape(_assets(endpoint)),
        configuration=_script_safe_json(configuration),
    )
    return HTMLResponse(
        html,
        headers={
            "Cache-Control": "no-cache",
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "no-referrer",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
    )


def console_routes(*, endpoint: str = "/graphql") -> list[BaseRoute]:
    """The page's files, below *endpoint*: put them before a mount of the endpoint itself."""
    return [Mount(_assets(endpoint), _BuiltFiles(directory=BUILT), name="console")]


class _BuiltFiles(StaticFiles):
    """Files with a digest in their name: what was fetched once is good for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if PurePath(path).suffix not in MEDIA_TYPES:
            raise HTTPException(status_code=404)
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Content-Type"] = MEDIA_TYPES[PurePath(full_path).suffix]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


@cache
def _template() -> Template:
    return Template((BUILT / "index.html").read_text(encoding="utf-8"))


def _assets(endpoint: str) -> str:
    return f"{endpoint.rstrip('/')}/console"


def _script_safe_json(value: object) -> str:
    """JSON in ASCII that no HTML parser takes for the end of the script it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
