"""Every refusal, in the server's own words and key order."""

from html import escape
from typing import Any
from urllib.parse import quote


class Refusal(Exception):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class NoSuchRoute(Exception):
    """Answered by a page of HTML, as is a known path under another method."""


def invalid_data(message: str) -> Refusal:
    return Refusal(400, {"type": "invalid_data", "message": message})


def malformed_json(message: str) -> Refusal:
    return Refusal(400, {"message": message, "type": "invalid_data"})


def not_allowed(message: str) -> Refusal:
    return Refusal(400, {"type": "not_allowed", "message": message})


def unauthorized(message: str = "Unauthorized") -> Refusal:
    """The guard's 401, which alone has no `type`."""
    return Refusal(401, {"message": message})


def sign_in_refused(message: str = "Invalid email or password") -> Refusal:
    return Refusal(401, {"type": "unauthorized", "message": message})


def not_found(message: str) -> Refusal:
    return Refusal(404, {"type": "not_found", "message": message})


def too_large() -> Refusal:
    return Refusal(413, {"message": "request entity too large", "type": "unknown_error"})


def unknown_error() -> Refusal:
    """What input that only the database refuses comes to."""
    return Refusal(
        500,
        {
            "code": "unknown_error",
            "type": "unknown_error",
            "message": "An unknown error occurred.",
        },
    )


def no_such_route_page(method: str, path: str) -> str:
    shown = escape(quote(path, safe="%/:@!$&'()*+,;=~"))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n'
        f"</head>\n<body>\n<pre>Cannot {escape(method)} {shown}</pre>\n</body>\n</html>\n"
    )
