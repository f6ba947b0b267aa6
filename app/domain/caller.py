"""Who asks, as far as verified credentials tell."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.access import AccessLevel
from app.domain.customer import CustomerIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    Attributes:
        identity: Whose credit a shopper owns; None for every other level, and for a shopper of
            whom the credentials tell nothing to find them by.
        name: For audit and rate limits: `key:` and the name of the key, `token:` and a keyed hash
            of the token's subject, or `anonymous`. Never personal data.
        anonymous: Nobody showed credentials.
    """

    level: AccessLevel
    scopes: frozenset[str] = frozenset()
    identity: CustomerIdentity | None = field(default=None, repr=False)
    name: str
    anonymous: bool = False
