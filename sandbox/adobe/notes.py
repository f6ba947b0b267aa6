"""Annotating the history: only rows of payments received, and never their amount."""

from dataclasses import dataclass

from sandbox.adobe import faults
from sandbox.adobe.bodies import Body
from sandbox.adobe.comments import with_custom
from sandbox.adobe.criteria import integer
from sandbox.adobe.state import Shop

REIMBURSED = 4


@dataclass(frozen=True)
class Note:
    """`comment` is None where the row keeps its own (assumed)."""

    row_id: int
    purchase_order: str | None
    comment: str | None


def read_note(body: Body, path_id: str) -> Note:
    return Note(
        row_id=integer(path_id),
        purchase_order=body.text_or_none("purchaseOrder"),
        comment=body.text("comment") if body.has("comment") else None,
    )


def annotate(shop: Shop, note: Note) -> None:
    """
    Reported: a note without a purchase order erases the one that is there.

    Raises:
        Fault: The row is unknown or of another type, or the purchase order is too long.
    """
    row = shop.history_row(note.row_id)
    if row.type != REIMBURSED:
        raise faults.operation_misfit()
    comment = row.comment if note.comment is None else with_custom(row.comment, note.comment)
    shop.annotate(row, note.purchase_order, comment)
