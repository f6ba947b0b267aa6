"""
Adapters and stand-ins were written from the same contracts without a look at each other. Here they
meet: everything that can be read arrives whole and exact.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.errors import AccountNotFound, ProviderFault, ProviderRefusedUs, RequestRefused
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderInvoiceId,
    ProviderStoreCreditId,
)
from app.domain.instruments import InstrumentStatus
from app.domain.paging import Window
from app.domain.provider import Provider, StoreCreditQuestion
from app.domain.spendable import ToleranceRule, verdict_on
from tests.contract.cast import (
    ANY_ENTRY,
    BUYERS_ACCOUNT,
    BUYERS_CREDIT,
    BUYERS_STORE_CREDIT,
    LOYALTY_CARD,
    SHOPPER,
    SHOPPERS_CARDS,
    brl,
    customer_id,
    signed,
)
from tests.contract.stack import NOW, VTEX_WEAK_KEY, Adapters, over_sandbox, section


async def test_the_credit_line_has_every_digit_and_its_tolerance(sources: Adapters) -> None:
    vtex = sources.vtex_credit()
    (account,) = (await vtex.credit_accounts_of(SHOPPER)).items
    terms = await vtex.store_configuration()

    assert account.limit == brl("1000")
    assert account.available == account.available_other == brl("850.555")
    assert account.tolerance == Decimal("0.10")
    assert terms.tolerance_enabled
    verdict = verdict_on(account, at=NOW, tolerance=ToleranceRule.ENABLED)
    assert verdict.amount == brl("950.55")
    assert verdict.of_which_tolerance == brl("100.00")


async def test_one_card_is_live_one_expired_one_in_dollars(sources: Adapters) -> None:
    vtex = sources.vtex_giftcard()
    ids = (await vtex.search_gift_cards(SHOPPERS_CARDS, Window())).items
    cards = [await vtex.gift_card(card_id) for card_id in ids]

    assert [(str(card.balance.amount), card.currency.code) for card in cards] == [
        ("40.00", "BRL"),
        ("25.00", "BRL"),
        ("10.00", "USD"),
    ]
    assert [card.status for card in cards] == [
        InstrumentStatus.ACTIVE,
        InstrumentStatus.EXPIRED,
        InstrumentStatus.ACTIVE,
    ]
    assert cards[0].expires_at == NOW + timedelta(days=90)


async def test_the_store_credit_is_its_ledgers_sum(sources: Adapters) -> None:
    medusa = sources.medusa()
    question = StoreCreditQuestion(provider_customer_id=customer_id(1))
    (account,) = (await medusa.search_store_credit(question, Window())).items
    ledger = (await medusa.store_credit_ledger(account, ANY_ENTRY, Window())).items

    assert account.balance == brl("12.30")
    assert sum(signed(entry) for entry in ledger) == Decimal("12.30")


async def test_the_company_credit_is_found_by_the_shoppers_address(sources: Adapters) -> None:
    (account,) = (await sources.adobe().credit_accounts_of(SHOPPER)).items

    assert (account.limit, account.available) == (brl("5000"), brl("3749.50"))
    assert account.outstanding == brl("1250.50")
    assert (account.status, account.owner_status_known) == (InstrumentStatus.ACTIVE, True)


IDS_OF_NOBODY = [
    "",
    ".",
    "..",
    "a/b",
    "../accounts",
    "a%2Fb",
    "%2e%2e",
    "a?b=c",
    "a#b",
    "a b",
    "a\x00b",
    "a\nb",
    "\ud800",
    "\u202e",
    "x" * 513,
    "null",
    "0",
    "-1",
    "1e3",
    "٣١",
    "9" * 30,
    "'; --",
    "[]",
    "ção",
    "💳",
    "history",
    "_search",
]


async def questions_about_an_id(sources: Adapters) -> dict[str, Callable[[str], Awaitable[object]]]:
    """Every read that takes an id, as a question about one."""
    credit, cards = sources.vtex_credit(), sources.vtex_giftcard()
    adobe, medusa = sources.adobe(), sources.medusa()
    card = await cards.gift_card(LOYALTY_CARD)
    store_credit = await medusa.store_credit_account(BUYERS_STORE_CREDIT)
    entry_id = ProviderEntryId("0" * 32 + "-1")
    return {
        "vtex account": lambda id_: credit.credit_account(ProviderAccountId(id_)),
        "vtex ledger": lambda id_: credit.credit_ledger(
            ProviderAccountId(id_), ANY_ENTRY, Window()
        ),
        "vtex entry": lambda id_: credit.credit_ledger_entry(BUYERS_ACCOUNT, ProviderEntryId(id_)),
        "vtex entry's account": lambda id_: credit.credit_ledger_entry(
            ProviderAccountId(id_), entry_id
        ),
        "vtex invoice": lambda id_: credit.invoice(BUYERS_ACCOUNT, ProviderInvoiceId(id_)),
        "vtex invoice's account": lambda id_: credit.invoice(
            ProviderAccountId(id_), ProviderInvoiceId("x")
        ),
        "vtex invoices": lambda id_: credit.invoices_of_account(ProviderAccountId(id_), Window()),
        "gift card": lambda id_: cards.gift_card(ProviderCardId(id_)),
        "card transactions": lambda id_: cards.card_transactions(ProviderCardId(id_)),
        "card transaction": lambda id_: cards.card_transaction(card, ProviderHoldId(id_)),
        "card authorization": lambda id_: cards.card_authorization(card, ProviderHoldId(id_)),
        "card settlements": lambda id_: cards.card_settlements(card, ProviderHoldId(id_)),
        "card cancellations": lambda id_: cards.card_cancellations(card, ProviderHoldId(id_)),
        "adobe account": lambda id_: adobe.credit_account(ProviderAccountId(id_)),
        "adobe ledger": lambda id_: adobe.credit_ledger(
            ProviderAccountId(id_), ANY_ENTRY, Window()
        ),
        "adobe entry": lambda id_: adobe.credit_ledger_entry(BUYERS_CREDIT, ProviderEntryId(id_)),
        "adobe entry's account": lambda id_: adobe.credit_ledger_entry(
            ProviderAccountId(id_), ProviderEntryId("1")
        ),
        "store credit": lambda id_: medusa.store_credit_account(ProviderStoreCreditId(id_)),
        "store credit entry": lambda id_: medusa.store_credit_ledger_entry(
            store_credit, ProviderEntryId(id_)
        ),
    }


async def test_an_id_that_nobody_has_is_not_found_whatever_it_holds(sources: Adapters) -> None:
    answers = {
        (name, wanted): await outcome(ask(wanted))
        for name, ask in (await questions_about_an_id(sources)).items()
        for wanted in IDS_OF_NOBODY
    }

    assert {asked: got for asked, got in answers.items() if got is not AccountNotFound} == {}


async def outcome(answer: Awaitable[object]) -> object:
    try:
        return await answer
    except (RequestRefused, ProviderFault) as exc:
        return type(exc)


@pytest.mark.parametrize("user_token", ["sandbox-vtex-user-token"])
async def test_a_vtex_user_token_opens_both_vtex_sources(
    sources: Adapters, user_token: str
) -> None:
    await sources.vtex_credit({"user_token": user_token}).probe()
    await sources.vtex_giftcard({"user_token": user_token}).probe()


async def test_a_medusa_user_token_opens_its_source(sources: Adapters) -> None:
    await sources.medusa({"kind": "user-token", "token": "sandbox-medusa-user-token"}).probe()


def refused(sources: Adapters) -> dict[str, Provider]:
    wrong_key = {"app_key": "vtexappkey-sandbox", "app_token": "wrong"}
    return {
        "vtex credit, wrong token": sources.vtex_credit(wrong_key),
        "vtex credit, unknown key": sources.vtex_credit({"app_key": "no", "app_token": "no"}),
        "vtex credit, wrong user": sources.vtex_credit({"user_token": "wrong"}),
        "vtex cards, wrong token": sources.vtex_giftcard(wrong_key),
        "vtex cards, no right": sources.vtex_giftcard(VTEX_WEAK_KEY),
        "adobe, wrong token": sources.adobe({"kind": "bearer", "token": "wrong"}),
        "adobe, no right": sources.adobe({"kind": "bearer", "token": "sandbox-adobe-norights"}),
        "medusa, wrong key": sources.medusa({"kind": "secret-key", "token": "sk_wrong"}),
        "medusa, key as token": sources.medusa({"kind": "user-token", "token": "sk_" + "5a" * 32}),
        "medusa, token as key": sources.medusa(
            {"kind": "secret-key", "token": "sandbox-medusa-user-token"}
        ),
    }


@pytest.mark.parametrize("case", list(refused(over_sandbox())))
async def test_credentials_that_do_not_fit_are_told_as_that(sources: Adapters, case: str) -> None:
    with pytest.raises(ProviderRefusedUs):
        await refused(sources)[case].probe()


async def test_a_right_that_is_missing_bars_only_what_needs_it(sources: Adapters) -> None:
    vtex = sources.vtex_credit(VTEX_WEAK_KEY)

    await vtex.probe()
    await vtex.credit_account(BUYERS_ACCOUNT)
    for barred in (
        vtex.credit_ledger(BUYERS_ACCOUNT, ANY_ENTRY, Window()),
        vtex.invoices_of_account(BUYERS_ACCOUNT, Window()),
        vtex.store_configuration(),
    ):
        with pytest.raises(ProviderRefusedUs):
            await barred


async def test_an_integration_token_that_the_shop_does_not_take_is_refused() -> None:
    sources = over_sandbox(section("adobe", switches={"integration_bearer": "refused"}))

    with pytest.raises(ProviderRefusedUs):
        await sources.adobe().probe()
