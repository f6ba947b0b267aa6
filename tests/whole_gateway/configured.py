"""A configuration over a sandbox, and everybody who may call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.domain.access import AccessLevel, Scope
from tests.authentication.issuing import AUDIENCE, ISSUER, RSA_KEY, claims, jwk, key_set, token

ROLES: Final = {"nobody": "PUBLIC", "customer": "SHOPPER", "shop": "SERVICE", "chief": "ADMIN"}
SOURCES: Final = {
    "vtex-credit": ("vtex.customer-credit", "/vtex"),
    "vtex-giftcard": ("vtex.giftcard", "/vtex"),
    "adobe": ("adobe.company-credit", "/adobe/rest/default"),
    "medusa": ("medusa.store-credit", "/medusa"),
}
_VTEX: Final = '{ app_key = { env = "VTEX_KEY" }, app_token = { env = "VTEX_TOKEN" } }'
_CREDENTIALS: Final = {
    "vtex-credit": _VTEX,
    "vtex-giftcard": _VTEX,
    "adobe": '{ kind = "bearer", token = { env = "ADOBE_TOKEN" } }',
    "medusa": '{ kind = "secret-key", token = { env = "MEDUSA_KEY" } }',
}
SECRETS: Final = {
    "IDS": "of nobody's business, and long enough",
    "VTEX_KEY": "vtexappkey-sandbox",
    "VTEX_TOKEN": "sandbox-vtex-token",
    "ADOBE_TOKEN": "sandbox-adobe-token",
    "MEDUSA_KEY": "sk_" + 32 * "5a",
}
"""The variables that the configuration names, for a sandbox with the built-in data."""

NOTHING_IS_FRESH: Final = "cache = { fresh_seconds = 0, configuration_seconds = 0 }"
"""Tests break sources and look at once."""


@dataclass(frozen=True)
class Who:
    """A caller with a token, or without."""

    name: str
    level: AccessLevel = AccessLevel.PUBLIC
    scopes: frozenset[str] = frozenset()
    role: str | None = None

    def headers(self, email: str, **others: object) -> dict[str, str]:
        """
        Args:
            email: Who a shopper is; tokens of all others say it in vain.
        """
        if self.role is None:
            return {}
        said = claims(
            role=self.role,
            scope=" ".join(sorted(self.scopes)),
            email=email,
            email_verified=True,
            **others,
        )
        return {"Authorization": f"Bearer {token(said)}"}


_ALL: Final = frozenset(map(str, Scope))
ANONYMOUS: Final = Who("anonymous")
SHOPPER: Final = Who("shopper", AccessLevel.SHOPPER, role="customer")
SERVICE: Final = Who("service", AccessLevel.SERVICE, _ALL, "shop")
ADMIN: Final = Who("admin", AccessLevel.ADMIN, _ALL, "chief")
EVERYBODY: Final = (
    ANONYMOUS,
    Who("public", AccessLevel.PUBLIC, role="nobody"),
    SHOPPER,
    Who("shopper with scopes", AccessLevel.SHOPPER, _ALL, "customer"),
    Who("service without scopes", AccessLevel.SERVICE, role="shop"),
    SERVICE,
    Who("admin without scopes", AccessLevel.ADMIN, role="chief"),
    ADMIN,
)


def authentication(keys: Path) -> dict[str, Any]:
    """The table, trusting the tokens of `Who`; the key set is written to *keys*."""
    keys.write_bytes(key_set(jwk(RSA_KEY)))
    issuer = {
        "issuer": ISSUER,
        "audiences": [AUDIENCE],
        "jwks_file": str(keys),
        "levels": ROLES,
        "claims": {"level": "role", "document": "document", "ids": {"medusa": "medusa_id"}},
    }
    return {"issuers": [issuer]}


def configuration(base_url: str, *, settings: str = "", authenticated: str = "") -> str:
    """
    All four sources below *base_url*.

    Args:
        settings: Members and tables before the sources.
        authenticated: The authentication table.
    """
    return "\n".join(
        [
            'id_secret = { env = "IDS" }',
            NOTHING_IS_FRESH,
            settings,
            *map(_source(base_url), SOURCES),
            authenticated,
        ]
    )


def _source(base_url: str) -> Any:
    def table(key: str) -> str:
        provider, path = SOURCES[key]
        return (
            f'[[sources]]\nkey = "{key}"\nprovider = "{provider}"\nbase_url = "{base_url}{path}"\n'
            f'default_currency = "BRL"\ntimeout_seconds = 0.5\ncredentials = {_CREDENTIALS[key]}\n'
        )

    return table


def toml(table: object) -> str:
    """*table* as the value of a TOML key."""
    match table:
        case {}:
            inside = ", ".join(f"{json.dumps(name)} = {toml(one)}" for name, one in table.items())
            return f"{{ {inside} }}"
        case list():
            return f"[{', '.join(map(toml, table))}]"
    return json.dumps(table)
