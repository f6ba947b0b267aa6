"""Where releases and merchants' settings differ, and defects reported from a running shop."""

from dataclasses import dataclass
from enum import StrEnum


class GroupedFilters(StrEnum):
    """How filters of one group combine when credits or history are searched."""

    OR = "or"
    AND = "and"


class PagePastEnd(StrEnum):
    REPEAT_LAST = "repeat_last"
    EMPTY = "empty"


class InputLimits(StrEnum):
    OFF = "off"
    ON = "on"


class IntegrationBearer(StrEnum):
    """Whether the token of an integration is taken as a bearer token."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class ReferenceColumn(StrEnum):
    """Whether this release knows `custom_reference_number`."""

    BOTH = "both"
    PURCHASE_ORDER_ONLY = "purchase_order_only"


class UnknownCredit(StrEnum):
    """What a balance operation on an unknown credit id is answered with."""

    NOT_FOUND = "404"
    INTERNAL_ERROR = "500"


class CreditComment(StrEnum):
    """What becomes of `credit_comment` in a write; an accepted one is kept nowhere (assumed)."""

    ACCEPT = "accept"
    REJECT = "reject"


class TwoFactor(StrEnum):
    """Whether administrators need a second factor, so that a password is too little."""

    OFF = "off"
    ON = "on"


class LostUpdate(StrEnum):
    """Whether overlapping moves keep all their rows but only one change of the balance."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True)
class Switches:
    """The defaults are the likelier ones."""

    filters_in_group: GroupedFilters = GroupedFilters.OR
    page_past_end: PagePastEnd = PagePastEnd.REPEAT_LAST
    input_limits: InputLimits = InputLimits.OFF
    integration_bearer: IntegrationBearer = IntegrationBearer.REFUSED
    reference_column: ReferenceColumn = ReferenceColumn.BOTH
    unknown_credit: UnknownCredit = UnknownCredit.NOT_FOUND
    credit_comment: CreditComment = CreditComment.ACCEPT
    two_factor: TwoFactor = TwoFactor.OFF
    lost_update: LostUpdate = LostUpdate.OFF
