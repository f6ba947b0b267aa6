"""What one instrument can pay, by the table of rules of its kind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.instruments import CreditAccount, GiftCard, InstrumentStatus
from app.domain.spendable import (
    IneligibilityReason,
    SpendableVerdict,
    SpendWarning,
    ToleranceRule,
    verdict_on,
)
from tests.doubles.samples import (
    NOW,
    a_company_credit,
    a_credit_account,
    a_gift_card,
    a_store_credit,
    money,
)

MOMENT = timedelta(microseconds=1)

STATUS_REASONS = [
    (InstrumentStatus.EXPIRED, IneligibilityReason.EXPIRED),
    (InstrumentStatus.CLOSED, IneligibilityReason.CLOSED),
    (InstrumentStatus.BLOCKED, IneligibilityReason.BLOCKED),
    (InstrumentStatus.UNCLAIMED, IneligibilityReason.UNCLAIMED),
    (InstrumentStatus.UNKNOWN, IneligibilityReason.STATUS_UNKNOWN),
]


def judged(account: CreditAccount, rule: ToleranceRule = ToleranceRule.ENABLED) -> SpendableVerdict:
    return verdict_on(account, at=NOW, tolerance=rule)


def card_verdict(card: GiftCard) -> SpendableVerdict:
    return verdict_on(card, at=NOW)


class TestCreditAccount:
    def test_an_open_account_pays_what_is_available(self) -> None:
        verdict = judged(a_credit_account(available="850.00"))
        assert verdict == SpendableVerdict(amount=money("850.00"), of_which_tolerance=money("0.00"))
        assert verdict.eligible

    def test_tolerance_of_the_limit_comes_on_top(self) -> None:
        verdict = judged(a_credit_account(available="850.555", tolerance="0.10"))
        assert verdict.amount == money("950.55")
        assert verdict.of_which_tolerance == money("100.00")
        assert verdict.warnings == ()

    def test_rounding_comes_after_adding_the_tolerance(self) -> None:
        verdict = judged(a_credit_account(limit="0.50", available="0.995", tolerance="0.01"))
        assert verdict.amount == money("1.00")
        assert verdict.of_which_tolerance == money("0.00")

    @pytest.mark.parametrize(
        ("tolerance", "amount"), [(None, "850"), ("0", "850"), ("0.00", "850"), ("1", "1850")]
    )
    def test_a_tolerance_reaches_from_nothing_to_the_whole_limit(
        self, tolerance: str | None, amount: str
    ) -> None:
        verdict = judged(a_credit_account(available="850", tolerance=tolerance))
        assert verdict.amount == money(amount)
        assert verdict.warnings == ()

    @pytest.mark.parametrize("tolerance", ["-0.0001", "-1", "1.0001", "10"])
    def test_a_tolerance_beyond_reason_counts_as_none_with_a_warning(self, tolerance: str) -> None:
        verdict = judged(a_credit_account(available="850", tolerance=tolerance))
        assert verdict.amount == money("850")
        assert verdict.of_which_tolerance == money("0")
        assert verdict.warnings == (SpendWarning.TOLERANCE_OUT_OF_RANGE,)

    def test_a_store_that_disables_tolerance_gives_none(self) -> None:
        verdict = judged(a_credit_account(tolerance="0.10"), ToleranceRule.DISABLED)
        assert verdict.amount == money("850.00")
        assert verdict.warnings == ()

    def test_an_unknown_rule_gives_none_with_a_warning(self) -> None:
        verdict = judged(a_credit_account(tolerance="0.10"), ToleranceRule.UNKNOWN)
        assert verdict.amount == money("850.00")
        assert verdict.warnings == (SpendWarning.TOLERANCE_UNKNOWN,)

    def test_an_unknown_rule_is_of_no_matter_without_a_tolerance(self) -> None:
        assert judged(a_credit_account(), ToleranceRule.UNKNOWN).warnings == ()

    def test_tolerance_that_is_not_wanted_is_not_even_warned_of(self) -> None:
        account = a_credit_account(tolerance="7")
        assert judged(account, ToleranceRule.NOT_WANTED).warnings == ()
        assert verdict_on(account, at=NOW).amount == money("850.00")

    @pytest.mark.parametrize(("available", "other"), [("850", "800"), ("800", "850")])
    def test_of_two_figures_the_smaller_counts_with_a_warning(
        self, available: str, other: str
    ) -> None:
        verdict = judged(a_credit_account(available=available, available_other=other))
        assert verdict.amount == money("800")
        assert verdict.warnings == (SpendWarning.BALANCES_DISAGREE,)

    def test_figures_that_differ_in_zeros_only_agree(self) -> None:
        verdict = judged(a_credit_account(available="850.5", available_other="850.50"))
        assert verdict.warnings == ()

    def test_tolerance_pays_for_what_is_already_past_the_limit(self) -> None:
        verdict = judged(a_credit_account(available="-30", tolerance="0.10"))
        assert verdict.amount == money("70")
        assert verdict.of_which_tolerance == money("70")

    @pytest.mark.parametrize("available", ["-30", "0", "0.004", "-0.001"])
    def test_without_room_it_counts_nothing_and_says_so(self, available: str) -> None:
        verdict = judged(a_credit_account(available=available))
        assert verdict.amount == money("0")
        assert verdict.reasons == (IneligibilityReason.NO_BALANCE,)
        assert not verdict.eligible

    def test_a_debt_beyond_the_tolerance_leaves_no_tolerance_either(self) -> None:
        verdict = judged(a_credit_account(available="-200", tolerance="0.10"))
        assert (verdict.amount, verdict.of_which_tolerance) == (money("0"), money("0"))

    @pytest.mark.parametrize(("status", "reason"), STATUS_REASONS)
    def test_only_an_open_account_pays(
        self, status: InstrumentStatus, reason: IneligibilityReason
    ) -> None:
        verdict = judged(a_credit_account(status=status, tolerance="0.10"))
        assert verdict.reasons == (reason,)
        assert (verdict.amount, verdict.of_which_tolerance) == (money("0"), money("0"))

    @pytest.mark.parametrize("limit", [None, "0", "0.00"])
    def test_without_a_limit_nothing_is_granted(self, limit: str | None) -> None:
        verdict = judged(a_company_credit(limit=limit, available="100"))
        assert verdict.amount == money("0")
        assert verdict.reasons == (IneligibilityReason.NO_BALANCE,)

    @pytest.mark.parametrize(
        ("available", "code", "amount"),
        [("1234.9", "JPY", "1234"), ("1.2345", "KWD", "1.234"), ("9.999", "USD", "9.99")],
    )
    def test_an_amount_is_payable_in_its_currency(
        self, available: str, code: str, amount: str
    ) -> None:
        verdict = judged(a_credit_account(available=available, currency=code))
        assert str(verdict.amount.amount) == amount

    def test_tolerance_is_told_in_payable_units(self) -> None:
        account = a_credit_account(limit="999", available="0", tolerance="0.1", currency="JPY")
        verdict = judged(account)
        assert (verdict.amount, verdict.of_which_tolerance) == (
            money("99", "JPY"),
            money("99", "JPY"),
        )


class TestCompanyCredit:
    def test_it_pays_the_provider_figure(self) -> None:
        verdict = judged(a_company_credit(available="3749.50"))
        assert verdict.amount == money("3749.50")
        assert not verdict.unbounded

    def test_leave_to_exceed_is_told_but_adds_nothing(self) -> None:
        verdict = judged(a_company_credit(exceed_allowed=True))
        assert verdict.unbounded
        assert verdict.amount == money("3749.50")

    def test_leave_to_exceed_holds_when_nothing_is_left(self) -> None:
        verdict = judged(a_company_credit(exceed_allowed=True, available="-12.00"))
        assert verdict.unbounded
        assert verdict.amount == money("0")
        assert verdict.reasons == (IneligibilityReason.NO_BALANCE,)

    @pytest.mark.parametrize(("status", "reason"), STATUS_REASONS)
    def test_a_blocked_company_has_no_leave_to_exceed(
        self, status: InstrumentStatus, reason: IneligibilityReason
    ) -> None:
        verdict = judged(a_company_credit(exceed_allowed=True, status=status))
        assert not verdict.unbounded
        assert verdict.reasons == (reason,)

    def test_a_company_nobody_could_look_up_counts_with_a_warning(self) -> None:
        verdict = judged(a_company_credit(owner_status_known=False))
        assert verdict.amount == money("3749.50")
        assert verdict.warnings == (SpendWarning.OWNER_STATUS_UNKNOWN,)


class TestGiftCard:
    def test_a_live_card_pays_its_balance(self) -> None:
        expires_at = NOW + timedelta(days=90)
        assert card_verdict(a_gift_card(expires_at=expires_at)) == SpendableVerdict(
            amount=money("40.00"), of_which_tolerance=money("0.00"), expires_at=expires_at
        )

    @pytest.mark.parametrize("status", [InstrumentStatus.ACTIVE, InstrumentStatus.EXPIRED])
    def test_an_expired_card_says_so_once(self, status: InstrumentStatus) -> None:
        verdict = card_verdict(a_gift_card(status=status, expires_at=NOW - timedelta(days=1)))
        assert verdict.amount == money("0")
        assert verdict.reasons == (IneligibilityReason.EXPIRED,)
        assert verdict.expires_at == NOW - timedelta(days=1)

    def test_a_card_ends_at_the_very_instant_it_expires(self) -> None:
        assert not card_verdict(a_gift_card(expires_at=NOW)).eligible
        assert card_verdict(a_gift_card(expires_at=NOW + MOMENT)).eligible

    def test_a_card_the_provider_calls_expired_never_pays(self) -> None:
        verdict = card_verdict(a_gift_card(status=InstrumentStatus.EXPIRED))
        assert verdict.reasons == (IneligibilityReason.EXPIRED,)

    def test_a_card_without_an_end_never_expires(self) -> None:
        verdict = card_verdict(a_gift_card(expires_at=None))
        assert verdict.eligible
        assert verdict.warnings == ()

    def test_a_card_is_valid_from_the_instant_it_is_issued(self) -> None:
        assert card_verdict(a_gift_card(issued_at=NOW)).eligible
        assert card_verdict(a_gift_card(issued_at=NOW + MOMENT)).reasons == (
            IneligibilityReason.NOT_YET_VALID,
        )

    def test_a_card_of_unknown_issue_pays(self) -> None:
        assert card_verdict(a_gift_card(issued_at=None)).eligible

    def test_every_reason_against_a_card_is_told(self) -> None:
        card = a_gift_card(
            status=InstrumentStatus.BLOCKED,
            issued_at=NOW + timedelta(days=1),
            expires_at=NOW,
            balance="0",
        )
        assert card_verdict(card).reasons == (
            IneligibilityReason.BLOCKED,
            IneligibilityReason.NOT_YET_VALID,
            IneligibilityReason.EXPIRED,
            IneligibilityReason.NO_BALANCE,
        )

    @pytest.mark.parametrize(
        ("left", "warned"),
        [
            (MOMENT, True),
            (timedelta(days=7), True),
            (timedelta(days=7) + MOMENT, False),
            (timedelta(0), False),
            (-MOMENT, False),
        ],
    )
    def test_a_card_that_ends_within_a_week_is_warned_of(
        self, left: timedelta, *, warned: bool
    ) -> None:
        warnings = card_verdict(a_gift_card(expires_at=NOW + left)).warnings
        assert (SpendWarning.EXPIRES_SOON in warnings) is warned

    @pytest.mark.parametrize(
        ("reusable", "warnings"),
        [
            (None, (SpendWarning.REUSE_RULES_UNKNOWN,)),
            (False, (SpendWarning.SINGLE_USE,)),
            (True, ()),
        ],
    )
    def test_what_is_known_of_reuse_is_told(
        self, *, reusable: bool | None, warnings: tuple[SpendWarning, ...]
    ) -> None:
        assert card_verdict(a_gift_card(reusable=reusable)).warnings == warnings

    def test_an_assumed_currency_is_warned_of(self) -> None:
        verdict = card_verdict(a_gift_card(currency_assumed=True))
        assert verdict.eligible
        assert verdict.warnings == (SpendWarning.CURRENCY_ASSUMED,)

    @pytest.mark.parametrize("balance", ["0", "-1.00", "0.009"])
    def test_an_empty_card_pays_nothing(self, balance: str) -> None:
        verdict = card_verdict(a_gift_card(balance=balance, status=InstrumentStatus.DEPLETED))
        assert verdict.amount == money("0")
        assert verdict.reasons == (IneligibilityReason.NO_BALANCE,)

    @pytest.mark.parametrize(
        ("balance", "code", "amount"), [("1000.9", "JPY", "1000"), ("1.2349", "KWD", "1.234")]
    )
    def test_a_balance_is_payable_in_its_currency(
        self, balance: str, code: str, amount: str
    ) -> None:
        verdict = card_verdict(a_gift_card(balance=balance, currency=code))
        assert str(verdict.amount.amount) == amount

    def test_the_moment_of_the_verdict_decides(self) -> None:
        card = a_gift_card(expires_at=NOW + timedelta(days=1))
        assert verdict_on(card, at=NOW).eligible
        assert not verdict_on(card, at=NOW + timedelta(days=1)).eligible


class TestStoreCredit:
    def test_it_pays_its_balance(self) -> None:
        assert verdict_on(a_store_credit(), at=NOW) == SpendableVerdict(
            amount=money("12.30"), of_which_tolerance=money("0.00")
        )

    @pytest.mark.parametrize(("status", "reason"), STATUS_REASONS)
    def test_only_active_store_credit_pays(
        self, status: InstrumentStatus, reason: IneligibilityReason
    ) -> None:
        verdict = verdict_on(a_store_credit(status=status), at=NOW)
        assert verdict.amount == money("0")
        assert verdict.reasons == (reason,)

    @pytest.mark.parametrize("balance", ["0", "-5.00"])
    def test_a_debt_counts_nothing(self, balance: str) -> None:
        verdict = verdict_on(a_store_credit(balance=balance), at=NOW)
        assert verdict.amount == money("0")
        assert verdict.reasons == (IneligibilityReason.NO_BALANCE,)

    def test_tolerance_means_nothing_to_it(self) -> None:
        verdict = verdict_on(a_store_credit(), at=NOW, tolerance=ToleranceRule.UNKNOWN)
        assert verdict.amount == money("12.30")
        assert verdict.warnings == ()


def test_an_amount_is_never_negative_and_never_has_too_many_digits() -> None:
    for instrument in (
        a_credit_account(available="-1E-9"),
        a_gift_card(balance="1E-9"),
        a_store_credit(balance="-3"),
    ):
        assert verdict_on(instrument, at=NOW).amount.amount == Decimal("0.00")
