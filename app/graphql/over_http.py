"""GraphQL over HTTP: what a request says, and the form in which it is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, NoReturn


class MediaType(StrEnum):
    """Of an answer. With the first, its status says whether the request could be executed."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.NOT_ACCEPTABLE: "NOT_ACCEPTABLE",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
}
_UTF_8: Final = frozenset({None, "utf-8", "utf8"})

MULTIPART: Final = "multipart/mixed"
INCREMENTAL_SPEC: Final = "v0.2"
"""
How Apollo names the form of parts that have ids, which is the one known here. Older ones, and parts
of subscriptions, have other parameters.
"""
_KNOWN_OF_PARTS: Final = frozenset({"q", "boundary", "charset", "incrementalspec"})
_HEADERS_KEPT: Final = 256
"""Clients of one kind all send the same."""


class NotARequest(Exception):
    """
    Something else was sent than a GraphQL request.

    Attributes:
        allow: The methods that are, for METHOD_NOT_ALLOWED.
    """

    def __init__(self, status: HTTPStatus, message: str, *, allow: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.allow = allow

    def as_answer(self) -> dict[str, Any]:
        code = _CODES.get(self.status, "BAD_REQUEST")
        return {"errors": [{"message": str(self), "extensions": {"code": code}}]}


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


@lru_cache(_HEADERS_KEPT)
def takes_parts(accept: str | None) -> bool:
    """
    Whether a client asks for answers in parts, in the form they have here.

    Args:
        accept: The header.
    """
    return any(
        kind == MULTIPART
        and parameters.keys() <= _KNOWN_OF_PARTS
        and parameters.get("incrementalspec", INCREMENTAL_SPEC) == INCREMENTAL_SPEC
        and _weight(parameters.get("q", "1")) > 0
        for kind, parameters in map(_media, (accept or "").split(","))
    )


@lru_cache(_HEADERS_KEPT)
def acceptable(accept: str | None) -> MediaType:
    """
    The form that a client prefers for what is answered at once; plain JSON where it does not name
    the other, or names nothing but parts.

    Args:
        accept: The header.

    Raises:
        NotARequest: It takes neither.
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    ranges = list(_ranges(accept))
    named = any(kind == MediaType.GRAPHQL for kind, _ in ranges)
    by_preference = list(MediaType) if named else [MediaType.JSON, MediaType.GRAPHQL]
    best = max(by_preference, key=lambda kind: _quality(kind, ranges))
    if _quality(best, ranges) > 0 or takes_parts(accept):
        return best
    raise NotARequest(
        HTTPStatus.NOT_ACCEPTABLE, f"Answers are {MediaType.GRAPHQL} or {MediaType.JSON}."
    )


def asked_by_get(parameters: Mapping[str, str | None]) -> Asked:
    """
    An empty parameter is as good as none.

    Raises:
        NotARequest: They are none.
    """
    fields: dict[str, Any] = {name: value for name, value in parameters.items() if value}
    for name in ("variables", "extensions"):
        if name in fields:
            fields[name] = _json(fields[name])
    return _asked(fields)


def asked_by_post(content_type: str | None, body: bytes) -> Asked:
    """
    Raises:
        NotARequest: The body is none, or not known to be JSON.
    """
    kind, parameters = _media(content_type or "")
    if kind != MediaType.JSON or parameters.get("charset") not in _UTF_8:
        raise NotARequest(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A request is {MediaType.JSON}, in UTF-8."
        )
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotARequest(HTTPStatus.BAD_REQUEST, "The body is not UTF-8.") from None
    fields = _json(text)
    if isinstance(fields, list):
        raise NotARequest(HTTPStatus.BAD_REQUEST, "Requests are taken one at a time.")
    if not isinstance(fields, dict):
        raise NotARequest(HTTPStatus.BAD_REQUEST, "A request is an object.")
    return _asked(fields)


def _asked(fields: Mapping[str, Any]) -> Asked:
    asked = Asked(
        query=_member(fields, "query", str, "a string"),
        document_id=_member(fields, "documentId", str, "a string"),
        operation_name=_member(fields, "operationName", str, "a string"),
        variables=_member(fields, "variables", dict, "an object"),
        extensions=_member(fields, "extensions", dict, "an object"),
    )
    if asked.query and asked.document_id:
        raise NotARequest(
            HTTPStatus.BAD_REQUEST, "A request has a `query` or a `documentId`, not both."
        )
    return asked


def _member(fields: Mapping[str, Any], name: str, kind: type, what: str) -> Any:
    value = fields.get(name)
    if value is not None and not isinstance(value, kind):
        raise NotARequest(HTTPStatus.BAD_REQUEST, f"`{name}` is {what}, if it is given.")
    return value


def _json(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise NotARequest(HTTPStatus.BAD_REQUEST, "This is not JSON.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
"""Made once: that takes longer than to read a request."""


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Media ranges and how much each is wanted; what cannot be read is not wanted."""
    for item in accept.split(","):
        kind, parameters = _media(item)
        if parameters.get("charset") in _UTF_8:
            yield kind, _weight(parameters.get("q", "1"))


def _quality(kind: MediaType, ranges: list[tuple[str, float]]) -> float:
    """The most specific range counts, wherever it stands."""
    for pattern in (kind, "application/*", "*/*"):
        found = [weight for named, weight in ranges if named == pattern]
        if found:
            return max(found)
    return 0


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0
    return weight if 0 <= weight <= 1 else 0


def _media(text: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    pairs = (part.partition("=") for part in parameters)
    return kind, {name.strip(): value.strip().strip('"') for name, _, value in pairs}
