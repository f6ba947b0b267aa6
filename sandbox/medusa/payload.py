"""What can be read of a request's body."""

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from sandbox.medusa import javascript
from sandbox.medusa.errors import malformed_json, too_large
from sandbox.medusa.querystring import parsed

LARGEST_BODY: Final = 100 * 1024
FORM_TYPE: Final = "application/x-www-form-urlencoded"


async def read_body(request: Request) -> Mapping[str, Any]:
    """
    Empty for a body of a type that is neither JSON nor a form, and for a list (assumed).

    Raises:
        Refusal: 413 above 100 KB, 400 for what is not JSON.
    """
    body = await _bytes(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FORM_TYPE:
        return parsed(body.decode(errors="replace"))
    if media_type != "application/json" or not body:
        return {}
    content = _json(body.decode(errors="replace"))
    return content if isinstance(content, dict) else {}


async def _bytes(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise too_large()
    return body


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        raise malformed_json(_unexpected(text, len(text) - len(text.lstrip())))
    try:
        return javascript.parsed(text)
    except json.JSONDecodeError as exc:
        if exc.msg.startswith("Expecting property name"):
            message = f"Expected property name or '}}' in JSON at position {exc.pos}"
            raise malformed_json(message) from exc
        raise malformed_json(_unexpected(text, exc.pos)) from exc
    except ValueError as exc:
        raise malformed_json(_unexpected(text, 0)) from exc


def _unexpected(text: str, position: int) -> str:
    if position >= len(text):
        return "Unexpected end of JSON input"
    return f"Unexpected token '{text[position]}', \"{text[:20]}\" is not valid JSON"
