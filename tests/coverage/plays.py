"""A walk through every field that stands on operations, each done as its users would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from tests.coverage.recording import Player
from tests.graphql.graph import JSON, NOW, as_caller, query_of

CREDIT: Final = "vtex-credit"
HOLD: Final = "hold { id }"
UNCLAIMED_DOLLARS: Final = "SC-5M5W-4SKZ-LX5M-5W4S"


def brl(amount: str) -> JSON:
    return {"amount": amount, "currencyCode": "BRL"}


async def play_reads(player: Player) -> None:
    """Everything that is only looked at, of the shopper and the buyer."""
    shopper = await _instruments(player, "shopper")
    for one in shopper["creditAccounts"]:
        await player.ask("Query.creditAccount", _by_id("creditAccount", "id"), id=one["id"])
    await player.ask("Query.creditAccounts", "{ creditAccounts { nodes { id } } }")
    card, account = shopper["giftCards"][0]["id"], shopper["storeCreditAccounts"][0]["id"]
    await player.ask("Query.giftCard", _by_id("giftCard", "id"), id=card)
    await player.ask("Query.storeCreditAccount", _by_id("storeCreditAccount", "id"), id=account)
    await player.ask("Query.storeCreditAccounts", "{ storeCreditAccounts { nodes { id } } }")
    search = 'search: { source: "vtex-giftcard", email: "shopper@example.com" }'
    await player.ask(
        "Query.searchGiftCards", f"{{ searchGiftCards({search}) {{ nodes {{ id }} }} }}"
    )
    by_code = 'search: { source: "medusa", redemptionCode: "WELCOME-0050" }'
    await player.ask(
        "GiftCard.backedBy", f"{{ searchGiftCards({by_code}) {{ nodes {{ backedBy {{ id }} }} }} }}"
    )
    await player.ask(
        "CreditSource.storeConfiguration", "{ sources { storeConfiguration { taxRate } } }"
    )
    for name, query in _OF_BUYER.items():
        await player.ask(name, query_of("buyer", query))
    await _play_invoices(player)


_OF_BUYER: Final = {
    "Customer.invoices": "invoices { nodes { id } }",
    "CreditAccount.ledger": "creditAccounts { nodes { ledger { nodes { id } } } }",
    "CreditAccount.outstanding": "creditAccounts { nodes { outstanding { amount } } }",
    "CreditAccount.invoices": "creditAccounts { nodes { invoices { nodes { id } } } }",
    "SettlementEntry.invoices": "creditAccounts { nodes { ledger { nodes "
    "{ ... on SettlementEntry { invoices { id } } } } } }",
    "StoreCreditAccount.ledger": "storeCreditAccounts { nodes { ledger { nodes { id } } } }",
    "GiftCard.ledger": "giftCards { nodes { ledger { nodes { id } } } }",
    "GiftCard.holds": "giftCards { nodes { holds { nodes { id } } } }",
}


async def _instruments(player: Player, who: str) -> dict[str, Sequence[JSON]]:
    """All a customer has, each list by its field's name."""
    found = {}
    for name in ("creditAccounts", "giftCards", "storeCreditAccounts"):
        query = query_of(who, f"{name} {{ nodes {{ id source {{ key }} }} }}")
        found[name] = (await player.ask(f"Customer.{name}", query))["customer"][name]["nodes"]
    return found


async def _play_invoices(player: Player) -> None:
    store = f'{{ invoices(source: "{CREDIT}") {{ nodes {{ id }} }} }}'
    listed = (await player.ask("Query.invoices", store))["invoices"]["nodes"]
    shown_of = {
        "Query.invoice": "id",
        "Invoice.account": "account { id }",
        "Invoice.postponement": "postponement { allowed }",
    }
    for name, shown in shown_of.items():
        await player.ask(name, _by_id("invoice", shown), id=listed[0]["id"])


def _by_id(field: str, shown: str) -> str:
    return f"query($id: ID!) {{ {field}(id: $id) {{ {shown} }} }}"


async def play_writes(player: Player) -> None:
    """Everything that changes something."""
    shopper = await _instruments(player, "shopper")
    company = next(one["id"] for one in shopper["creditAccounts"] if one["source"]["key"] != CREDIT)
    card, wallet = shopper["giftCards"][0]["id"], shopper["storeCreditAccounts"][0]["id"]
    account = await _play_credit_account(player)
    await _play_invoice_changes(player, account)
    await _play_store_terms(player)
    await _play_company_credit(player, company)
    await _play_gift_cards(player, card)
    await _play_store_credit(player, wallet)
    for instrument in (account, card, company, wallet):
        await _play_holds(player, instrument)
    await _play_updated_hold(player, account)


async def _play_credit_account(player: Player) -> str:
    opened = await player.change(
        "openCreditAccount",
        "creditAccount { id nativeId }",
        source=CREDIT,
        document="52998224725",
        documentType="CPF",
        email="new.holder@example.com",
        limit=brl("1000.00"),
    )
    account = str(opened["creditAccount"]["id"])
    await player.change("updateCreditAccount", id=account, email="renamed@example.com")
    await player.change("setCreditLimit", id=account, limit=brl("900.00"))
    await player.change("setCreditTolerance", id=account, tolerance="0.10")
    await player.change("decreaseCreditBalance", id=account, amount=brl("1.00"), reason="UPDATED")
    added = await player.change(
        "addAccountHolder", "holder { nativeId }", accountId=account, email="shares@example.com"
    )
    await player.change(
        "removeAccountHolder",
        keyed=False,
        accountId=account,
        holderNativeId=added["holder"]["nativeId"],
    )
    await _upsert(player, "10.00")  # opens it
    upserted = await _upsert(player, "20.00")
    await player.change("closeCreditAccount", id=upserted)
    return account


async def _upsert(player: Player, limit: str) -> str:
    upserted = await player.change(
        "upsertCreditAccount",
        "creditAccount { id }",
        source=CREDIT,
        nativeId="15350946056_CPF",
        email="upserted@example.com",
        limit=brl(limit),
    )
    return str(upserted["creditAccount"]["id"])


async def _play_invoice_changes(player: Player, account: str) -> None:
    hold = await player.change(
        "createHold",
        HOLD,
        instrumentId=account,
        amount=brl("90.00"),
        orderId="1001",
        installments=3,
    )
    await player.change("captureHold", id=hold["hold"]["id"], amount=brl("90.00"))
    found = await player.graph.data(
        _by_id("creditAccount", "invoices { nodes { id } }"), id=account
    )
    first, second, third = (one["id"] for one in found["creditAccount"]["invoices"]["nodes"])
    await player.change("updateInvoice", id=first, note="Called")
    await player.change("postponeInvoice", id=first, days=1)
    await player.change("markInvoicePaid", id=second)
    await player.change("cancelInvoice", id=third)


async def _play_store_terms(player: Player) -> None:
    await player.change("updateStoreConfiguration", keyed=False, source=CREDIT, taxRate="0.02")


async def _play_company_credit(player: Player, company: str) -> None:
    await player.change("updateCreditAccount", id=company, exceedLimit=True)
    await player.change("setCreditLimit", id=company, limit=brl("9000.00"))
    await player.change(
        "decreaseCreditBalance", id=company, amount=brl("20.00"), reason="PURCHASED"
    )
    paid = await player.change(
        "increaseCreditBalance",
        "entry { id }",
        id=company,
        amount=brl("20.00"),
        reason="REIMBURSED",
    )
    await player.change(
        "annotateLedgerEntry", keyed=False, id=paid["entry"]["id"], comment="By wire"
    )


async def _play_gift_cards(player: Player, card: str) -> None:
    await player.change(
        "issueGiftCard",
        source="vtex-giftcard",
        owner="shopper@example.com",
        caption="Thank you",
        expiresAt=(NOW + timedelta(days=90)).isoformat(),
        initialBalance="15.00",
    )
    await player.change("creditGiftCard", id=card, amount=brl("50.00"), description="Goodwill")
    await player.change("debitGiftCard", id=card, amount=brl("5.00"), description="Order 1002")


async def _play_store_credit(player: Player, wallet: str) -> None:
    await player.change("creditStoreCredit", id=wallet, amount=brl("50.00"))
    await player.change("debitStoreCredit", id=wallet, amount=brl("5.00"))
    await player.change(
        "openStoreCreditAccount", source="medusa", currencyCode="BRL", customerNativeId="cus_new"
    )
    player.graph.client.headers.update(as_caller("shopper"))
    await player.change("claimStoreCredit", source="medusa", code=UNCLAIMED_DOLLARS)
    player.graph.client.headers.update(as_caller("admin"))


async def _play_holds(player: Player, instrument: str) -> None:
    """One that is released, and one that is captured and given back."""
    amount = brl("10.00")
    for further in (("releaseHold",), ("captureHold", "refundHold")):
        made = await player.change(
            "createHold", HOLD, instrumentId=instrument, amount=amount, orderId="1003"
        )
        hold = made["hold"]["id"]
        for mutation in further:
            await player.change(mutation, id=hold, amount=amount)
        await player.ask("Query.hold", _by_id("hold", "state"), id=hold)
        for story in ("authorization", "settlements", "cancellations"):
            await player.ask(f"Hold.{story}", _by_id("hold", f"{story} {{ id }}"), id=hold)


async def _play_updated_hold(player: Player, account: str) -> None:
    made = await player.change(
        "createHold", HOLD, instrumentId=account, amount=brl("10.00"), orderId="1004"
    )
    await player.change("updateHold", id=made["hold"]["id"], amount=brl("8.00"))
