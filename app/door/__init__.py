"""What is refused before GraphQL begins, and how the process serves, drains and logs."""

from __future__ import annotations

from collections.abc import Callable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Scope

from app.door.access_log import AccessLog, CallerName
from app.door.body_limits import BodyLimits
from app.door.concurrency import ConcurrencyLimit
from app.door.correlation import CORRELATION_HEADER, Correlation, correlation_id
from app.door.cross_site import PREFLIGHT_HEADERS, CrossSite
from app.door.deadline import Deadline
from app.door.draining import Draining
from app.door.header_limits import HeaderLimits
from app.door.health import Health
from app.door.lifecycle import Lifecycle
from app.door.media_types import MediaTypes
from app.door.metrics import Exposition, Metrics, bearers_of, neighbours
from app.door.only_at import OnlyAt
from app.door.rate_limit import RateLimit
from app.door.refusal import Refusal
from app.door.security_headers import SecurityHeaders
from app.door.server import DrainingServer, uvicorn_settings
from app.door.settings import Cors, DoorSettings
from app.door.tally import Tally

__all__ = [
    "CORRELATION_HEADER",
    "DoorSettings",
    "DrainingServer",
    "Exposition",
    "Lifecycle",
    "Refusal",
    "Tally",
    "bearers_of",
    "correlation_id",
    "guarded",
    "neighbours",
    "uvicorn_settings",
]


def nobody(_: Scope) -> str | None:
    return None


def unauthenticated(app: ASGIApp) -> ASGIApp:
    return app


def guarded(
    app: ASGIApp,
    settings: DoorSettings,
    *,
    lifecycle: Lifecycle,
    endpoint: str = "/graphql",
    caller_name: CallerName = nobody,
    authenticate: Callable[[ASGIApp], ASGIApp] = unauthenticated,
    tally: Tally | None = None,
    exposition: Exposition | None = None,
) -> ASGIApp:
    """
    *app* behind the door. A request passes from the top of the table to the bottom.

    | Part | Refuses with | Where |
    | --- | --- | --- |
    | `Correlation`, `AccessLog`, `SecurityHeaders` | - | everywhere |
    | `HeaderLimits` | 431 | everywhere |
    | `CORSMiddleware` | 400 for a preflight | everywhere, with origins configured |
    | `Health` | - | `/healthz`, `/readyz`: answered here |
    | `Metrics` | - | `/metrics`: answered here, with an *exposition* |
    | `Draining` | 503 | everywhere |
    | `CrossSite` | 403 | the endpoint |
    | `MediaTypes` | 415 | the endpoint |
    | *authenticate* | 401 | the endpoint |
    | `RateLimit` | 429 | the endpoint |
    | `BodyLimits` | 413, 408 | the endpoint |
    | `Deadline` | 504 | the endpoint |
    | `ConcurrencyLimit` | 503 | the endpoint |

    Args:
        caller_name: Asked by the rate limit and by the access log, so after *authenticate*.
        authenticate: Puts the authenticating part around what it is given. It should leave the
            refusal of bad credentials to the application, so that guessing is counted.
        tally: Where requests are counted.
        exposition: The metrics, and who may read them; None for nobody.
    """
    strict = _strict(app, settings, caller_name, authenticate)
    door: ASGIApp = OnlyAt(app, path=endpoint, strict=strict)
    door = Draining(door, lifecycle=lifecycle)
    if exposition is not None:
        door = Metrics(door, exposition)
    door = Health(door, lifecycle=lifecycle)
    if settings.cors.origins:
        door = _cors(door, settings.cors)
    door = HeaderLimits(door, settings.headers)
    door = SecurityHeaders(door, hsts_seconds=settings.hsts_seconds)
    door = AccessLog(door, caller_name=caller_name, tally=tally or Tally(endpoint=endpoint))
    return Correlation(door)


def _strict(
    app: ASGIApp,
    settings: DoorSettings,
    caller_name: CallerName,
    authenticate: Callable[[ASGIApp], ASGIApp],
) -> ASGIApp:
    strict: ASGIApp = ConcurrencyLimit(app, settings.concurrency)
    strict = Deadline(strict, seconds=settings.deadline_seconds)
    strict = BodyLimits(strict, settings.body)
    if settings.rate.enabled:
        strict = RateLimit(strict, settings.rate, caller_name=caller_name)
    strict = MediaTypes(authenticate(strict))
    return CrossSite(strict, allowed_origins=settings.cors.origins)


def _cors(app: ASGIApp, settings: Cors) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=settings.origins,
        allow_methods=("GET", "POST"),
        allow_headers=(
            "Authorization",
            CORRELATION_HEADER,
            *PREFLIGHT_HEADERS,
            *settings.request_headers,
        ),
        expose_headers=(CORRELATION_HEADER, "Retry-After", "RateLimit", "RateLimit-Policy"),
        max_age=settings.max_age_seconds,
    )
