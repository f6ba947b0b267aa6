"""The rows of the contract suite: each provider, and how to stage every scene for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol

import httpx

from adapters.transport import exact_json
from app.domain.capability import Capability
from app.domain.errors import (
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
)
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderStoreCreditId,
)
from app.domain.instruments import Instrument, InstrumentStatus
from app.domain.invoices import InvoiceQuestion
from app.domain.ledger import CardTransaction, LedgerEntry
from app.domain.money import Money
from app.domain.paging import Page, Window
from app.domain.provider import (
    CreditAccountQuestion,
    Provider,
    ReadsCreditAccounts,
    ReadsCreditLedger,
    ReadsStoreCredit,
    StoreCreditQuestion,
)
from tests.contract.cast import (
    ANY_ENTRY,
    BUYERS_ACCOUNT,
    BUYERS_CREDIT,
    BUYERS_STORE_CREDIT,
    COLLECTORS_CARDS,
    LOYALTY_CARD,
    SHOPPERS_CARDS,
)
from tests.contract.stack import ADOBE_TOKEN, MEDUSA_KEY, VTEX_KEY, Adapters, layered, over_sandbox
from tests.doubles.in_memory_provider import InMemoryProvider
from tests.doubles.samples import (
    NOW,
    a_credit_account,
    a_gift_card,
    a_ledger_entry,
    a_source,
    a_store_credit,
    an_invoice,
)

Read = Callable[[Window], Awaitable[Page[object]]]


class Line(NamedTuple):
    """What all histories have: an id to find the line again, when, and how much."""

    line_id: str
    at: datetime
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Subject:
    """
    A provider as the suite asks it.

    Attributes:
        read: One instrument by its id.
        lists: Everything that comes in windows.
        history: All lines about one instrument.
        line: One line about the instrument `known_id`.
    """

    provider: Provider
    known_id: str
    read: Callable[[str], Awaitable[Instrument]]
    lists: Mapping[str, Read]
    history: Callable[[str], Awaitable[list[Line]]]
    line: Callable[[str], Awaitable[Line]]


async def _never(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError("nothing wakes it")


def _refuse(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def _answers(status: int, body: bytes = b"", **headers: str) -> Callable[..., httpx.Response]:
    return lambda _: httpx.Response(status, content=body, headers=headers)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What is wrong with a provider altogether, and what it must be told as."""

    told_as: type[ProviderFault]
    happens: Callable[..., Any]
    patience_seconds: float = 5


TROUBLES: Final[Mapping[str, Trouble]] = {
    "down": Trouble(told_as=ProviderUnreachable, happens=_refuse),
    "slow": Trouble(told_as=ProviderTimedOut, happens=_never, patience_seconds=0.02),
    "failing": Trouble(told_as=ProviderFailed, happens=_answers(500, b"{}")),
    "away": Trouble(told_as=ProviderFailed, happens=_answers(503, b"<html>")),
    "throttling": Trouble(told_as=ProviderThrottled, happens=_answers(429)),
    "refusing": Trouble(told_as=ProviderRefusedUs, happens=_answers(401)),
    "forbidding": Trouble(told_as=ProviderRefusedUs, happens=_answers(403, b"Access denied")),
    "moved": Trouble(told_as=ProviderContractBroken, happens=_answers(302, location="/login")),
    "html": Trouble(told_as=ProviderContractBroken, happens=_answers(200, b"<html>Sorry</html>")),
    "truncated": Trouble(told_as=ProviderContractBroken, happens=_answers(200, b'{"items":[{"i')),
    "another type": Trouble(told_as=ProviderContractBroken, happens=_answers(200, b'"text"')),
    "half a character": Trouble(
        told_as=ProviderContractBroken, happens=_answers(200, b'{"items":["\\ud800"]}')
    ),
    "too large": Trouble(
        told_as=ProviderContractBroken, happens=_answers(200, b"[" + b" " * 6_000_000 + b"]")
    ),
}


class Place(NamedTuple):
    """Where something stands in the answers of a provider: in those to *path*, below *keys*."""

    path: str
    keys: tuple[str | int, ...]


Stage = Callable[[Mapping[str, object], Trouble | None], Subject]


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    Attributes:
        secrets: Texts that nothing printed may hold.
        personal: Texts that no id of a line may hold.
        spoilable: Names of lists in which `spoiled` makes the second item unreadable.
        has_status_word: Whether the provider has a word for the status of an instrument.
    """

    name: str
    stage: Stage
    spoilable: tuple[str, ...]
    has_status_word: bool
    secrets: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()

    def as_it_is(self) -> Subject:
        return self.stage({}, None)

    def in_trouble(self, trouble: Trouble) -> Subject:
        return self.stage({}, trouble)

    def with_figure(self, figure: Decimal) -> Subject:
        """What `known_id` can spend is *figure*."""
        return self.stage({"figure": figure}, None)

    def with_unknown_status(self) -> Subject:
        return self.stage({"status": UNKNOWN_WORD[self.name]}, None)

    def spoiled(self, name: str) -> Subject:
        return self.stage({name: None}, None)


UNKNOWN_WORD: Final[Mapping[str, object]] = {
    "vtex-credit": "Frozen",
    "adobe": 9,
    "in-memory": InstrumentStatus.UNKNOWN,
}


class _Meddling(httpx.AsyncBaseTransport):
    """Puts other values into the answers."""

    def __init__(self, inner: httpx.AsyncBaseTransport, changes: Mapping[Place, object]) -> None:
        self._inner = inner
        self._changes = changes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        for place, value in self._changes.items():
            if request.url.path.endswith(place.path):
                document = exact_json.decode(body)
                _put(document, place.keys, value)
                body = exact_json.encode(document)
        return httpx.Response(response.status_code, content=body, request=request)


def _put(document: Any, keys: tuple[str | int, ...], value: object) -> None:
    for key in keys[:-1]:
        document = document[key]
    document[keys[-1]] = value


def _staged(make: Callable[[Adapters], Subject], places: Mapping[str, Place]) -> Stage:
    def stage(put: Mapping[str, object], trouble: Trouble | None) -> Subject:
        if trouble is not None:
            last = httpx.MockTransport(trouble.happens)
            return make(Adapters(transport=lambda: layered(last, seconds=trouble.patience_seconds)))
        changes = {places[name]: value for name, value in put.items()}
        return make(over_sandbox(wrap=lambda inner: _Meddling(inner, changes)))

    return stage


def _entry_line(entry: LedgerEntry) -> Line:
    return Line(entry.native.provider_entry_id, entry.occurred_at, entry.amount)


def _transaction_line(transaction: CardTransaction) -> Line:
    return Line(transaction.provider_hold_id, transaction.occurred_at, transaction.amount)


WHOLE: Final = Window(0, 100)


def _vtex_credit(sources: Adapters) -> Subject:
    vtex = sources.vtex_credit()
    return _credit_line(
        vtex,
        BUYERS_ACCOUNT,
        {
            "invoices of an account": lambda window: vtex.invoices_of_account(
                BUYERS_ACCOUNT, window
            ),
            "invoices": lambda window: vtex.search_invoices(InvoiceQuestion(), window),
        },
    )


def _adobe(sources: Adapters) -> Subject:
    return _credit_line(sources.adobe(), BUYERS_CREDIT, {})


def _vtex_giftcard(sources: Adapters) -> Subject:
    vtex = sources.vtex_giftcard()

    async def history(card_id: str) -> list[Line]:
        card = await vtex.gift_card(ProviderCardId(card_id))
        ids = await vtex.card_transactions(card.provider_card_id)
        return [_transaction_line(await vtex.card_transaction(card, one)) for one in ids]

    async def line(line_id: str) -> Line:
        card = await vtex.gift_card(LOYALTY_CARD)
        return _transaction_line(await vtex.card_transaction(card, ProviderHoldId(line_id)))

    return Subject(
        provider=vtex,
        known_id=LOYALTY_CARD,
        read=lambda id_: vtex.gift_card(ProviderCardId(id_)),
        lists={"cards": lambda window: vtex.search_gift_cards(COLLECTORS_CARDS, window)},
        history=history,
        line=line,
    )


def _medusa(sources: Adapters) -> Subject:
    return _store_credit(sources.medusa())


def _store_credit(provider: ReadsStoreCredit) -> Subject:
    async def ledger(window: Window) -> Page[LedgerEntry]:
        account = await provider.store_credit_account(BUYERS_STORE_CREDIT)
        return await provider.store_credit_ledger(account, ANY_ENTRY, window)

    async def history(account_id: str) -> list[Line]:
        account = await provider.store_credit_account(ProviderStoreCreditId(account_id))
        page = await provider.store_credit_ledger(account, ANY_ENTRY, WHOLE)
        return list(map(_entry_line, page.items))

    async def line(line_id: str) -> Line:
        account = await provider.store_credit_account(BUYERS_STORE_CREDIT)
        return _entry_line(
            await provider.store_credit_ledger_entry(account, ProviderEntryId(line_id))
        )

    return Subject(
        provider=provider,
        known_id=BUYERS_STORE_CREDIT,
        read=lambda id_: provider.store_credit_account(ProviderStoreCreditId(id_)),
        lists={
            "accounts": lambda window: provider.search_store_credit(StoreCreditQuestion(), window),
            "ledger": ledger,
        },
        history=history,
        line=line,
    )


class _ReadsCreditLines(ReadsCreditAccounts, ReadsCreditLedger, Protocol):
    pass


def _credit_line(
    provider: _ReadsCreditLines, account_id: ProviderAccountId, more_lists: Mapping[str, Read]
) -> Subject:
    async def history(asked: str) -> list[Line]:
        page = await provider.credit_ledger(ProviderAccountId(asked), ANY_ENTRY, WHOLE)
        return list(map(_entry_line, page.items))

    async def line(line_id: str) -> Line:
        return _entry_line(await provider.credit_ledger_entry(account_id, ProviderEntryId(line_id)))

    return Subject(
        provider=provider,
        known_id=account_id,
        read=lambda id_: provider.credit_account(ProviderAccountId(id_)),
        lists={
            "accounts": lambda window: provider.search_credit_accounts(
                CreditAccountQuestion(), window
            ),
            "ledger": lambda window: provider.credit_ledger(account_id, ANY_ENTRY, window),
            **more_lists,
        },
        history=history,
        line=line,
    )


SECOND_OF_MEMORY: Final = {
    "accounts": "account-1",
    "ledger": "entry-1",
    "invoices": "invoice-1",
    "store credit": "store-credit-1",
}
CODE_IN_MEMORY: Final = "BEARER-SECRET-7QX4"


def _in_memory(put: Mapping[str, object], trouble: Trouble | None) -> Subject:
    known = a_credit_account("account-0")
    if isinstance(figure := put.get("figure"), Decimal):
        known = a_credit_account("account-0", available=f"{figure:f}")
    if isinstance(status := put.get("status"), InstrumentStatus):
        known = a_credit_account("account-0", status=status)
    info = a_source("in-memory", capabilities=READ_CAPABILITIES)
    provider = InMemoryProvider(info, known)
    for number in range(1, 25):
        provider.keep(a_credit_account(f"account-{number}"))
    for number in range(25):
        at = NOW - timedelta(hours=number)
        provider.keep(
            a_gift_card(f"card-{number}", code=CODE_IN_MEMORY), owner=SHOPPERS_CARDS.email
        )
        provider.keep(a_store_credit(f"store-credit-{number}"))
        provider.invoices.append(an_invoice(f"invoice-{number}", account_id="account-0"))
        provider.entries.append(
            a_ledger_entry(f"entry-{number}", instrument_id="account-0", occurred_at=at)
        )
    for name in put.keys() & SECOND_OF_MEMORY.keys():
        provider.spoil(SECOND_OF_MEMORY[name])
    if trouble is not None:
        provider.fail(trouble.told_as)
    return _credit_line(
        provider,
        ProviderAccountId("account-0"),
        {
            "invoices": lambda window: provider.search_invoices(InvoiceQuestion(), window),
            "invoices of an account": lambda window: provider.invoices_of_account(
                ProviderAccountId("account-0"), window
            ),
            "cards": lambda window: provider.search_gift_cards(SHOPPERS_CARDS, window),
            "store credit": lambda window: provider.search_store_credit(
                StoreCreditQuestion(), window
            ),
        },
    )


READ_CAPABILITIES: Final = frozenset(
    {
        Capability.READ,
        Capability.SEARCH,
        Capability.INVOICES,
        Capability.LEDGER,
        Capability.STORE_CONFIGURATION,
    }
)

_VTEX_ACCOUNT: Final = f"/accounts/{BUYERS_ACCOUNT}"
_MEDUSA_ACCOUNT: Final = f"/store-credit-accounts/{BUYERS_STORE_CREDIT}"

ROWS: Final = (
    Row(
        name="vtex-credit",
        stage=_staged(
            _vtex_credit,
            {
                "figure": Place(_VTEX_ACCOUNT, ("availableCredit",)),
                "status": Place(_VTEX_ACCOUNT, ("status",)),
                "accounts": Place("/creditcontrol/accounts", ("data", 1)),
                "invoices": Place("/creditcontrol/invoices", ("data", 1)),
                "invoices of an account": Place(f"{_VTEX_ACCOUNT}/invoices", ("data", 1)),
                "ledger": Place("/statements", ("statements", 1)),
            },
        ),
        spoilable=("accounts", "invoices", "invoices of an account", "ledger"),
        has_status_word=True,
        secrets=tuple(VTEX_KEY.values()),
        personal=("@", "11222333000181"),
    ),
    Row(
        name="vtex-giftcard",
        stage=_staged(
            _vtex_giftcard,
            {
                "figure": Place("shopper@example.com_7", ("balance",)),
                "cards": Place("/_search", ("items", 1)),
            },
        ),
        spoilable=("cards",),
        has_status_word=False,
        secrets=(*VTEX_KEY.values(), "TCND-ZCIY-DFDB-XIUN"),
        personal=("@", "11144477735"),
    ),
    Row(
        name="adobe",
        stage=_staged(
            _adobe,
            {
                "figure": Place(f"/companyCredits/{BUYERS_CREDIT}", ("available_limit",)),
                "status": Place("/company/22", ("status",)),
                "accounts": Place("/companyCredits", ("items", 1)),
                "ledger": Place("/companyCredits/history", ("items", 1)),
            },
        ),
        spoilable=("accounts", "ledger"),
        has_status_word=True,
        secrets=(ADOBE_TOKEN["token"],),
        personal=("@",),
    ),
    Row(
        name="medusa",
        stage=_staged(
            _medusa,
            {
                "figure": Place(_MEDUSA_ACCOUNT, ("store_credit_account", "balance")),
                "accounts": Place("/store-credit-accounts", ("store_credit_accounts", 1)),
                "ledger": Place("/transactions", ("transactions", 1)),
            },
        ),
        spoilable=("accounts", "ledger"),
        has_status_word=False,
        secrets=(MEDUSA_KEY["token"], "SC-4PHN-WGXV-S64P-HNWG"),
        personal=("@",),
    ),
    Row(
        name="in-memory",
        stage=_in_memory,
        spoilable=tuple(SECOND_OF_MEMORY),
        has_status_word=True,
        secrets=(CODE_IN_MEMORY,),
    ),
)
