"""From verified claims, which every issuer names in its own way, to a caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.authentication.identifying import document_number, email_address, provider_id
from app.authentication.settings import IssuerSettings
from app.domain.access import AccessLevel, Scope
from app.domain.caller import Caller
from app.domain.customer import CustomerIdentity, IdentityMatch, Link
from app.domain.identifiers import ProviderCustomerId, SourceKey

Claims = Mapping[str, Any]

_KNOWN_SCOPES = frozenset(map(str, Scope))


def caller_of(claims: Claims, issuer: IssuerSettings, *, name: str) -> Caller:
    """Who *claims* speak of. What cannot be understood counts as not said."""
    level = _level(claims, issuer)
    return Caller(
        level=level,
        scopes=_scopes(claims, issuer),
        identity=_identity(claims, issuer) if level is AccessLevel.SHOPPER else None,
        name=name,
    )


def find(claims: Claims, name: str) -> object:
    """The claim of that name, or at the end of that path; a name may have dots itself."""
    if name in claims:
        return claims[name]
    for position, char in enumerate(name):
        if char == "." and isinstance(inner := claims.get(name[:position]), Mapping):
            found = find(inner, name[position + 1 :])
            if found is not None:
                return found
    return None


def _level(claims: Claims, issuer: IssuerSettings) -> AccessLevel:
    said = find(claims, issuer.claims.level) if issuer.claims.level else None
    meant = [issuer.levels[word] for word in _words(said) if word in issuer.levels]
    return max(meant, default=issuer.default_level)


def _scopes(claims: Claims, issuer: IssuerSettings) -> frozenset[str]:
    said = find(claims, issuer.claims.scopes)
    if said is None:
        return frozenset(map(str, issuer.default_scopes))
    words = said.split() if isinstance(said, str) else _words(said)
    return _KNOWN_SCOPES.intersection(words)


def _words(said: object) -> Iterable[str]:
    match said:
        case str():
            return [said]
        case list():
            return [word for word in said if isinstance(word, str)]
    return []


def _identity(claims: Claims, issuer: IssuerSettings) -> CustomerIdentity | None:
    names = issuer.claims
    email = email_address(find(claims, names.email)) if _may_trust_email(claims, issuer) else None
    document = document_number(find(claims, names.document)) if names.document else None
    links = tuple(
        Link(SourceKey(source), ProviderCustomerId(own_id), IdentityMatch.CLAIM)
        for source, name in names.ids.items()
        if (own_id := provider_id(find(claims, name))) is not None
    )
    if not (email or document or links):
        return None
    return CustomerIdentity(email=email, document=document, links=links)


def _may_trust_email(claims: Claims, issuer: IssuerSettings) -> bool:
    """Some issuers write truth as a text."""
    said = find(claims, issuer.claims.email_verified)
    return said is True or said == "true" or (said is None and not issuer.require_verified_email)
