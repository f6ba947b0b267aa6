"""Who a customer is, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.identifiers import ProviderCustomerId, SourceKey


class IdentityMatch(StrEnum):
    """How a customer was linked to a source."""

    CLAIM = "CLAIM"
    DIRECTORY = "DIRECTORY"
    EMAIL = "EMAIL"
    DOCUMENT = "DOCUMENT"
    CONFIG = "CONFIG"


@dataclass(frozen=True, slots=True)
class Link:
    """The customer's own id at a source."""

    source: SourceKey
    provider_customer_id: ProviderCustomerId
    matched_by: IdentityMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerIdentity:
    """
    Everything that may find one customer's credit. At least one member is set.

    Attributes:
        email: Lower case.
        document: National document number, digits only.
        links: The id at each source where one is known, at most one a source.
    """

    email: str | None = None
    document: str | None = None
    display_name: str | None = None
    links: tuple[Link, ...] = ()

    def id_at(self, source: SourceKey) -> ProviderCustomerId | None:
        return next((one.provider_customer_id for one in self.links if one.source == source), None)
