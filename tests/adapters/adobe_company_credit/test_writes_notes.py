"""Changing the texts of a row, and finding a note whose answer was lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.transport import exact_json
from app.domain.errors import (
    AccountNotFound,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderTimedOut,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import AnnotateLedgerEntry
from app.domain.operation import NO_EVIDENCE, Booking
from app.domain.provider import Call
from app.domain.refusals import InvalidState, ProviderRejected
from tests.adapters.adobe_company_credit.writing import (
    MARK,
    SEVEN,
    SOURCE,
    account,
    envelope,
    history,
    row,
    searches,
)

ROW = "/V1/companyCredits/history/90"
BOOKED = Booking(provider_reference="90", entry_id=ProviderEntryId("90"))
WITH_TEXTS = row(
    90, purchase_order="PO-1", comment='{"custom":"wire","system":{"order":"000000042"}}'
)


def note(entry_id: str = "90", **texts: Any) -> AnnotateLedgerEntry:
    return AnnotateLedgerEntry(
        source=SOURCE, account_id=SEVEN, entry_id=ProviderEntryId(entry_id), **texts
    )


def call(instruction: AnnotateLedgerEntry) -> Call[Any]:
    return Call(instruction=instruction, mark=MARK, evidence=NO_EVIDENCE, observed=account())


async def sent(adobe: AdobeCompanyCredit, instruction: AnnotateLedgerEntry) -> Booking:
    return await adobe.writers[AnnotateLedgerEntry].send(call(instruction))


async def found(adobe: AdobeCompanyCredit, instruction: AnnotateLedgerEntry) -> Booking | None:
    return await adobe.writers[AnnotateLedgerEntry].find(call(instruction))


async def prepare(adobe: AdobeCompanyCredit, instruction: AnnotateLedgerEntry) -> None:
    evidence = await adobe.writers[AnnotateLedgerEntry].prepare(instruction, account())
    assert evidence == NO_EVIDENCE


async def test_a_row_of_a_payment_may_be_annotated(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    rows = history(shop, lambda _: [WITH_TEXTS])

    await prepare(adobe, note(comment="x", purchase_order="p" * 60))

    assert searches(rows) == [{"entity_id eq": "90"}]


@pytest.mark.parametrize(("number", "name"), [(3, "Purchased"), (2, "Updated"), (9, "type 9")])
async def test_rows_of_other_types_are_refused(
    adobe: AdobeCompanyCredit, shop: respx.Router, number: int, name: str
) -> None:
    history(shop, lambda _: [row(90, type=number)])

    with pytest.raises(InvalidState) as refusal:
        await prepare(adobe, note(comment="x"))

    assert (refusal.value.state, refusal.value.allowed) == (name, ("Reimbursed",))


@pytest.mark.parametrize(
    "rows", [[], [row(90, company_credit_id=8)]], ids=["none", "another account's"]
)
async def test_a_row_that_the_account_does_not_have_is_not_found(
    adobe: AdobeCompanyCredit, shop: respx.Router, rows: list[dict[str, Any]]
) -> None:
    history(shop, lambda _: rows)

    with pytest.raises(AccountNotFound) as refusal:
        await prepare(adobe, note(comment="x"))

    assert refusal.value.kind == "ledger entry"


async def test_another_row_than_asked_for_is_refused(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    history(shop, lambda _: [row(91)])

    with pytest.raises(ProviderContractBroken):
        await prepare(adobe, note(comment="x"))


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        ({"purchase_order": "p" * 61}, "purchaseOrder"),
        ({"purchase_order": "a\0b"}, "purchaseOrder"),
        ({"comment": "a\0b"}, "comment"),
        ({"comment": "x" * 60_000}, "comment"),
    ],
    ids=["long order", "NUL in order", "NUL in comment", "long comment"],
)
async def test_texts_that_would_be_cut_are_refused(
    adobe: AdobeCompanyCredit, shop: respx.Router, texts: dict[str, str], path: str
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await prepare(adobe, note(**texts))

    assert refusal.value.path == (path,)
    assert not shop.calls


@pytest.mark.parametrize("hostile", ["", "0", "90/../7", "history", "9" * 19])
async def test_an_id_that_adobe_cannot_have_is_not_found_without_asking(
    adobe: AdobeCompanyCredit, shop: respx.Router, hostile: str
) -> None:
    with pytest.raises(AccountNotFound):
        await prepare(adobe, note(hostile, comment="x"))

    assert not shop.calls


@pytest.mark.parametrize(
    ("texts", "before", "body"),
    [
        ({"comment": "bank"}, WITH_TEXTS, {"purchaseOrder": "PO-1", "comment": "bank"}),
        ({"purchase_order": "PO-2"}, WITH_TEXTS, {"purchaseOrder": "PO-2", "comment": "wire"}),
        ({"purchase_order": ""}, WITH_TEXTS, {"purchaseOrder": "", "comment": "wire"}),
        ({"comment": "bank"}, row(90), {"purchaseOrder": "", "comment": "bank"}),
        ({"purchase_order": "PO-2"}, row(90), {"purchaseOrder": "PO-2", "comment": ""}),
        ({}, WITH_TEXTS, {"purchaseOrder": "PO-1", "comment": "wire"}),
    ],
    ids=["comment", "order", "order erased", "no order", "no comment", "nothing"],
)
async def test_both_texts_are_always_sent(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    texts: dict[str, str],
    before: dict[str, Any],
    body: dict[str, str],
) -> None:
    put = shop.put(ROW).respond(content=b"true")
    history(shop, lambda _: [before])

    assert await sent(adobe, note(**texts)) == BOOKED

    assert put.call_count == 1
    assert exact_json.decode(put.calls.last.request.content) == body
    assert put.calls.last.request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (httpx.Response(404, content=envelope(fieldName="id", fieldValue=90)), AccountNotFound),
        (httpx.Response(400, content=envelope()), ProviderRejected),
        (httpx.Response(400, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(500, content=envelope()), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(200, content=b"tr"), OutcomeUnknown),
        (httpx.ReadTimeout("late"), OutcomeUnknown),
    ],
    ids=repr,
)
async def test_an_answer_without_success_is_none(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    answer: httpx.Response | Exception,
    refused: type[Exception],
) -> None:
    put = shop.put(ROW).mock(side_effect=[answer])
    history(shop, lambda _: [WITH_TEXTS])

    with pytest.raises(refused):
        await sent(adobe, note(comment="bank"))

    assert put.call_count == 1


async def test_nothing_is_sent_when_the_row_cannot_be_read(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    put = shop.put(ROW).respond(content=b"true")
    history(shop, lambda _: httpx.ReadTimeout("late"))

    with pytest.raises(ProviderTimedOut):
        await sent(adobe, note(comment="bank"))

    assert not put.called


@pytest.mark.parametrize(
    ("texts", "booking"),
    [
        ({"comment": "wire"}, BOOKED),
        ({"purchase_order": "PO-1"}, BOOKED),
        ({"purchase_order": "PO-1", "comment": "wire"}, BOOKED),
        ({"comment": "bank"}, None),
        ({"purchase_order": "PO-2", "comment": "wire"}, None),
        ({"purchase_order": ""}, None),
    ],
    ids=repr,
)
async def test_a_lost_note_is_found_by_its_texts(
    adobe: AdobeCompanyCredit,
    shop: respx.Router,
    texts: dict[str, str],
    booking: Booking | None,
) -> None:
    history(shop, lambda _: [WITH_TEXTS])

    assert await found(adobe, note(**texts)) == booking
    assert {it.request.method for it in shop.calls} == {"GET"}


async def test_a_row_is_found_in_the_record_that_replaced_its_own(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    history(shop, lambda _: [WITH_TEXTS | {"company_credit_id": 12}])

    assert await found(adobe, note(comment="wire")) == BOOKED


async def test_a_row_that_is_gone_leaves_no_trace(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    history(shop, lambda _: [])

    assert await found(adobe, note(comment="wire")) is None


async def test_a_provider_that_is_still_away_proves_nothing(
    adobe: AdobeCompanyCredit, shop: respx.Router
) -> None:
    history(shop, lambda _: httpx.ReadTimeout("late"))

    with pytest.raises(ProviderTimedOut):
        await found(adobe, note(comment="wire"))
