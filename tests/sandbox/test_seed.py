"""Seeds: the exact JSON they are written in, their moments, and what a wrong one is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import exact_json
from sandbox.clock import Clock
from sandbox.seed import SECTIONS, SeedError, amount, built_in_section, completed, moment, read_seed
from sandbox.vtex_credit import create_vtex_credit
from sandbox.vtex_giftcard import create_vtex_giftcard

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("now-30d", NOW - timedelta(days=30)),
        ("now+6h", NOW + timedelta(hours=6)),
        ("now-90m", NOW - timedelta(minutes=90)),
        ("now+5s", NOW + timedelta(seconds=5)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05-03:00", datetime(2026, 1, 2, 6, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_relative_or_rfc_3339(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "now-", "now-3w", "tomorrow", "2026-01-02T03:04:05"])
def test_any_other_moment_is_refused(text: str) -> None:
    with pytest.raises(SeedError):
        moment(text, NOW)


@pytest.mark.parametrize("value", ["5", True, None, [1]])
def test_an_amount_is_a_json_number(value: object) -> None:
    with pytest.raises(SeedError, match=r"^a\.b: "):
        amount(value, "a.b")


@pytest.mark.parametrize("text", ["1.50", "-0.0000001", "12345678901234567890.10", "0.0", "7"])
def test_numbers_keep_their_digits(text: str) -> None:
    assert exact_json.dumps(exact_json.loads(text)).decode() == text


def test_a_decimal_is_written_without_an_exponent() -> None:
    assert exact_json.dumps([Decimal("1E+3"), Decimal("1E-8")]) == b"[1000,0.00000001]"


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e999999999", "[1,]", "[" * 100_000])
def test_what_has_no_exact_value_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        exact_json.loads(text)


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), {1: 2}, object()])
def test_what_has_no_exact_json_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        exact_json.dumps(value)


def test_a_set_clock_stands_still_until_advanced() -> None:
    clock = Clock()
    clock.set(NOW)
    clock.advance(timedelta(hours=1))

    assert clock.now() == clock.now() == NOW + timedelta(hours=1)


def test_an_advanced_clock_that_was_never_set_goes_on_running() -> None:
    clock = Clock()
    clock.advance(timedelta(days=1))
    first = clock.now()

    assert first - datetime.now(UTC) > timedelta(hours=23)
    assert clock.now() >= first


def test_a_left_out_section_is_the_built_in_one() -> None:
    own = built_in_section("vtex_credit") | {"accounts": []}
    seed = completed({"vtex_credit": own})

    assert set(seed) == set(SECTIONS)
    assert seed["vtex_credit"] == own
    assert seed["vtex_giftcard"] == built_in_section("vtex_giftcard")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"vtex": {}}', "vtex: no such section"),
        ('{"adobe": []}', "adobe: [] is not an object"),
        ("[]", "[] is not an object"),
        ("{", "not JSON"),
    ],
)
def test_a_wrong_seed_file_is_told_what_is_wrong(tmp_path: Path, content: str, named: str) -> None:
    file = tmp_path / "own.json"
    file.write_text(content)
    with pytest.raises(SeedError) as refusal:
        read_seed(file)

    assert named in str(refusal.value)


def test_a_seed_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"gone\.json: No such file"):
        read_seed(tmp_path / "gone.json")


ACCOUNT = {"id": "a", "email": "a@example.com", "opened": "now", "credit_limit": 1}
CARD = {"id": "1", "code": "ABCD-EFGH", "emitted": "now", "expires": "now+1d"}
PURCHASE = {"transaction": "t", "made": "now", "installments": [{"value": 1}]}
DEBIT = {"request_id": "1", "value": 5, "made": "now"}


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"accounts": {}}, "vtex_credit.accounts: {} is not a list"),
        ({"accounts": [3]}, "vtex_credit.accounts[0]: 3 is not an object"),
        ({"accounts": [{}]}, "vtex_credit.accounts[0].opened: missing"),
        ({"account": []}, "vtex_credit.account: no such member"),
        (
            {"accounts": [ACCOUNT | {"credit_limit": "1"}]},
            'vtex_credit.accounts[0].credit_limit: "1" is not a number',
        ),
        (
            {"accounts": [ACCOUNT | {"limit": 1}]},
            "vtex_credit.accounts[0].limit: no such member",
        ),
        ({"accounts": [ACCOUNT, ACCOUNT]}, 'vtex_credit.accounts[1].id: "a" is taken'),
        (
            {"accounts": [ACCOUNT | {"status": "Shut"}]},
            'vtex_credit.accounts[0].status: "Shut" is none of Open, Closed',
        ),
        (
            {"accounts": [ACCOUNT | {"purchases": [PURCHASE | {"installments": []}]}]},
            "vtex_credit.accounts[0].purchases[0].installments: a purchase has at least one",
        ),
        (
            {"accounts": [ACCOUNT | {"purchases": [PURCHASE, PURCHASE]}]},
            "vtex_credit.accounts[0].purchases: the invoice T-01 comes twice",
        ),
        (
            {"accounts": [ACCOUNT | {"status": "Closed", "purchases": [PURCHASE]}]},
            "vtex_credit.accounts[0]: closing deletes invoices and statements",
        ),
        (
            {"credentials": {"keys": [{"key": "k", "token": "t", "rights": ["Everything"]}]}},
            "vtex_credit.credentials.keys[0].rights: there is no right 'Everything'",
        ),
        (
            {"store_configuration": {"toleranceEnabled": 1}},
            "vtex_credit.store_configuration.toleranceEnabled: 1 is not true or false",
        ),
        ({"defects": {"typo": True}}, "vtex_credit.defects.typo: no such member"),
    ],
)
def test_a_wrong_credit_section_is_refused_with_its_place(
    section: dict[str, Any], message: str
) -> None:
    with pytest.raises(SeedError) as refusal:
        create_vtex_credit(section, Clock())

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"cards": [CARD | {"code": "ABC"}]}, "vtex_giftcard.cards[0].code: a code has at least 6"),
        ({"cards": [CARD, CARD]}, 'vtex_giftcard.cards[1].id: "1" is taken'),
        ({"cards": [CARD, CARD | {"id": "2"}]}, "vtex_giftcard.cards[1].code: the code is taken"),
        (
            {"cards": [CARD, CARD | {"id": "x_1", "code": "QRST-UV", "answers_by_number": True}]},
            'vtex_giftcard.cards[1].id: "1" is taken',
        ),
        ({"cards": [CARD | {"expires": "soon"}]}, "vtex_giftcard.cards[0].expires: 'soon' is"),
        ({"cards": [CARD | {"dates": "odd"}]}, 'vtex_giftcard.cards[0].dates: "odd" is none of'),
        (
            {"cards": [CARD | {"transactions": [DEBIT, DEBIT]}]},
            "vtex_giftcard.cards[0].transactions: id comes twice",
        ),
        (
            {
                "cards": [
                    CARD
                    | {"transactions": [DEBIT | {"cancellations": [{"value": 6, "made": "now"}]}]}
                ]
            },
            "vtex_giftcard.cards[0].transactions[0].cancellations: more than",
        ),
    ],
)
def test_a_wrong_giftcard_section_is_refused_with_its_place(
    section: dict[str, Any], message: str
) -> None:
    with pytest.raises(SeedError) as refusal:
        create_vtex_giftcard(section, Clock())

    assert str(refusal.value).startswith(message)
