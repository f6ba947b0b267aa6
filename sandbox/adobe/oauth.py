"""
Requests signed by OAuth 1.0a: HMAC-SHA256 over verb, address and parameters, each nonce once.

Documented: the parameters, the text that is signed, the problems and their status. Assumed: the
order in which they are found, and how far a timestamp may be off.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from starlette.requests import Request

from sandbox.adobe import faults

LONGEST_DEVIATION = timedelta(minutes=10)
PARAMETERS = (
    "oauth_consumer_key",
    "oauth_token",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_signature_method",
    "oauth_version",
    "oauth_signature",
)

_PARAMETER = re.compile(r'\s*([^\s=,"]+)="([^"]*)"\s*')
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class Consumer:
    """The four secrets of an integration, and whether the merchant took the token back."""

    key: str
    secret: str
    token: str
    token_secret: str
    revoked: bool


@dataclass
class Nonces:
    """Those that a repeated request could still come with, oldest first."""

    _seen: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def use(self, consumer_key: str, nonce: str, now: datetime) -> None:
        """
        Raises:
            Fault: The consumer has used *nonce* before.
        """
        self._forget_until(now - 2 * LONGEST_DEVIATION)
        if (consumer_key, nonce) in self._seen:
            raise faults.oauth_problem(401, "nonce_used")
        self._seen[consumer_key, nonce] = now

    def _forget_until(self, moment: datetime) -> None:
        while self._seen and self._seen[oldest := next(iter(self._seen))] < moment:
            del self._seen[oldest]


def verified_consumer(
    request: Request,
    presented: str,
    consumers: Mapping[str, Consumer],
    nonces: Nonces,
    now: datetime,
) -> Consumer:
    """
    Args:
        presented: What follows the word OAuth in the header.

    Raises:
        Fault: A parameter is absent or wrong, or the signature is not this request's.
    """
    parameters = _parameters(presented)
    _check_protocol(parameters, now)
    consumer = consumers.get(parameters["oauth_consumer_key"])
    if consumer is None:
        raise faults.oauth_problem(401, "consumer_key_rejected")
    if not _equal(consumer.token, parameters["oauth_token"]):
        raise faults.oauth_problem(401, "token_rejected")
    if consumer.revoked:
        raise faults.oauth_problem(401, "token_revoked")
    if not _equal(_signature(request, parameters, consumer), parameters["oauth_signature"]):
        raise faults.oauth_problem(401, "signature_invalid")
    nonces.use(consumer.key, parameters["oauth_nonce"], now)
    return consumer


def _parameters(presented: str) -> dict[str, str]:
    read: dict[str, str] = {}
    for part in presented.split(","):
        parameter = _PARAMETER.fullmatch(part)
        if parameter is None or (name := unquote(parameter[1])) in read:
            raise faults.oauth_problem(400, "parameter_rejected")
        read[name] = unquote(parameter[2])
    return read


def _check_protocol(parameters: Mapping[str, str], now: datetime) -> None:
    if absent := [name for name in PARAMETERS if not parameters.get(name)]:
        problem = f"parameter_absent&oauth_parameters_absent={'&'.join(absent)}"
        raise faults.oauth_problem(400, problem)
    if parameters["oauth_version"] != "1.0":
        raise faults.oauth_problem(400, "version_rejected")
    if parameters["oauth_signature_method"] != "HMAC-SHA256":
        raise faults.oauth_problem(400, "signature_method_rejected")
    written = parameters["oauth_timestamp"]
    if _TIMESTAMP.fullmatch(written) is None or _deviation(written, now) > LONGEST_DEVIATION:
        raise faults.oauth_problem(400, "timestamp_refused")


def _deviation(written: str, now: datetime) -> timedelta:
    return timedelta(seconds=abs(int(written) - now.timestamp()))


def _signature(request: Request, parameters: Mapping[str, str], consumer: Consumer) -> str:
    signed = [
        (name, value)
        for name, value in parameters.items()
        if name not in ("oauth_signature", "realm")
    ]
    query = request.scope["query_string"].decode(errors="replace")
    text = "&".join(
        map(
            _encoded,
            (
                request.method,
                _address(request),
                _normalized([*signed, *parse_qsl(query, keep_blank_values=True)]),
            ),
        )
    )
    key = f"{_encoded(consumer.secret)}&{_encoded(consumer.token_secret)}"
    return b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


def _address(request: Request) -> str:
    """As the caller wrote it, without the query and without a port that goes without saying."""
    scheme: str = request.scope["scheme"]
    host = request.headers.get("host", "").lower().removesuffix(_DEFAULT_PORTS[scheme])
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    return f"{scheme}://{host}{raw.decode('latin-1').partition('?')[0]}"


def _normalized(parameters: Iterable[tuple[str, str]]) -> str:
    encoded = sorted((_encoded(name), _encoded(value)) for name, value in parameters)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")


def _equal(expected: str, presented: str) -> bool:
    return hmac.compare_digest(expected.encode(), presented.encode())
