"""
Who may call, from the seed section, checked.

- `credentials`: bearer tokens: `token`, `kind` (admin, integration, ims), `permissions`,
  `expires_at`, `user_id`.
- `admins`: `id`, `username`, `password`, `permissions`.
- `integrations`: `id`, the four secrets `consumer_key`, `consumer_secret`, `access_token`,
  `access_token_secret`, `permissions`, `revoked`. The access token is also a bearer token, where
  the shop takes those.
- `ims_clients`: `client_id`, `client_secret`, `permissions`, `organization`.
"""

from collections.abc import Collection

from sandbox.adobe.access import Access, Account, Integration, Token, TokenKind
from sandbox.adobe.oauth import Consumer
from sandbox.adobe.seed_members import positive_id
from sandbox.adobe.switches import Switches
from sandbox.clock import Clock
from sandbox.seed import Record, SeedError


def load_access(top: Record, clock: Clock, switches: Switches) -> Access:
    """
    Raises:
        SeedError: A member is wrong; the message begins with the place.
    """
    tokens = _tokens(top)
    integrations = _integrations(top)
    for one in integrations.values():
        if not one.consumer.revoked:
            tokens.setdefault(one.consumer.token, one.token)
    return Access(
        clock=clock,
        switches=switches,
        tokens=tokens,
        admins=_admins(top),
        integrations=integrations,
        ims_clients=_ims_clients(top),
    )


def _tokens(top: Record) -> dict[str, Token]:
    tokens: dict[str, Token] = {}
    for record in top.records("credentials"):
        kind = record.choice("kind", TokenKind, default=TokenKind.ADMIN)
        tokens[record.text("token")] = Token(
            TokenKind(kind),
            _permissions(record),
            record.moment_or_none("expires_at"),
            positive_id(record, "user_id") if record.has("user_id") else None,
        )
        record.finish()
    return tokens


def _admins(top: Record) -> dict[str, Account]:
    admins: dict[str, Account] = {}
    for record in top.records("admins"):
        token = Token(TokenKind.ADMIN, _permissions(record), user_id=positive_id(record, "id"))
        admins[_new(record, "username", admins)] = Account(record.text("password"), token)
        record.finish()
    return admins


def _integrations(top: Record) -> dict[str, Integration]:
    integrations: dict[str, Integration] = {}
    for record in top.records("integrations"):
        consumer = Consumer(
            key=_new(record, "consumer_key", integrations),
            secret=record.text("consumer_secret"),
            token=record.text("access_token"),
            token_secret=record.text("access_token_secret"),
            revoked=record.flag("revoked"),
        )
        token = Token(
            TokenKind.INTEGRATION, _permissions(record), user_id=positive_id(record, "id")
        )
        integrations[consumer.key] = Integration(consumer, token)
        record.finish()
    return integrations


def _ims_clients(top: Record) -> dict[str, Account]:
    clients: dict[str, Account] = {}
    for record in top.records("ims_clients"):
        token = Token(
            TokenKind.IMS,
            _permissions(record),
            organization=record.text_or_none("organization"),
        )
        clients[_new(record, "client_id", clients)] = Account(record.text("client_secret"), token)
        record.finish()
    return clients


def _permissions(record: Record) -> frozenset[str]:
    return frozenset(record.texts("permissions"))


def _new(record: Record, name: str, known: Collection[str]) -> str:
    written = record.text(name)
    if written in known:
        raise SeedError(f"{record.at(name)}: {written} is there twice")
    return written
