"""Every write of the room, and its gift cards, against a stand-in of the same contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapters.store_credit.client import MedusaStoreCredit
from adapters.store_credit.gift_cards import MedusaWithGiftCards
from adapters.store_credit.settings import MedusaStoreCreditSettings, connect
from adapters.transport.upstream import Upstream
from app.domain.capability import Capability
from app.domain.errors import AccountNotFound, OutcomeUnknown, UnsupportedOperation
from app.domain.identifiers import (
    ProviderCardId,
    ProviderCustomerId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instructions import (
    CreditStoreCredit,
    DebitStoreCredit,
    OnStoreCredit,
    OpenStoreCreditAccount,
)
from app.domain.instruments import InstrumentStatus, Secret, StoreCreditAccount
from app.domain.ledger import CardOperation
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE
from app.domain.paging import Window
from app.domain.provider import Call, GiftCardQuestion
from app.domain.refusals import InsufficientCredit, PolicyViolation
from tests.contract.cast import BUYERS_STORE_CREDIT, Said
from tests.contract.stack import MEDUSA_KEY, NOW, Adapters, over_sandbox, section

MARK = "cg-01m8t0aaaaaaaaaaaaaaaaaaaa-1"


@pytest.fixture
def medusa(sources: Adapters) -> MedusaStoreCredit:
    return sources.medusa()


@pytest.fixture
async def account(medusa: MedusaStoreCredit) -> StoreCreditAccount:
    return await medusa.store_credit_account(BUYERS_STORE_CREDIT)


def moving(
    kind: type[OnStoreCredit], account: StoreCreditAccount, amount: str = "12.34"
) -> OnStoreCredit:
    return kind(
        source=account.source,
        account_id=account.provider_store_credit_id,
        amount=Money(Decimal(amount), account.currency),
        note="Order 7",
    )


async def prepared(
    medusa: MedusaStoreCredit, instruction: OnStoreCredit, account: StoreCreditAccount
) -> Call[OnStoreCredit]:
    evidence = await medusa.writers[type(instruction)].prepare(instruction, account)
    return Call(instruction=instruction, mark=MARK, evidence=evidence, observed=account)


@pytest.mark.parametrize(("kind", "sign"), [(CreditStoreCredit, 1), (DebitStoreCredit, -1)])
async def test_a_movement_is_booked_once_and_found_by_its_mark(
    kind: type[OnStoreCredit], sign: int, medusa: MedusaStoreCredit, account: StoreCreditAccount
) -> None:
    writer = medusa.writers[kind]
    call = await prepared(medusa, moving(kind, account), account)
    assert await writer.find(call) is None

    booking = await writer.send(call)

    assert booking.entry_id
    assert await writer.find(call) == booking
    after = await medusa.store_credit_account(BUYERS_STORE_CREDIT)
    assert after.balance.amount - account.balance.amount == sign * Decimal("12.34")
    entry = await medusa.store_credit_ledger_entry(after, booking.entry_id)
    assert (entry.amount, entry.note) == (call.instruction.amount, "Order 7")


async def test_more_than_the_balance_is_refused_and_leaves_no_trace(
    medusa: MedusaStoreCredit, account: StoreCreditAccount
) -> None:
    too_much = str(account.balance.amount + 1)
    call = await prepared(medusa, moving(DebitStoreCredit, account, too_much), account)

    with pytest.raises(InsufficientCredit) as raised:
        await medusa.writers[DebitStoreCredit].send(call)

    assert raised.value.spendable == account.balance
    assert await medusa.writers[DebitStoreCredit].find(call) is None
    assert await medusa.store_credit_account(BUYERS_STORE_CREDIT) == account


@pytest.mark.parametrize("kind", [CreditStoreCredit, DebitStoreCredit])
async def test_an_unknown_account_is_not_found(
    kind: type[OnStoreCredit], medusa: MedusaStoreCredit, account: StoreCreditAccount
) -> None:
    nobodys = kind(
        source=account.source,
        account_id=ProviderStoreCreditId("sc_acc_none"),
        amount=Money(Decimal(1), account.currency),
    )

    with pytest.raises(AccountNotFound):
        await medusa.writers[kind].send(await prepared(medusa, nobodys, account))


class _Mute(httpx.AsyncBaseTransport):
    """Lets a write through and loses its answer."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if request.method == "POST":
            raise httpx.ReadError("reset", request=request)
        return response


@pytest.mark.parametrize("kind", [CreditStoreCredit, DebitStoreCredit])
async def test_a_movement_whose_answer_is_lost_is_found(kind: type[OnStoreCredit]) -> None:
    medusa = over_sandbox(wrap=_Mute).medusa()
    account = await medusa.store_credit_account(BUYERS_STORE_CREDIT)
    call = await prepared(medusa, moving(kind, account), account)

    with pytest.raises(OutcomeUnknown):
        await medusa.writers[kind].send(call)

    found = await medusa.writers[kind].find(call)
    assert found is not None
    assert found.entry_id


async def test_a_release_without_debits_says_so() -> None:
    seed = section("medusa", defects={"release": "2.18.0"})
    medusa = over_sandbox(seed).medusa()
    account = await medusa.store_credit_account(BUYERS_STORE_CREDIT)
    call = await prepared(medusa, moving(DebitStoreCredit, account), account)

    with pytest.raises(UnsupportedOperation) as raised:
        await medusa.writers[DebitStoreCredit].send(call)

    assert raised.value.capability is Capability.DEBIT


OPENINGS = {"a customer's": ProviderCustomerId("cus_new"), "nobody's": None}


def opening(
    medusa: MedusaStoreCredit, customer_id: ProviderCustomerId | None
) -> OpenStoreCreditAccount:
    return OpenStoreCreditAccount(
        source=medusa.info.key,
        currency=Currency("KWD"),
        customer_id=customer_id,
        metadata='{"tier":"gold"}',
    )


@pytest.mark.parametrize("customer_id", OPENINGS.values(), ids=OPENINGS)
async def test_an_account_is_opened_once_and_found_by_its_mark(
    customer_id: ProviderCustomerId | None, medusa: MedusaStoreCredit
) -> None:
    writer = medusa.writers[OpenStoreCreditAccount]
    instruction = opening(medusa, customer_id)
    evidence = await writer.prepare(instruction, None)
    call = Call(instruction=instruction, mark=MARK, evidence=evidence, observed=None)
    assert await writer.find(call) is None

    booking = await writer.send(call)

    assert booking.created_id
    assert await writer.find(call) == booking
    made = await medusa.store_credit_account(ProviderStoreCreditId(booking.created_id))
    assert (made.currency, made.balance) == (Currency("KWD"), Money.zero(Currency("KWD")))
    assert made.details.provider_customer_id == customer_id
    assert made.details.metadata == {"tier": "gold"}


async def test_a_customer_gets_no_second_account_in_a_currency(medusa: MedusaStoreCredit) -> None:
    writer = medusa.writers[OpenStoreCreditAccount]
    instruction = opening(medusa, ProviderCustomerId("cus_new"))
    first, second = (
        Call(instruction=instruction, mark=mark, evidence=NO_EVIDENCE, observed=None)
        for mark in ("cg-1", "cg-2")
    )
    await writer.send(first)

    with pytest.raises(PolicyViolation):
        await writer.send(second)
    with pytest.raises(PolicyViolation):
        await writer.find(second)
    with pytest.raises(PolicyViolation):
        await writer.prepare(instruction, None)


def ended(row: Any) -> bool:
    """Whether there is a card in front of an account that nobody can pay with any more."""
    ends = [card["expires_at"] for card in row["gift_cards"] if card["expires_at"]]
    return any(datetime.fromisoformat(end) <= NOW for end in ends)


async def test_an_account_of_nobodys_is_found_by_its_code_unless_its_card_has_ended(
    medusa: MedusaStoreCredit, said: Said
) -> None:
    path = "/medusa/admin/store-credit-accounts?customer_id=null&limit=1000&fields=*gift_cards,code"
    unowned = (await said(path))["store_credit_accounts"]

    assert any(map(ended, unowned))
    assert not all(map(ended, unowned))
    for row in unowned:
        if ended(row):
            with pytest.raises(AccountNotFound):
                await medusa.find_by_code(Secret(row["code"]))
            continue
        found = await medusa.find_by_code(Secret(row["code"]))
        assert (found.provider_id, found.status) == (row["id"], InstrumentStatus.UNCLAIMED)


async def test_the_code_of_somebodys_account_opens_nothing(
    medusa: MedusaStoreCredit, said: Said
) -> None:
    listed = (await said("/medusa/admin/store-credit-accounts?limit=1000"))["store_credit_accounts"]
    owned = next(row for row in listed if row["customer_id"])

    with pytest.raises(AccountNotFound):
        await medusa.find_by_code(Secret(owned["code"]))


def with_gift_cards(sources: Adapters) -> MedusaWithGiftCards:
    settings = MedusaStoreCreditSettings.model_validate(
        {
            "key": "medusa",
            "provider": "medusa.store-credit",
            "base_url": f"{sources.host}/medusa",
            "default_currency": "BRL",
            "credentials": {"kind": "secret-key", "token": SecretStr(MEDUSA_KEY["token"])},
            "gift_cards": True,
        }
    )
    upstream = Upstream(
        SourceKey(settings.key),
        base_url=settings.base_url,
        headers=settings.request_headers(),
        timeout=httpx.Timeout(5),
        transport=sources.transport(),
        clock=sources.clock,
    )
    made = connect(settings, upstream)
    assert isinstance(made, MedusaWithGiftCards)
    return made


async def test_every_card_is_read_by_its_id_and_found_by_its_code(
    sources: Adapters, said: Said
) -> None:
    medusa = with_gift_cards(sources)
    query = "limit=1000&fields=*store_credit_account"
    rows = (await said(f"/medusa/admin/gift-cards?{query}"))["gift_cards"]

    assert len(rows) > 1
    for row in rows:
        card = await medusa.gift_card(ProviderCardId(row["id"]))
        assert card.balance.amount == row["store_credit_account"]["balance"]
        assert card.backed_by == row["store_credit_account"]["id"]
        found = await medusa.search_gift_cards(
            GiftCardQuestion(redemption_code=row["code"]), Window()
        )
        assert found.items == (row["id"],)
        stories = [
            await medusa.card_transaction(card, one)
            for one in await medusa.card_transactions(card.provider_card_id)
        ]
        signs = {CardOperation.CREDIT: 1, CardOperation.DEBIT: -1}
        assert sum(signs[it.operation] * it.amount.amount for it in stories) == card.balance.amount
