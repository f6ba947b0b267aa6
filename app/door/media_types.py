"""In which form a request may come."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.door.refusal import Refusal

NOT_JSON: Final = Refusal(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "UNSUPPORTED_MEDIA_TYPE",
    "The body must be application/json in UTF-8.",
    {"Accept-Post": "application/json; charset=utf-8"},
)
ENCODED: Final = Refusal(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "UNSUPPORTED_CONTENT_ENCODING",
    "The body must not be compressed.",
    {"Accept-Encoding": "identity"},
)


class MediaTypes:
    """
    Lets nothing compressed in, and posts of JSON in UTF-8 only.

    A form of another site cannot send that media type, so this is half of the defence against
    forged requests; the other half is `CrossSite`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if any(_is_encoded(encoding) for encoding in headers.getlist("content-encoding")):
            await ENCODED.while_sending(scope, receive, send)
        elif scope["method"] == "POST" and not _is_json(headers.getlist("content-type")):
            await NOT_JSON.while_sending(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_encoded(encoding: str) -> bool:
    return encoding.strip().lower() != "identity"


def _is_json(content_types: list[str]) -> bool:
    if len(content_types) != 1:
        return False
    media_type, *parameters = (part.strip().lower() for part in content_types[0].split(";"))
    return media_type == "application/json" and all(
        parameter in ("charset=utf-8", 'charset="utf-8"') for parameter in parameters
    )
