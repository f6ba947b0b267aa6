"""What every resolver has at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import strawberry

from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.customer import CustomerIdentity
from app.domain.identifiers import SourceKey
from app.graphql.ids import Ids
from app.graphql.opaque import Seal
from app.operations.desk import Desk


@dataclass(slots=True, kw_only=True)
class Context:
    """
    One request's.

    Attributes:
        source_ids: Global ids of the sources, made once for all requests.
        correlation_id: Names the request in logs and answers.
    """

    desk: Desk
    ids: Ids
    seal: Seal
    source_ids: Mapping[SourceKey, strawberry.ID]
    caller: Caller
    correlation_id: str

    @property
    def sees_everybody(self) -> bool:
        """Whether the caller's level reaches beyond what is their own."""
        return self.caller.level > AccessLevel.SHOPPER

    def is_own(self, who: CustomerIdentity) -> bool:
        """Whether *who* is the caller."""
        own = self.caller.identity
        return own is not None and self.ids.customer(own) == self.ids.customer(who)


Info = strawberry.Info[Context, None]
