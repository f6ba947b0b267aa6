"""What every resolver has at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import strawberry

from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.customer import CustomerIdentity
from app.domain.identifiers import SourceKey
from app.graphql.ids import Ids
from app.graphql.in_parts import Parts
from app.graphql.opaque import Seal
from app.operations.carry_out import Operations
from app.operations.desk import Desk
from app.operations.holds import Holds


@dataclass(slots=True, kw_only=True)
class Context:
    """
    One request's.

    Attributes:
        source_ids: Global ids of the sources, made once for all requests.
        changes: What changes something, and tells of it.
        standing: Where holds stand.
        correlation_id: Names the request in logs and answers.
        must_finish: To be called before anything is changed: the request is not cancelled then.
        parts: Of the answer; None when it is given at once.
        reusable_seconds: How long the document lets its answer be reused.
    """

    desk: Desk
    ids: Ids
    seal: Seal
    source_ids: Mapping[SourceKey, strawberry.ID]
    caller: Caller
    changes: Operations
    standing: Holds
    correlation_id: str
    must_finish: Callable[[], None]
    parts: Parts | None = None
    reusable_seconds: float = 0

    @property
    def operations(self) -> Operations:
        """What the journal tells may be other in the next moment, and no source would say so."""
        self.not_to_be_reused()
        return self.changes

    @property
    def holds(self) -> Holds:
        """As with `operations`."""
        self.not_to_be_reused()
        return self.standing

    def not_to_be_reused(self) -> None:
        """The answer tells of something that nobody notices the change of."""
        self.desk.reads.used.note_what_is_not_remembered()

    @property
    def sees_everybody(self) -> bool:
        """Whether the caller's level reaches beyond what is their own."""
        return self.caller.level > AccessLevel.SHOPPER

    def is_own(self, who: CustomerIdentity) -> bool:
        """Whether *who* is the caller."""
        own = self.caller.identity
        return own is not None and self.ids.customer(own) == self.ids.customer(who)


Info = strawberry.Info[Context, None]
