"""
The words of a history row, beside its figures: the caller's own, and what names the call.

A row that was written from here bears a mark in both of Adobe's reference fields, so that the
caller's purchase order stands in the comment, behind the mark on its last line:

    first instalment
    cg-0123456789abcdef0123456789abcdef-1 Purchase order: PO-77
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from adapters.adobe_company_credit.wire import HistoryRow
from adapters.transport import exact_json

_MARK: Final = r"cg-[0-9a-f]{32}-[1-9][0-9]*"
_IS_MARK: Final = re.compile(_MARK)
_MARKED: Final = re.compile(
    rf"(?:(?P<note>.*)\n)?(?P<mark>{_MARK})(?: Purchase order: (?P<order>[^\n]+))?", re.DOTALL
)
_UNSURE: Final = re.compile(r"[^A-Za-z0-9 -]+")
"""What a pattern or a JSON text would write in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    Attributes:
        mark: Of the call that wrote the row; None where nobody here did.
        shop_order: The number of the shop's order.
    """

    note: str | None = None
    purchase_order: str | None = None
    mark: str | None = None
    shop_order: str | None = None


def is_mark(reference: str) -> bool:
    return _IS_MARK.fullmatch(reference) is not None


def marked_comment(note: str | None, purchase_order: str | None, mark: str) -> str:
    """The text of a comment that `words_of` reads again; *purchase_order* is one line."""
    last = f"{mark} Purchase order: {purchase_order}" if purchase_order else mark
    return f"{note}\n{last}" if note else last


def words_of(row: HistoryRow) -> Words:
    """A purchase order in Adobe's own field is newer than one in the comment."""
    comment = _comment(row.comment)
    marked = _MARKED.fullmatch(comment.note or "")
    field = row.purchase_order or ""
    in_comment = marked["order"] if marked else None
    return Words(
        note=(marked["note"] or None) if marked else comment.note,
        purchase_order=in_comment if is_mark(field) else field or in_comment,
        mark=marked["mark"] if marked else _mark_among(field, row.custom_reference_number or ""),
        shop_order=comment.shop_order,
    )


def _mark_among(*references: str) -> str | None:
    return next(filter(is_mark, references), None)


def written_words(row: HistoryRow) -> str:
    """The comment as it was written, whole."""
    return _comment(row.comment).note or ""


def comments_with(purchase_order: str) -> str:
    """
    A pattern of `like` that finds every marked comment with *purchase_order*, and few others.

    Sure are only the signs that are the same in every JSON text and stand for themselves in a
    pattern; the quotation mark at the end of the text keeps longer numbers out.
    """
    return f'%Purchase order: {_UNSURE.sub("%", purchase_order)}"%'


def _comment(text: str) -> Words:
    """`{"custom": …, "system": {"order": …}}` inside a string; other text is a note as it is."""
    try:
        content = exact_json.decode(text.encode())
    except ValueError:
        return Words(note=text or None)
    if not isinstance(content, dict):
        return Words(note=text)
    system = content.get("system")
    return Words(
        note=_text(content.get("custom")),
        shop_order=_text(system.get("order")) if isinstance(system, dict) else None,
    )


def _text(value: object) -> str | None:
    """Order numbers have been written as numbers, too."""
    return str(value) if isinstance(value, str | int) and value != "" else None
