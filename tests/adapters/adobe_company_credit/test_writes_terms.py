"""Setting limit, currency and the leave to exceed, and finding a write whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.transport import exact_json
from app.domain.capability import Capability
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    CurrencyMismatch,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderFailed,
    ProviderFault,
    ProviderTimedOut,
    SourceProblemKind,
    UnsupportedOperation,
)
from app.domain.identifiers import ProviderEntryId
from app.domain.instructions import SetCreditLimit, UpdateCreditAccount
from app.domain.instruments import CreditAccount, VtexDocumentType
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call
from app.domain.refusals import ProviderRejected
from tests.adapters.adobe_company_credit.writing import (
    MARK,
    SEVEN,
    SINCE_90,
    SOURCE,
    account,
    envelope,
    history,
    listed,
    row,
    searches,
    usd,
)

EUR = Currency("EUR")
CREDIT = "/V1/companyCredits/7"
GONE = httpx.Response(404, content=envelope(fieldName="CompanyCreditID", fieldValue=7))
BOOKED_91 = Booking(provider_reference="91", entry_id=ProviderEntryId("91"))

Change = SetCreditLimit | UpdateCreditAccount
CreditBody = Callable[..., bytes]


def eur(amount: str) -> Money:
    return Money(Decimal(amount), EUR)


def limit_of(amount: str = "6000", **changes: Any) -> SetCreditLimit:
    members: dict[str, Any] = {"source": SOURCE, "account_id": SEVEN, "limit": usd(amount)}
    return SetCreditLimit(**members | changes)


def update(**changes: Any) -> UpdateCreditAccount:
    return UpdateCreditAccount(source=SOURCE, account_id=SEVEN, **changes)


def changed(row_id: int, limit: int = 6000, **changes: Any) -> dict[str, Any]:
    return row(row_id, type=2, amount=0, credit_limit=limit, **changes)


@pytest.fixture
def usd_body(credit_body: CreditBody) -> CreditBody:
    """Credit 7 of company 3 with a limit of 6000 USD."""

    def build(**members: Any) -> bytes:
        seven = {"id": 7, "company_id": 3, "currency_code": "USD", "credit_limit": 6000}
        return credit_body(**seven | members)

    return build


async def prepared(adobe: AdobeCompanyCredit, change: Change, **seen: Any) -> Evidence:
    return await adobe.writers[type(change)].prepare(change, account(**seen))


async def sent(
    adobe: AdobeCompanyCredit, change: Change, observed: CreditAccount | None = None
) -> Booking:
    call = Call(instruction=change, mark=MARK, evidence=SINCE_90, observed=observed or account())
    return await adobe.writers[type(change)].send(call)


async def found(
    adobe: AdobeCompanyCredit,
    change: Change,
    *,
    evidence: Evidence = SINCE_90,
    after_a_crash: bool = False,
) -> Booking | None:
    call = Call(
        instruction=change,
        mark=MARK,
        evidence=evidence,
        observed=None if after_a_crash else account(),
    )
    return await adobe.writers[type(change)].find(call)


def terms_in(route: respx.Route) -> Any:
    assert route.call_count == 1
    request = route.calls.last.request
    assert request.headers["Content-Type"] == "application/json"
    return exact_json.decode(request.content)["creditLimit"]


class TestPreparing:
    async def test_the_newest_row_is_noted(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [row(90)])

        assert await prepared(adobe, limit_of()) == SINCE_90

    @pytest.mark.parametrize(
        ("member", "capability"),
        [
            ({"email": "a@example.com"}, Capability.HOLDERS),
            ({"document": "123"}, Capability.HOLDERS),
            ({"document_type": VtexDocumentType.CPF}, Capability.HOLDERS),
            ({"tolerance": Decimal("0.1")}, Capability.TOLERANCE),
        ],
        ids=repr,
    )
    async def test_what_the_record_does_not_have_is_not_supported(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        member: dict[str, Any],
        capability: Capability,
    ) -> None:
        with pytest.raises(UnsupportedOperation) as refusal:
            await prepared(adobe, update(limit=usd("1"), **member))

        assert refusal.value.capability == capability
        assert not shop.calls

    @pytest.mark.parametrize("amount", ["-1", "0.00001", "1234567890123456"])
    async def test_a_limit_that_adobe_would_not_keep_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, amount: str
    ) -> None:
        with pytest.raises(InvalidQuestion) as refusal:
            await prepared(adobe, limit_of(amount))

        assert refusal.value.path == ("limit", "amount")
        assert not shop.calls

    @pytest.mark.parametrize(
        "change",
        [
            limit_of(limit=eur("1")),
            update(limit=eur("1")),
            update(limit=usd("1"), currency=EUR),
        ],
        ids=["limit", "update", "update with a currency"],
    )
    async def test_a_limit_in_another_currency_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, change: Change
    ) -> None:
        with pytest.raises(CurrencyMismatch):
            await prepared(adobe, change)

        assert not shop.calls

    async def test_a_limit_is_never_carried_over_into_another_currency(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        with pytest.raises(InvalidQuestion) as refusal:
            await prepared(adobe, update(currency=EUR))

        assert refusal.value.path == ("limit",)
        assert not shop.calls

    @pytest.mark.parametrize(
        ("change", "seen"),
        [
            (update(currency=EUR, limit=eur("5000")), {}),
            (update(currency=EUR), {"limit": None}),
            (update(exceed_limit=True), {}),
            (limit_of("0"), {}),
        ],
        ids=["limit in it", "no limit to carry over", "leave to exceed", "nothing granted"],
    )
    async def test_terms_that_adobe_keeps_are_not_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, change: Change, seen: Any
    ) -> None:
        history(shop, lambda _: [])

        assert await prepared(adobe, change, **seen) == NO_EVIDENCE

    @pytest.mark.parametrize("observed", [None, account(details=None)])
    async def test_what_is_no_credit_of_adobes_is_not_found(
        self, adobe: AdobeCompanyCredit, observed: CreditAccount | None
    ) -> None:
        call = Call(instruction=limit_of(), mark=MARK, evidence=SINCE_90, observed=observed)

        with pytest.raises(AccountNotFound):
            await adobe.writers[SetCreditLimit].send(call)


class TestSending:
    @pytest.mark.parametrize(
        ("change", "seen", "terms"),
        [
            (limit_of("6000.50"), {}, (Decimal("6000.5"), False)),
            (limit_of(comment="not sent"), {}, (6000, False)),
            (limit_of(), {"exceed_allowed": True}, (6000, True)),
            (update(exceed_limit=True), {}, (5000, True)),
            (update(limit=usd("6E+3"), exceed_limit=True, comment="not sent"), {}, (6000, True)),
            (update(exceed_limit=True), {"limit": None}, (0, True)),
        ],
        ids=["limit", "comment", "leave kept", "limit kept", "both", "no limit kept"],
    )
    async def test_the_terms_go_out_whole(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        credit_body: CreditBody,
        change: Change,
        seen: Any,
        terms: tuple[Decimal, bool],
    ) -> None:
        limit, exceed = terms
        answer = credit_body(id=7, currency_code="USD", credit_limit=limit, exceed_limit=exceed)
        put = shop.put(CREDIT).respond(content=answer)
        history(shop, lambda _: [])

        assert await sent(adobe, change, account(**seen)) == Booking()

        assert terms_in(put) == {
            "company_id": 3,
            "credit_limit": limit,
            "currency_code": "USD",
            "exceed_limit": exceed,
        }

    async def test_the_row_that_was_written_is_named(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.put(CREDIT).respond(content=usd_body())
        rows = history(shop, lambda _: [changed(92, limit=5500), changed(91)])

        assert await sent(adobe, limit_of()) == BOOKED_91
        assert searches(rows) == [
            {
                "company_credit_id eq": "7",
                "entity_id gt": "90",
                "type in": "1,2",
                "amount eq": "0",
            }
        ]

    @pytest.mark.parametrize(
        "rows",
        [
            httpx.ReadTimeout("late"),
            httpx.Response(500, content=envelope()),
            httpx.Response(200, content=b"<html>"),
            httpx.Response(200, content=listed([changed(91)], total=101)),
            [changed(92), changed(91)],
        ],
        ids=["timeout", "500", "HTML", "too many", "two of them"],
    )
    async def test_a_limit_stays_set_when_its_row_cannot_be_told(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody, rows: Any
    ) -> None:
        shop.put(CREDIT).respond(content=usd_body())
        history(shop, lambda _: rows)

        assert await sent(adobe, limit_of()) == Booking()

    async def test_a_change_of_currency_names_the_new_record(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        put = shop.put(CREDIT).respond(content=usd_body(currency_code="EUR"))
        shop.get("/V1/companyCredits/company/3").respond(
            content=usd_body(id=12, currency_code="EUR", credit_limit=5000)
        )

        booking = await sent(adobe, update(currency=EUR, limit=eur("5000")))

        assert booking == Booking(created_id="12")
        assert terms_in(put) == {
            "company_id": 3,
            "credit_limit": 5000,
            "currency_code": "EUR",
            "exceed_limit": False,
        }

    @pytest.mark.parametrize(
        "trouble", [httpx.Response(500, content=envelope()), GONE], ids=["500", "gone"]
    )
    async def test_a_change_of_currency_stays_booked_when_the_new_record_is_not_found(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        usd_body: CreditBody,
        trouble: httpx.Response,
    ) -> None:
        shop.put(CREDIT).respond(content=usd_body(currency_code="EUR"))
        shop.get("/V1/companyCredits/company/3").mock(return_value=trouble)

        assert await sent(adobe, update(currency=EUR, limit=eur("5000"))) == Booking()

    async def test_a_release_that_keeps_the_id_names_no_new_record(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        body = usd_body(currency_code="EUR", credit_limit=5000)
        shop.put(CREDIT).respond(content=body)
        shop.get("/V1/companyCredits/company/3").respond(content=body)

        assert await sent(adobe, update(currency=EUR, limit=eur("5000"))) == Booking()

    @pytest.mark.parametrize(
        ("status", "parameters", "refused"),
        [
            (400, {"fieldName": "credit_limit", "fieldValue": -1}, InvalidQuestion),
            (400, {"fieldName": "currency_code", "fieldValue": "XXX"}, ProviderRejected),
            (400, {"fieldName": "company_id", "value": 3}, ProviderRejected),
            (404, {"fieldName": "CompanyCreditID", "fieldValue": 7}, AccountNotFound),
        ],
    )
    async def test_a_refusal_means_that_nothing_was_set(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        status: int,
        parameters: dict[str, object],
        refused: type[CreditError],
    ) -> None:
        shop.put(CREDIT).respond(status, content=envelope(**parameters))

        with pytest.raises(refused):
            await sent(adobe, limit_of())

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.ReadTimeout("late"),
            httpx.ReadError("reset"),
            httpx.Response(500, content=envelope()),
            httpx.Response(502, content=b"<html>"),
            httpx.Response(401, content=b"<html>"),
            httpx.Response(200, content=b""),
            httpx.Response(200, content=b"true"),
            httpx.Response(200, content=b'{"id":7,"company_id":3,"credit_li'),
        ],
        ids=repr,
    )
    async def test_any_other_answer_leaves_it_unknown(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        answer: httpx.Response | Exception,
    ) -> None:
        put = shop.put(CREDIT).mock(side_effect=[answer])

        with pytest.raises(OutcomeUnknown):
            await sent(adobe, limit_of())

        assert len(shop.calls) == put.call_count == 1

    @pytest.mark.parametrize(
        "other",
        [{"credit_limit": 5000}, {"credit_limit": None}, {"currency_code": "EUR"}],
        ids=repr,
    )
    async def test_an_answer_with_other_terms_is_no_success(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody, other: Any
    ) -> None:
        shop.put(CREDIT).respond(content=usd_body(**other))

        with pytest.raises(OutcomeUnknown) as unknown:
            await sent(adobe, limit_of())

        assert unknown.value.kind is SourceProblemKind.BAD_RESPONSE


class TestFinding:
    async def test_terms_as_wanted_are_a_booking(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body())
        history(shop, lambda _: [changed(91)])

        assert await found(adobe, limit_of()) == BOOKED_91
        assert {it.request.method for it in shop.calls} == {"GET"}

    async def test_terms_that_were_so_before_are_a_booking_without_a_row(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body())
        history(shop, lambda _: [])

        assert await found(adobe, limit_of()) == Booking()

    async def test_no_limit_is_as_good_as_a_limit_of_nothing(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body(credit_limit=None))
        history(shop, lambda _: [])

        assert await found(adobe, limit_of("0")) == Booking()

    async def test_other_terms_without_a_row_are_no_trace(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body(credit_limit=5000))
        history(shop, lambda _: [changed(91, limit=5500)])

        assert await found(adobe, limit_of()) is None

    async def test_a_limit_that_somebody_changed_since_is_found_by_its_row(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body(credit_limit=9000))
        history(shop, lambda _: [changed(92, limit=9000), changed(91)])

        assert await found(adobe, limit_of()) == BOOKED_91

    @pytest.mark.parametrize(
        "change",
        [update(exceed_limit=True), update(limit=usd("6000"), exceed_limit=True)],
        ids=["alone", "with a limit"],
    )
    async def test_a_leave_to_exceed_that_may_have_been_withdrawn_since_stays_unknown(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody, change: Change
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body(exceed_limit=False))
        history(shop, lambda _: [changed(92), changed(91)])

        with pytest.raises(OutcomeUnknown):
            await found(adobe, change)

    async def test_a_leave_to_exceed_without_a_row_is_no_trace(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, usd_body: CreditBody
    ) -> None:
        shop.get(CREDIT).respond(content=usd_body(exceed_limit=False))
        history(shop, lambda _: [])

        assert await found(adobe, update(exceed_limit=True)) is None

    @pytest.mark.parametrize(
        ("trouble", "fault"),
        [
            (httpx.ReadTimeout("late"), ProviderTimedOut),
            (httpx.Response(500, content=envelope()), ProviderFailed),
        ],
        ids=["timeout", "500"],
    )
    async def test_a_provider_that_is_still_away_proves_nothing(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        trouble: httpx.Response | Exception,
        fault: type[ProviderFault],
    ) -> None:
        shop.get(CREDIT).mock(side_effect=[trouble])

        with pytest.raises(fault):
            await found(adobe, limit_of())


class TestFindingAfterTheRecordWasReplaced:
    CHANGE = update(currency=EUR, limit=eur("5000"))

    @pytest.fixture(autouse=True)
    def _replaced(self, shop: respx.Router, usd_body: CreditBody) -> None:
        twelve = usd_body(id=12, currency_code="EUR", credit_limit=5000)
        shop.get(CREDIT).mock(return_value=GONE)
        shop.get("/V1/companyCredits/12").respond(content=twelve)
        shop.get("/V1/companyCredits/company/3").respond(content=twelve)

    async def test_it_is_found_by_its_company(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(
            shop,
            lambda _: [
                changed(91, limit=5000, company_credit_id=12, currency_credit="EUR"),
            ],
        )

        booking = await found(adobe, self.CHANGE)

        assert booking == replace(BOOKED_91, created_id="12")
        assert searches(rows)[0]["company_credit_id eq"] == "12"

    async def test_it_is_found_after_a_crash_by_the_row_that_was_noted(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(
            shop,
            lambda filters: (
                [row(90, company_credit_id=12)] if filters == {"entity_id eq": "90"} else []
            ),
        )

        booking = await found(adobe, self.CHANGE, after_a_crash=True)

        assert booking == Booking(created_id="12")
        assert searches(rows)[0] == {"entity_id eq": "90"}

    @pytest.mark.parametrize("evidence", [NO_EVIDENCE, SINCE_90], ids=["nothing noted", "row gone"])
    async def test_without_a_noted_row_it_stays_unknown_after_a_crash(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, evidence: Evidence
    ) -> None:
        history(shop, lambda _: [])

        with pytest.raises(OutcomeUnknown):
            await found(adobe, self.CHANGE, evidence=evidence, after_a_crash=True)

    async def test_a_record_that_was_replaced_twice_meanwhile_stays_unknown(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        shop.get("/V1/companyCredits/12").mock(return_value=GONE)
        history(shop, lambda _: [row(90, company_credit_id=12)])

        with pytest.raises(OutcomeUnknown):
            await found(adobe, self.CHANGE, after_a_crash=True)

    async def test_a_company_without_any_record_leaves_it_unknown(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        shop.get("/V1/companyCredits/company/3").mock(return_value=GONE)

        with pytest.raises(OutcomeUnknown):
            await found(adobe, self.CHANGE)

    async def test_a_limit_in_the_old_currency_is_not_taken_for_one_in_the_new(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [])

        assert await found(adobe, limit_of("5000")) is None
