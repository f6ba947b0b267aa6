"""
Response bodies. Links come in the several forms seen; none of them resolves, as in reality.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.vtex import ticks
from sandbox.vtex_giftcard.search import Range
from sandbox.vtex_giftcard.state import Card, DateForm, Defects, Movement, Transaction

PROVIDER = "VtexGiftCard"

Body = dict[str, Any]


def card_body(card: Card, defects: Defects) -> Body:
    """
    The link both as the reference and as real answers spell it, code and token in clear.

    Known issue: relationName and caption, given on creation, are missing on reading.
    """
    links = {"href": f"cards/{card.number}/transactions"}
    return {
        "id": card.answered_id,
        "redemptionToken": _masked(card.token) if defects.masked_codes else card.token,
        "redemptionCode": _masked(card.code) if defects.masked_codes else card.code,
        "balance": card.balance(),
        "emissionDate": _date(card, card.emitted_at),
        "expiringDate": _date(card, card.expires_at),
        **({"currencyCode": card.currency} if card.currency else {}),
        **(_captions(card) if defects.captions_on_reading else {}),
        "discount": False,
        "transaction": links,
        "transactions": links,
    }


def issued_body(card: Card, defects: Defects) -> Body:
    return {**card_body(card, defects), **_captions(card)}


def search_body(found: Sequence[Card], part: Range) -> Body:
    return {
        "items": [_item(card) for card in part.of(found)],
        "paging": {
            "page": part.first // part.size,
            "perPage": part.size,
            "total": len(found),
            "pages": -(-len(found) // part.size),
        },
    }


def balances_body(found: Sequence[Card], part: Range) -> list[Body]:
    return [{**_item(c), "provider": PROVIDER, "balance": c.balance()} for c in part.of(found)]


def reference_body(card: Card, transaction: Transaction, defects: Defects, *, root: str) -> Body:
    transaction_id, card_id = transaction.id, card.number
    linked_id = transaction.id
    if defects.swapped_reference_ids:
        transaction_id, card_id = card_id, transaction_id
    if defects.wrong_numbers_in_links:
        linked_id = linked_id[::-1]
    return {
        "cardId": card_id,
        "id": transaction_id,
        "_self": {"href": f"{root}/{card.number}/transactions/{linked_id}"},
        "provider": PROVIDER,
    }


def transaction_body(card: Card, transaction: Transaction, defects: Defects) -> Body:
    operation = transaction.operation.value
    own = f"/sandbox/giftcards/{card.number}/transactions/{transaction.id}"
    return {
        "value": transaction.value,
        "description": transaction.description,
        "date": ticks(transaction.made_at),
        "requestId": transaction.request_id,
        "settlement": {"href": f"{own}/settlements"},
        "cancellation": {"href": f"{own}/cancellations"},
        "authorization": {"href": f"{own}/authorization"},
        "operation": operation.lower() if defects.lower_case_operations else operation,
    }


def authorization_body(transaction: Transaction, defects: Defects) -> object:
    """Recorded: where seen, the oid is the transaction's id."""
    body = movement_body(Movement(transaction.id, transaction.value, transaction.made_at))
    return [body] if defects.array_authorization else body


def movement_body(movement: Movement) -> Body:
    return {"oid": movement.oid, "value": movement.value, "date": ticks(movement.made_at)}


def _item(card: Card) -> Body:
    return {"id": card.id, "_self": {"href": f"cards/{card.number}"}}


def _captions(card: Card) -> Body:
    named = {"relationName": card.relation_name, "caption": card.caption}
    return {name: value for name, value in named.items() if value is not None}


def _masked(code: str) -> str:
    return f"***********{code[-4:]}"


def _date(card: Card, moment: datetime) -> str:
    match card.dates:
        case DateForm.SECONDS:
            return moment.strftime("%Y-%m-%dT%H:%M:%S")
        case DateForm.MILLISECONDS:
            return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return ticks(moment)
