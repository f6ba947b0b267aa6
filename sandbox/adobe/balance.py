"""
Moving a balance: increase means that the company owes less, decrease that it owes more.

Nothing here looks at the limit: `exceed_limit` guards the shop's own checkout only.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from sandbox.adobe import faults
from sandbox.adobe.access import Token
from sandbox.adobe.amounts import inverse, stored_amount, times
from sandbox.adobe.bodies import Body
from sandbox.adobe.comments import written_comment
from sandbox.adobe.criteria import integer
from sandbox.adobe.state import Credit, Entry, Shop
from sandbox.adobe.switches import LostUpdate, ReferenceColumn, UnknownCredit

OVERLAP_SECONDS = 0.05
"""How long a move that can be lost rests between its read and its write."""

ALLOCATED = 1
_OPTIONS = "Magento\\CompanyCredit\\Api\\Data\\CreditBalanceOptionsInterface"


class Direction(StrEnum):
    INCREASE = "increaseBalance"
    DECREASE = "decreaseBalance"


OPERATION_TYPES: Mapping[Direction, Collection[int]] = {
    Direction.INCREASE: (ALLOCATED, 2, 4, 5, 6),
    Direction.DECREASE: (2, 3, 4),
}


@dataclass(frozen=True)
class Options:
    purchase_order: str | None
    custom_reference_number: str | None
    order_increment: str | None
    currency_display: str | None
    currency_base: str | None


OPTIONS = tuple(Options.__annotations__)


@dataclass(frozen=True)
class Move:
    credit_id: int
    direction: Direction
    value: Decimal
    currency: str
    operation_type: int
    comment: str | None
    options: Options

    @property
    def signed_value(self) -> Decimal:
        return self.value if self.direction is Direction.INCREASE else -self.value


def read_move(direction: Direction, body: Body, path_id: str) -> Move:
    """
    Raises:
        Fault: A member is missing, of a wrong type, or does not fit; found in this order.
    """
    body.require("value", "currency", "operationType")
    move = Move(
        credit_id=integer(path_id),
        direction=direction,
        value=body.number("value"),
        currency=body.text("currency"),
        operation_type=body.integer("operationType"),
        comment=body.text_or_none("comment"),
        options=_options(body.object("options", _OPTIONS, OPTIONS)),
    )
    if move.operation_type not in OPERATION_TYPES[direction]:
        raise faults.operation_misfit()
    if move.value < 0:
        raise faults.bad_value("value", move.value)
    return move


async def move_balance(shop: Shop, move: Move, by: Token) -> None:
    """
    Raises:
        Fault: The record or the currency is unknown, the record is too old for a first allocation,
            or a column cannot hold its value; nothing is written then.
    """
    credit = _known(shop, move.credit_id)
    if move.currency not in shop.website_currencies.values():
        raise faults.bad_value("currency", move.currency)
    if move.operation_type == ALLOCATED:
        _allocate(shop, credit, move, by)
        return
    rate = shop.rates.rate(move.currency, credit.currency_code)
    balance = credit.balance + stored_amount(times(move.signed_value, rate))
    if shop.switches.lost_update is LostUpdate.ON:
        credit = await _as_it_is_later(shop, credit)
    shop.book(replace(credit, balance=balance), _entry(shop, credit, move), by)


async def _as_it_is_later(shop: Shop, credit: Credit) -> Credit:
    await asyncio.sleep(OVERLAP_SECONDS)
    if credit.id not in shop.credits:
        raise faults.could_not_save()
    return shop.credits[credit.id]


def _allocate(shop: Shop, credit: Credit, move: Move, by: Token) -> None:
    """The limit rises, by the rate of the wrong direction as reported; 0 grants none (assumed)."""
    if shop.has_history(credit.id):
        raise faults.operation_misfit()
    rate = inverse(shop.rates.rate(move.currency, credit.currency_code))
    limit = (credit.credit_limit or Decimal(0)) + stored_amount(times(move.value, rate))
    granted = replace(credit, credit_limit=limit or credit.credit_limit)
    shop.book(granted, replace(_entry(shop, credit, move), amount=Decimal(0)), by)


def _known(shop: Shop, credit_id: int) -> Credit:
    masked = shop.switches.unknown_credit is UnknownCredit.INTERNAL_ERROR
    if masked and credit_id not in shop.credits:
        raise faults.internal_error()
    return shop.credit(credit_id)


def _entry(shop: Shop, credit: Credit, move: Move) -> Entry:
    knows_reference = shop.switches.reference_column is ReferenceColumn.BOTH
    order = move.options.order_increment
    entry = Entry(
        type=move.operation_type,
        currency_operation=move.currency,
        amount=move.signed_value,
        rate=inverse(shop.rates.rate(move.currency, credit.currency_code)),
        purchase_order=move.options.purchase_order,
        custom_reference_number=move.options.custom_reference_number if knows_reference else None,
        comment=written_comment(move.comment, {"order": order} if order else {}),
    )
    return _relabelled(shop, credit, entry, move.options)


def _relabelled(shop: Shop, credit: Credit, entry: Entry, options: Options) -> Entry:
    """As the shopper saw it, in the currency of the display; the balance moves the same."""
    base, display = options.currency_base, options.currency_display
    if base is None or display is None or base == display:
        return entry
    rate = shop.rates.rate(base, display)
    return replace(
        entry,
        currency_operation=display,
        amount=times(entry.amount, rate),
        rate=rate,
        rate_credit=shop.rates.rate(base, credit.currency_code),
    )


def _options(sent: Body) -> Options:
    return Options(**{name: sent.text_or_none(name) for name in OPTIONS})
