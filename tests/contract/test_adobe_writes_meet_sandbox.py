"""Adobe's writers and the stand-in, written apart from the same contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from app.domain.errors import (
    AccountNotFound,
    BookedTwice,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderThrottled,
)
from app.domain.identifiers import ProviderAccountId, ProviderEntryId, SourceKey
from app.domain.instructions import (
    AnnotateLedgerEntry,
    BalanceReason,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
    SetCreditLimit,
    UpdateCreditAccount,
)
from app.domain.instruments import CreditAccount
from app.domain.ledger import EntryReference, LedgerEntry, LedgerEntryKind
from app.domain.money import Currency, Money
from app.domain.operation import Booking
from app.domain.paging import Window
from app.domain.provider import Call
from app.domain.refusals import InsufficientCredit, InvalidState, ProviderRejected
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from tests.contract.cast import ANY_ENTRY
from tests.contract.stack import HOST, NOW, Adapters, layered, over_sandbox, section

SOURCE = SourceKey("adobe")
SHOPPERS_CREDIT = ProviderAccountId("31")
NEVER_GRANTED = ProviderAccountId("34")
MARK = "cg-0123456789abcdef0123456789abcdef-1"
BRL, USD = Currency("BRL"), Currency("USD")
NO_ANSWER = [
    {"mode": "applied_then_500"},
    {"mode": "applied_then_401"},
    {"mode": "html_502", "applied": True},
    {"mode": "malformed", "calls": "writes"},
]
"""Booked, and yet no answer; a connection can only be cut by the sandbox's own server."""


def brl(amount: str) -> Money:
    return Money(Decimal(amount), BRL)


def increase(amount: str = "100.25", **changes: Any) -> IncreaseCreditBalance:
    members: dict[str, Any] = {
        "source": SOURCE,
        "account_id": SHOPPERS_CREDIT,
        "amount": brl(amount),
        "reason": BalanceReason.REIMBURSED,
    }
    return IncreaseCreditBalance(**members | changes)


def decrease(amount: str = "100.25", **changes: Any) -> DecreaseCreditBalance:
    members: dict[str, Any] = {
        "source": SOURCE,
        "account_id": SHOPPERS_CREDIT,
        "amount": brl(amount),
        "reason": BalanceReason.PURCHASED,
    }
    return DecreaseCreditBalance(**members | changes)


def limit_of(amount: str) -> SetCreditLimit:
    return SetCreditLimit(source=SOURCE, account_id=SHOPPERS_CREDIT, limit=brl(amount))


def update(**changes: Any) -> UpdateCreditAccount:
    return UpdateCreditAccount(source=SOURCE, account_id=SHOPPERS_CREDIT, **changes)


def note(entry_id: str, **texts: Any) -> AnnotateLedgerEntry:
    return AnnotateLedgerEntry(
        source=SOURCE,
        account_id=SHOPPERS_CREDIT,
        entry_id=ProviderEntryId(entry_id),
        **texts,
    )


async def prepared(
    adobe: AdobeCompanyCredit, instruction: Any, mark: str = MARK
) -> Call[Instruction]:
    observed = await adobe.credit_account(instruction.account_id)
    evidence = await adobe.writers[type(instruction)].prepare(instruction, observed)
    return Call(instruction=instruction, mark=mark, evidence=evidence, observed=observed)


async def sent(adobe: AdobeCompanyCredit, call: Call[Instruction]) -> Booking:
    return await adobe.writers[type(call.instruction)].send(call)


async def found(adobe: AdobeCompanyCredit, call: Call[Instruction]) -> Booking | None:
    return await adobe.writers[type(call.instruction)].find(call)


async def done(adobe: AdobeCompanyCredit, instruction: Instruction) -> Booking:
    return await sent(adobe, await prepared(adobe, instruction))


async def account(adobe: AdobeCompanyCredit, account_id: str = SHOPPERS_CREDIT) -> CreditAccount:
    return await adobe.credit_account(ProviderAccountId(account_id))


async def entry(adobe: AdobeCompanyCredit, booking: Booking, account_id: str) -> LedgerEntry:
    assert booking.entry_id is not None
    return await adobe.credit_ledger_entry(ProviderAccountId(account_id), booking.entry_id)


async def entries(adobe: AdobeCompanyCredit) -> int:
    total = (await adobe.credit_ledger(SHOPPERS_CREDIT, ANY_ENTRY, Window())).total
    assert total is not None
    return total


@pytest.fixture
def adobe(sources: Adapters) -> AdobeCompanyCredit:
    return sources.adobe()


class Troubled:
    """An adapter over a sandbox of which faults can be ordered."""

    def __init__(self, **changes: Any) -> None:
        clock = Clock()
        clock.set(NOW)
        transport = httpx.ASGITransport(app=create_sandbox(section("adobe", **changes), clock))
        self._controls = httpx.AsyncClient(transport=transport, base_url=HOST)
        self.adobe = Adapters(transport=lambda: layered(transport), clock=clock.now).adobe()

    async def order(self, fault: Mapping[str, object]) -> None:
        answer = await self._controls.put("/_sandbox/faults/adobe", json=fault)
        assert answer.is_success, answer.text


class TestMoves:
    async def test_an_increase_lowers_what_is_owed_and_names_its_row(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        booking = await done(
            adobe,
            increase(comment="wire", purchase_order="PO-7", order_id="000000042"),
        )

        after, row = await account(adobe), await entry(adobe, booking, SHOPPERS_CREDIT)
        assert after.outstanding == brl("1150.25")
        assert after.available == row.available_after == brl("3849.75")
        assert (row.amount, row.native.type) == (brl("100.25"), "Reimbursed")
        assert row.note == "wire"
        assert row.reference == EntryReference(
            kind="purchase_order", value="PO-7", purchase_order="PO-7", order_id="000000042"
        )

    async def test_a_purchase_raises_what_is_owed(self, adobe: AdobeCompanyCredit) -> None:
        booking = await done(adobe, decrease("3749.5"))

        after, row = await account(adobe), await entry(adobe, booking, SHOPPERS_CREDIT)
        assert (after.available, after.outstanding) == (brl("0"), brl("5000"))
        assert row.native.type == "Purchased"

    @pytest.mark.parametrize(
        "move",
        [
            *(
                increase("0.0001", reason=reason)
                for reason in BalanceReason
                if reason not in (BalanceReason.PURCHASED, BalanceReason.ALLOCATED)
            ),
            decrease("1E+3", reason=BalanceReason.UPDATED),
            decrease("9000", reason=BalanceReason.REIMBURSED),
        ],
        ids=lambda move: f"{type(move).__name__} {move.reason}",
    )
    async def test_every_reason_is_taken(
        self, adobe: AdobeCompanyCredit, move: IncreaseCreditBalance | DecreaseCreditBalance
    ) -> None:
        before = await account(adobe)

        booking = await done(adobe, move)

        sign = 1 if isinstance(move, IncreaseCreditBalance) else -1
        assert (await account(adobe)).available == before.available + move.amount * Decimal(sign)
        assert (await entry(adobe, booking, SHOPPERS_CREDIT)).amount == move.amount

    async def test_a_first_limit_is_allocated_once(self, adobe: AdobeCompanyCredit) -> None:
        before = await account(adobe, NEVER_GRANTED)
        first = IncreaseCreditBalance(
            source=SOURCE,
            account_id=NEVER_GRANTED,
            amount=Money(Decimal(700), before.currency),
            reason=BalanceReason.ALLOCATED,
        )

        await done(adobe, first)

        after = await account(adobe, NEVER_GRANTED)
        assert after.limit == after.available == first.amount
        with pytest.raises(InvalidQuestion):
            await done(adobe, first)

    async def test_more_than_there_is_cannot_be_purchased(self, adobe: AdobeCompanyCredit) -> None:
        with pytest.raises(InsufficientCredit):
            await done(adobe, decrease("3749.51"))

        assert (await account(adobe)).available == brl("3749.5")

    async def test_a_record_that_went_away_in_between_is_not_found(self) -> None:
        adobe = over_sandbox().adobe()
        call = await prepared(adobe, increase())
        await done(adobe, update(currency=USD, limit=Money(Decimal(900), USD)))

        with pytest.raises(AccountNotFound):
            await sent(adobe, call)

    async def test_a_release_that_fails_on_an_unknown_record_leaves_it_unknown(self) -> None:
        adobe = over_sandbox(section("adobe", switches={"unknown_credit": "500"})).adobe()
        call = await prepared(adobe, increase())
        await done(adobe, update(currency=USD, limit=Money(Decimal(900), USD)))

        with pytest.raises(OutcomeUnknown):
            await sent(adobe, call)
        assert await found(adobe, call) is None


class TestLostMoves:
    @pytest.mark.parametrize("fault", NO_ANSWER, ids=lambda fault: str(fault["mode"]))
    @pytest.mark.parametrize("column", ["both", "purchase_order_only"])
    async def test_a_booked_move_is_found_once(
        self, fault: Mapping[str, object], column: str
    ) -> None:
        shop = Troubled(switches={"reference_column": column})
        call = await prepared(shop.adobe, decrease())
        await shop.order({**fault, "times": 1})

        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)
        booking = await found(shop.adobe, call)

        assert booking is not None
        assert (await entry(shop.adobe, booking, SHOPPERS_CREDIT)).amount == brl("100.25")
        assert (await account(shop.adobe)).available == brl("3649.25")

    @pytest.mark.parametrize("mode", ["error", "html_502"])
    @pytest.mark.parametrize("column", ["both", "purchase_order_only"])
    async def test_a_move_that_was_not_booked_leaves_no_trace(self, mode: str, column: str) -> None:
        shop = Troubled(switches={"reference_column": column})
        await done(shop.adobe, decrease())
        call = await prepared(shop.adobe, decrease(), "cg-another-1")
        await shop.order({"mode": mode, "calls": "writes", "times": 1})

        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)
        await done(shop.adobe, decrease())

        assert await found(shop.adobe, call) is None

    async def test_a_throttled_move_was_not_begun(self) -> None:
        shop = Troubled()
        call = await prepared(shop.adobe, decrease())
        await shop.order({"mode": "throttle", "times": 1, "calls": "writes"})

        with pytest.raises(ProviderThrottled):
            await sent(shop.adobe, call)

        assert await entries(shop.adobe) == 3

    async def test_two_rows_with_one_mark_are_told(self) -> None:
        shop = Troubled()
        call = await prepared(shop.adobe, decrease())
        await sent(shop.adobe, call)

        with pytest.raises(BookedTwice):
            await sent(shop.adobe, call)
        with pytest.raises(BookedTwice):
            await found(shop.adobe, call)

    async def test_a_move_is_found_although_the_currency_was_changed_since(self) -> None:
        shop = Troubled()
        call = await prepared(shop.adobe, decrease())
        await shop.order({"mode": "applied_then_500", "times": 1})
        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)
        changed = await done(shop.adobe, update(currency=USD, limit=Money(Decimal(900), USD)))

        booking = await found(shop.adobe, call)

        assert booking is not None
        assert changed.created_id is not None
        assert (await entry(shop.adobe, booking, changed.created_id)).amount == brl("100.25")


class TestTerms:
    async def test_a_limit_is_set_and_its_row_named(self, adobe: AdobeCompanyCredit) -> None:
        booking = await done(adobe, limit_of("6000.5"))

        after, row = await account(adobe), await entry(adobe, booking, SHOPPERS_CREDIT)
        assert after.limit == row.limit_after == brl("6000.5")
        assert not after.exceed_allowed

    async def test_a_first_limit_is_set(self, adobe: AdobeCompanyCredit) -> None:
        currency = (await account(adobe, NEVER_GRANTED)).currency
        limit = Money(Decimal(700), currency)
        first = SetCreditLimit(source=SOURCE, account_id=NEVER_GRANTED, limit=limit)

        booking = await done(adobe, first)

        assert (await account(adobe, NEVER_GRANTED)).limit == limit
        assert (await entry(adobe, booking, NEVER_GRANTED)).native.type == "Allocated"

    async def test_nothing_is_set_where_nothing_was_granted(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        currency = (await account(adobe, NEVER_GRANTED)).currency
        nothing = SetCreditLimit(
            source=SOURCE, account_id=NEVER_GRANTED, limit=Money.zero(currency)
        )

        assert await done(adobe, nothing) == Booking()
        assert (await account(adobe, NEVER_GRANTED)).limit is None

    async def test_the_same_limit_again_writes_no_row(self, adobe: AdobeCompanyCredit) -> None:
        assert await done(adobe, limit_of("5000")) == Booking()
        assert await entries(adobe) == 3

    async def test_leave_to_exceed_is_given_and_the_limit_kept(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        await done(adobe, update(exceed_limit=True))

        after = await account(adobe)
        assert (after.exceed_allowed, after.limit) == (True, brl("5000"))

    async def test_another_currency_makes_another_record(self, adobe: AdobeCompanyCredit) -> None:
        limit = Money(Decimal(900), USD)

        booking = await done(adobe, update(currency=USD, limit=limit))

        assert booking.created_id not in (None, SHOPPERS_CREDIT)
        after = await account(adobe, str(booking.created_id))
        assert (after.currency, after.limit) == (USD, limit)
        with pytest.raises(AccountNotFound):
            await account(adobe)

    async def test_a_currency_that_no_website_has_is_rejected(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        francs = Currency("CHF")

        with pytest.raises(ProviderRejected) as refusal:
            await done(adobe, update(currency=francs, limit=Money(Decimal(1), francs)))

        assert refusal.value.provider_code == "currency_code"

    async def test_a_limit_that_a_column_cannot_hold_is_rejected(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        with pytest.raises(ProviderRejected):
            await done(adobe, limit_of("1E+13"))

    @pytest.mark.parametrize(
        "instruction",
        [
            limit_of("6000.5"),
            update(exceed_limit=True),
            update(currency=USD, limit=Money(Decimal(900), USD)),
        ],
        ids=["limit", "leave to exceed", "currency"],
    )
    @pytest.mark.parametrize("fault", NO_ANSWER, ids=lambda fault: str(fault["mode"]))
    @pytest.mark.parametrize("crash", [False, True], ids=["alive", "crashed"])
    async def test_lost_terms_are_found(
        self, fault: Mapping[str, object], instruction: Instruction, *, crash: bool
    ) -> None:
        shop = Troubled()
        call = await prepared(shop.adobe, instruction)
        await shop.order({**fault, "times": 1})
        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)

        if crash:
            call = Call(instruction=instruction, mark=MARK, evidence=call.evidence, observed=None)
        booking = await found(shop.adobe, call)

        assert booking is not None
        row = await entry(shop.adobe, booking, booking.created_id or SHOPPERS_CREDIT)
        assert row.kind is LedgerEntryKind.LIMIT_CHANGE

    async def test_lost_terms_that_were_never_set_leave_no_trace(self) -> None:
        shop = Troubled()
        call = await prepared(shop.adobe, limit_of("6000"))
        await shop.order({"mode": "html_502", "times": 1})
        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)

        assert await found(shop.adobe, call) is None

    async def test_a_limit_that_was_overwritten_since_is_found_by_its_row(self) -> None:
        shop = Troubled()
        call = await prepared(shop.adobe, limit_of("6000"))
        await shop.order({"mode": "applied_then_500", "times": 1})
        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)
        await done(shop.adobe, limit_of("7000"))

        booking = await found(shop.adobe, call)

        assert booking is not None
        assert (await entry(shop.adobe, booking, SHOPPERS_CREDIT)).limit_after == brl("6000")


class TestNotes:
    @staticmethod
    async def payment(adobe: AdobeCompanyCredit) -> str:
        payment = increase(comment="wire", purchase_order="PO-7", order_id="000000042")
        booking = await done(adobe, payment)
        assert booking.entry_id is not None
        return booking.entry_id

    async def test_a_note_keeps_the_purchase_order_and_the_order(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        row_id = await self.payment(adobe)

        booking = await done(adobe, note(row_id, comment="bank"))

        row = await entry(adobe, booking, SHOPPERS_CREDIT)
        assert row.note == "bank"
        assert row.reference is not None
        assert (row.reference.purchase_order, row.reference.order_id) == ("PO-7", "000000042")

    async def test_a_purchase_order_keeps_the_note(self, adobe: AdobeCompanyCredit) -> None:
        row_id = await self.payment(adobe)

        booking = await done(adobe, note(row_id, purchase_order="PO-9"))

        row = await entry(adobe, booking, SHOPPERS_CREDIT)
        assert row.note == "wire"
        assert row.reference is not None
        assert row.reference.purchase_order == "PO-9"

    async def test_a_call_is_found_by_its_mark_after_its_row_was_annotated(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        call = await prepared(adobe, increase(purchase_order="PO-7"))
        booking = await sent(adobe, call)
        assert booking.entry_id is not None

        await done(adobe, note(booking.entry_id, comment="bank", purchase_order="PO-9"))

        assert await found(adobe, call) == booking

    async def test_a_purchase_takes_no_note(self, adobe: AdobeCompanyCredit) -> None:
        booking = await done(adobe, decrease())
        assert booking.entry_id is not None

        with pytest.raises(InvalidState):
            await done(adobe, note(booking.entry_id, comment="bank"))

    @pytest.mark.parametrize("fault", NO_ANSWER, ids=lambda fault: str(fault["mode"]))
    async def test_a_lost_note_is_found(self, fault: Mapping[str, object]) -> None:
        shop = Troubled()
        row_id = await self.payment(shop.adobe)
        call = await prepared(shop.adobe, note(row_id, comment="bank"))
        await shop.order({**fault, "times": 1})

        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)

        assert await found(shop.adobe, call) == Booking(
            provider_reference=row_id, entry_id=ProviderEntryId(row_id)
        )

    async def test_a_note_that_was_never_made_leaves_no_trace(self) -> None:
        shop = Troubled()
        row_id = await self.payment(shop.adobe)
        call = await prepared(shop.adobe, note(row_id, comment="bank"))
        await shop.order({"mode": "html_502", "times": 1})

        with pytest.raises(OutcomeUnknown):
            await sent(shop.adobe, call)

        assert await found(shop.adobe, call) is None
