"""Raising and lowering what a company owes, and finding a move whose answer was lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from adapters.adobe_company_credit.client import AdobeCompanyCredit
from adapters.transport import exact_json
from app.domain.errors import (
    AccountNotFound,
    BookedTwice,
    CreditError,
    CurrencyMismatch,
    InvalidQuestion,
    OutcomeUnknown,
    ProviderContractBroken,
    ProviderFailed,
    ProviderFault,
    ProviderRefusedUs,
    ProviderThrottled,
    ProviderTimedOut,
    ProviderUnreachable,
    SourceProblemKind,
)
from app.domain.hold_events import HoldEvent, HoldEventKind, HoldMode
from app.domain.identifiers import ProviderEntryId, ProviderHoldId
from app.domain.instructions import (
    BalanceReason,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
)
from app.domain.instruments import InstrumentStatus
from app.domain.money import Currency, Money
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call, ChecksAfterwards, Writes
from app.domain.refusals import InstrumentNotUsable, InsufficientCredit, ProviderRejected
from app.domain.spendable import IneligibilityReason
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

Move = IncreaseCreditBalance | DecreaseCreditBalance

INCREASE = "/V1/companyCredits/7/increaseBalance"
DECREASE = "/V1/companyCredits/7/decreaseBalance"
BOOKED_91 = Booking(provider_reference="91", entry_id=ProviderEntryId("91"))
MARKED = row(91, purchase_order=MARK, custom_reference_number=MARK)
GONE = httpx.Response(404, content=envelope(fieldName="CompanyCreditID", fieldValue=7))


def increase(amount: str = "100", **changes: Any) -> IncreaseCreditBalance:
    members: dict[str, Any] = {"reason": BalanceReason.REIMBURSED}
    return IncreaseCreditBalance(
        source=SOURCE, account_id=SEVEN, amount=usd(amount), **members | changes
    )


def decrease(amount: str = "100", **changes: Any) -> DecreaseCreditBalance:
    members: dict[str, Any] = {"reason": BalanceReason.PURCHASED}
    return DecreaseCreditBalance(
        source=SOURCE, account_id=SEVEN, amount=usd(amount), **members | changes
    )


def call(move: Move, evidence: Evidence = SINCE_90) -> Call[Any]:
    return Call(instruction=move, mark=MARK, evidence=evidence, observed=account())


async def prepared(adobe: AdobeCompanyCredit, move: Move, **seen: Any) -> Evidence:
    return await adobe.writers[type(move)].prepare(move, account(**seen))


async def sent(adobe: AdobeCompanyCredit, move: Move) -> Booking:
    return await adobe.writers[type(move)].send(call(move))


async def found(
    adobe: AdobeCompanyCredit, move: Move | None = None, evidence: Evidence = SINCE_90
) -> Booking | None:
    move = move or increase()
    return await adobe.writers[type(move)].find(call(move, evidence))


def body_of(route: respx.Route) -> Any:
    assert route.call_count == 1
    request = route.calls.last.request
    assert request.headers["Content-Type"] == "application/json"
    return exact_json.decode(request.content)


class TestPreparing:
    async def test_the_newest_row_of_the_account_is_noted(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(shop, lambda _: [row(90)])

        assert await prepared(adobe, increase()) == Evidence(newest_entry_id=ProviderEntryId("90"))
        assert searches(rows) == [{"company_credit_id eq": "7"}]
        assert rows.calls.last.request.url.params["searchCriteria[pageSize]"] == "1"

    async def test_a_credit_without_history_leaves_nothing_to_note(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [])

        assert await prepared(adobe, increase()) == NO_EVIDENCE

    @pytest.mark.parametrize(
        "move",
        [
            increase(reason=BalanceReason.PURCHASED),
            decrease(reason=BalanceReason.ALLOCATED),
            decrease(reason=BalanceReason.REFUNDED),
            decrease(reason=BalanceReason.REVERTED),
        ],
        ids=lambda move: f"{type(move).__name__} {move.reason}",
    )
    async def test_a_reason_that_goes_with_the_other_direction_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, move: Move
    ) -> None:
        with pytest.raises(InvalidQuestion) as refusal:
            await prepared(adobe, move)

        assert refusal.value.path == ("reason",)
        assert not shop.calls

    async def test_a_first_limit_may_be_allocated_while_there_is_no_history(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [])

        move = increase(reason=BalanceReason.ALLOCATED)

        assert await prepared(adobe, move, limit=None) == NO_EVIDENCE

    async def test_nothing_is_allocated_once_there_is_history(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [row(90)])

        with pytest.raises(InvalidQuestion) as refusal:
            await prepared(adobe, increase(reason=BalanceReason.ALLOCATED))

        assert refusal.value.path == ("reason",)

    @pytest.mark.parametrize(
        "amount",
        [
            "0",
            "-5",
            "0.00001",
            "1.00005",
            "1234567890123456",
            "123456789012.3456",
            "1E+15",
            "1E+999",
        ],
    )
    async def test_an_amount_that_adobe_would_change_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, amount: str
    ) -> None:
        with pytest.raises(InvalidQuestion) as refusal:
            await prepared(adobe, increase(amount))

        assert refusal.value.path == ("amount", "amount")
        assert not shop.calls

    async def test_a_purchase_order_is_one_line(self, adobe: AdobeCompanyCredit) -> None:
        with pytest.raises(InvalidQuestion) as refused:
            await prepared(adobe, increase(purchase_order="a\nb"))
        assert refused.value.path == ("purchaseOrder",)

    @pytest.mark.parametrize("member", ["comment", "purchase_order", "order_id"])
    @pytest.mark.parametrize("text", ["a\0b", "half \ud83d"], ids=["NUL", "half a character"])
    async def test_a_text_that_cannot_be_kept_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, member: str, text: str
    ) -> None:
        with pytest.raises(InvalidQuestion):
            await prepared(adobe, increase(**{member: text}))

        assert not shop.calls

    @pytest.mark.parametrize("text", ["x" * 60_000, "é" * 10_000], ids=["plain", "escaped"])
    async def test_a_comment_that_would_be_cut_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, text: str
    ) -> None:
        with pytest.raises(InvalidQuestion) as refusal:
            await prepared(adobe, increase(comment=text))

        assert refusal.value.path == ("comment",)
        assert not shop.calls

    async def test_money_of_another_currency_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        euros = IncreaseCreditBalance(
            source=SOURCE,
            account_id=SEVEN,
            amount=Money(Decimal(100), Currency("EUR")),
            reason=BalanceReason.UPDATED,
        )

        with pytest.raises(CurrencyMismatch):
            await prepared(adobe, euros)

        assert not shop.calls

    async def test_a_purchase_beyond_the_available_credit_is_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        with pytest.raises(InsufficientCredit) as refusal:
            await prepared(adobe, decrease("3749.51"))

        assert (refusal.value.requested, refusal.value.spendable) == (
            usd("3749.51"),
            usd("3749.50"),
        )
        assert not shop.calls

    async def test_a_purchase_of_all_that_is_available_is_not_refused(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [row(90)])

        assert await prepared(adobe, decrease("3749.50")) == SINCE_90

    async def test_a_company_that_may_exceed_its_limit_may_purchase_beyond_it(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [row(90)])

        assert await prepared(adobe, decrease("9000"), exceed_allowed=True) == SINCE_90

    @pytest.mark.parametrize("reason", [BalanceReason.UPDATED, BalanceReason.REIMBURSED], ids=str)
    async def test_a_correction_may_go_beyond_the_available_credit(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, reason: BalanceReason
    ) -> None:
        history(shop, lambda _: [row(90)])

        assert await prepared(adobe, decrease("9000", reason=reason)) == SINCE_90

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (InstrumentStatus.BLOCKED, IneligibilityReason.BLOCKED),
            (InstrumentStatus.UNKNOWN, IneligibilityReason.STATUS_UNKNOWN),
        ],
    )
    async def test_a_company_that_is_not_approved_purchases_nothing(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        status: InstrumentStatus,
        reason: IneligibilityReason,
    ) -> None:
        with pytest.raises(InstrumentNotUsable) as refusal:
            await prepared(adobe, decrease("1"), status=status, exceed_allowed=True)

        assert refusal.value.reasons == (reason,)
        assert not shop.calls

    async def test_an_account_that_was_not_there_is_not_found(
        self, adobe: AdobeCompanyCredit
    ) -> None:
        with pytest.raises(AccountNotFound):
            await adobe.writers[IncreaseCreditBalance].prepare(increase(), None)


class TestSending:
    async def test_an_increase_says_all_that_was_asked_and_its_mark(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        post = shop.post(INCREASE).respond(200, content=b"true")
        rows = history(shop, lambda _: [MARKED])
        move = increase(
            "249.5", comment="wire 1\nof 2", purchase_order="PO-77, late", order_id="000000042"
        )

        assert await sent(adobe, move) == BOOKED_91

        assert body_of(post) == {
            "value": Decimal("249.5"),
            "currency": "USD",
            "operationType": 4,
            "comment": f"wire 1\nof 2\n{MARK} Purchase order: PO-77, late",
            "options": {
                "purchase_order": MARK,
                "custom_reference_number": MARK,
                "order_increment": "000000042",
            },
        }
        assert searches(rows) == [
            {"company_credit_id eq": "7", "entity_id gt": "90", "purchase_order eq": MARK}
        ]

    async def test_a_decrease_without_texts_bears_the_mark_alone(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        post = shop.post(DECREASE).respond(200, content=b"true")
        history(shop, lambda _: [MARKED])

        assert await sent(adobe, decrease("100")) == BOOKED_91

        assert body_of(post) == {
            "value": 100,
            "currency": "USD",
            "operationType": 3,
            "comment": MARK,
            "options": {"purchase_order": MARK, "custom_reference_number": MARK},
        }

    @pytest.mark.parametrize(
        ("amount", "digits"),
        [
            ("1E+3", b"1000"),
            ("100.0000", b"100"),
            ("0.1", b"0.1"),
            ("0.0001", b"0.0001"),
            ("99999999999.9999", b"99999999999.9999"),
            ("500", b"500"),
        ],
    )
    async def test_an_amount_goes_out_in_plain_exact_digits(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, amount: str, digits: bytes
    ) -> None:
        post = shop.post(INCREASE).respond(200, content=b"true")
        history(shop, lambda _: [MARKED])

        await sent(adobe, increase(amount))

        assert post.calls.last.request.content.startswith(b'{"value":' + digits + b",")

    @pytest.mark.parametrize(
        ("move", "code"),
        [
            (increase(reason=BalanceReason.ALLOCATED), 1),
            (increase(reason=BalanceReason.UPDATED), 2),
            (increase(reason=BalanceReason.REIMBURSED), 4),
            (increase(reason=BalanceReason.REFUNDED), 5),
            (increase(reason=BalanceReason.REVERTED), 6),
            (decrease(reason=BalanceReason.UPDATED), 2),
            (decrease(reason=BalanceReason.PURCHASED), 3),
            (decrease(reason=BalanceReason.REIMBURSED), 4),
        ],
        ids=lambda it: f"{type(it).__name__} {it.reason}" if not isinstance(it, int) else "",
    )
    async def test_every_reason_has_its_operation_type(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, move: Move, code: int
    ) -> None:
        path = INCREASE if isinstance(move, IncreaseCreditBalance) else DECREASE
        post = shop.post(path).respond(200, content=b"true")
        history(shop, lambda _: [MARKED])

        assert await sent(adobe, move) == BOOKED_91

        assert body_of(post)["operationType"] == code

    @pytest.mark.parametrize(
        "trouble",
        [
            httpx.ReadTimeout("late"),
            httpx.Response(500, content=envelope()),
            httpx.Response(401, content=envelope()),
            httpx.Response(200, content=b"<html>"),
            httpx.Response(200, content=listed([row(91)])),
            httpx.Response(200, content=listed([])),
        ],
        ids=["timeout", "500", "401", "HTML", "another row than asked for", "no row"],
    )
    async def test_a_booked_move_stays_booked_when_its_row_cannot_be_read(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        trouble: httpx.Response | Exception,
    ) -> None:
        shop.post(INCREASE).respond(200, content=b"true")
        rows = history(shop, lambda _: trouble)

        assert await sent(adobe, increase()) == Booking()
        assert rows.call_count == 1

    async def test_two_rows_after_one_call_are_not_passed_off_as_success(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        shop.post(INCREASE).respond(200, content=b"true")
        history(shop, lambda _: [MARKED | {"id": 92}, MARKED])

        with pytest.raises(BookedTwice):
            await sent(adobe, increase())

    @pytest.mark.parametrize(
        ("status", "parameters", "refused"),
        [
            (400, {"fieldName": "value", "fieldValue": -5}, InvalidQuestion),
            (400, {"fieldName": "currency", "fieldValue": "USD"}, ProviderRejected),
            (400, {"fieldName": "of a later release"}, ProviderRejected),
            (400, {}, ProviderRejected),
            (404, {"fieldName": "CompanyCreditID", "fieldValue": 7}, AccountNotFound),
        ],
    )
    async def test_a_refusal_in_adobes_own_form_means_that_nothing_moved(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        status: int,
        parameters: dict[str, object],
        refused: type[CreditError],
    ) -> None:
        post = shop.post(INCREASE).respond(status, content=envelope(**parameters))

        with pytest.raises(refused):
            await sent(adobe, increase())

        assert post.call_count == 1

    @pytest.mark.parametrize(("name", "code"), [("currency", "currency"), ("sk-secret text", None)])
    async def test_only_names_of_the_contract_leave_the_adapter(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, name: str, code: str | None
    ) -> None:
        shop.post(INCREASE).respond(400, content=envelope(fieldName=name))

        with pytest.raises(ProviderRejected) as refusal:
            await sent(adobe, increase())

        assert refusal.value.provider_code == code
        assert "reworded" not in str(refusal.value)

    async def test_several_faults_at_once_are_a_refusal(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        body = b'{"message":"One or more","errors":[{"message":"a"},{"message":"b"}]}'
        shop.post(INCREASE).respond(400, content=body)

        with pytest.raises(ProviderRejected):
            await sent(adobe, increase())

    async def test_an_unknown_route_is_a_wrong_base_url(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        shop.post(INCREASE).respond(404, content=b'{"message":"Request does not match any route."}')

        with pytest.raises(ProviderContractBroken):
            await sent(adobe, increase())

    @pytest.mark.parametrize(
        ("status", "fault"), [(403, ProviderRefusedUs), (429, ProviderThrottled)]
    )
    async def test_what_is_turned_away_before_work_moved_nothing(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        status: int,
        fault: type[ProviderFault],
    ) -> None:
        shop.post(INCREASE).respond(status, content=b"Too Many Requests")

        with pytest.raises(fault):
            await sent(adobe, increase())

    async def test_what_never_connected_moved_nothing(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        shop.post(INCREASE).mock(side_effect=httpx.ConnectError("refused"))

        with pytest.raises(ProviderUnreachable):
            await sent(adobe, increase())

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (httpx.ReadTimeout("late"), SourceProblemKind.TIMEOUT),
            (httpx.ReadError("reset"), SourceProblemKind.UNREACHABLE),
            (httpx.RemoteProtocolError("cut"), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(500, content=envelope()), SourceProblemKind.UPSTREAM_ERROR),
            (httpx.Response(502, content=b"<html>"), SourceProblemKind.UPSTREAM_ERROR),
            (httpx.Response(401, content=envelope()), SourceProblemKind.CREDENTIALS_REJECTED),
            (httpx.Response(401, content=b"<html>"), SourceProblemKind.CREDENTIALS_REJECTED),
            (httpx.Response(400, content=b"<html>"), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(400, content=b'{"messages":{}}'), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(404, content=b""), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(302, content=b""), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(405, content=envelope()), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(200, content=b""), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(200, content=b"tru"), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(200, content=b"false"), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(200, content=b"1"), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(200, content=b'"true"'), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(200, content=b"<html>"), SourceProblemKind.BAD_RESPONSE),
            (httpx.Response(204, content=b""), SourceProblemKind.BAD_RESPONSE),
        ],
        ids=lambda it: repr(it) if not isinstance(it, httpx.Response) else f"{it} {it.text}",
    )
    async def test_any_other_answer_leaves_it_unknown_and_is_not_repeated(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        answer: httpx.Response | Exception,
        kind: SourceProblemKind,
    ) -> None:
        post = shop.post(INCREASE).mock(side_effect=[answer])

        with pytest.raises(OutcomeUnknown) as unknown:
            await sent(adobe, increase())

        assert unknown.value.kind is kind
        assert len(shop.calls) == post.call_count == 1


class TestFinding:
    async def test_a_row_with_the_mark_is_the_booking(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(shop, lambda _: [MARKED])

        assert await found(adobe) == BOOKED_91
        assert searches(rows) == [
            {"company_credit_id eq": "7", "entity_id gt": "90", "purchase_order eq": MARK}
        ]

    async def test_all_rows_are_searched_when_there_was_no_history(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(shop, lambda _: [MARKED])

        assert await found(adobe, evidence=NO_EVIDENCE) == BOOKED_91
        assert searches(rows)[0]["entity_id gt"] == "0"

    async def test_a_release_that_keeps_the_mark_in_the_younger_column_is_asked_there(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(
            shop,
            lambda filters: (
                [row(91, custom_reference_number=MARK)]
                if "custom_reference_number eq" in filters
                else []
            ),
        )

        assert await found(adobe) == BOOKED_91
        assert searches(rows)[1] == {
            "company_credit_id eq": "7",
            "entity_id gt": "90",
            "custom_reference_number eq": MARK,
        }

    async def test_no_row_is_no_trace(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Any
    ) -> None:
        history(shop, lambda _: [])
        shop.get("/V1/companyCredits/7").respond(content=credit_body(id=7))

        assert await found(adobe) is None

    async def test_a_move_that_is_booked_late_is_found_late(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Any
    ) -> None:
        booked: list[dict[str, Any]] = []
        history(shop, lambda _: booked)
        shop.get("/V1/companyCredits/7").respond(content=credit_body(id=7))

        assert await found(adobe) is None
        booked.append(MARKED)
        assert await found(adobe) == BOOKED_91

    async def test_two_rows_with_the_mark_are_never_settled_here(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [MARKED | {"id": 92}, MARKED])

        with pytest.raises(BookedTwice):
            await found(adobe)

        assert {it.request.method for it in shop.calls} == {"GET"}

    async def test_rows_without_the_mark_do_not_pass_for_it(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        """As if the filter had been ignored: the same amount, by somebody else."""
        history(shop, lambda _: [row(91), row(92, purchase_order="cg-other-1")])

        with pytest.raises(ProviderContractBroken):
            await found(adobe)

    @pytest.mark.parametrize(
        ("trouble", "fault"),
        [
            (httpx.ReadTimeout("late"), ProviderTimedOut),
            (httpx.ConnectError("refused"), ProviderUnreachable),
            (httpx.Response(500, content=envelope()), ProviderFailed),
            (httpx.Response(200, content=b"<html>"), ProviderContractBroken),
        ],
        ids=["timeout", "refused", "500", "HTML"],
    )
    async def test_a_provider_that_is_still_away_proves_nothing(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        trouble: httpx.Response | Exception,
        fault: type[ProviderFault],
    ) -> None:
        history(shop, lambda _: trouble)

        with pytest.raises(fault):
            await found(adobe)


SHORT = {"available_limit": Decimal("-40.5"), "type": 3, "purchase_order": MARK}


class TestLookingAtAPurchaseAgain:
    @staticmethod
    async def undoing(adobe: AdobeCompanyCredit, move: Move) -> Instruction | None:
        writer = adobe.writers[type(move)]
        assert isinstance(writer, ChecksAfterwards)
        return await writer.undoing(call(move), BOOKED_91)

    async def test_one_that_went_too_far_is_undone_for_the_same_order(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Any
    ) -> None:
        shop.get("/V1/companyCredits/7").respond(
            content=credit_body(id=7, available_limit=Decimal("-40.5"))
        )
        history(shop, lambda _: [row(91, **SHORT)])

        assert await self.undoing(
            adobe, decrease("100", order_id="000000042", purchase_order="PO-1")
        ) == increase(
            "100",
            reason=BalanceReason.REVERTED,
            comment="Taken back: there was less to spend than this.",
            purchase_order="PO-1",
            order_id="000000042",
            spendable_before=usd("59.5"),
        )

    async def test_a_hold_that_went_too_far_is_released(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Any
    ) -> None:
        shop.get("/V1/companyCredits/7").respond(
            content=credit_body(id=7, available_limit=Decimal("-40.5"))
        )
        history(shop, lambda _: [row(91, **SHORT)])
        made = HoldEvent(
            kind=HoldEventKind.CREATED, mode=HoldMode.DEBIT_AND_REVERT, amount=usd("100")
        )

        undoing = await self.undoing(adobe, decrease("100", hold=made))

        assert undoing is not None
        assert undoing.hold == HoldEvent(
            kind=HoldEventKind.RELEASED,
            mode=HoldMode.DEBIT_AND_REVERT,
            amount=usd("100"),
            hold_id=ProviderHoldId(MARK),
        )

    @pytest.mark.parametrize(
        ("record", "after"),
        [
            ({"available_limit": 0}, {}),
            ({"available_limit": -1, "exceed_limit": True}, SHORT),
            ({"available_limit": -1}, SHORT | {"available_limit": 0}),
        ],
        ids=["nothing left", "may exceed", "was well then"],
    )
    async def test_one_that_did_not_is_left_alone(
        self,
        adobe: AdobeCompanyCredit,
        shop: respx.Router,
        credit_body: Any,
        record: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        shop.get("/V1/companyCredits/7").respond(content=credit_body(id=7, **record))
        history(shop, lambda _: [row(91, **SHORT | after)])

        assert await self.undoing(adobe, decrease()) is None

    @pytest.mark.parametrize(
        "move", [increase(), decrease(reason=BalanceReason.UPDATED)], ids=["increase", "correction"]
    )
    async def test_what_is_no_purchase_is_not_looked_at(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, move: Move
    ) -> None:
        assert await self.undoing(adobe, move) is None
        assert not shop.calls

    async def test_one_whose_row_is_hidden_is_judged_by_the_record(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Any
    ) -> None:
        shop.get("/V1/companyCredits/7").respond(
            content=credit_body(id=7, available_limit=Decimal("-150"))
        )
        history(shop, lambda _: [])

        undoing = await self.undoing(adobe, decrease("100"))

        assert isinstance(undoing, IncreaseCreditBalance)
        assert undoing.spendable_before == usd("0")

    async def test_what_cannot_be_looked_at_is_a_fault(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        shop.get("/V1/companyCredits/7").mock(side_effect=httpx.ReadTimeout("late"))

        with pytest.raises(ProviderTimedOut):
            await self.undoing(adobe, decrease())


class TestFindingInAReleaseWithoutTheYoungerColumn:
    @staticmethod
    def old(
        shop: respx.Router, rows: list[dict[str, Any]], total: int | None = None
    ) -> respx.Route:
        def answer(filters: Any) -> Any:
            if "custom_reference_number eq" in filters:
                return httpx.Response(500, content=envelope())
            if "purchase_order eq" in filters:
                return []
            return httpx.Response(200, content=listed(rows, total))

        return history(shop, answer)

    async def test_the_mark_is_looked_for_in_every_row_since(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = self.old(shop, [row(92), row(91, comment=f'{{"custom":"note\\n{MARK}"}}')])

        assert await found(adobe) == BOOKED_91
        assert searches(rows)[-1] == {"company_credit_id eq": "7", "entity_id gt": "90"}

    async def test_rows_of_others_are_no_trace(
        self, adobe: AdobeCompanyCredit, shop: respx.Router, credit_body: Any
    ) -> None:
        self.old(shop, [row(92, comment=f"{MARK}0"), row(91, purchase_order="PO-1")])
        shop.get("/V1/companyCredits/7").respond(content=credit_body(id=7))

        assert await found(adobe) is None

    async def test_more_rows_than_can_be_looked_at_prove_nothing(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        self.old(shop, [row(92)], total=101)

        with pytest.raises(ProviderFailed):
            await found(adobe)


class TestFindingAfterTheCurrencyWasChanged:
    async def test_the_row_is_found_where_it_has_moved(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        rows = history(
            shop,
            lambda filters: (
                [] if "company_credit_id eq" in filters else [MARKED | {"company_credit_id": 12}]
            ),
        )
        shop.get("/V1/companyCredits/7").mock(return_value=GONE)

        assert await found(adobe) == BOOKED_91
        assert searches(rows)[-1] == {"entity_id gt": "90", "purchase_order eq": MARK}

    async def test_no_row_anywhere_is_no_trace(
        self, adobe: AdobeCompanyCredit, shop: respx.Router
    ) -> None:
        history(shop, lambda _: [])
        shop.get("/V1/companyCredits/7").mock(return_value=GONE)

        assert await found(adobe) is None


async def test_the_adapter_writes(adobe: AdobeCompanyCredit) -> None:
    assert isinstance(adobe, Writes)
