"""A request past the guard, and what reading and writing routes have in common."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.medusa.books import Books
from sandbox.medusa.credentials import Actor, Credentials
from sandbox.medusa.errors import not_found
from sandbox.medusa.fields import selection
from sandbox.medusa.querystring import Query
from sandbox.medusa.state import Account, GiftCard, State
from sandbox.medusa.views import account_record, gift_card_record


@dataclass(frozen=True, kw_only=True)
class Call:
    """*actor* is None where the route asks for no sign-in."""

    books: Books
    credentials: Credentials
    actor: Actor | None
    authorization: str
    path: Mapping[str, str]
    query_string: str
    body: Mapping[str, Any]

    @property
    def state(self) -> State:
        return self.books.state

    @property
    def caller(self) -> Actor:
        """Of a route whose guard lets nobody else in."""
        if self.actor is None:
            raise RuntimeError("the guard of this route asks for no sign-in")
        return self.actor


Answer = dict[str, Any]
Handler = Callable[[Call], Awaitable[Answer]]


def live_account(call: Call) -> Account:
    """
    Raises:
        Refusal: 404.
    """
    account = call.state.accounts.get(call.path["id"])
    if account is None or account.deleted_at is not None:
        raise no_such_account(call)
    return account


def no_such_account(call: Call) -> Exception:
    return not_found(f"StoreCreditAccount id not found: {call.path['id']}")


def live_gift_card(call: Call) -> GiftCard:
    """
    Raises:
        Refusal: 404.
    """
    card = call.state.gift_cards.get(call.path["id"])
    if card is None or card.deleted_at is not None:
        raise not_found(f"GiftCard id not found: {call.path['id']}")
    return card


def account_answer(
    account: Account, query: Query, defaults: tuple[str, ...], state: State
) -> Answer:
    shown = account_record(account, state).shown(selection(query.fields, defaults))
    return {"store_credit_account": shown}


def gift_card_answer(
    card: GiftCard, query: Query, defaults: tuple[str, ...], state: State
) -> Answer:
    return {"gift_card": gift_card_record(card, state).shown(selection(query.fields, defaults))}
