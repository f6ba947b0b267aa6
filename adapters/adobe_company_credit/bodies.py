"""
Instructions in Adobe's words.

Amounts go out as JSON numbers in major units. Adobe keeps four decimals (assumed) and reads numbers
as binary floating point (source: PHP), so that 15 digits are what it takes without changing one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final, Self, TypeAlias

from adapters.adobe_company_credit.translate import (
    ALLOCATED,
    PURCHASED,
    REFUNDED,
    REIMBURSED,
    REVERTED,
    UPDATED,
)
from adapters.adobe_company_credit.wire import CreditResponse, HistoryRow
from adapters.adobe_company_credit.words import marked_comment, words_of, written_words
from adapters.transport import exact_json
from app.domain.errors import InvalidQuestion
from app.domain.instructions import (
    AnnotateLedgerEntry,
    BalanceReason,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    SetCreditLimit,
    UpdateCreditAccount,
)
from app.domain.instruments import CreditAccount
from app.domain.money import Currency, Money

PLACES: Final = 4
MOST_DIGITS: Final = 15
LONGEST_MARK: Final = "-" * 40
LONGEST_PURCHASE_ORDER: Final = 60
LARGEST_COMMENT_BYTES: Final = 60_000
"""Of its JSON; the column is assumed to hold 65,535 and to cut the rest."""

_DIGITS: Final = Context(prec=MOST_DIGITS, traps=[])
_WIDE: Final = Context(prec=MOST_DIGITS + PLACES, traps=[])
_SMALLEST: Final = Decimal(1).scaleb(-PLACES)
_UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")

OPERATION_TYPES: Final[Mapping[BalanceReason, int]] = {
    BalanceReason.ALLOCATED: ALLOCATED,
    BalanceReason.UPDATED: UPDATED,
    BalanceReason.PURCHASED: PURCHASED,
    BalanceReason.REIMBURSED: REIMBURSED,
    BalanceReason.REFUNDED: REFUNDED,
    BalanceReason.REVERTED: REVERTED,
}


BalanceMove: TypeAlias = IncreaseCreditBalance | DecreaseCreditBalance
TermsChange: TypeAlias = SetCreditLimit | UpdateCreditAccount


def balance_body(instruction: BalanceMove, mark: str) -> dict[str, object]:
    """The mark is the reference in both of Adobe's fields, so the caller's goes to the comment."""
    order = {"order_increment": instruction.order_id} if instruction.order_id else {}
    return {
        "value": plain_number(instruction.amount.amount),
        "currency": instruction.amount.currency.code,
        "operationType": OPERATION_TYPES[instruction.reason],
        "comment": whole_comment(instruction, mark),
        "options": {"purchase_order": mark, "custom_reference_number": mark} | order,
    }


def whole_comment(instruction: BalanceMove, mark: str) -> str:
    return marked_comment(instruction.comment, instruction.purchase_order, mark)


def terms_body(
    instruction: TermsChange, account: CreditAccount, company_id: int
) -> dict[str, object]:
    """
    The settings as they are to be, whole: what is not to change goes out as it was seen. Without a
    limit that is 0, which leaves the record without one (assumed; leaving it out is undocumented).
    """
    limit = instruction.limit or account.limit
    wanted = Terms.asked_by(instruction)
    currency = wanted.currency or account.currency
    exceed = account.exceed_allowed if wanted.exceed_limit is None else wanted.exceed_limit
    return {
        "creditLimit": {
            "company_id": company_id,
            "credit_limit": plain_number(limit.amount) if limit else Decimal(0),
            "currency_code": currency.code,
            "exceed_limit": exceed,
        }
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What of a record's settings is to be so; None is left as it is."""

    limit: Decimal | None
    currency: Currency | None
    exceed_limit: bool | None

    @classmethod
    def asked_by(cls, instruction: TermsChange) -> Self:
        limit, currency, exceed_limit = instruction.limit, None, None
        if isinstance(instruction, UpdateCreditAccount):
            currency, exceed_limit = instruction.currency, instruction.exceed_limit
        return cls(
            limit=limit.amount if limit else None,
            currency=currency or (limit.currency if limit else None),
            exceed_limit=exceed_limit,
        )

    def hold_for(self, credit: CreditResponse) -> bool:
        return self._are(
            credit.credit_limit or Decimal(0), credit.currency_code
        ) and self.exceed_limit in (None, credit.exceed_limit)

    def were_written_by(self, row: HistoryRow) -> bool:
        """As far as a row tells: not whether the limit may be exceeded."""
        return self._are(row.credit_limit, row.currency_credit)

    def _are(self, limit: Decimal, currency_code: str) -> bool:
        return self.limit in (None, limit) and self.currency in (
            None,
            Currency.parse(currency_code),
        )


def texts_of(row: HistoryRow) -> dict[str, str]:
    return {"purchaseOrder": row.purchase_order or "", "comment": written_words(row)}


def note_body(instruction: AnnotateLedgerEntry, row: HistoryRow) -> dict[str, str]:
    """
    Always both texts: a note without a purchase order erases the one that is there (assumed). A
    row that was written from here keeps its mark, by which it is found.
    """
    words = words_of(row)
    order, comment = instruction.purchase_order, instruction.comment
    order = words.purchase_order if order is None else order
    comment = words.note if comment is None else comment
    if words.mark is None:
        return {"purchaseOrder": order or "", "comment": comment or ""}
    return {"purchaseOrder": words.mark, "comment": marked_comment(comment, order, words.mark)}


def plain_number(amount: Decimal) -> Decimal:
    """The same number without an exponent and without zeros at the end."""
    text = f"{amount:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def refuse_inexact(amount: Money, *, member: str) -> None:
    """
    Raises:
        InvalidQuestion: Adobe would keep another amount than this, without a word.
    """
    if not _is_kept(amount.amount):
        raise InvalidQuestion(
            f"An amount has at most {PLACES} decimals and {MOST_DIGITS} digits here.",
            path=(member, "amount"),
        )


def refuse_unwritable(text: str | None, *, member: str) -> None:
    """
    Raises:
        InvalidQuestion: The text holds what a database would cut it at, or half of a character.
    """
    if text and _UNWRITABLE.search(text):
        raise InvalidQuestion("The text holds characters that cannot be kept.", path=(member,))


def refuse_lines(purchase_order: str | None) -> None:
    """
    Raises:
        InvalidQuestion: It is more than one line.
    """
    if purchase_order and "\n" in purchase_order:
        raise InvalidQuestion("A purchase order is one line.", path=("purchaseOrder",))


def refuse_long_purchase_order(purchase_order: str | None) -> None:
    """
    Raises:
        InvalidQuestion: It would be cut.
    """
    if purchase_order and len(purchase_order) > LONGEST_PURCHASE_ORDER:
        raise InvalidQuestion(
            f"A purchase order has at most {LONGEST_PURCHASE_ORDER} characters.",
            path=("purchaseOrder",),
        )


def refuse_long_comment(comment: str) -> None:
    """
    Raises:
        InvalidQuestion: The comment would be cut.
    """
    if len(exact_json.encode(comment)) > LARGEST_COMMENT_BYTES:
        raise InvalidQuestion("The comment is too long.", path=("comment",))


def _is_kept(number: Decimal) -> bool:
    return (
        number.adjusted() < MOST_DIGITS
        and number == _DIGITS.plus(number)
        and number == number.quantize(_SMALLEST, context=_WIDE)
    )
