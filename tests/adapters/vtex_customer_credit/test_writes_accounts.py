"""Opening, upserting, changing and closing accounts: what differs from write to write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import (
    AccountNotFound,
    CurrencyMismatch,
    InvalidQuestion,
    ProviderContractBroken,
    ProviderFailed,
    SourceProblemKind,
)
from app.domain.identifiers import ProviderAccountId
from app.domain.instructions import (
    Instruction,
    UpdateCreditAccount,
)
from app.domain.instruments import (
    AdobeCompanyCreditDetails,
    Instrument,
    InstrumentStatus,
    VtexDocumentType,
)
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.refusals import InvalidState, ProviderRejected
from tests.adapters.vtex_customer_credit.scenes import (
    CLOSE,
    LIMIT,
    OF_ACCOUNT,
    OPEN,
    OPENING,
    SCENES,
    TOLERANCE,
    UPDATE,
    UPSERT,
    Backend,
    answered,
    written_as,
)
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT,
    ACCOUNT_PATH,
    CLOSED,
    ROOT_PATH,
    Said,
    account,
    assert_lost,
    brl,
    call,
    written,
)

UUID = ProviderAccountId("fcba59e0-7f26-11ee-ba3c-511336e1518b")
USD = Money(Decimal(1), Currency("USD"))


@pytest.fixture
def backend(router: respx.Router) -> Backend:
    return Backend(router)


async def prepare(
    client: VtexCustomerCredit, instruction: Instruction, observed: Instrument | None = None
) -> Evidence:
    return await client.writers[type(instruction)].prepare(instruction, observed)


async def send(
    client: VtexCustomerCredit, instruction: Instruction, observed: Instrument | None = None
) -> Booking:
    return await client.writers[type(instruction)].send(call(instruction, observed))


async def find(
    client: VtexCustomerCredit, instruction: Instruction, evidence: Evidence = NO_EVIDENCE
) -> Booking | None:
    return await client.writers[type(instruction)].find(call(instruction, None, evidence))


async def test_what_is_open_already_is_not_opened(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    with pytest.raises(InvalidState) as refusal:
        await prepare(client, OPEN)

    assert (refusal.value.state, refusal.value.allowed) == ("ACTIVE", ("CLOSED",))
    assert not written(router)


async def test_what_was_opened_on_a_screen_is_not_opened(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.has_no_account()
    backend.finds_accounts(answered(id=UUID))

    with pytest.raises(InvalidState):
        await prepare(client, OPEN)


@pytest.mark.parametrize("status", ["Closed", "Cancelled", "Dreaming"])
async def test_what_is_closed_may_be_opened(
    client: VtexCustomerCredit, backend: Backend, status: str
) -> None:
    backend.shows_account(status=status)
    backend.finds_accounts(answered(document="52998224725"), answered(status=status))

    assert await prepare(client, OPEN) == NO_EVIDENCE


async def test_a_search_that_shows_an_unreadable_account_stands_in_the_way_of_opening(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.has_no_account()
    backend.finds_accounts({"id": ""}, answered(document="52998224725"))

    with pytest.raises(ProviderContractBroken):
        await prepare(client, OPEN)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"limit": brl("-1")}, ("limit", "amount")),
        ({"limit": brl("0.0000001")}, ("limit", "amount")),
        ({"limit": brl("1E+20")}, ("limit", "amount")),
        ({"tolerance": Decimal("-0.1")}, ("tolerance",)),
        ({"tolerance": Decimal("0.1234567")}, ("tolerance",)),
        ({"email": "a\0@example.com"}, ("email",)),
        ({"email": ""}, ("email",)),
        ({"document": " "}, ("document",)),
        ({"document": "\ud800"}, ("document",)),
    ],
)
async def test_what_the_provider_would_keep_wrong_is_not_opened(
    client: VtexCustomerCredit,
    router: respx.Router,
    changes: dict[str, Any],
    path: tuple[str, ...],
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await prepare(client, replace(OPEN, **changes))

    assert refusal.value.path == path
    assert not router.calls


@pytest.mark.parametrize(
    "instruction",
    [replace(OPEN, limit=USD), replace(UPSERT, limit=USD)],
    ids=["open", "upsert"],
)
async def test_a_new_account_has_the_currency_of_the_store(
    client: VtexCustomerCredit, instruction: Instruction
) -> None:
    with pytest.raises(CurrencyMismatch) as refusal:
        await prepare(client, instruction)

    assert (refusal.value.expected, refusal.value.actual) == ("BRL", "USD")


ALREADY_OPEN = {"code": 1099, "message": "The Credit Account is already open."}


async def test_what_somebody_else_opened_meanwhile_is_not_opened(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    router.post(path=f"{ROOT_PATH}/accounts").respond(400, json=ALREADY_OPEN)

    with pytest.raises(InvalidState) as refusal:
        await send(client, OPEN)

    assert (refusal.value.state, refusal.value.allowed) == ("ACTIVE", ("CLOSED",))


@pytest.mark.parametrize("status", [404, 500])
async def test_already_open_of_what_is_not_there_is_told_by_its_code(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, status: int
) -> None:
    router.post(path=f"{ROOT_PATH}/accounts").respond(400, json=ALREADY_OPEN)
    backend.account.respond(status)
    backend.search.respond(json={"data": []})

    with pytest.raises(ProviderRejected) as refusal:
        await send(client, OPEN)

    assert refusal.value.provider_code == "1099"


@pytest.mark.parametrize(
    "members",
    [
        {"creditLimit": 1000.01},
        {"tolerance": 0.2},
        {"email": "other@example.com"},
        {"status": "Closed"},
        {"status": "Dreaming"},
    ],
)
async def test_an_account_that_was_opened_otherwise_is_no_success(
    client: VtexCustomerCredit, router: respx.Router, members: dict[str, Any]
) -> None:
    router.post(path=f"{ROOT_PATH}/accounts").respond(text=written_as(answered(**members)))

    await assert_lost(send(client, OPEN), SourceProblemKind.BAD_RESPONSE)


async def test_a_document_of_another_type_is_written_in_the_providers_word(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    other = replace(OPEN, document="12", document_type=VtexDocumentType.OTHER)
    missing = router.get(path=f"{ROOT_PATH}/accounts/12_Other").respond(404)
    router.post(path=f"{ROOT_PATH}/accounts").respond(text=written_as(answered(id="12_Other")))

    await prepare(client, other)
    booking = await send(client, other)

    assert missing.called
    assert booking == Booking(created_id="12_Other")
    assert '"documentType":"Other"' in written(router)[0].body


async def test_an_opening_of_which_nothing_is_there_left_no_trace(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.has_no_account()

    assert await find(client, OPEN) is None


@pytest.mark.parametrize("members", [{}, {"email": "Shopper@Example.com", "creditLimit": "1000"}])
async def test_an_opening_is_found_by_the_id_that_it_makes(
    client: VtexCustomerCredit, backend: Backend, members: dict[str, Any]
) -> None:
    backend.shows_account(**members)

    assert await find(client, OPEN) == Booking(created_id=ACCOUNT)


async def test_an_opening_is_found_by_e_mail_under_another_id(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.has_no_account()
    backend.finds_accounts(answered(id=UUID))

    assert await find(client, OPEN) == Booking(created_id=UUID)


async def test_an_account_of_somebody_else_in_its_place_refuses_the_opening(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.shows_account(email="other@example.com")

    with pytest.raises(InvalidState):
        await find(client, OPEN)


@pytest.mark.parametrize("members", [{"creditLimit": 5}, {"tolerance": 1}])
async def test_an_account_with_other_terms_in_its_place_tells_nothing(
    client: VtexCustomerCredit, backend: Backend, members: dict[str, Any]
) -> None:
    backend.shows_account(**members)

    await assert_lost(find(client, OPEN), SourceProblemKind.TIMEOUT)


async def test_a_provider_that_is_still_away_tells_nothing(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.account.respond(500)

    for instruction in (OPEN, UPSERT, UPDATE, CLOSE, LIMIT, TOLERANCE):
        with pytest.raises(ProviderFailed):
            await find(client, instruction)


async def test_the_evidence_for_a_limit_is_the_one_before(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    before = Evidence(figure=brl("1000"))

    assert await prepare(client, UPSERT) == before
    assert await prepare(client, UPDATE, account()) == before
    assert await prepare(client, LIMIT, account()) == before


async def test_a_closed_account_is_not_opened_anew_without_leave(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.shows_account(status="Closed")

    for attempt in (prepare, send):
        with pytest.raises(InvalidState) as refusal:
            await attempt(client, UPSERT)
        assert (refusal.value.state, refusal.value.allowed) == ("CLOSED", ("ACTIVE",))


async def test_a_closed_account_is_opened_anew_with_leave(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend
) -> None:
    backend.shows_account(status="Closed")
    again = replace(UPSERT, email="shopper@example.com", limit=brl("1000.00"), reopen_closed=True)
    router.post(path=f"{ROOT_PATH}/accounts").respond(text=written_as(answered(tolerance=0)))

    assert await prepare(client, again) == NO_EVIDENCE
    assert await send(client, again) == Booking()

    assert written(router) == [Said("POST", "/accounts", OPENING % "0")]


@pytest.mark.parametrize("account_id", [UUID, "_CPF", "11144477735", "1_RG"])
async def test_an_id_that_no_opening_makes_is_not_opened(
    client: VtexCustomerCredit, router: respx.Router, account_id: str
) -> None:
    router.get(path=f"{ROOT_PATH}/accounts/{account_id}").respond(404)

    with pytest.raises(InvalidQuestion) as refusal:
        await prepare(client, replace(UPSERT, account_id=ProviderAccountId(account_id)))

    assert refusal.value.path == ("nativeId",)


async def test_an_account_with_another_id_is_upserted_by_its_own_identity(
    client: VtexCustomerCredit, router: respx.Router
) -> None:
    path = f"{ROOT_PATH}/accounts/{UUID}"
    router.get(path=path).respond(text=written_as(answered(id=UUID)))
    now = answered(id=UUID, email="new@example.com", creditLimit=Decimal("2000.5"))
    router.put(path=path).respond(text=written_as(now))

    await send(client, replace(UPSERT, account_id=UUID))

    assert '"document":"11144477735","documentType":"CPF"' in written(router)[0].body


@pytest.mark.parametrize("members", [{"document": None}, {"documentType": "RG"}])
async def test_an_account_without_a_whole_identity_is_not_upserted(
    client: VtexCustomerCredit, backend: Backend, members: dict[str, Any]
) -> None:
    backend.shows_account(**members)

    with pytest.raises(InvalidQuestion):
        await prepare(client, UPSERT)


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (None, None),
        ({"status": "Closed"}, None),
        ({}, None),
        ({"email": "new@example.com", "creditLimit": 2000.5}, Booking()),
        ({"email": "other@example.com", "creditLimit": 2000.5}, None),
    ],
    ids=["none", "closed", "as before", "as wanted", "another e-mail"],
)
async def test_an_upsert_is_found_in_the_account(
    client: VtexCustomerCredit,
    backend: Backend,
    shown: Mapping[str, Any] | None,
    found: Booking | None,
) -> None:
    if shown is None:
        backend.has_no_account()
    else:
        backend.shows_account(**shown)

    assert await find(client, UPSERT, Evidence(figure=brl("1000"))) == found


@pytest.mark.parametrize(
    "members", [{"email": "new@example.com"}, {"creditLimit": 2000.5}, {"status": "Dreaming"}]
)
async def test_an_account_that_was_upserted_otherwise_is_no_success(
    client: VtexCustomerCredit, router: respx.Router, backend: Backend, members: dict[str, Any]
) -> None:
    router.put(path=ACCOUNT_PATH).respond(text=written_as(answered(**members)))

    await assert_lost(send(client, UPSERT), SourceProblemKind.BAD_RESPONSE)


changes_of_the_limit = pytest.mark.parametrize("instruction", [UPSERT, UPDATE, LIMIT])


@changes_of_the_limit
async def test_a_limit_that_is_neither_the_old_nor_the_new_one_tells_nothing(
    client: VtexCustomerCredit, backend: Backend, instruction: Instruction
) -> None:
    backend.shows_account(creditLimit=6500)

    await assert_lost(
        find(client, instruction, Evidence(figure=brl("999"))), SourceProblemKind.TIMEOUT
    )


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("set the limit", {"creditLimit": 6500}),
        ("set the limit", {"id": UUID}),
        ("set the tolerance", {"tolerance": 0.4}),
        ("update", {"creditLimit": 2000}),
        ("update", {"tolerance": 0.1}),
        ("update", {"email": "shopper@example.com"}),
        ("update", {"email": None}),
        ("close", {"status": "Open"}),
        ("close", {"status": "Dreaming"}),
        ("close", {"id": UUID}),
    ],
)
async def test_an_account_that_is_not_as_asked_afterwards_is_no_success(
    client: VtexCustomerCredit, router: respx.Router, name: str, members: dict[str, Any]
) -> None:
    scene = SCENES[name]
    answer = {**(scene.answer or {}), **members}
    router.request(scene.method, path=ROOT_PATH + scene.path).respond(text=written_as(answer))

    await assert_lost(send(client, scene.instruction, account()), SourceProblemKind.BAD_RESPONSE)


@pytest.mark.parametrize(
    ("given", "identity"),
    [
        ({"tolerance": Decimal(0)}, ("shopper@example.com", "11144477735", "CPF")),
        ({"document": "12"}, ("shopper@example.com", "12", "CPF")),
        ({"document_type": VtexDocumentType.CNPJ}, ("shopper@example.com", "11144477735", "CNPJ")),
        ({"email": "b@example.com"}, ("b@example.com", "11144477735", "CPF")),
    ],
)
async def test_every_update_names_the_whole_identity(
    client: VtexCustomerCredit,
    router: respx.Router,
    given: dict[str, Any],
    identity: tuple[str, ...],
) -> None:
    instruction = UpdateCreditAccount(**OF_ACCOUNT, **given)
    now = answered(email=identity[0], tolerance=0)
    router.put(path=ACCOUNT_PATH).respond(text=written_as(now))

    await prepare(client, instruction, account())
    await send(client, instruction, account())

    sent = written(router)[0].body
    assert tuple(json.loads(sent).values())[:3] == identity


@pytest.mark.parametrize(
    ("kept", "name"),
    [
        ({"email": None}, "email"),
        ({"document": None}, "document"),
        ({"document_type": None}, "documentType"),
    ],
)
async def test_an_identity_that_would_be_erased_has_to_be_given(
    client: VtexCustomerCredit, kept: dict[str, Any], name: str
) -> None:
    instruction = UpdateCreditAccount(**OF_ACCOUNT, tolerance=Decimal(1))

    with pytest.raises(InvalidQuestion) as refusal:
        await prepare(client, instruction, account(**kept))

    assert refusal.value.path == (name,)


async def test_an_identity_that_is_given_need_not_be_known(
    client: VtexCustomerCredit,
) -> None:
    instruction = UpdateCreditAccount(
        **OF_ACCOUNT,
        email="a@example.com",
        document="1",
        document_type=VtexDocumentType.OTHER,
    )
    unknown = account(email=None, document=None, document_type=None)

    assert await prepare(client, instruction, unknown) == Evidence(figure=brl("1000"))


@pytest.mark.parametrize(
    ("instruction", "path"),
    [
        (replace(UPDATE, exceed_limit=False), ("exceedLimit",)),
        (replace(UPDATE, currency=Currency("BRL")), ("currencyCode",)),
        (replace(UPDATE, comment=""), ("comment",)),
        (replace(UPDATE, limit=brl("-1")), ("limit", "amount")),
        (replace(UPDATE, tolerance=Decimal(-1)), ("tolerance",)),
        (replace(UPDATE, email="\0"), ("email",)),
        (replace(UPDATE, email=""), ("email",)),
        (replace(UPDATE, document=""), ("document",)),
        (replace(UPSERT, email=""), ("email",)),
        (replace(UPDATE, document="\udfff"), ("document",)),
        (replace(LIMIT, comment="why"), ("comment",)),
        (replace(LIMIT, limit=brl("-0.01")), ("limit", "amount")),
        (replace(TOLERANCE, tolerance=Decimal("-0.01")), ("tolerance",)),
        (replace(UPSERT, email="\0"), ("email",)),
    ],
)
async def test_what_the_provider_has_no_place_for_is_refused(
    client: VtexCustomerCredit,
    router: respx.Router,
    instruction: Instruction,
    path: tuple[str, ...],
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        await prepare(client, instruction, account())

    assert refusal.value.path == path
    assert not router.calls


@pytest.mark.parametrize("instruction", [replace(UPDATE, limit=USD), replace(LIMIT, limit=USD)])
async def test_a_limit_has_the_currency_of_its_account(
    client: VtexCustomerCredit, instruction: Instruction
) -> None:
    with pytest.raises(CurrencyMismatch):
        await prepare(client, instruction, account())


@pytest.mark.parametrize("instruction", [UPDATE, CLOSE, LIMIT, TOLERANCE])
async def test_an_account_that_is_not_there_is_not_changed(
    client: VtexCustomerCredit, instruction: Instruction
) -> None:
    with pytest.raises(AccountNotFound):
        await prepare(client, instruction, None)


async def test_an_account_of_another_provider_is_not_ours(client: VtexCustomerCredit) -> None:
    adobes = AdobeCompanyCreditDetails(
        credit_id=1,
        company_id=1,
        exceed_limit=False,
        balance=brl("0"),
        raw_available_limit=brl("0"),
    )

    with pytest.raises(AccountNotFound):
        await prepare(client, UPDATE, replace(account(), details=adobes))


@pytest.mark.parametrize(
    ("instruction", "shown", "found"),
    [
        (LIMIT, {"creditLimit": "5500.0"}, Booking()),
        (LIMIT, {}, None),
        (TOLERANCE, {"tolerance": 0.3}, Booking()),
        (TOLERANCE, {"tolerance": 0.1}, None),
        (TOLERANCE, {"tolerance": 0.2}, None),
        (UPDATE, {"email": "NEW@example.com", "tolerance": 0.25}, Booking()),
        (UPDATE, {"tolerance": 0.25}, None),
        (UPDATE, {"email": "new@example.com"}, None),
        (replace(UPDATE, document="12"), {"email": "new@example.com", "tolerance": 0.25}, None),
        (
            replace(UPDATE, document_type=VtexDocumentType.CNPJ),
            {"email": "new@example.com", "tolerance": 0.25},
            None,
        ),
        (CLOSE, {"status": "Closed"}, Booking()),
        (CLOSE, {"status": "Cancelled"}, Booking()),
        (CLOSE, {}, None),
    ],
)
async def test_a_change_is_found_in_the_account(
    client: VtexCustomerCredit,
    router: respx.Router,
    backend: Backend,
    instruction: Instruction,
    shown: Mapping[str, Any],
    found: Booking | None,
) -> None:
    backend.shows_account(**shown)

    assert await find(client, instruction, Evidence(figure=brl("1000.00"))) == found
    assert not written(router)


async def test_an_account_that_is_gone_is_closed(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.has_no_account()

    assert await find(client, CLOSE) == Booking()


async def test_a_status_nobody_knows_does_not_tell_whether_an_account_was_closed(
    client: VtexCustomerCredit, backend: Backend
) -> None:
    backend.shows_account(status="Dreaming")

    await assert_lost(find(client, CLOSE), SourceProblemKind.TIMEOUT)


async def test_a_closed_account_is_not_closed_again(client: VtexCustomerCredit) -> None:
    with pytest.raises(InvalidState) as refusal:
        await prepare(client, CLOSE, CLOSED)

    assert (refusal.value.state, refusal.value.allowed) == (
        InstrumentStatus.CLOSED,
        (InstrumentStatus.ACTIVE,),
    )
