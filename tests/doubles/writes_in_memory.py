"""What changes the lists of a provider in memory, and what can go wrong with one call."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any, Final, TypeVar

from app.domain.errors import (
    AccountNotFound,
    CreditError,
    OutcomeUnknown,
    ProviderThrottled,
    ProviderUnreachable,
    RequestRefused,
    SourceProblemKind,
)
from app.domain.holds import CardStory
from app.domain.identifiers import ProviderEntryId, ProviderHoldId, SourceKey
from app.domain.instructions import (
    CreditGiftCard,
    CreditStoreCredit,
    DebitGiftCard,
    DebitStoreCredit,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
    SettleGiftCard,
)
from app.domain.instruments import CreditAccount, GiftCard, Instrument, StoreCreditAccount
from app.domain.ledger import (
    CardMovement,
    CardOperation,
    CardTransaction,
    Direction,
    LedgerEntry,
    LedgerEntryKind,
    NativeEntry,
)
from app.domain.money import Money
from app.domain.operation import Booking, Evidence
from app.domain.provider import Call, SourceInfo, Writer
from app.domain.refusals import InsufficientCredit, ProviderRejected
from tests.doubles.samples import NOW
from tests.doubles.source_in_memory import SourceInMemory

One = TypeVar("One", GiftCard, CreditAccount, StoreCreditAccount)


class Unforeseen(Exception):
    """What no part of the gateway can know by name."""


class Mishap(Enum):
    """
    What happens to one call. BOOKED_LATE: it is lost, and carried out when `catch_up` says so.
    BUG: it is carried out, and then something breaks that nobody foresaw.
    """

    LOST_AFTER_BOOKING = auto()
    LOST_BEFORE_BOOKING = auto()
    BOOKED_LATE = auto()
    REFUSED = auto()
    NOT_SENT = auto()
    THROTTLED = auto()
    BUG = auto()


def _lost(source: SourceKey) -> OutcomeUnknown:
    return OutcomeUnknown(source, SourceProblemKind.TIMEOUT)


CODE: Final = "LIMIT_OF_THE_DAY"
"""The provider's own name for why it refuses."""

_INSTEAD: Final[Mapping[Mishap, Callable[[SourceKey], CreditError]]] = {
    Mishap.REFUSED: lambda source: ProviderRejected(source=source, provider_code=CODE),
    Mishap.NOT_SENT: ProviderUnreachable,
    Mishap.THROTTLED: lambda source: ProviderThrottled(source, retry_after_seconds=7),
    Mishap.LOST_BEFORE_BOOKING: _lost,
    Mishap.BOOKED_LATE: _lost,
}
"""What is raised instead of carrying it out."""


class WritesInMemory(SourceInMemory):
    """
    `Writes`, over the lists of all the readers. Like most real ones it carries out whatever
    arrives, also when the same arrives twice.

    Attributes:
        moved: What was carried out, under the mark it came with, in order.
        on_arrival: Called with each call before anything becomes of it.
    """

    accounts: list[CreditAccount]
    entries: list[LedgerEntry]
    cards: list[GiftCard]
    stories: list[CardStory]
    store_credit: list[StoreCreditAccount]
    store_credit_entries: list[LedgerEntry]

    def __init__(self, info: SourceInfo) -> None:
        super().__init__(info)
        self.moved: list[tuple[str, Instruction]] = []
        self.on_arrival: Callable[[Call[Any]], Awaitable[None]] | None = None
        self._mishaps: defaultdict[type[Instruction], deque[Mishap]] = defaultdict(deque)
        self._late: list[Call[Any]] = []
        self._bookings: dict[str, Booking] = {}
        self._books: dict[type[Instruction], Callable[[Any], Booking]] = {
            CreditGiftCard: self._credit_card,
            DebitGiftCard: self._debit_card,
            SettleGiftCard: self._settle_card,
            IncreaseCreditBalance: self._increase_credit,
            DecreaseCreditBalance: self._decrease_credit,
            CreditStoreCredit: self._credit_store_credit,
            DebitStoreCredit: self._debit_store_credit,
        }

    @property
    def writers(self) -> Mapping[type[Instruction], Writer[Any]]:
        return dict.fromkeys(self._books, self)

    def unlearn(self, kind: type[Instruction]) -> None:
        """Have no way to carry out this kind from now on."""
        del self._books[kind]

    def befall(self, kind: type[Instruction], *mishaps: Mishap) -> None:
        """Let these happen to the next calls of a kind, one to each."""
        self._mishaps[kind].extend(mishaps)

    def forget_mishaps(self, kind: type[Instruction]) -> None:
        """Of what was to happen to the next calls of a kind, let nothing happen."""
        self._mishaps[kind].clear()

    @property
    def has_late(self) -> bool:
        return bool(self._late)

    def catch_up(self) -> None:
        """Carry out what is late; what is not possible any more never happens."""
        late, self._late = self._late, []
        for call in late:
            try:
                self._carry_out(call)
            except RequestRefused:
                continue

    async def prepare(self, instruction: Instruction, observed: Instrument | None) -> Evidence:
        await self._question("prepare", instruction.subject.provider_id)
        return Evidence()

    async def send(self, call: Call[Any]) -> Booking:
        await self._question("send", call.mark)
        if self.on_arrival is not None:
            await self.on_arrival(call)
        waiting = self._mishaps[type(call.instruction)]
        mishap = waiting.popleft() if waiting else None
        if mishap is Mishap.BOOKED_LATE:
            self._late.append(call)
        if mishap is not None and mishap in _INSTEAD:
            raise _INSTEAD[mishap](self.info.key)
        booking = self._carry_out(call)
        if mishap is Mishap.BUG:
            raise Unforeseen
        if mishap is Mishap.LOST_AFTER_BOOKING:
            raise _lost(self.info.key)
        return booking

    async def find(self, call: Call[Any]) -> Booking | None:
        await self._question("find", call.mark)
        return self._bookings.get(call.mark)

    def _carry_out(self, call: Call[Any]) -> Booking:
        booking = self._books[type(call.instruction)](call.instruction)
        self.moved.append((call.mark, call.instruction))
        return self._bookings.setdefault(call.mark, booking)

    def _credit_card(self, told: CreditGiftCard) -> Booking:
        return self._on_card(told, CardOperation.CREDIT, told.amount)

    def _debit_card(self, told: DebitGiftCard) -> Booking:
        return self._on_card(told, CardOperation.DEBIT, -told.amount)

    def _on_card(
        self, told: CreditGiftCard | DebitGiftCard, operation: CardOperation, change: Money
    ) -> Booking:
        card = _named(self.cards, told.card_id)
        balance = _after(card.balance, change)
        name = self._next_name()
        _put_back(self.cards, replace(card, balance=balance))
        transaction = CardTransaction(
            source=self.info.key,
            provider_card_id=told.card_id,
            provider_hold_id=ProviderHoldId(name),
            operation=operation,
            amount=told.amount,
            description=told.description,
            occurred_at=NOW + timedelta(seconds=len(self.moved)),
            raw_operation=operation.value.title(),
        )
        self.stories.append(CardStory(transaction=transaction, settlements=(), cancellations=()))
        return Booking(
            provider_reference=f"reference-of-{name}",
            entry_id=ProviderEntryId(name),
            hold_id=ProviderHoldId(name) if operation is CardOperation.DEBIT else None,
        )

    def _settle_card(self, told: SettleGiftCard) -> Booking:
        for number, story in enumerate(self.stories):
            if story.transaction.provider_hold_id == told.hold_id:
                name = self._next_name()
                at = NOW + timedelta(seconds=len(self.moved))
                movement = CardMovement(
                    provider_entry_id=ProviderEntryId(name), amount=told.amount, occurred_at=at
                )
                settlements = (*story.settlements, movement)
                self.stories[number] = replace(story, settlements=settlements)
                return Booking(provider_reference=name)
        raise AccountNotFound("hold")

    def _increase_credit(self, told: IncreaseCreditBalance) -> Booking:
        return self._on_credit(told, Direction.CREDIT, told.amount)

    def _decrease_credit(self, told: DecreaseCreditBalance) -> Booking:
        return self._on_credit(told, Direction.DEBIT, -told.amount)

    def _on_credit(
        self,
        told: IncreaseCreditBalance | DecreaseCreditBalance,
        direction: Direction,
        change: Money,
    ) -> Booking:
        account = _named(self.accounts, told.account_id)
        available = _after(account.available, change)
        _put_back(
            self.accounts,
            replace(
                account, available=available, available_other=account.available_other and available
            ),
        )
        return self._line(self.entries, account, direction, told.amount)

    def _credit_store_credit(self, told: CreditStoreCredit) -> Booking:
        return self._on_store_credit(told, Direction.CREDIT, told.amount)

    def _debit_store_credit(self, told: DebitStoreCredit) -> Booking:
        return self._on_store_credit(told, Direction.DEBIT, -told.amount)

    def _on_store_credit(
        self, told: CreditStoreCredit | DebitStoreCredit, direction: Direction, change: Money
    ) -> Booking:
        account = _named(self.store_credit, told.account_id)
        _put_back(self.store_credit, replace(account, balance=_after(account.balance, change)))
        return self._line(self.store_credit_entries, account, direction, told.amount)

    def _line(
        self,
        ledger: list[LedgerEntry],
        account: CreditAccount | StoreCreditAccount,
        direction: Direction,
        amount: Money,
    ) -> Booking:
        name = self._next_name()
        ledger.append(
            LedgerEntry(
                source=self.info.key,
                instrument_kind=account.kind,
                instrument_id=account.provider_id,
                kind=LedgerEntryKind.BALANCE_OPERATION,
                direction=direction,
                amount=amount,
                occurred_at=NOW + timedelta(seconds=len(self.moved)),
                native=NativeEntry(ProviderEntryId(name), "Manual"),
            )
        )
        return Booking(provider_reference=f"reference-of-{name}", entry_id=ProviderEntryId(name))

    def _next_name(self) -> str:
        return f"{self.info.key}-line-{len(self.moved) + 1}"


def _named(instruments: list[One], provider_id: str) -> One:
    found = [one for one in instruments if one.provider_id == provider_id]
    if not found:
        raise AccountNotFound("instrument")
    return found[0]


def _put_back(instruments: list[One], changed: One) -> None:
    ids = [one.provider_id for one in instruments]
    instruments[ids.index(changed.provider_id)] = changed


def _after(before: Money, change: Money) -> Money:
    after = before + change
    if after.amount < 0:
        raise InsufficientCredit(requested=-change, spendable=before)
    return after
