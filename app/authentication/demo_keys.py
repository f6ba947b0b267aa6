"""The sandbox's keys: public, fixed, and good for nothing but invented people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.authentication.api_keys import DEMO_PREFIX, HashLine, IssuedKey
from app.domain.access import AccessLevel, Scope
from app.domain.caller import Caller
from app.domain.customer import CustomerIdentity

DEMO_SHOPPER: Final = "shopper@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoKey:
    name: str
    key: str
    level: AccessLevel
    scopes: frozenset[Scope] = frozenset()
    email: str | None = None

    def issued(self) -> IssuedKey:
        return IssuedKey(
            HashLine.of(self.key),
            Caller(
                level=self.level,
                scopes=frozenset(map(str, self.scopes)),
                identity=CustomerIdentity(email=self.email) if self.email else None,
                name=f"key:demo-{self.name}",
            ),
        )


def demo_keys() -> tuple[DemoKey, DemoKey, DemoKey]:
    """A shopper who is `shopper@example.com`; a service and an administrator with all scopes."""
    every = frozenset(Scope)
    return (
        DemoKey(
            name="shopper",
            key=_key("shopper"),
            level=AccessLevel.SHOPPER,
            scopes=frozenset({Scope.INVOICE_POSTPONE}),
            email=DEMO_SHOPPER,
        ),
        DemoKey(name="service", key=_key("service"), level=AccessLevel.SERVICE, scopes=every),
        DemoKey(name="admin", key=_key("admin"), level=AccessLevel.ADMIN, scopes=every),
    )


def _key(name: str) -> str:
    return f"{DEMO_PREFIX}{name}_everyone-knows-this-key-it-opens-only-the-sandbox"
