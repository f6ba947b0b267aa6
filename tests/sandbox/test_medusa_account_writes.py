"""Accounts are opened, credited and debited as the contract says."""

import re
from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from tests.sandbox.medusa_shop import (
    ACCOUNTS,
    AS_USER,
    KEY_ID,
    UNKNOWN_ERROR,
    USER_ID,
    account,
    account_id,
    balance,
    client_of,
    frozen_clock,
    get,
    ledger,
    post,
    refused,
    section,
    shopper_id,
    totals,
)

EMPTY, TEN = account_id(1), account_id(2)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    accounts = [account(1), account(2, "10", currency_code="eur", customer_id=shopper_id(1))]
    async with client_of(section(accounts=accounts)) as client:
        yield client


class TestOpening:
    async def test_a_new_account_is_empty_and_has_a_code(self, client: httpx.AsyncClient) -> None:
        body = {"currency_code": "usd", "customer_id": shopper_id(1), "metadata": {"tier": "gold"}}
        status, answer = await post(client, ACCOUNTS, body)
        opened = answer["store_credit_account"]
        assert status == 200
        assert re.fullmatch(r"sc_acc_[0-9A-HJKMNP-TV-Z]{26}", opened.pop("id"))
        code = opened.pop("code").replace("-", "")
        assert re.fullmatch(r"SC[A-HJ-NP-Z2-9]{16}", code)
        assert code[2:8] == code[12:]
        assert opened.pop("customer")["email"] == "shopper-1@example.com"
        assert opened == {
            "currency_code": "usd",
            "customer_id": shopper_id(1),
            "credits": 0,
            "debits": 0,
            "balance": 0,
            "updated_at": "2026-03-01T12:00:00.000Z",
            "created_at": "2026-03-01T12:00:00.000Z",
            "metadata": {"tier": "gold"},
        }

    async def test_it_is_found_again_as_it_was_answered(self, client: httpx.AsyncClient) -> None:
        body = {"currency_code": "sek", "metadata": {"n": 1, "deep": [{"text": "ü"}]}}
        _, answer = await post(client, ACCOUNTS, body)
        path = f"{ACCOUNTS}/{answer['store_credit_account']['id']}"
        assert await get(client, path) == answer

    async def test_the_default_order_is_that_of_opening(self, client: httpx.AsyncClient) -> None:
        opened = [
            (await post(client, ACCOUNTS, {"currency_code": "usd"}))[1]["store_credit_account"]
            for _ in range(20)
        ]
        listed = (await get(client, f"{ACCOUNTS}?limit=100"))["store_credit_accounts"]
        assert [row["id"] for row in listed][2:] == [row["id"] for row in opened]
        assert len({row["code"] for row in opened}) == 20

    async def test_new_rows_come_after_the_seeds_though_the_clock_stands_before_them(self) -> None:
        clock = frozen_clock()
        clock.set(clock.now().replace(year=1969))
        async with client_of(section(accounts=[account(1, "5")]), clock) as client:
            await post(client, f"{ACCOUNTS}/{EMPTY}/credit", {"amount": 1, "note": "newest"})
            newest = await ledger(client, EMPTY, "order=-id")
        assert [line["note"] for line in newest] == ["newest", None]

    async def test_a_second_one_for_customer_and_currency_is_refused(
        self, client: httpx.AsyncClient
    ) -> None:
        body = {"currency_code": "eur", "customer_id": shopper_id(1)}
        assert await post(client, ACCOUNTS, body) == refused(
            f"Store credit account with customer_id: {shopper_id(1)},"
            " currency_code: eur, already exists."
        )

    async def test_an_empty_customer_id_is_one_customer_too(
        self, client: httpx.AsyncClient
    ) -> None:
        body = {"currency_code": "usd", "customer_id": ""}
        status, answer = await post(client, ACCOUNTS, body)
        assert (status, answer["store_credit_account"]["customer_id"]) == (200, "")
        assert (await post(client, ACCOUNTS, body))[0] == 400

    @pytest.mark.parametrize("currency", ["EUR", "zzz", "   "])
    async def test_currencies_are_texts_and_case_counts(
        self, client: httpx.AsyncClient, currency: str
    ) -> None:
        body = {"currency_code": currency, "customer_id": shopper_id(1)}
        status, answer = await post(client, ACCOUNTS, body)
        assert (status, answer["store_credit_account"]["currency_code"]) == (200, currency)

    async def test_a_customer_nobody_knows_is_taken(self, client: httpx.AsyncClient) -> None:
        body = {"currency_code": "usd", "customer_id": "cus_none"}
        status, answer = await post(client, ACCOUNTS, body)
        assert status == 200
        assert "customer" not in answer["store_credit_account"]

    async def test_unowned_accounts_have_no_limit(self, client: httpx.AsyncClient) -> None:
        for _ in range(3):
            assert (await post(client, ACCOUNTS, {"currency_code": "usd"}))[0] == 200
        unowned = await get(client, f"{ACCOUNTS}?customer_id=null")
        assert unowned["count"] == 4

    async def test_an_empty_currency_is_refused_after_the_query(
        self, client: httpx.AsyncClient
    ) -> None:
        body = {"currency_code": ""}
        assert await post(client, ACCOUNTS, body) == refused(
            "Currency code is required to create a store credit account"
        )
        assert await post(client, f"{ACCOUNTS}?bogus=1", body) == refused(
            "Invalid request: Unrecognized fields: 'bogus'"
        )

    async def test_a_refused_one_leaves_nothing(self, client: httpx.AsyncClient) -> None:
        body = {"currency_code": "usd", "metadata": {"a": ["\0"]}}
        assert await post(client, ACCOUNTS, body) == (500, UNKNOWN_ERROR)
        assert (await get(client, ACCOUNTS))["count"] == 2


class TestMoving:
    async def test_a_credit_by_a_user_names_the_user(self, client: httpx.AsyncClient) -> None:
        path = f"{ACCOUNTS}/{EMPTY}/credit"
        status, answer = await post(client, path, {"amount": 1, "note": "Goodwill"}, AS_USER)
        assert (status, answer["store_credit_account"]["balance"]) == (200, 1)
        [line] = await ledger(client, EMPTY)
        assert re.fullmatch(r"sc_trx_[0-9A-HJKMNP-TV-Z]{26}", line.pop("id"))
        assert line == {
            "amount": 1,
            "type": "credit",
            "reference": "user",
            "reference_id": USER_ID,
            "note": "Goodwill",
            "updated_at": "2026-03-01T12:00:00.000Z",
            "created_at": "2026-03-01T12:00:00.000Z",
            "metadata": None,
        }

    async def test_a_debit_by_a_key_names_the_key(self, client: httpx.AsyncClient) -> None:
        path = f"{ACCOUNTS}/{TEN}/debit?fields=credits,debits,balance"
        shown = {"credits": 10, "debits": Decimal("2.5"), "balance": Decimal("7.5"), "id": TEN}
        answer = await post(client, path, {"amount": Decimal("2.5")})
        assert answer == (200, {"store_credit_account": shown})
        line = (await ledger(client, TEN))[-1]
        assert (line["type"], line["amount"], line["note"]) == ("debit", Decimal("2.5"), "")
        assert (line["reference"], line["reference_id"]) == ("api-key", KEY_ID)

    async def test_a_user_who_signed_in_is_named(self, client: httpx.AsyncClient) -> None:
        credentials = {"email": "admin@example.com", "password": "correct"}
        _, signed_in = await post(client, "/auth/user/emailpass", credentials)
        headers = {"authorization": f"Bearer {signed_in['token']}"}
        await post(client, f"{ACCOUNTS}/{EMPTY}/credit", {"amount": 1}, headers)
        [line] = await ledger(client, EMPTY)
        assert (line["reference"], line["reference_id"]) == ("user", USER_ID)

    async def test_neither_date_of_the_account_moves(self) -> None:
        clock = frozen_clock()
        async with client_of(section(accounts=[account(1)]), clock) as client:
            before = await get(client, f"{ACCOUNTS}/{EMPTY}?fields=created_at,updated_at")
            clock.set(clock.now().replace(year=2027))
            await post(client, f"{ACCOUNTS}/{EMPTY}/credit", {"amount": 1})
            after = await get(client, f"{ACCOUNTS}/{EMPTY}?fields=created_at,updated_at")
            [line] = await ledger(client, EMPTY)
        assert before == after
        assert line["created_at"] == "2027-03-01T12:00:00.000Z"

    async def test_exactly_the_balance_may_be_debited_and_no_more(
        self, client: httpx.AsyncClient
    ) -> None:
        path = f"{ACCOUNTS}/{TEN}/debit"
        too_much = await post(client, path, {"amount": Decimal("10.0000000001")})
        assert too_much == refused("Insufficient balance")
        assert len(await ledger(client, TEN)) == 1
        assert (await post(client, path, {"amount": 10}))[0] == 200
        assert await totals(client, TEN) == (10, 10, 0)

    async def test_tenths_add_up_exactly(self, client: httpx.AsyncClient) -> None:
        for amount in ("0.1", "0.2"):
            await post(client, f"{ACCOUNTS}/{EMPTY}/credit", {"amount": Decimal(amount)})
        path = f"{ACCOUNTS}/{EMPTY}/debit"
        assert (await post(client, path, {"amount": Decimal("0.3")}))[0] == 200
        assert await balance(client, EMPTY) == 0

    async def test_a_small_credit_beside_a_huge_one_is_not_lost(
        self, client: httpx.AsyncClient
    ) -> None:
        for amount in ("1e300", "0.25"):
            content = f'{{"amount":{amount}}}'.encode()
            await post(client, f"{ACCOUNTS}/{EMPTY}/credit", content)
        path = f"{ACCOUNTS}/{EMPTY}/debit"
        assert (await post(client, path, b'{"amount":1e300}'))[0] == 200
        assert await balance(client, EMPTY) == Decimal("0.25")

    async def test_a_total_beyond_all_doubles_is_null(self, client: httpx.AsyncClient) -> None:
        for _ in range(2):
            await post(client, f"{ACCOUNTS}/{EMPTY}/credit", b'{"amount":1.5e308}')
        assert await balance(client, EMPTY) is None

    @pytest.mark.parametrize(
        ("written", "shown", "raw"),
        [
            ("0.0001", 0, "0.0001"),
            ("1e-300", 0, "1e-300"),
            ("0.00011", Decimal("0.00011"), "0.00011"),
            ("1e2", 100, "100"),
            ("19.999999999999999999", 20, "20"),
            ("9007199254740993", 9007199254740992, "9007199254740992"),
        ],
    )
    async def test_an_amount_is_a_double_and_nothing_up_to_a_ten_thousandth(
        self, client: httpx.AsyncClient, written: str, shown: object, raw: str
    ) -> None:
        content = f'{{"amount":{written}}}'.encode()
        assert (await post(client, f"{ACCOUNTS}/{EMPTY}/credit", content))[0] == 200
        [line] = await ledger(client, EMPTY, "fields=%2Braw_amount")
        assert (line["amount"], line["raw_amount"]) == (shown, {"value": raw, "precision": 20})
        assert await balance(client, EMPTY) == shown

    async def test_a_debit_of_nothing_passes_on_an_empty_account(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await post(client, f"{ACCOUNTS}/{EMPTY}/debit", {"amount": Decimal("0.0001")})
        assert answer[0] == 200
        assert [line["amount"] for line in await ledger(client, EMPTY)] == [0]

    async def test_the_same_idempotency_key_moves_twice(self, client: httpx.AsyncClient) -> None:
        for _ in range(2):
            headers = {"idempotency-key": "same"}
            await post(client, f"{ACCOUNTS}/{EMPTY}/credit", {"amount": 5}, headers)
        assert await balance(client, EMPTY) == 10

    async def test_a_long_note_is_kept_and_half_a_letter_is_replaced(
        self, client: httpx.AsyncClient
    ) -> None:
        path = f"{ACCOUNTS}/{EMPTY}/credit"
        await post(client, path, {"amount": 1, "note": "ß" * 5_000})
        await post(client, path, rb'{"amount":1,"note":"a\ud800b\ud83d\ude00"}')
        notes = [line["note"] for line in await ledger(client, EMPTY)]
        assert notes == ["ß" * 5_000, "a\ufffdb\U0001f600"]

    async def test_a_nul_character_is_500_and_books_nothing(
        self, client: httpx.AsyncClient
    ) -> None:
        body = {"amount": 1, "note": "a\0b"}
        assert await post(client, f"{ACCOUNTS}/{EMPTY}/credit", body) == (500, UNKNOWN_ERROR)
        assert await post(client, f"{ACCOUNTS}/{TEN}/debit", body) == (500, UNKNOWN_ERROR)
        assert (await ledger(client, EMPTY), await balance(client, TEN)) == ([], 10)

    @pytest.mark.parametrize("route", ["credit", "debit"])
    async def test_one_nobody_knows_is_404(self, client: httpx.AsyncClient, route: str) -> None:
        answer = await post(client, f"{ACCOUNTS}/sc_acc_none/{route}", {"amount": 1})
        message = "StoreCreditAccount id not found: sc_acc_none"
        assert answer == (404, {"type": "not_found", "message": message})

    @pytest.mark.parametrize("amount", ["0", "-0", "-0.0", "-5", "-1e300", "1e-400"])
    @pytest.mark.parametrize("route", ["credit", "debit"])
    async def test_only_more_than_nothing_moves(
        self, client: httpx.AsyncClient, route: str, amount: str
    ) -> None:
        content = f'{{"amount":{amount}}}'.encode()
        assert await post(client, f"{ACCOUNTS}/{TEN}/{route}", content) == refused(
            "Amount must be greater than 0"
        )
        assert await totals(client, TEN) == (10, 0, 10)

    async def test_checks_come_in_the_order_of_the_contract(
        self, client: httpx.AsyncClient
    ) -> None:
        """Each request is cured of the fault that the one before it was refused for."""
        stranger = {"authorization": ""}
        steps: list[tuple[str, object, dict[str, str], str]] = [
            ("sc_acc_none/debit?bogus=1", b"{bad", stranger, "Expected property name"),
            ("sc_acc_none/debit?bogus=1", {"amount": "0"}, stranger, "Unauthorized"),
            ("sc_acc_none/debit?bogus=1", {"amount": "0"}, {}, "Invalid request: Expected type"),
            ("sc_acc_none/debit?bogus=1", {"amount": 0}, {}, "Invalid request: Unrecognized"),
            ("sc_acc_none/debit", {"amount": 0}, {}, "Amount must be greater than 0"),
            ("sc_acc_none/debit", {"amount": 11}, {}, "StoreCreditAccount id not found"),
            (f"{TEN}/debit", {"amount": 11}, {}, "Insufficient balance"),
        ]
        for path, body, headers, beginning in steps:
            _, answer = await post(client, f"{ACCOUNTS}/{path}", body, headers)
            assert answer["message"].startswith(beginning)

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("route", ["credit", "debit"])
    async def test_another_method_is_no_route(
        self, client: httpx.AsyncClient, method: str, route: str
    ) -> None:
        answer = await client.request(method, f"{ACCOUNTS}/{TEN}/{route}")
        assert (answer.status_code, answer.headers["content-type"]) == (
            404,
            "text/html; charset=utf-8",
        )
