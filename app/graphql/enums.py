"""The domain's enums as the schema knows them, each named and described once."""

from __future__ import annotations

from app.domain.capability import Capability
from app.domain.customer import IdentityMatch
from app.domain.errors import SourceProblemKind
from app.domain.freshness import Freshness
from app.domain.hold_events import HoldMode
from app.domain.holds import HoldState
from app.domain.instructions import BalanceReason
from app.domain.instruments import InstrumentKind, InstrumentStatus, VtexDocumentType
from app.domain.invoices import InvoiceStatus
from app.domain.ledger import ActorKind, BalanceOperation, Direction, LedgerEntryKind
from app.domain.operation import OperationStatus
from app.domain.spendable import Completeness, IneligibilityReason, SpendWarning
from app.graphql.declare import enum

__all__ = [
    "ActorKind",
    "BalanceOperation",
    "BalanceReason",
    "Capability",
    "Completeness",
    "Direction",
    "Freshness",
    "HoldMode",
    "HoldState",
    "IdentityMatch",
    "IneligibilityReason",
    "InstrumentKind",
    "InstrumentStatus",
    "InvoiceStatus",
    "LedgerEntryKind",
    "OperationStatus",
    "SourceProblemKind",
    "SpendWarning",
    "VtexDocumentType",
]


enum(Capability, "What can be done with a source.")
enum(SourceProblemKind, "Why a source did not contribute to an answer.")
enum(InstrumentKind, "Credit line, gift card or store credit.")
enum(
    InstrumentStatus,
    "The state of an instrument. UNKNOWN: the provider's word is new to the gateway; never "
    "spendable.",
)
enum(VtexDocumentType, "Kind of a Brazilian document number.")
enum(Freshness, "LIVE: asked for this answer. CACHED: a little older. STALE: older than wanted.")
enum(
    InvoiceStatus,
    "OPEN is owed. UNKNOWN: the provider's word for it is new to the gateway; counted in no sum.",
)
enum(
    LedgerEntryKind,
    "What a ledger line records: money set aside, captured, given back, released, moved by hand, "
    "paid in, or a changed limit.",
)
enum(Direction, "Seen from the customer's spendable credit.")
enum(
    OperationStatus,
    "How far an operation has come. REJECTED: nothing was changed. UNKNOWN: it may have been, and "
    "the gateway goes on asking. COMPENSATED: it was, and was undone. NEEDS_ATTENTION: somebody "
    "has to look.",
)
enum(
    BalanceReason,
    "Why a seller changes what a holder owes. Which of them go with which direction, the provider "
    "says.",
)
enum(BalanceOperation, "Why a balance was changed.")
enum(ActorKind, "What kind of party did it.")
enum(
    HoldMode,
    "NATIVE: the provider holds. DEBIT_AND_REVERT: taken now, given back on release. SOFT: only "
    "this gateway knows.",
)
enum(HoldState, "How far a hold has come.")
enum(
    IneligibilityReason,
    "Why an instrument does not count. STATUS_UNKNOWN: the provider's word for its state is new to "
    "the gateway.",
)
enum(SpendWarning, "What to know about an instrument before relying on its amount.")
enum(
    Completeness,
    "COMPLETE: all live. STALE: something older was used. PARTIAL: something is missing. NONE: no "
    "source answered.",
)
enum(
    IdentityMatch,
    "How a customer was linked to a source: by a verified claim, a directory, what a provider was "
    "searched by, or the configuration.",
)
