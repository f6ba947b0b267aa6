"""VTEX Customer Credit's writers and the stand-in, written apart from the same contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from app.domain.clock import Clock as Now
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderRefusedUs,
)
from app.domain.identifiers import ProviderAccountId, ProviderHoldId, ProviderInvoiceId, SourceKey
from app.domain.instructions import (
    AddAccountHolder,
    BalanceReason,
    CancelInvoice,
    CaptureHoldOnCredit,
    ChangeHoldOnCredit,
    CloseCreditAccount,
    DecreaseCreditBalance,
    HoldOnCredit,
    Instruction,
    MarkInvoicePaid,
    OnCreditAccount,
    OpenCreditAccount,
    PostponeInvoice,
    RefundHoldOnCredit,
    ReleaseHoldOnCredit,
    RemoveAccountHolder,
    SetCreditLimit,
    SetCreditTolerance,
    UpdateCreditAccount,
    UpdateInvoice,
    UpdateStoreConfiguration,
    UpsertCreditAccount,
)
from app.domain.instruments import (
    CreditAccount,
    InstrumentStatus,
    VtexCreditAccountDetails,
    VtexDocumentType,
)
from app.domain.invoices import Invoice, InvoiceStatus
from app.domain.money import total
from app.domain.operation import Booking
from app.domain.paging import Window
from app.domain.provider import Call
from app.domain.refusals import (
    InstrumentNotUsable,
    InsufficientCredit,
    InvalidState,
    PolicyViolation,
    ProviderRejected,
)
from app.domain.spendable import IneligibilityReason
from sandbox.application import create_sandbox
from sandbox.clock import Clock
from tests.contract.cast import ANY_ENTRY, brl
from tests.contract.stack import HOST, NOW, VTEX_WEAK_KEY, Adapters, layered, section, walked

SOURCE: Final = SourceKey("vtex-credit")
SHOPPERS: Final = ProviderAccountId("11144477735_CPF")
NEWCOMERS: Final = ProviderAccountId("15350946056_CPF")
COLLECTORS: Final = ProviderAccountId("01bce461-9d03-42d5-8217-b3d39271e15b")
VETERANS: Final = ProviderAccountId("a1b2c3")
OPEN_INVOICE: Final = ProviderInvoiceId("2D1D690CC013C110046D5BD95FA461D1-01")
PAID_INVOICE: Final = ProviderInvoiceId("2DC26C101B5A72DE5A60F325DB9AFE5B-01")
MARK: Final = "cg-0123456789abcdef0123456789abcdef-1"
OF_SHOPPER: Final[dict[str, Any]] = {"source": SOURCE, "account_id": SHOPPERS}
TOMORROW: Final = NOW + timedelta(days=1)


class Shop:
    """The adapter over a sandbox whose faults and clock can be set."""

    def __init__(self, **changes: Any) -> None:
        self.clock = Clock()
        self.clock.set(NOW)
        seed = section("vtex_credit", **changes)
        self._transport = httpx.ASGITransport(app=create_sandbox(seed, self.clock))
        self._controls = httpx.AsyncClient(transport=self._transport, base_url=HOST)
        self.vtex = self.adapters(self.clock.now).vtex_credit()

    def adapters(self, now: Now) -> Adapters:
        return Adapters(transport=lambda: layered(self._transport), clock=now)

    async def order(self, mode: str, **options: object) -> None:
        fault = {"mode": mode, **options}
        answer = await self._controls.put("/_sandbox/faults/vtex-credit", json=fault)
        assert answer.is_success, answer.text

    async def prepared(self, instruction: Instruction, mark: str = MARK) -> Call[Instruction]:
        observed = None
        if isinstance(instruction, OnCreditAccount) and not instruction.creates:
            observed = await self.account(instruction.account_id)
        evidence = await self.vtex.writers[type(instruction)].prepare(instruction, observed)
        return Call(instruction=instruction, mark=mark, evidence=evidence, observed=observed)

    async def sent(self, call: Call[Instruction]) -> Booking:
        return await self.vtex.writers[type(call.instruction)].send(call)

    async def found(self, call: Call[Instruction]) -> Booking | None:
        return await self.vtex.writers[type(call.instruction)].find(call)

    async def done(self, instruction: Instruction, mark: str = MARK) -> Booking:
        return await self.sent(await self.prepared(instruction, mark))

    async def lost(self, call: Call[Instruction], **fault: Any) -> None:
        """Sent, and its answer is not to be had."""
        await self.order(times=1, **fault)
        with pytest.raises(OutcomeUnknown):
            await self.sent(call)
        await self.order("none")

    async def account(self, account_id: ProviderAccountId = SHOPPERS) -> CreditAccount:
        return await self.vtex.credit_account(account_id)

    async def invoice(self, invoice_id: ProviderInvoiceId = OPEN_INVOICE) -> Invoice:
        return await self.vtex.invoice(SHOPPERS, invoice_id)

    async def invoices_of(self, hold_id: ProviderHoldId) -> list[Invoice]:
        every = await walked(
            lambda window: self.vtex.invoices_of_account(SHOPPERS, window), limit=50
        )
        return [invoice for invoice in every if invoice.provider_hold_id == hold_id]

    async def entries(self) -> int:
        return len((await self.vtex.credit_ledger(SHOPPERS, ANY_ENTRY, Window(0, 500))).items)

    async def held(self, amount: str = "100", **terms: Any) -> ProviderHoldId:
        """A hold of the shopper's."""
        booking = await self.done(hold_of(amount, **terms))
        assert booking.hold_id is not None
        return booking.hold_id

    async def captured(self, amount: str = "100", **terms: Any) -> ProviderHoldId:
        hold_id = await self.held(amount, **terms)
        await self.done(capture(hold_id, amount))
        return hold_id


@pytest.fixture
def shop() -> Shop:
    return Shop()


def hold_of(amount: str, **terms: Any) -> HoldOnCredit:
    members: dict[str, Any] = {"installments": 1, "expires_at": TOMORROW} | terms
    return HoldOnCredit(**OF_SHOPPER, amount=brl(amount), **members)


def capture(hold_id: ProviderHoldId, amount: str) -> CaptureHoldOnCredit:
    return CaptureHoldOnCredit(**OF_SHOPPER, hold_id=hold_id, amount=brl(amount))


def refund(hold_id: ProviderHoldId, amount: str) -> RefundHoldOnCredit:
    return RefundHoldOnCredit(**OF_SHOPPER, hold_id=hold_id, amount=brl(amount))


def release(hold_id: ProviderHoldId) -> ReleaseHoldOnCredit:
    return ReleaseHoldOnCredit(**OF_SHOPPER, hold_id=hold_id)


def decrease(amount: str) -> DecreaseCreditBalance:
    return DecreaseCreditBalance(**OF_SHOPPER, amount=brl(amount), reason=BalanceReason.PURCHASED)


OPENING: Final = OpenCreditAccount(
    source=SOURCE,
    email="newcomer@example.com",
    document="15350946056",
    document_type=VtexDocumentType.CPF,
    limit=brl("700.50"),
    tolerance=Decimal("0.25"),
)

UPSERT: Final = UpsertCreditAccount(
    source=SOURCE,
    account_id=NEWCOMERS,
    email="newcomer@example.com",
    limit=brl("250"),
    reopen_closed=False,
)


def details_of(account: CreditAccount) -> VtexCreditAccountDetails:
    assert isinstance(account.details, VtexCreditAccountDetails)
    return account.details


class TestAccounts:
    async def test_a_new_account_is_there_as_it_was_asked_for(self, shop: Shop) -> None:
        booking = await shop.done(OPENING)

        assert booking == Booking(created_id=NEWCOMERS)
        account = await shop.account(NEWCOMERS)
        assert (account.limit, account.tolerance) == (brl("700.50"), Decimal("0.25"))
        assert (account.status, account.holder_email) == (
            InstrumentStatus.ACTIVE,
            "newcomer@example.com",
        )

    async def test_an_account_is_opened_once(self, shop: Shop) -> None:
        call = await shop.prepared(OPENING)
        await shop.sent(call)

        with pytest.raises(InvalidState):
            await shop.prepared(OPENING)
        with pytest.raises(InvalidState):
            await shop.sent(call)

    async def test_a_customer_never_seen_before_may_be_refused_once(self) -> None:
        shop = Shop(defects={"first_opening_is_refused": True})
        call = await shop.prepared(OPENING)

        with pytest.raises(ProviderRejected):
            await shop.sent(call)
        assert await shop.found(call) is None
        assert (await shop.done(OPENING)).created_id == NEWCOMERS

    async def test_an_upsert_opens_then_changes(self, shop: Shop) -> None:
        await shop.done(UPSERT)
        opened = await shop.account(NEWCOMERS)
        await shop.done(replace(UPSERT, email="moved@example.com", limit=brl("300")))
        changed = await shop.account(NEWCOMERS)

        assert (opened.limit, opened.holder_email) == (brl("250"), "newcomer@example.com")
        assert (changed.limit, changed.holder_email) == (brl("300"), "moved@example.com")
        assert details_of(changed).document == "15350946056"

    async def test_a_closed_account_is_opened_anew_with_leave_alone(self, shop: Shop) -> None:
        await shop.done(OPENING)
        await shop.done(CloseCreditAccount(source=SOURCE, account_id=NEWCOMERS))

        with pytest.raises(InvalidState):
            await shop.done(UPSERT)
        await shop.done(replace(UPSERT, reopen_closed=True))

        assert (await shop.account(NEWCOMERS)).status is InstrumentStatus.ACTIVE

    async def test_an_update_erases_nothing(self, shop: Shop) -> None:
        await shop.done(UpdateCreditAccount(**OF_SHOPPER, tolerance=Decimal("0.5")))

        account = await shop.account()
        details = details_of(account)
        assert (account.tolerance, account.limit) == (Decimal("0.5"), brl("1000"))
        assert (details.email, details.document, details.document_type) == (
            "shopper@example.com",
            "11144477735",
            VtexDocumentType.CPF,
        )

    async def test_an_account_without_document_must_be_given_one(self, shop: Shop) -> None:
        update = UpdateCreditAccount(
            source=SOURCE, account_id=VETERANS, email="old@example.com", tolerance=Decimal(0)
        )

        with pytest.raises(InvalidQuestion):
            await shop.prepared(update)
        await shop.done(replace(update, document="52998224725", document_type=VtexDocumentType.CPF))

        assert (await shop.account(VETERANS)).holder_email == "old@example.com"

    async def test_limit_and_tolerance_are_set(self, shop: Shop) -> None:
        await shop.done(SetCreditLimit(**OF_SHOPPER, limit=brl("2000.25")))
        await shop.done(SetCreditTolerance(**OF_SHOPPER, tolerance=Decimal("0.333")))

        account = await shop.account()
        assert (account.limit, account.tolerance) == (brl("2000.25"), Decimal("0.333"))
        assert account.available == brl("1850.805")

    async def test_a_limit_that_cannot_be_changed_stays_as_it_was(self) -> None:
        shop = Shop(defects={"limit_changes_fail": [SHOPPERS]})
        call = await shop.prepared(SetCreditLimit(**OF_SHOPPER, limit=brl("1")))

        with pytest.raises(OutcomeUnknown):
            await shop.sent(call)

        assert await shop.found(call) is None

    async def test_a_closed_account_takes_nothing_more(self, shop: Shop) -> None:
        await shop.done(CloseCreditAccount(**OF_SHOPPER))

        assert (await shop.account()).status is InstrumentStatus.CLOSED
        with pytest.raises(InvalidState):
            await shop.done(CloseCreditAccount(**OF_SHOPPER))
        with pytest.raises(InstrumentNotUsable) as refusal:
            await shop.done(hold_of("1"))
        assert refusal.value.reasons == (IneligibilityReason.CLOSED,)

    async def test_a_holder_comes_and_goes(self, shop: Shop) -> None:
        booking = await shop.done(AddAccountHolder(**OF_SHOPPER, email="child@example.com"))
        assert booking.created_id is not None
        removal = RemoveAccountHolder(**OF_SHOPPER, holder_id=booking.created_id)

        assert await shop.done(removal) == Booking()
        with pytest.raises(AccountNotFound) as refusal:
            await shop.done(removal)
        assert refusal.value.kind == "account holder"

    async def test_a_key_without_the_right_changes_nothing(self, shop: Shop) -> None:
        weak = shop.adapters(shop.clock.now).vtex_credit(VTEX_WEAK_KEY)
        call = await shop.prepared(decrease("1"))

        with pytest.raises(ProviderRefusedUs):
            await weak.writers[DecreaseCreditBalance].send(call)

        assert details_of(await shop.account()).balance == brl("0")


class TestBalance:
    async def test_a_debit_is_one_entry_and_names_it(self, shop: Shop) -> None:
        booking = await shop.done(decrease("12.34"))

        assert booking.entry_id is not None
        entry = await shop.vtex.credit_ledger_entry(SHOPPERS, booking.entry_id)
        assert (entry.amount, entry.direction) == (brl("12.34"), "DEBIT")
        assert details_of(await shop.account()).balance == brl("-12.34")

    async def test_another_operation_posts_another_debit(self, shop: Shop) -> None:
        first = await shop.done(decrease("5"))
        second = await shop.done(decrease("5"), mark="cg-another-1")

        assert first.entry_id != second.entry_id
        assert details_of(await shop.account()).balance == brl("-10")

    async def test_a_mark_is_never_used_for_another_amount(self, shop: Shop) -> None:
        await shop.done(decrease("5"))

        with pytest.raises(ProviderRejected):
            await shop.done(decrease("6"))


class TestHolds:
    async def test_a_hold_becomes_a_debt_in_instalments(self, shop: Shop) -> None:
        before = await shop.account()
        hold_id = await shop.held("100", installments=3)
        during = await shop.account()

        await shop.done(capture(hold_id, "100"))

        assert (during.held, during.available) == (brl("100"), before.available - brl("100"))
        invoices = await shop.invoices_of(hold_id)
        assert [it.amount for it in invoices] == [brl("33.33"), brl("33.33"), brl("33.34")]
        after = await shop.account()
        assert (after.held, after.available) == (brl("0"), during.available)

    async def test_a_hold_falls_off_when_it_said(self, shop: Shop) -> None:
        await shop.held("100")
        shop.clock.set(TOMORROW)

        assert (await shop.account()).held == brl("0")

    async def test_a_hold_is_changed_and_captured_in_part(self, shop: Shop) -> None:
        hold_id = await shop.held("100")

        await shop.done(
            ChangeHoldOnCredit(
                **OF_SHOPPER,
                hold_id=hold_id,
                amount=brl("105.5"),
                amount_before=brl("100"),
                installments=2,
            )
        )
        changed = await shop.account()
        await shop.done(capture(hold_id, "60"))
        await shop.done(capture(hold_id, "65"))

        assert changed.held == brl("105.5")
        amounts = [it.amount for it in await shop.invoices_of(hold_id)]
        assert (len(amounts), total(amounts, brl("0").currency)) == (2, brl("65"))

    async def test_a_hold_is_released_once(self, shop: Shop) -> None:
        hold_id = await shop.held("100")

        assert await shop.done(release(hold_id)) == Booking(provider_reference=hold_id)
        assert (await shop.account()).held == brl("0")
        with pytest.raises(ProviderRejected):
            await shop.done(release(hold_id))

    async def test_a_captured_hold_cannot_be_released(self, shop: Shop) -> None:
        hold_id = await shop.captured()

        with pytest.raises(InvalidState) as refusal:
            await shop.done(release(hold_id))

        assert refusal.value.state == "CAPTURED"

    async def test_more_than_there_is_cannot_be_held(self, shop: Shop) -> None:
        with pytest.raises(InsufficientCredit) as refusal:
            await shop.done(hold_of("950.56"))

        assert refusal.value.spendable == brl("850.55")

    async def test_the_tolerance_can_be_held_too(self, shop: Shop) -> None:
        await shop.held("950.55")

        assert (await shop.account()).available == brl("-99.995")

    async def test_a_refund_lowers_what_is_owed(self, shop: Shop) -> None:
        hold_id = await shop.captured("100")

        await shop.done(refund(hold_id, "30.01"))

        assert [it.amount for it in await shop.invoices_of(hold_id)] == [brl("69.99")]

    async def test_more_than_was_captured_cannot_be_refunded(self, shop: Shop) -> None:
        held, captured = await shop.held("10"), await shop.captured("100")

        with pytest.raises(InvalidState):
            await shop.done(refund(held, "1"))
        with pytest.raises(InvalidQuestion):
            await shop.done(refund(captured, "100.01"))

    async def test_a_hold_nobody_knows_is_not_found(self, shop: Shop) -> None:
        unknown = ProviderHoldId("0" * 32)

        for instruction in (capture(unknown, "1"), refund(unknown, "1"), release(unknown)):
            with pytest.raises(AccountNotFound) as refusal:
                await shop.done(instruction)
            assert refusal.value.kind == "hold"


OF_OPEN_INVOICE: Final[dict[str, Any]] = OF_SHOPPER | {"invoice_id": OPEN_INVOICE}
OF_PAID_INVOICE: Final[dict[str, Any]] = OF_SHOPPER | {"invoice_id": PAID_INVOICE}


class TestInvoices:
    async def test_a_note_leaves_all_else_as_it_was(self, shop: Shop) -> None:
        before = await shop.invoice()

        await shop.done(UpdateInvoice(**OF_OPEN_INVOICE, note="Called"))

        after = await shop.invoice()
        assert (after.note, after.status) == ("Called", InvoiceStatus.OPEN)
        assert after.payment_link == before.payment_link == "https://pay.example/29445"

    async def test_an_invoice_is_paid_once(self, shop: Shop) -> None:
        entries = await shop.entries()

        await shop.done(MarkInvoicePaid(**OF_OPEN_INVOICE))
        await shop.done(MarkInvoicePaid(**OF_OPEN_INVOICE))

        assert (await shop.invoice()).status is InvoiceStatus.PAID
        assert await shop.entries() == entries + 1

    async def test_an_invoice_is_cancelled_once(self, shop: Shop) -> None:
        await shop.done(CancelInvoice(**OF_OPEN_INVOICE))
        await shop.done(CancelInvoice(**OF_OPEN_INVOICE))

        assert (await shop.invoice()).status is InvoiceStatus.CANCELLED

    async def test_what_is_paid_is_neither_cancelled_nor_opened_again(self, shop: Shop) -> None:
        for instruction in (
            CancelInvoice(**OF_PAID_INVOICE),
            UpdateInvoice(**OF_PAID_INVOICE, status=InvoiceStatus.OPEN),
        ):
            with pytest.raises(InvalidState) as refusal:
                await shop.done(instruction)
            assert refusal.value.state == "PAID"

    async def test_a_cancellation_that_fails_leaves_the_invoice_open(self) -> None:
        shop = Shop(defects={"invoice_cancelling_fails": [SHOPPERS]})
        call = await shop.prepared(CancelInvoice(**OF_OPEN_INVOICE))

        with pytest.raises(OutcomeUnknown):
            await shop.sent(call)

        assert await shop.found(call) is None

    async def test_an_invoice_is_postponed_as_far_as_the_terms_allow(self, shop: Shop) -> None:
        due_at = (await shop.invoice()).due_at
        by_30 = PostponeInvoice(**OF_OPEN_INVOICE, days=30, due_at_before=due_at)

        await shop.done(by_30)

        assert (await shop.invoice()).due_at == due_at + timedelta(days=30)
        with pytest.raises(PolicyViolation) as refusal:
            await shop.done(replace(by_30, days=1))
        assert refusal.value.policy == "maxPostponementDays"


async def test_terms_are_set_whole(shop: Shop) -> None:
    before = await shop.vtex.store_configuration()
    terms = replace(
        before,
        postponement_enabled=False,
        default_limit=brl("12.34"),
        max_postponements=7,
        reminders_before=(),
    )

    await shop.done(UpdateStoreConfiguration(source=SOURCE, terms=terms))

    assert await shop.vtex.store_configuration() == terms


@dataclass(frozen=True)
class Lost:
    """
    Attributes:
        instruction: Where a hold is needed, what makes one of its id.
        holds: How that hold comes to be: `held` or `captured`.
        can_be_found: Whether there is proof when it was carried out.
    """

    instruction: Any
    holds: str = ""
    can_be_found: bool = True


LOST: Final[Mapping[str, Lost]] = {
    "open": Lost(OPENING),
    "upsert": Lost(UPSERT),
    "update": Lost(UpdateCreditAccount(**OF_SHOPPER, email="b@example.com", limit=brl("5"))),
    "close": Lost(CloseCreditAccount(**OF_SHOPPER)),
    "set the limit": Lost(SetCreditLimit(**OF_SHOPPER, limit=brl("5"))),
    "set the tolerance": Lost(SetCreditTolerance(**OF_SHOPPER, tolerance=Decimal("0.9"))),
    "decrease the balance": Lost(decrease("12.34")),
    "hold": Lost(hold_of("12.34"), can_be_found=False),
    "change a hold": Lost(
        lambda it: ChangeHoldOnCredit(
            **OF_SHOPPER, hold_id=it, amount=brl("9"), amount_before=brl("100"), installments=1
        ),
        holds="held",
    ),
    "capture a hold": Lost(lambda it: capture(it, "90"), holds="held"),
    "capture a hold again": Lost(lambda it: capture(it, "90"), holds="captured"),
    "refund a hold": Lost(lambda it: refund(it, "30"), holds="captured"),
    "release a hold": Lost(release, holds="held"),
    "update an invoice": Lost(UpdateInvoice(**OF_OPEN_INVOICE, note="Called")),
    "mark an invoice paid": Lost(MarkInvoicePaid(**OF_OPEN_INVOICE)),
    "cancel an invoice": Lost(CancelInvoice(**OF_OPEN_INVOICE)),
}

APPLIED: Final[Mapping[str, dict[str, Any]]] = {
    "500": {"mode": "applied_then_500"},
    "401": {"mode": "applied_then_401"},
    "502": {"mode": "html_502", "applied": True},
    "cut short": {"mode": "malformed", "calls": "writes"},
}
"""Carried out, and yet no answer; a connection can only be cut by the sandbox's own server."""

every_lost_call = pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
every_loss = pytest.mark.parametrize("fault", APPLIED.values(), ids=APPLIED)


async def prepared(shop: Shop, lost: Lost) -> Call[Instruction]:
    instruction = lost.instruction
    if lost.holds:
        instruction = instruction(await getattr(shop, lost.holds)())
    return await shop.prepared(instruction)


async def state_of(shop: Shop) -> object:
    """All that the provider shows."""
    account = await shop.account()
    invoices = await shop.vtex.invoices_of_account(SHOPPERS, Window(0, 50))
    return account, invoices.items, await shop.entries()


@every_lost_call
@every_loss
async def test_what_was_carried_out_is_found_once(
    shop: Shop, lost: Lost, fault: dict[str, Any]
) -> None:
    call = await prepared(shop, lost)
    await shop.lost(call, **fault)
    after = await state_of(shop)

    if lost.can_be_found:
        assert isinstance(await shop.found(call), Booking)
        assert isinstance(await shop.found(call), Booking)
    else:
        with pytest.raises(OutcomeUnknown):
            await shop.found(call)

    assert await state_of(shop) == after


@every_lost_call
async def test_what_was_not_carried_out_left_no_trace_unless_it_can_be_repeated(
    shop: Shop, lost: Lost
) -> None:
    call = await prepared(shop, lost)
    await shop.lost(call, mode="html_502")

    found = await shop.found(call)

    is_repeated = isinstance(call.instruction, DecreaseCreditBalance | ReleaseHoldOnCredit)
    assert isinstance(found, Booking) if is_repeated else found is None


async def test_a_hold_whose_answer_was_lost_is_no_more_when_it_falls_off(shop: Shop) -> None:
    call = await shop.prepared(hold_of("12.34"))
    await shop.lost(call, mode="applied_then_500")
    shop.clock.set(TOMORROW)

    assert await shop.found(call) is None
    assert (await shop.account()).held == brl("0")


async def test_a_release_whose_hold_fell_off_meanwhile_is_done(shop: Shop) -> None:
    call = await shop.prepared(release(await shop.held("12.34")))
    await shop.lost(call, mode="html_502")
    shop.clock.set(TOMORROW)

    assert isinstance(await shop.found(call), Booking)


async def test_a_refund_of_what_was_paid_cannot_be_told_from_anybody_elses(shop: Shop) -> None:
    hold_id = await shop.captured("100")
    paid = (await shop.invoices_of(hold_id))[0].provider_invoice_id
    await shop.done(MarkInvoicePaid(**OF_SHOPPER, invoice_id=paid))
    call = await shop.prepared(refund(hold_id, "30"))
    await shop.lost(call, mode="applied_then_500")

    with pytest.raises(OutcomeUnknown):
        await shop.found(call)


@every_loss
async def test_a_postponement_whose_answer_was_lost_is_found(
    shop: Shop, fault: dict[str, Any]
) -> None:
    before = await shop.invoice()
    call = await shop.prepared(
        PostponeInvoice(**OF_OPEN_INVOICE, days=3, due_at_before=before.due_at)
    )
    assert await shop.found(call) is None
    await shop.lost(call, **fault)

    assert await shop.found(call) == Booking()
    assert (await shop.invoice()).due_at == before.due_at + timedelta(days=3)


@every_loss
async def test_holders_whose_answers_were_lost(shop: Shop, fault: dict[str, Any]) -> None:
    """One that was added is never found, one that was removed is."""
    adding = AddAccountHolder(**OF_SHOPPER, email="child@example.com")
    added = await shop.done(adding)
    assert added.created_id is not None
    again = await shop.prepared(adding)
    await shop.lost(again, **fault)
    removal = await shop.prepared(RemoveAccountHolder(**OF_SHOPPER, holder_id=added.created_id))
    await shop.lost(removal, **fault)

    with pytest.raises(OutcomeUnknown):
        await shop.found(again)
    assert await shop.found(removal) == Booking()


@every_loss
async def test_terms_whose_answer_was_lost_are_found(shop: Shop, fault: dict[str, Any]) -> None:
    before = await shop.vtex.store_configuration()
    terms = replace(before, tax_rate=Decimal("0.07"))
    call = await shop.prepared(UpdateStoreConfiguration(source=SOURCE, terms=terms))
    assert await shop.found(call) is None
    await shop.lost(call, **fault)

    assert await shop.found(call) == Booking()
