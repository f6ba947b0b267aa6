"""Who may call: bearer tokens, signed requests, and the two ways to be given a token."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from starlette.requests import Request

from sandbox.adobe import faults
from sandbox.adobe.oauth import Consumer, Nonces, verified_consumer
from sandbox.adobe.switches import IntegrationBearer, Switches, TwoFactor
from sandbox.clock import Clock

ADMIN_TOKEN_LIFE = timedelta(hours=4)
IMS_TOKEN_LIFE = timedelta(seconds=86_399)
ORGANIZATION_HEADER = "x-gw-ims-org-id"


class TokenKind(StrEnum):
    ADMIN = "admin"
    INTEGRATION = "integration"
    IMS = "ims"


USER_TYPES: Mapping[TokenKind, int] = {
    TokenKind.INTEGRATION: 1,
    TokenKind.ADMIN: 2,
    TokenKind.IMS: 2,
}
"""As history rows number them; that of an IMS token is reported, not documented."""


@dataclass(frozen=True)
class Token:
    kind: TokenKind
    permissions: frozenset[str]
    expires_at: datetime | None = None
    user_id: int | None = None
    organization: str | None = None

    @property
    def user_type(self) -> int:
        return USER_TYPES[self.kind]


NOBODY = Token(TokenKind.ADMIN, frozenset())
"""Who asks for what is open to everybody."""


@dataclass(frozen=True)
class Account:
    """An administrator or an IMS client: a secret, and the token that it earns."""

    secret: str
    token: Token

    def proves(self, presented: str) -> bool:
        return hmac.compare_digest(self.secret.encode(), presented.encode())


@dataclass(frozen=True)
class Integration:
    consumer: Consumer
    token: Token


@dataclass
class Access:
    """`admins` are known by name, `integrations` by consumer key, `ims_clients` by client id."""

    clock: Clock
    switches: Switches
    tokens: dict[str, Token]
    admins: Mapping[str, Account]
    integrations: Mapping[str, Integration]
    ims_clients: Mapping[str, Account]
    nonces: Nonces = field(default_factory=Nonces)

    def authorize(self, request: Request, resource: str) -> Token:
        """
        Raises:
            Fault: The request is neither signed nor carries a token, or its bearer may not do this.
        """
        token = self._presented(request)
        if token is None or resource not in token.permissions:
            raise faults.not_authorized(resource)
        organization = request.headers.get(ORGANIZATION_HEADER)
        if token.organization and organization and organization != token.organization:
            raise faults.wrong_organization()
        return token

    def admin_token(self, username: str, password: str) -> str:
        """
        Raises:
            Fault: The password is wrong, or not enough.
        """
        admin = self.admins.get(username)
        if admin is None or not admin.proves(password):
            raise faults.signin_failed()
        if self.switches.two_factor is TwoFactor.ON:
            raise faults.two_factor_wanted()
        return self.issue(admin, ADMIN_TOKEN_LIFE)

    def issue(self, account: Account, life: timedelta) -> str:
        now = self.clock.now()
        for written in [one for one, token in self.tokens.items() if _is_over(token, now)]:
            del self.tokens[written]
        written = secrets.token_hex(16)
        known = account.token
        self.tokens[written] = Token(
            known.kind, known.permissions, now + life, known.user_id, known.organization
        )
        return written

    def _presented(self, request: Request) -> Token | None:
        authorization = request.headers.get("authorization", "")
        scheme, _, presented = authorization.partition(" ")
        match scheme.lower():
            case "bearer":
                return self._bearer(presented)
            case "oauth":
                return self._signer(request, presented)
        return None

    def _bearer(self, presented: str) -> Token | None:
        token = self.tokens.get(presented)
        if token is None or _is_over(token, self.clock.now()):
            return None
        if (
            token.kind is TokenKind.INTEGRATION
            and self.switches.integration_bearer is IntegrationBearer.REFUSED
        ):
            return None
        return token

    def _signer(self, request: Request, presented: str) -> Token:
        consumers = {key: one.consumer for key, one in self.integrations.items()}
        consumer = verified_consumer(request, presented, consumers, self.nonces, self.clock.now())
        return self.integrations[consumer.key].token


def _is_over(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now
