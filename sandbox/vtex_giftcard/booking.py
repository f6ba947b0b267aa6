"""
Money on and off a card.

Nothing awaits between the check of a balance and the entry that changes it, unless the defect of
racing debits is switched on.
"""

import asyncio
from decimal import Decimal
from uuid import uuid4

from sandbox.clock import Clock
from sandbox.vtex import Refused
from sandbox.vtex_giftcard.requests import MovementRequest, TransactionRequest
from sandbox.vtex_giftcard.state import Card, Movement, Operation, Store, Transaction

WRONG_CODE = 2004
EXPIRED = 2005
INSUFFICIENT_FUNDS = 2006
ALREADY_REDEEMED = 2007
NOT_THE_OWNER = 2008
MORE_THAN_IS_LEFT = 2009

MASK = "*"
RACE_SECONDS = 0.02
"""How long a racing debit waits with an old balance in its hand."""


class Booking:
    def __init__(self, store: Store, clock: Clock, *, movements_once: bool) -> None:
        """
        Args:
            movements_once: A request id is good for one settlement and one cancellation of a
                transaction; a repeat is answered with the first and moves nothing.
        """
        self._defects = store.defects
        self._clock = clock
        self._movements_once = movements_once

    async def transact(self, card: Card, request: TransactionRequest) -> Transaction:
        """
        Documented: a repeated request id moves nothing. Assumed: it is answered with the first.

        Assumed, too: code and token are compared before that, everything else only afterwards, so
        a repeat also finds what was booked when the card has expired or is spent.
        """
        _refuse_wrong_code(card, request)
        if not card.booked(request.request_id):
            self._refuse_unusable(card, request)
            if self._defects.racing_debits and request.operation is Operation.DEBIT:
                await asyncio.sleep(RACE_SECONDS)
        return card.booked(request.request_id) or self._book(card, request)

    def settle(self, transaction: Transaction, request: MovementRequest) -> Movement:
        """Moves nothing: a debit took its value when it was made."""
        if first := self._first(transaction.settlements, request):
            return first
        _refuse_more_than(transaction.not_settled, request)
        return self._add(transaction.settlements, request, request.value)

    def cancel(self, card: Card, transaction: Transaction, request: MovementRequest) -> Movement:
        """
        Gives back what a debit took, settled or not; takes out what a credit gave.

        Assumed: not more than is on the card. Known issue: a second cancellation of a part
        refunded the whole.
        """
        if first := self._first(transaction.cancellations, request):
            return first
        _refuse_more_than(transaction.not_cancelled, request)
        in_full = self._defects.second_cancellation_in_full and transaction.cancellations
        value = transaction.value if in_full else request.value
        if transaction.operation is Operation.CREDIT:
            _refuse_overdraft(card, value)
        return self._add(transaction.cancellations, request, value)

    def _refuse_unusable(self, card: Card, request: TransactionRequest) -> None:
        """Recorded: a card that is not reloadable, or not active any more, is credited anyway."""
        if card.has_expired(self._clock.now()):
            raise Refused(400, EXPIRED, "The gift card has expired.")
        if request.operation is Operation.DEBIT:
            _refuse_stranger(card, request)
            if not card.multiple_redemptions and card.is_redeemed():
                raise Refused(400, ALREADY_REDEEMED, "The gift card can be redeemed only once.")
            _refuse_overdraft(card, request.value)

    def _book(self, card: Card, request: TransactionRequest) -> Transaction:
        is_debit = request.operation is Operation.DEBIT
        transaction = Transaction(
            id=uuid4().hex,
            operation=request.operation,
            value=request.value,
            description=request.description,
            made_at=self._clock.now(),
            request_id=request.request_id,
            recorded=not (is_debit and self._defects.debits_without_record),
        )
        card.transactions.append(transaction)
        if self._defects.transactions_fail_after_booking or not transaction.recorded:
            raise Refused(500, None, "An error has occurred.")
        return transaction

    def _first(self, movements: list[Movement], request: MovementRequest) -> Movement | None:
        if not self._movements_once:
            return None
        return next((m for m in movements if m.request_id == request.request_id), None)

    def _add(self, movements: list[Movement], request: MovementRequest, value: Decimal) -> Movement:
        movement = Movement(uuid4().hex, value, self._clock.now(), request.request_id)
        movements.append(movement)
        return movement


def _refuse_wrong_code(card: Card, request: TransactionRequest) -> None:
    """Assumed: both are compared, unless they are masked."""
    pairs = ((request.redemption_code, card.code), (request.redemption_token, card.token))
    if any(MASK not in given and given != own for given, own in pairs):
        raise Refused(400, WRONG_CODE, "The redemption code or token is not the gift card's.")


def _refuse_stranger(card: Card, request: TransactionRequest) -> None:
    """Assumed: only an order that names its customer can be refused."""
    payer = request.payer
    if not card.restricted_to_owner or payer is None:
        return
    if payer.email != card.profile_id and payer.document != card.document:
        raise Refused(400, NOT_THE_OWNER, "Only its owner may use the gift card.")


def _refuse_overdraft(card: Card, value: Decimal) -> None:
    if value > card.balance():
        raise Refused(400, INSUFFICIENT_FUNDS, "The gift card has insufficient funds.")


def _refuse_more_than(left: Decimal, request: MovementRequest) -> None:
    if request.value > left:
        raise Refused(400, MORE_THAN_IS_LEFT, "The value is more than what is left.")
