"""Requests that nobody with good intentions sends, as they go over the wire."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from app.authentication.api_keys import new_api_key
from tests.graphql_limits.documents import HOSTILE as HOSTILE_DOCUMENTS

KEY: Final = new_api_key()
MEGABYTE: Final = 1_000_000
JSON_TYPE: Final = {"Content-Type": "application/json"}
NODE: Final = "query ($id: ID!) { node(id: $id) { id } }"
QUERY: Final = '{"query": "{ __typename }"}'

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Hostile:
    """
    Attributes:
        status: Of the answer; 200 where the strange part is as good as not there.
        code: Of one of the errors; any, where that is empty.
    """

    sent: bytes
    status: int
    code: str = ""


def request(
    body: bytes = b"",
    *,
    method: str = "POST",
    target: str = "/graphql",
    headers: Headers = JSON_TYPE,
    length: str | None = None,
) -> bytes:
    said = {
        "Host": "gateway.example",
        "Connection": "close",
        "Accept": "application/graphql-response+json",
        "X-Api-Key": KEY.key,
        "Content-Length": str(len(body)) if length is None else length,
        **headers,
    }
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {said[name]}" for name in said if said[name]),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def asking(document: str, variables: object = None, **members: object) -> bytes:
    return request(json.dumps({"query": document, "variables": variables, **members}).encode())


def node(id_: str) -> bytes:
    return asking(NODE, {"id": id_})


def customers_cards(first: object) -> bytes:
    return asking(
        'query ($first: Int) { customer(by: {email: "a@example.com"}) {'
        " giftCards(first: $first) { totalCount } } }",
        {"first": first},
    )


def in_chunks(body: bytes) -> bytes:
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    return (
        request(headers={**JSON_TYPE, "Transfer-Encoding": "chunked"}, length="")
        + chunk
        + b"0\r\n\r\n"
    )


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def bearer(token: str) -> bytes:
    return request(
        QUERY.encode(), headers={**JSON_TYPE, "X-Api-Key": "", "Authorization": f"Bearer {token}"}
    )


def part(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


_MANY_HEADERS: Final = {f"X-{number}": "x" for number in range(500)}

IDS: Final = {
    "10 kB": "x" * 10_000,
    "10 kB with a good beginning": "ca_" + "A" * 10_000,
    "a way up": "../../../../etc/passwd",
    "an escaped slash": "ca_%2f..%2f",
    "a line break": "ca_x\r\nX-Evil: 1",
    "nothing": "ca_\0",
    "half a character": "ca_\ud800",
    "an empty text": "",
    "only a prefix": "ca_",
    "digits of another script": "ca_\u0661\u0662",
}

DOCUMENTS: Final = {
    f"document: {name}": Hostile(asking(text), 400, code)
    for name, (text, code) in HOSTILE_DOCUMENTS.items()
}

BODIES: Final = {
    "10 MB": Hostile(request(b" " * (10 * MEGABYTE)), 413, "BODY_TOO_LARGE"),
    "10 MB in chunks": Hostile(in_chunks(b" " * (10 * MEGABYTE)), 413, "BODY_TOO_LARGE"),
    "10 MB announced and not sent": Hostile(
        request(length=str(10 * MEGABYTE)), 413, "BODY_TOO_LARGE"
    ),
    "a length without end": Hostile(request(length="9" * 5_000), 400, "BAD_REQUEST"),
    "a negative length": Hostile(request(length="-1"), 400, "BAD_REQUEST"),
    "two lengths": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, "content-length": "5"}), 400, "BAD_REQUEST"
    ),
    "a length and chunks": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, "Transfer-Encoding": "chunked"}),
        400,
        "BAD_REQUEST",
    ),
    "a compressed bomb": Hostile(
        request(
            gzip.compress(b" " * (50 * MEGABYTE)), headers={**JSON_TYPE, "Content-Encoding": "gzip"}
        ),
        415,
        "UNSUPPORTED_CONTENT_ENCODING",
    ),
    "no UTF-8": Hostile(request(b'{"query": "\xff"}'), 400, "BAD_REQUEST"),
    "UTF-16": Hostile(request(QUERY.encode("utf-16")), 400, "BAD_REQUEST"),
    "no JSON": Hostile(request(b"{"), 400, "BAD_REQUEST"),
    "lists in lists": Hostile(request(nested(400_000).encode()), 400, "BAD_REQUEST"),
    "objects in objects": Hostile(
        request(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), 400, "BAD_REQUEST"
    ),
    "a number of 900,000 digits": Hostile(
        request(b'{"variables": %s}' % (b"9" * 900_000)), 400, "BAD_REQUEST"
    ),
    "not a number": Hostile(request(b'{"variables": {"a": NaN}}'), 400, "BAD_REQUEST"),
    "a batch": Hostile(request(f"[{','.join([QUERY] * 1_000)}]".encode()), 400, "BAD_REQUEST"),
    "a text": Hostile(request(b'"{ __typename }"'), 400, "BAD_REQUEST"),
    "60,000 members": Hostile(
        request(json.dumps({f"m{number}": 1 for number in range(60_000)}).encode()),
        400,
        "BAD_REQUEST",
    ),
}

MEMBERS: Final = {
    **{f"id: {name}": Hostile(node(id_), 200) for name, id_ in IDS.items()},
    "a huge variable": Hostile(node("x" * 200_000), 400, "VARIABLES_TOO_LONG"),
    "variables in variables": Hostile(
        request(f'{{"query": "{{ __typename }}", "variables": {{"a": {nested(900)}}}}}'.encode()),
        200,
    ),
    "5,000 variables that nobody declared": Hostile(
        asking("{ __typename }", {f"v{number}": 1 for number in range(5_000)}),
        200,
    ),
    "a prototype": Hostile(
        asking("{ __typename }", {"__proto__": {"level": "ADMIN"}}, __proto__={"polluted": 1}),
        200,
    ),
    "a prototype as an input": Hostile(
        asking(
            "query ($by: CustomerRef!) { customer(by: $by) { id } }",
            {"by": {"__proto__": {}, "constructor": {}}},
        ),
        400,
        "INVALID_INPUT",
    ),
    "a page of less than nothing": Hostile(customers_cards(-1), 200, "INVALID_INPUT"),
    "a page beyond 32 bits": Hostile(customers_cards(2**31), 400, "LIST_TOO_LONG"),
    "a page of a float": Hostile(customers_cards(1e300), 400, "INVALID_INPUT"),
    "a document id without end": Hostile(
        request(json.dumps({"documentId": "x" * 900_000}).encode()),
        400,
        "PERSISTED_QUERY_NOT_SUPPORTED",
    ),
    "an operation name without end": Hostile(
        asking("query A { __typename }", operationName="x" * 900_000), 400, "BAD_REQUEST"
    ),
    "the schema": Hostile(
        asking("{ __schema { types { fields { type { fields { name } } } } } }"),
        400,
        "INVALID_DOCUMENT",
    ),
}

HEADS: Final = {
    "500 headers": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, **_MANY_HEADERS}), 431, "HEADERS_TOO_LARGE"
    ),
    "a header of 60 kB": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, "X-Long": "x" * 60_000}),
        431,
        "HEADERS_TOO_LARGE",
    ),
    "a line of 60 kB": Hostile(
        request(method="GET", target="/graphql?query=" + "x" * 60_000), 431, "HEADERS_TOO_LARGE"
    ),
    "10,000 media ranges": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, "Accept": ",".join(["a/b;q=1"] * 1_500)}),
        406,
        "NOT_ACCEPTABLE",
    ),
    "parameters without end": Hostile(
        request(QUERY.encode(), headers={"Content-Type": "application/json" + ";a=b" * 3_000}),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "no HTTP": Hostile(b"\0\1\2\3 something else\r\n\r\n", 400, "BAD_REQUEST"),
    "a preface of HTTP/2": Hostile(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "BAD_REQUEST"),
    "a NUL in a header": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, "X-Nul": "a\0b"}), 400, "BAD_REQUEST"
    ),
    "a socket": Hostile(
        request(
            method="GET",
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
                "Sec-WebSocket-Protocol": "graphql-transport-ws",
            },
            length="",
        ).replace(b"Connection: Upgrade", b"Connection: Upgrade, close"),
        400,
        "BAD_REQUEST",
    ),
}

WAYS: Final = {
    "a form of another site": Hostile(
        request(
            b"query=%7B__typename%7D",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": "https://evil.example",
            },
        ),
        403,
        "CROSS_SITE_REQUEST",
    ),
    "a form": Hostile(
        request(
            b"query=%7B__typename%7D", headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "plain text": Hostile(
        request(QUERY.encode(), headers={"Content-Type": "text/plain"}),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "JSON of another site": Hostile(
        request(QUERY.encode(), headers={**JSON_TYPE, "Sec-Fetch-Site": "cross-site"}),
        403,
        "CROSS_SITE_REQUEST",
    ),
    "files": Hostile(
        request(b"--x--", headers={"Content-Type": "multipart/form-data; boundary=x"}),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "a mutation by GET": Hostile(
        request(method="GET", target="/graphql?query=" + quote("mutation { a }"), length=""),
        405,
        "METHOD_NOT_ALLOWED",
    ),
    "deletion": Hostile(request(method="DELETE"), 405, "METHOD_NOT_ALLOWED"),
    "a way up": Hostile(request(method="GET", target="/graphql/../../etc/passwd", length=""), 404),
    "an escaped way up": Hostile(
        request(method="GET", target="/graphql/console/..%2f..%2f..%2fsettings.py", length=""),
        404,
    ),
}

CREDENTIALS: Final = {
    "a token of 8 kB": Hostile(bearer("x" * 8_000), 401, "UNAUTHENTICATED"),
    "a token of dots": Hostile(bearer("." * 8_000), 401, "UNAUTHENTICATED"),
    "a token that nobody signed": Hostile(
        bearer(f"{part({'alg': 'none'})}.{part({'iss': 'x', 'level': 'ADMIN'})}."),
        401,
        "UNAUTHENTICATED",
    ),
    "a token of lists in lists": Hostile(
        bearer(f"{part(nested(2_500))}.{part(nested(300))}.x"), 401, "UNAUTHENTICATED"
    ),
}

HOSTILE: Final[Mapping[str, Hostile]] = {
    **DOCUMENTS,
    **BODIES,
    **MEMBERS,
    **HEADS,
    **WAYS,
    **CREDENTIALS,
}
