"""
Everything that changes the state.

Each method is one step of the event loop: what it checks still holds when it writes, which is what
the server's row locks are for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.clock import Clock
from sandbox.medusa.dates import to_milliseconds
from sandbox.medusa.errors import invalid_data, unknown_error
from sandbox.medusa.identifiers import Identifiers, new_code
from sandbox.medusa.numbers import counted, kept
from sandbox.medusa.state import Account, Entry, GiftCard, Metadata, Movement, State


@dataclass(frozen=True)
class Origin:
    """What an entry says about where it comes from; the caller cannot choose the reference."""

    reference: str
    reference_id: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewGiftCard:
    code: str
    value: Decimal
    currency_code: str
    line_item_id: str | None
    reference: str | None
    reference_id: str | None
    expires_at: datetime | None
    note: str | None
    metadata: Metadata


class Books:
    def __init__(self, state: State, clock: Clock) -> None:
        self.state = state
        self.clock = clock
        entries = (entry for ledger in state.ledgers.values() for entry in ledger)
        self._identifiers = Identifiers(
            [*state.accounts, *state.gift_cards, *(entry.id for entry in entries)]
        )

    def open_account(
        self, *, currency_code: str, customer_id: str | None, metadata: Metadata = None
    ) -> Account:
        """
        Raises:
            Refusal: 400 for a customer's second account in one currency text.
        """
        if customer_id is not None and self._account_of(customer_id, currency_code):
            raise invalid_data(
                f"Store credit account with customer_id: {customer_id},"
                f" currency_code: {currency_code}, already exists."
            )
        account = Account(
            **self._new_row("sc_acc"),
            code=_unused_code("SC", {account.code for account in self.state.accounts.values()}),
            currency_code=stored(currency_code),
            customer_id=stored(customer_id),
            metadata=stored(metadata),
        )
        self.state.accounts[account.id] = account
        return account

    def book(self, account_id: str, movement: Movement, amount: Decimal, origin: Origin) -> Entry:
        entry = Entry(
            **self._new_row("sc_trx"),
            account_id=account_id,
            type=movement,
            amount=kept(amount),
            reference=origin.reference,
            reference_id=origin.reference_id,
            note=stored(origin.note),
            metadata=None,
        )
        self.state.ledgers.setdefault(account_id, []).append(entry)
        return entry

    def debit(self, account_id: str, amount: Decimal, origin: Origin) -> Entry:
        """
        Raises:
            Refusal: 400 for more than the balance.
        """
        self.check_covered(account_id, amount)
        return self.book(account_id, "debit", amount, origin)

    def check_covered(self, account_id: str, amount: Decimal) -> None:
        if counted(amount) > self.state.totals(account_id).balance:
            raise invalid_data("Insufficient balance")

    def transfer(self, source: Account, amount: Decimal, customer_id: str) -> None:
        """
        Move *amount* to the customer's account in the same currency, opened if there is none.

        Raises:
            Refusal: 400 for more than the balance, but for a release without locks; 500 for more
                than a double holds (assumed).
        """
        if kept(amount).is_infinite():
            raise unknown_error()
        if not self.state.defects.is_unlocked:
            self.check_covered(source.id, kept(amount))
        currency = source.currency_code
        target = self._account_of(customer_id, currency) or self.open_account(
            currency_code=currency, customer_id=customer_id
        )
        self.book(source.id, "debit", amount, Origin("store-credit", target.id))
        self.book(target.id, "credit", amount, Origin("store-credit", source.id))

    def issue_gift_card(self, new: NewGiftCard) -> GiftCard:
        """
        A card, the unowned account behind it, and the credit of its value.

        Raises:
            Refusal: 400 for a code that another card has.
        """
        codes = {card.code for card in self.state.gift_cards.values() if card.deleted_at is None}
        if new.code in codes:
            raise invalid_data(f"Loyalty gift card with code: {new.code}, already exists.")
        columns = stored(vars(new)) | {"code": new.code or _unused_code("GIFT", codes)}
        row = self._new_row("gcard")
        account = self.open_account(currency_code=new.currency_code, customer_id=None)
        card = GiftCard(**row, **columns, account_id=account.id, status="redeemed", orders=())
        self.state.gift_cards[card.id] = card
        origin = Origin("gift_card", card.id, "Gift card redemption")
        self.book(account.id, "credit", card.value, origin)
        return card

    def change_gift_card(self, card: GiftCard, changes: Mapping[str, Any]) -> GiftCard:
        """Status, note, expiry and metadata; neither value nor account ever follow them."""
        if changes:
            card = replace(card, **stored(dict(changes)), updated_at=self._now())
            self.state.gift_cards[card.id] = card
        return card

    def _account_of(self, customer_id: str, currency_code: str) -> Account | None:
        for account in self.state.accounts.values():
            owned = account.customer_id == customer_id and account.currency_code == currency_code
            if owned and account.deleted_at is None:
                return account
        return None

    def _new_row(self, prefix: str) -> dict[str, Any]:
        now = self._now()
        identifier = self._identifiers.next(prefix, now)
        return {"id": identifier, "created_at": now, "updated_at": now, "deleted_at": None}

    def _now(self) -> datetime:
        return to_milliseconds(self.clock.now())


def _unused_code(prefix: str, used: Collection[str | None]) -> str:
    while (code := new_code(prefix)) in used:
        pass
    return code


def stored(value: Any) -> Any:
    """
    *value* as it comes back from the database: an infinite number is null.

    Raises:
        Refusal: 500 for a NUL character, which PostgreSQL does not take.
    """
    match value:
        case str() if "\0" in value:
            raise unknown_error()
        case Decimal() if not value.is_finite():
            return None
        case list():
            return [stored(member) for member in value]
        case dict():
            return {stored(name): stored(member) for name, member in value.items()}
    return value
