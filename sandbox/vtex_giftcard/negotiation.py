"""Which media types a caller may send and ask for."""

from collections.abc import Collection

from starlette.requests import Request

from sandbox.exact_json import loads
from sandbox.vtex import Refused
from sandbox.vtex_giftcard.documents import BAD_BODY

ANYTHING = ("application/*", "*/*")


def accepts_any_of(request: Request, media_types: Collection[str]) -> bool:
    accepted = request.headers.get("Accept", "*/*").split(",")
    return any(_media_type(part) in (*media_types, *ANYTHING) for part in accepted)


async def json_body(request: Request, media_types: Collection[str]) -> object:
    """Assumed: 415 for what is not declared as one of *media_types*; 400 if it lies."""
    if _media_type(request.headers.get("Content-Type", "")) not in media_types:
        raise Refused(415, None, f"The body must be {' or '.join(media_types)}.")
    try:
        document: object = loads(await request.body())
    except ValueError as exc:
        raise Refused(400, BAD_BODY, "The body is not JSON.") from exc
    return document


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()
