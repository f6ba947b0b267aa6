"""The store-credit stand-in answers as the contract says, rule by rule."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox import exact_json
from sandbox.clock import Clock
from sandbox.medusa import create_medusa
from sandbox.seed import SeedError

BUILT_IN = Path(__file__).parents[2] / "sandbox" / "seed" / "medusa.json"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "sk_" + "5a" * 32
PUBLISHABLE = {"x-publishable-api-key": "pk_" + "5b" * 32}
AS_KEY = {"authorization": f"Basic {KEY}"}
AS_USER = {"authorization": "Bearer user-token"}
AS_ANN = {**PUBLISHABLE, "authorization": "Bearer ann-token"}

ANN = "cus_01K0A000000000000000000001"
BEN = "cus_01K0A000000000000000000002"
GONE = "cus_01K0A000000000000000000009"
ANN_USD = "sc_acc_01K0B000000000000000000001"
ANN_EUR = "sc_acc_01K0B000000000000000000002"
BEN_UPPER_USD = "sc_acc_01K0B000000000000000000003"
UNOWNED = "sc_acc_01K0B000000000000000000004"
OF_GONE = "sc_acc_01K0B000000000000000000005"
EMPTY = "sc_acc_01K0B000000000000000000006"
CARD = "gcard_01K0C00000000000000000001"
EXPIRED_CARD = "gcard_01K0C00000000000000000002"

ACCOUNTS = "/admin/store-credit-accounts"
LEDGER = f"{ACCOUNTS}/{ANN_USD}/transactions"
CARDS = "/admin/gift-cards"
OWN = "/store/store-credit-accounts"


def entry(number: int, kind: str, amount: str, **members: Any) -> dict[str, Any]:
    return {
        "id": f"sc_trx_01K0D{number:021d}",
        "type": kind,
        "amount": Decimal(amount),
        "reference": "user",
        "reference_id": "user_01K0A000000000000000000001",
        "note": "",
        "created_at": f"now-{40 - number}d",
        **members,
    }


def section() -> dict[str, Any]:
    return {
        "credentials": {
            "users": [
                {
                    "id": "user_01K0A000000000000000000001",
                    "email": "admin@example.com",
                    "password": "correct",
                    "tokens": ["user-token"],
                }
            ],
            "secret_keys": [{"id": "apk_01K0A000000000000000000001", "key": KEY}],
            "publishable_keys": [PUBLISHABLE["x-publishable-api-key"]],
            "customer_tokens": [
                {"token": "ann-token", "customer_id": ANN},
                {"token": "ben-token", "customer_id": BEN},
            ],
        },
        "customers": [
            {
                "id": ANN,
                "email": "ann@example.com",
                "first_name": "Ann",
                "groups": [{"id": "cusgroup_1", "name": "VIP"}],
                "created_at": "2026-01-01T00:00:00Z",
            },
            {"id": BEN, "email": "ben@example.com", "created_at": "now-90d"},
        ],
        "accounts": [
            {
                "id": ANN_USD,
                "code": "SC-AAAA-BBBB-CCAA-AABB",
                "currency_code": "usd",
                "customer_id": ANN,
                "metadata": {"tier": "gold"},
                "created_at": "2026-01-02T03:04:05.006Z",
                "ledger": [
                    entry(1, "credit", "0.1"),
                    entry(2, "credit", "0.2", note=None),
                    entry(3, "debit", "0.05", reference="cart", reference_id="cart_1"),
                ],
            },
            {
                "id": ANN_EUR,
                "code": "SC-DDDD-EEEE-FFDD-DDEE",
                "currency_code": "eur",
                "customer_id": ANN,
                "created_at": "now-30d",
                "ledger": [entry(4, "credit", "10"), entry(5, "debit", "30")],
            },
            {
                "id": BEN_UPPER_USD,
                "currency_code": "USD",
                "customer_id": BEN,
                "created_at": "now-20d",
                "ledger": [entry(6, "credit", "1500")],
            },
            {
                "id": UNOWNED,
                "code": "SC-GGGG-HHHH-JJGG-GGHH",
                "currency_code": "usd",
                "created_at": "now-10d",
                "ledger": [
                    entry(
                        7,
                        "credit",
                        "25",
                        reference="gift_card",
                        reference_id=CARD,
                        note="Gift card redemption",
                    )
                ],
            },
            {
                "id": OF_GONE,
                "code": "SC-KKKK-LLLL-MMKK-KKLL",
                "currency_code": "jpy",
                "customer_id": GONE,
                "created_at": "now-5d",
                "ledger": [entry(8, "credit", "1.5")],
            },
            {
                "id": EMPTY,
                "code": "SC-NNNN-PPPP-QQNN-NNPP",
                "currency_code": "kwd",
                "created_at": "now-1d",
            },
        ],
        "gift_cards": [
            {
                "id": CARD,
                "account_id": UNOWNED,
                "code": "CARD-ONE",
                "value": Decimal("25"),
                "currency_code": "usd",
                "created_at": "now-10d",
                "orders": [
                    {"id": "order_1", "display_id": 1, "version": 1, "status": "pending"},
                ],
            },
            {
                "id": EXPIRED_CARD,
                "account_id": EMPTY,
                "code": "CARD-TWO",
                "value": Decimal("5.25"),
                "currency_code": "kwd",
                "expires_at": "now-1d",
                "created_at": "now-1d",
            },
        ],
    }


def frozen_clock() -> Clock:
    clock = Clock()
    clock.set(NOW)
    return clock


def client_of(content: dict[str, Any], clock: Clock | None = None) -> httpx.AsyncClient:
    app = create_medusa(content, clock or frozen_clock())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://medusa.example")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(section()) as client:
        yield client


@pytest.fixture
async def admin(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(AS_KEY)
    return client


@pytest.fixture
async def ann(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(AS_ANN)
    return client


async def ids(client: httpx.AsyncClient, url: str) -> list[str]:
    answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    [rows] = [value for value in answer.json().values() if isinstance(value, list)]
    return [row["id"] for row in rows]


async def refusal(client: httpx.AsyncClient, url: str) -> tuple[int, str]:
    answer = await client.get(url)
    return answer.status_code, answer.json()["message"]


def text_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


UNKNOWN_ERROR = (
    '{"code":"unknown_error","type":"unknown_error","message":"An unknown error occurred."}'
)


class TestCredentials:
    @pytest.mark.parametrize(
        "authorization",
        [
            f"Basic {KEY}",
            f"basic {KEY}",
            f"Basic {base64.b64encode(KEY.encode()).decode()}",
            f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}",
            "Bearer user-token",
            "bEARER user-token",
        ],
    )
    async def test_an_admin_gets_in(self, client: httpx.AsyncClient, authorization: str) -> None:
        answer = await client.get(ACCOUNTS, headers={"authorization": authorization})
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "authorization",
        [
            "",
            "Basic sk_00",
            "Basic ???",
            "Basic user-token",
            "Bearer a.b.c",
            "Bearer ann-token",
            "Token user-token",
        ],
    )
    async def test_everybody_else_is_unauthorized(
        self, client: httpx.AsyncClient, authorization: str
    ) -> None:
        answer = await client.get(ACCOUNTS, headers={"authorization": authorization})
        assert text_of(answer) == (401, '{"message":"Unauthorized"}')
        assert "www-authenticate" not in answer.headers

    async def test_a_secret_key_sent_as_bearer_is_told_so(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(ACCOUNTS, headers={"authorization": f"Bearer {KEY}"})
        assert answer.status_code == 401
        assert answer.json() == {
            "message": "A secret API key was passed as a Bearer token. Secret API keys must be sent"
            " using HTTP Basic authentication instead (Authorization: Basic <secret-api-key>)."
        }

    async def test_signing_in_gives_a_token_for_one_day(self) -> None:
        clock = frozen_clock()
        async with client_of(section(), clock) as client:
            signed_in = await client.post(
                "/auth/user/emailpass", json={"email": "admin@example.com", "password": "correct"}
            )
            assert list(signed_in.json()) == ["token"]
            bearer = {"authorization": f"Bearer {signed_in.json()['token']}"}
            clock.advance(timedelta(hours=23, minutes=59))
            assert (await client.get(ACCOUNTS, headers=bearer)).status_code == 200
            refreshed = await client.post("/auth/token/refresh", headers=bearer)
            clock.advance(timedelta(minutes=1))
            assert (await client.get(ACCOUNTS, headers=bearer)).status_code == 401
            renewed = {"authorization": f"Bearer {refreshed.json()['token']}"}
            assert (await client.get(ACCOUNTS, headers=renewed)).status_code == 200

    async def test_a_form_signs_in_too(self, client: httpx.AsyncClient) -> None:
        form = {"email": "admin@example.com", "password": "correct"}
        answer = await client.post("/auth/user/emailpass", data=form)
        assert answer.status_code == 200

    async def test_a_body_of_another_type_is_not_read(self, client: httpx.AsyncClient) -> None:
        body = json.dumps({"email": "admin@example.com", "password": "correct"})
        answer = await client.post("/auth/user/emailpass", content=body)
        assert answer.status_code == 401

    @pytest.mark.parametrize("password", ["wrong", None, 5])
    async def test_a_wrong_password_is_refused(
        self, client: httpx.AsyncClient, password: object
    ) -> None:
        body = {"email": "admin@example.com", "password": password}
        answer = await client.post("/auth/user/emailpass", json=body)
        expected = '{"type":"unauthorized","message":"Invalid email or password"}'
        assert text_of(answer) == (401, expected)

    async def test_a_token_cannot_be_refreshed_without_one(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/auth/token/refresh", headers=AS_KEY)
        assert text_of(answer) == (401, '{"message":"Unauthorized"}')

    async def test_the_store_wants_a_publishable_key_before_a_customer(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.get(f"{OWN}?currency_code=usd")
        assert text_of(answer) == (
            400,
            '{"type":"not_allowed","message":"Publishable API key required in the request header:'
            ' x-publishable-api-key. You can manage your keys in settings in the dashboard."}',
        )

    async def test_an_unknown_publishable_key_is_not_allowed(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.get("/store/gift-cards/X", headers={"x-publishable-api-key": "pk_0"})
        assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")

    @pytest.mark.parametrize("url", [OWN, f"{OWN}/x", f"{OWN}/x/y"])
    async def test_own_accounts_want_a_customer(self, client: httpx.AsyncClient, url: str) -> None:
        answer = await client.get(url, headers=PUBLISHABLE | AS_USER)
        assert text_of(answer) == (401, '{"message":"Unauthorized"}')


class TestTransport:
    async def test_an_escaped_slash_is_part_of_an_id(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/a%2Fb")
        assert (answer.status_code, answer.json()) == (
            404,
            {"type": "not_found", "message": "StoreCreditAccount id not found: a/b"},
        )

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/admin/nothing"),
            ("PUT", f"{ACCOUNTS}/{ANN_USD}"),
            ("PATCH", f"{ACCOUNTS}/{ANN_USD}"),
            ("DELETE", f"{ACCOUNTS}/{ANN_USD}"),
            ("POST", f"{ACCOUNTS}/{ANN_USD}"),
            ("GET", f"{ACCOUNTS}/{ANN_USD}/transactions/x"),
        ],
    )
    async def test_no_such_route_or_method_is_a_page(
        self, admin: httpx.AsyncClient, method: str, path: str
    ) -> None:
        answer = await admin.request(method, path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            "<title>Error</title>\n</head>\n<body>\n"
            f"<pre>Cannot {method} {path}</pre>\n</body>\n</html>\n"
        )

    async def test_a_page_shows_no_markup_of_the_path(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/<script>")
        assert "<pre>Cannot GET /%3Cscript%3E</pre>" in answer.text

    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_an_unknown_admin_path_is_401_to_a_stranger(
        self, client: httpx.AsyncClient, method: str
    ) -> None:
        answer = await client.request(method, "/admin/nothing")
        assert text_of(answer) == (401, '{"message":"Unauthorized"}')

    async def test_malformed_json_goes_before_credentials(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(
            ACCOUNTS, content="{bad", headers={"content-type": "application/json"}
        )
        assert text_of(answer) == (
            400,
            '{"message":"Expected property name or \'}\' in JSON at position 1",'
            '"type":"invalid_data"}',
        )

    @pytest.mark.parametrize("body", ["5", "[1,]", '{"a":NaN}', '{"a":'])
    async def test_any_malformed_json_is_invalid_data(
        self, client: httpx.AsyncClient, body: str
    ) -> None:
        answer = await client.post(
            ACCOUNTS, content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Unexpected ")

    async def test_a_body_above_100_kb_is_too_large(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(ACCOUNTS, content=b" " * (100 * 1024 + 1))
        expected = '{"message":"request entity too large","type":"unknown_error"}'
        assert text_of(answer) == (413, expected)

    async def test_an_answer_has_a_weak_etag_and_no_cache_control(
        self, admin: httpx.AsyncClient
    ) -> None:
        answer = await admin.get(ACCOUNTS)
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["etag"].startswith(f'W/"{len(answer.content):x}-')
        assert "cache-control" not in answer.headers

    async def test_a_known_etag_gives_304(self, admin: httpx.AsyncClient) -> None:
        etag = (await admin.get(ACCOUNTS)).headers["etag"]
        answer = await admin.get(ACCOUNTS, headers={"if-none-match": f'"other", {etag}'})
        assert text_of(answer) == (304, "")

    async def test_an_etag_of_something_else_gives_200(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(ACCOUNTS, headers={"if-none-match": 'W/"0-other"'})
        assert answer.status_code == 200

    async def test_no_cache_gives_200_for_a_known_etag(self, admin: httpx.AsyncClient) -> None:
        etag = (await admin.get(ACCOUNTS)).headers["etag"]
        headers = {"if-none-match": etag, "cache-control": "no-cache"}
        assert (await admin.get(ACCOUNTS, headers=headers)).status_code == 200

    @pytest.mark.parametrize("path", [ACCOUNTS, f"{ACCOUNTS}/{ANN_USD}", LEDGER, CARDS])
    async def test_a_trailing_slash_is_accepted(self, admin: httpx.AsyncClient, path: str) -> None:
        assert (await admin.get(f"{path}/")).content == (await admin.get(path)).content

    async def test_health_is_ok_to_anybody(self, client: httpx.AsyncClient) -> None:
        assert text_of(await client.get("/health")) == (200, "OK")

    async def test_it_works_below_a_mount(self) -> None:
        app = Starlette(routes=[Mount("/medusa", create_medusa(section(), frozen_clock()))])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x.example") as client:
            found = await client.get(f"/medusa{ACCOUNTS}", headers=AS_KEY)
            missing = await client.get("/medusa/nothing")
        assert found.status_code == 200
        assert "<pre>Cannot GET /nothing</pre>" in missing.text


class TestParameters:
    @pytest.mark.parametrize(
        ("url", "names"),
        [
            (f"{ACCOUNTS}?code=x", "code"),
            (f"{ACCOUNTS}?balance=1&$or=1&metadata[a]=1", "balance, $or, metadata"),
            (f"{ACCOUNTS}/{ANN_USD}?expand=customer", "expand"),
            (f"{LEDGER}?type=credit&reference=cart", "type, reference"),
            (f"{CARDS}?code=x&currency_code=usd", "code, currency_code"),
            (f"{CARDS}/{CARD}?note=x", "note"),
        ],
    )
    async def test_an_unknown_one_is_refused(
        self, admin: httpx.AsyncClient, url: str, names: str
    ) -> None:
        message = f"Invalid request: Unrecognized fields: '{names}'"
        expected = f'{{"type":"invalid_data","message":"{message}"}}'
        assert text_of(await admin.get(url)) == (400, expected)

    @pytest.mark.parametrize(
        ("query", "fault"),
        [
            ("limit=abc", "Expected type: 'number' for field 'limit', got: 'abc'"),
            ("offset=", "Expected type: 'number' for field 'offset', got: ''"),
            ("limit=1&limit=2", "Expected type: 'number' for field 'limit', got: '1,2'"),
            ("with_deleted=1", "Expected type: 'boolean' for field 'with_deleted', got: '1'"),
            ("fields[]=id", "Expected type: 'string' for field 'fields', got: 'id'"),
            (
                "customer_id[$in]=x",
                "Expected type: 'string, array' for field 'customer_id', got: '[object Object]'",
            ),
            (
                "currency_code[$like][]=x",
                "Expected type: 'string, array' for field 'currency_code', got: '[object Object]'",
            ),
            (
                "bogus=1&order[]=id&limit=x",
                "Expected type: 'number' for field 'limit', got: 'x';"
                " Expected type: 'string' for field 'order', got: 'id';"
                " Unrecognized fields: 'bogus'",
            ),
        ],
    )
    async def test_wrong_types_are_named_in_schema_order(
        self, admin: httpx.AsyncClient, query: str, fault: str
    ) -> None:
        assert await refusal(admin, f"{ACCOUNTS}?{query}") == (400, f"Invalid request: {fault}")

    async def test_credentials_go_before_the_query(self, client: httpx.AsyncClient) -> None:
        assert (await client.get(f"{ACCOUNTS}?code=x")).status_code == 401

    async def test_the_query_goes_before_the_account(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{ACCOUNTS}/none?code=x")).status_code == 400

    async def test_the_retrieve_route_checks_filters_and_ignores_them(
        self, admin: httpx.AsyncClient
    ) -> None:
        query = "currency_code=zzz&limit=-1&order=balance&q=x&created_at=nonsense"
        answer = await admin.get(f"{ACCOUNTS}/{ANN_USD}?{query}")
        assert answer.json()["store_credit_account"]["id"] == ANN_USD


class TestPages:
    async def test_fifteen_rows_a_page_in_order_of_id(self) -> None:
        content = section()
        content["accounts"][0]["ledger"] = [entry(n, "credit", "1") for n in range(20, 0, -1)]
        async with client_of(content) as client:
            page = (await client.get(LEDGER, headers=AS_KEY)).json()
        assert [row["id"][-2:] for row in page["transactions"]] == [
            f"{n:02d}" for n in range(1, 16)
        ]
        assert list(page) == ["transactions", "count", "offset", "limit"]
        assert (page["count"], page["offset"], page["limit"]) == (20, 0, 15)

    async def test_limit_and_offset_cut_a_page(self, admin: httpx.AsyncClient) -> None:
        page = (await admin.get(f"{ACCOUNTS}?limit=2&offset=1&fields=id")).json()
        assert [row["id"] for row in page["store_credit_accounts"]] == [ANN_EUR, BEN_UPPER_USD]
        assert (page["count"], page["offset"], page["limit"]) == (6, 1, 2)

    async def test_there_is_no_upper_limit(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{ACCOUNTS}?limit=1000000")).json()["limit"] == 1000000

    async def test_limit_zero_gives_the_count_alone(self, admin: httpx.AsyncClient) -> None:
        page = (await admin.get(f"{ACCOUNTS}?limit=0")).json()
        assert page == {"store_credit_accounts": [], "count": 6, "offset": 0, "limit": 0}

    async def test_past_the_end_is_empty(self, admin: httpx.AsyncClient) -> None:
        page = (await admin.get(f"{ACCOUNTS}?offset=40")).json()
        assert page == {"store_credit_accounts": [], "count": 6, "offset": 40, "limit": 15}

    async def test_fractions_are_cut(self, admin: httpx.AsyncClient) -> None:
        page = (await admin.get(f"{ACCOUNTS}?limit=1.9&offset=0.9")).json()
        assert (len(page["store_credit_accounts"]), page["limit"], page["offset"]) == (1, 1, 0)

    @pytest.mark.parametrize("query", ["limit=-1", "offset=-1", f"limit={'9' * 30}"])
    async def test_what_the_database_refuses_is_500(
        self, admin: httpx.AsyncClient, query: str
    ) -> None:
        assert text_of(await admin.get(f"{ACCOUNTS}?{query}")) == (500, UNKNOWN_ERROR)


class TestOrder:
    async def test_one_column_orders(self, admin: httpx.AsyncClient) -> None:
        found = await ids(admin, f"{ACCOUNTS}?order=currency_code&limit=3")
        assert found == [BEN_UPPER_USD, ANN_EUR, OF_GONE]

    async def test_a_minus_turns_it_round(self, admin: httpx.AsyncClient) -> None:
        assert await ids(admin, f"{ACCOUNTS}?order=-created_at&limit=2") == [EMPTY, OF_GONE]

    async def test_missing_values_come_last(self, admin: httpx.AsyncClient) -> None:
        assert (await ids(admin, f"{ACCOUNTS}?order=metadata"))[0] == ANN_USD
        assert (await ids(admin, f"{ACCOUNTS}?order=code"))[-1] == BEN_UPPER_USD

    async def test_entries_order_by_amount(self, admin: httpx.AsyncClient) -> None:
        amounts = [
            row["amount"]
            for row in (await admin.get(f"{LEDGER}?order=-amount")).json()["transactions"]
        ]
        assert amounts == [0.2, 0.1, 0.05]

    @pytest.mark.parametrize("url", [ACCOUNTS, LEDGER, CARDS])
    @pytest.mark.parametrize("order", ["nope", "", "-", "balance", "credits", "debits", "id,code"])
    async def test_anything_else_is_500(
        self, admin: httpx.AsyncClient, url: str, order: str
    ) -> None:
        assert text_of(await admin.get(f"{url}?order={order}")) == (500, UNKNOWN_ERROR)


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (f"customer_id={ANN}", [ANN_USD, ANN_EUR]),
            (f"id={ANN_USD}&id={EMPTY}", [ANN_USD, EMPTY]),
            (f"id[]={ANN_USD}&id[]={EMPTY}", [ANN_USD, EMPTY]),
            (f"id[]={ANN_USD},{EMPTY}", [ANN_USD, EMPTY]),
            (f"id[0]={ANN_USD}&id[1]={EMPTY}", [ANN_USD, EMPTY]),
            (f"id={ANN_USD},{EMPTY}", []),
            ("customer_id=null", [UNOWNED, EMPTY]),
            (f"customer_id={ANN}&currency_code=eur", [ANN_EUR]),
            ("currency_code=USD", [BEN_UPPER_USD]),
            ("currency_code=Eur", []),
            ("customer_id=", []),
            ("currency_code[$eq]=kwd", [EMPTY]),
            ("currency_code[$ne]=usd", [ANN_EUR, BEN_UPPER_USD, OF_GONE, EMPTY]),
            (f"customer_id[$ne]={ANN}", [BEN_UPPER_USD, OF_GONE]),
            ("currency_code[$in][]=kwd&currency_code[$in][]=jpy", [OF_GONE, EMPTY]),
            ("currency_code[$nin][]=usd&currency_code[$nin][]=USD", [ANN_EUR, OF_GONE, EMPTY]),
            ("currency_code[$like]=%25u%25", [ANN_USD, ANN_EUR, UNOWNED]),
            ("currency_code[$ilike]=us_", [ANN_USD, BEN_UPPER_USD, UNOWNED]),
            ("currency_code[$re]=^[jk]", [OF_GONE, EMPTY]),
            ("currency_code[$contains]=wd", [EMPTY]),
            (f"id[$gt]={OF_GONE}", [EMPTY]),
            (f"id[$gte]={OF_GONE}", [OF_GONE, EMPTY]),
            (f"id[$lt]={ANN_EUR}", [ANN_USD]),
            (f"id[$lte]={ANN_EUR}", [ANN_USD, ANN_EUR]),
            (f"id[$gt]={ANN_USD}&id[$lt]={BEN_UPPER_USD}", [ANN_EUR]),
            ("created_at[$gte]=2026-02-20", [OF_GONE, EMPTY]),
            ("created_at[$lt]=2026-01-02T03:04:05.007Z", [ANN_USD]),
            ("created_at=2026-01-02T03:04:05.006Z", [ANN_USD]),
            ("updated_at[$gt]=2026-02-27T00:00:00%2B00:00", [EMPTY]),
        ],
    )
    async def test_accounts_are_found(
        self, admin: httpx.AsyncClient, query: str, found: list[str]
    ) -> None:
        assert await ids(admin, f"{ACCOUNTS}?{query}") == found

    @pytest.mark.parametrize(
        "query",
        ["currency_code[$foo]=kwd", "created_at[gt]=2026-02-20", "customer_id[$IN][]=nobody"],
    )
    async def test_an_unknown_operator_lets_everything_through(
        self, admin: httpx.AsyncClient, query: str
    ) -> None:
        assert len(await ids(admin, f"{ACCOUNTS}?{query}")) == 6

    @pytest.mark.parametrize(
        "query",
        [
            "created_at=soon",
            "updated_at[$gt]=",
            "created_at[$in][]=soon",
            "created_at[$like]=2026%25",
            "currency_code[$re]=(",
        ],
    )
    async def test_a_value_the_database_refuses_is_500(
        self, admin: httpx.AsyncClient, query: str
    ) -> None:
        assert text_of(await admin.get(f"{ACCOUNTS}?{query}")) == (500, UNKNOWN_ERROR)
        refused = (500, UNKNOWN_ERROR)
        if not query.startswith("currency_code"):
            assert text_of(await admin.get(f"{ACCOUNTS}/none/transactions?{query}")) == refused

    @pytest.mark.parametrize(
        ("q", "found"),
        [("us", [ANN_USD, BEN_UPPER_USD, UNOWNED]), ("SC-AAAA", []), ("ann@example.com", [])],
    )
    async def test_q_looks_into_the_currency_of_accounts_only(
        self, admin: httpx.AsyncClient, q: str, found: list[str]
    ) -> None:
        assert await ids(admin, f"{ACCOUNTS}?q={q}") == found

    async def test_an_empty_q_finds_everything(self, admin: httpx.AsyncClient) -> None:
        assert len(await ids(admin, f"{ACCOUNTS}?q=")) == 6

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=ONE", [CARD]),
            ("q=kwd", [EXPIRED_CARD]),
            ("status=redeemed", [CARD, EXPIRED_CARD]),
            ("status=pending", []),
            (f"id={CARD}", [CARD]),
            ("reference=order", []),
        ],
    )
    async def test_gift_cards_are_found(
        self, admin: httpx.AsyncClient, query: str, found: list[str]
    ) -> None:
        assert await ids(admin, f"{CARDS}?{query}") == found

    async def test_gift_cards_of_a_customer_are_500(self, admin: httpx.AsyncClient) -> None:
        assert text_of(await admin.get(f"{CARDS}?customer_id=c")) == (500, UNKNOWN_ERROR)

    async def test_q_has_no_effect_on_a_ledger(self, admin: httpx.AsyncClient) -> None:
        assert len(await ids(admin, f"{LEDGER}?q=nothing")) == 3

    async def test_deleted_rows_show_on_request_and_count_in_no_total(self) -> None:
        content = section()
        content["accounts"][0]["ledger"][0]["deleted_at"] = "now"
        async with client_of(content) as client:
            client.headers.update(AS_USER)
            assert len(await ids(client, f"{LEDGER}?with_deleted=false")) == 2
            assert len(await ids(client, f"{LEDGER}?with_deleted=true")) == 3
            account = (await client.get(f"{ACCOUNTS}/{ANN_USD}?fields=credits")).json()
        assert account["store_credit_account"]["credits"] == 0.2


class TestFields:
    async def shown(self, client: httpx.AsyncClient, fields: str) -> dict[str, Any]:
        answer = await client.get(f"{ACCOUNTS}/{ANN_USD}?fields={fields}")
        shown: dict[str, Any] = answer.json()["store_credit_account"]
        return shown

    async def test_the_defaults_of_an_account(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/{ANN_USD}")
        assert answer.text == (
            f'{{"store_credit_account":{{"id":"{ANN_USD}","currency_code":"usd",'
            f'"customer_id":"{ANN}","code":"SC-AAAA-BBBB-CCAA-AABB",'
            '"credits":0.3,"debits":0.05,"balance":0.25,'
            '"updated_at":"2026-01-02T03:04:05.006Z","created_at":"2026-01-02T03:04:05.006Z",'
            f'"metadata":{{"tier":"gold"}},"customer":{{"id":"{ANN}","company_name":null,'
            '"first_name":"Ann","last_name":null,"email":"ann@example.com","phone":null,'
            '"has_account":true,"metadata":null,"created_by":null,'
            '"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z",'
            '"deleted_at":null}}}'
        )

    async def test_the_defaults_of_an_entry(self, admin: httpx.AsyncClient) -> None:
        [row] = (await admin.get(f"{LEDGER}?limit=1&offset=1")).json()["transactions"]
        assert list(row.items()) == [
            ("id", "sc_trx_01K0D000000000000000000002"),
            ("amount", 0.2),
            ("type", "credit"),
            ("reference", "user"),
            ("reference_id", "user_01K0A000000000000000000001"),
            ("note", None),
            ("updated_at", "2026-01-22T12:00:00.000Z"),
            ("created_at", "2026-01-22T12:00:00.000Z"),
            ("metadata", None),
        ]

    async def test_marks_change_the_defaults(self, admin: httpx.AsyncClient) -> None:
        shown = await self.shown(admin, "%2Bdeleted_at,-customer,-metadata")
        assert list(shown) == [
            "id",
            "currency_code",
            "customer_id",
            "code",
            "credits",
            "debits",
            "balance",
            "updated_at",
            "created_at",
            "deleted_at",
        ]

    async def test_a_raw_plus_counts_as_a_plus(self, admin: httpx.AsyncClient) -> None:
        shown = await self.shown(admin, "+deleted_at")
        assert {"balance", "deleted_at"} < set(shown)

    @pytest.mark.parametrize("fields", ["*transactions", "transactions.*"])
    async def test_a_star_brings_all_of_a_relation(
        self, admin: httpx.AsyncClient, fields: str
    ) -> None:
        shown = await self.shown(admin, fields)
        assert list(shown)[-2:] == ["transactions", "customer"]
        assert list(shown["transactions"][0]) == [
            "id",
            "type",
            "reference",
            "reference_id",
            "note",
            "account_id",
            "metadata",
            "raw_amount",
            "created_at",
            "updated_at",
            "deleted_at",
            "amount",
        ]

    async def test_an_unmarked_entry_replaces_the_defaults(self, admin: httpx.AsyncClient) -> None:
        assert list(await self.shown(admin, "currency_code,id")) == ["currency_code", "id"]

    async def test_a_minus_in_a_replacing_list_means_the_name(
        self, admin: httpx.AsyncClient
    ) -> None:
        assert await self.shown(admin, "id,-currency_code") == {
            "id": ANN_USD,
            "currency_code": "usd",
        }

    async def test_the_id_always_comes_back_last_if_not_asked_for(
        self, admin: httpx.AsyncClient
    ) -> None:
        assert list(await self.shown(admin, "balance")) == ["balance", "id"]
        assert list(await self.shown(admin, "-id"))[-2:] == ["id", "customer"]

    @pytest.mark.parametrize(
        "fields", ["", "nope", "transactions", "customer", "transaction_groups"]
    )
    async def test_empty_unknown_and_bare_relations_give_the_id_alone(
        self, admin: httpx.AsyncClient, fields: str
    ) -> None:
        assert await self.shown(admin, fields) == {"id": ANN_USD}

    async def test_a_column_of_a_relation_brings_its_ids(self, admin: httpx.AsyncClient) -> None:
        shown = await self.shown(admin, "customer.email,transactions.amount")
        assert list(shown) == ["id", "customer_id", "transactions", "customer"]
        assert shown["customer"] == {"email": "ann@example.com", "id": ANN}
        assert [list(row) for row in shown["transactions"]] == [["amount", "id"]] * 3

    async def test_groups_and_addresses_come_by_name_only(self, admin: httpx.AsyncClient) -> None:
        whole = await self.shown(admin, "*customer")
        named = await self.shown(admin, "customer.groups.*,customer.addresses.*")
        assert not {"groups", "addresses"} & set(whole["customer"])
        assert named["customer"]["groups"] == [{"id": "cusgroup_1", "name": "VIP"}]
        assert named["customer"]["addresses"] == []

    async def test_totals_come_back_last_on_lists_whatever_is_asked(
        self, admin: httpx.AsyncClient
    ) -> None:
        for query in ("fields=id", "fields=balance", "fields=-balance,-debits"):
            page = await admin.get(f"{ACCOUNTS}?{query}")
            for account in page.json()["store_credit_accounts"]:
                assert list(account)[-3:] == ["balance", "debits", "credits"]

    async def test_totals_obey_fields_elsewhere(self, admin: httpx.AsyncClient) -> None:
        assert "balance" not in await self.shown(admin, "-balance")

    async def test_a_card_shows_what_is_left_through_its_account(
        self, admin: httpx.AsyncClient
    ) -> None:
        answer = await admin.get(f"{CARDS}/{CARD}?fields=*store_credit_account")
        account = answer.json()["gift_card"]["store_credit_account"]
        assert (account["balance"], account["customer_id"]) == (25, None)

    async def test_an_account_shows_its_cards_on_request(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/{UNOWNED}?fields=gift_cards.code")
        assert answer.json()["store_credit_account"] == {
            "id": UNOWNED,
            "gift_cards": [{"code": "CARD-ONE", "id": CARD}],
        }

    async def test_endless_paths_are_ignored(self, admin: httpx.AsyncClient) -> None:
        path = "gift_cards.store_credit_account." * 2000
        assert await self.shown(admin, f"{path}id") == {"id": ANN_USD}


class TestAccounts:
    async def test_one_nobody_knows_is_404(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/sc_acc_none")
        assert text_of(answer) == (
            404,
            '{"type":"not_found","message":"StoreCreditAccount id not found: sc_acc_none"}',
        )

    async def test_the_ledger_of_one_nobody_knows_is_empty(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/sc_acc_none/transactions")
        assert text_of(answer) == (200, '{"transactions":[],"count":0,"offset":0,"limit":15}')

    @pytest.mark.parametrize(
        ("account", "customer_id"), [(UNOWNED, None), (OF_GONE, GONE), (EMPTY, None)]
    )
    async def test_without_a_customer_the_key_is_left_out(
        self, admin: httpx.AsyncClient, account: str, customer_id: str | None
    ) -> None:
        shown = (await admin.get(f"{ACCOUNTS}/{account}")).json()["store_credit_account"]
        assert shown["customer_id"] == customer_id
        assert "customer" not in shown

    async def test_a_deleted_customer_is_left_out_too(self) -> None:
        content = section()
        content["customers"][0]["deleted_at"] = "now"
        async with client_of(content) as client:
            answer = await client.get(f"{ACCOUNTS}?customer_id={ANN}", headers=AS_KEY)
        assert ["customer" in account for account in answer.json()["store_credit_accounts"]] == [
            False,
            False,
        ]

    async def test_the_code_may_be_null(self, admin: httpx.AsyncClient) -> None:
        shown = (await admin.get(f"{ACCOUNTS}/{BEN_UPPER_USD}")).json()["store_credit_account"]
        assert shown["code"] is None

    async def test_a_balance_may_be_negative(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/{ANN_EUR}?fields=credits,debits,balance,id")
        assert '"credits":10,"debits":30,"balance":-20' in answer.text

    async def test_an_empty_ledger_adds_up_to_nothing(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{ACCOUNTS}/{EMPTY}?fields=credits,debits,balance,id")
        assert '"credits":0,"debits":0,"balance":0' in answer.text


class TestMoney:
    @pytest.mark.parametrize(
        ("amounts", "total"),
        [
            (["0.1", "0.2"], "0.3"),
            (["1500"], "1500"),
            (["12.30"], "12.3"),
            (["0.001"], "0.001"),
            (["19.999999999999999999"], "20"),
            (["9007199254740993"], "9007199254740992"),
            (["1000123456789012345678"], "1.0001234567890123e+21"),
            (["0.0001"], "0"),
            (["0.00011"], "0.00011"),
        ],
    )
    async def test_a_total_is_exact_as_far_as_a_double_goes(
        self, amounts: list[str], total: str
    ) -> None:
        content = section()
        content["accounts"][0]["ledger"] = [
            entry(number, "credit", amount) for number, amount in enumerate(amounts, 1)
        ]
        async with client_of(content) as client:
            answer = await client.get(f"{ACCOUNTS}/{ANN_USD}?fields=id,balance", headers=AS_KEY)
        assert f'"balance":{total}}}' in answer.text

    async def test_the_raw_amount_keeps_the_text_of_what_counts_as_nothing(self) -> None:
        content = section()
        content["accounts"][0]["ledger"] = [entry(1, "credit", "0.0001")]
        async with client_of(content) as client:
            answer = await client.get(f"{LEDGER}?fields=amount,raw_amount", headers=AS_KEY)
        assert '{"amount":0,"raw_amount":{"value":"0.0001","precision":20},' in answer.text


class TestGiftCards:
    async def test_one_nobody_knows_is_404(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{CARDS}/gcard_none")
        assert text_of(answer) == (
            404,
            '{"type":"not_found","message":"GiftCard id not found: gcard_none"}',
        )

    async def test_it_is_not_found_by_code(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{CARDS}/CARD-ONE")).status_code == 404

    async def test_an_expired_one_is_shown_with_its_face_value(
        self, admin: httpx.AsyncClient
    ) -> None:
        card = (await admin.get(f"{CARDS}/{EXPIRED_CARD}")).json()["gift_card"]
        assert (card["value"], card["expires_at"]) == (5.25, "2026-02-28T12:00:00.000Z")

    async def test_its_orders_come_without_page_keys(self, admin: httpx.AsyncClient) -> None:
        answer = await admin.get(f"{CARDS}/{CARD}/orders")
        assert answer.json() == {
            "orders": [{"id": "order_1", "display_id": 1, "version": 1, "status": "pending"}]
        }

    async def test_orders_of_one_nobody_knows_are_none(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{CARDS}/gcard_none/orders")).json() == {"orders": []}

    async def test_a_shopper_reads_one_by_exact_code(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/store/gift-cards/CARD-ONE", headers=PUBLISHABLE)
        assert list(answer.json()["gift_card"]) == [
            "id",
            "status",
            "code",
            "value",
            "currency_code",
            "expires_at",
            "note",
            "updated_at",
            "created_at",
        ]

    @pytest.mark.parametrize("code", ["card-one", CARD, "CARD"])
    async def test_anything_but_the_code_finds_none(
        self, client: httpx.AsyncClient, code: str
    ) -> None:
        answer = await client.get(f"/store/gift-cards/{code}", headers=PUBLISHABLE)
        assert text_of(answer) == (404, '{"type":"not_found","message":"Gift card not found"}')


class TestOwnAccounts:
    async def test_a_shopper_sees_their_own_in_one_currency(self, ann: httpx.AsyncClient) -> None:
        assert await ids(ann, f"{OWN}?currency_code=usd") == [ANN_USD]

    async def test_the_code_is_no_default(self, ann: httpx.AsyncClient) -> None:
        [account] = (await ann.get(f"{OWN}?currency_code=usd")).json()["store_credit_accounts"]
        assert "code" not in account
        assert list(account)[-3:] == ["balance", "debits", "credits"]

    async def test_the_currency_is_required(self, ann: httpx.AsyncClient) -> None:
        fault = "Field 'currency_code' is required; Unrecognized fields: 'q'"
        assert await refusal(ann, f"{OWN}?q=x") == (400, f"Invalid request: {fault}")

    @pytest.mark.parametrize("order", ["nope", "customer.email"])
    async def test_order_is_bound_to_a_list(self, ann: httpx.AsyncClient, order: str) -> None:
        assert await refusal(ann, f"{OWN}?currency_code=usd&order=-{order}") == (
            400,
            f"Order field {order} is not valid",
        )

    async def test_fields_is_not_bound(self, ann: httpx.AsyncClient) -> None:
        page = await ann.get(f"{OWN}?currency_code=usd&fields=customer.email")
        [account] = page.json()["store_credit_accounts"]
        assert account["customer"] == {"email": "ann@example.com", "id": ANN}

    async def test_one_of_their_own_is_shown(self, ann: httpx.AsyncClient) -> None:
        shown = (await ann.get(f"{OWN}/{ANN_EUR}")).json()["store_credit_account"]
        assert (shown["balance"], "code" in shown) == (-20, False)

    @pytest.mark.parametrize("account", [BEN_UPPER_USD, UNOWNED, "sc_acc_none"])
    async def test_anybody_elses_is_404(self, ann: httpx.AsyncClient, account: str) -> None:
        message = f"StoreCreditAccount id not found: {account}"
        assert await refusal(ann, f"{OWN}/{account}") == (404, message)

    async def test_one_takes_no_parameter_at_all(self, ann: httpx.AsyncClient) -> None:
        message = "Invalid request: Unrecognized fields: 'fields'"
        assert await refusal(ann, f"{OWN}/{ANN_USD}?fields=id") == (400, message)


class TestSeed:
    @pytest.mark.parametrize(
        ("path", "value", "place"),
        [
            (("accounts", 1, "currency_code"), 5, "medusa.accounts[1].currency_code"),
            (("accounts", 1, "currency_code"), "usd", "medusa.accounts[1].currency_code"),
            (("accounts", 1, "id"), ANN_USD, "medusa.accounts[1].id"),
            (("accounts", 1, "code"), "SC-AAAA-BBBB-CCAA-AABB", "medusa.accounts[1].code"),
            (("accounts", 0, "ledger", 2, "amount"), "1", "medusa.accounts[0].ledger[2].amount"),
            (("accounts", 0, "ledger", 2, "amount"), -1, "medusa.accounts[0].ledger[2].amount"),
            (("accounts", 0, "ledger", 2, "type"), "x", "medusa.accounts[0].ledger[2].type"),
            (("accounts", 0, "metadata"), [], "medusa.accounts[0].metadata"),
            (("accounts", 0, "balance"), 1, "medusa.accounts[0].balance"),
            (("gift_cards", 0, "account_id"), "sc_acc_x", "medusa.gift_cards[0].account_id"),
            (("gift_cards", 1, "code"), "CARD-ONE", "medusa.gift_cards[1].code"),
            (("gift_cards", 0, "value"), Decimal("0.5"), "medusa.gift_cards[0].value"),
            (("customers", 0, "created_at"), "soon", "medusa.customers[0].created_at"),
        ],
    )
    def test_a_wrong_one_is_refused_with_the_place(
        self, path: tuple[str | int, ...], value: object, place: str
    ) -> None:
        content: Any = section()
        part = content
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
        with pytest.raises(SeedError) as refused:
            create_medusa(content, frozen_clock())
        assert str(refused.value).startswith(f"{place}: ")

    async def test_one_account_twice_in_a_ledger_is_refused(self) -> None:
        content = section()
        content["accounts"][0]["ledger"].append(entry(1, "credit", "1"))
        with pytest.raises(SeedError, match=r"medusa\.accounts\[0\]\.ledger: "):
            create_medusa(content, frozen_clock())


@pytest.fixture
async def built_in() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(exact_json.loads(BUILT_IN.read_bytes()), Clock()) as client:
        client.headers.update({"authorization": "Bearer sandbox-medusa-user-token"})
        yield client


class TestBuiltInSeed:
    async def accounts(self, client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
        answer = await client.get(f"{ACCOUNTS}?limit=100&{query}")
        found: list[dict[str, Any]] = exact_json.loads(answer.content)["store_credit_accounts"]
        return found

    async def test_the_shopper_has_12_30_brl_in_one_account(
        self, built_in: httpx.AsyncClient
    ) -> None:
        [account] = await self.accounts(built_in, "customer_id=cus_01K0A000000000000000000001")
        assert (account["currency_code"], account["balance"]) == ("brl", Decimal("12.3"))
        assert account["customer"]["email"] == "shopper@example.com"

    async def test_the_collector_has_one_currency_in_capitals(
        self, built_in: httpx.AsyncClient
    ) -> None:
        accounts = await self.accounts(built_in, "customer_id=cus_01K0A000000000000000000003")
        assert [account["currency_code"] for account in accounts] == ["jpy", "kwd", "eur", "USD"]

    async def test_one_ledger_of_the_buyer_is_long(self, built_in: httpx.AsyncClient) -> None:
        query = "customer_id=cus_01K0A000000000000000000002&currency_code=usd"
        [account] = await self.accounts(built_in, query)
        ledger = await built_in.get(f"{ACCOUNTS}/{account['id']}/transactions")
        assert ledger.json()["count"] > 40

    async def test_every_origin_stands_in_some_ledger(self, built_in: httpx.AsyncClient) -> None:
        accounts = await self.accounts(built_in, "fields=transactions.reference")
        assert {line["reference"] for account in accounts for line in account["transactions"]} == {
            "user",
            "api-key",
            "gift_card",
            "store-credit",
            "cart",
            "order",
        }

    async def test_no_account_goes_below_zero_but_the_overdrawn_one(
        self, built_in: httpx.AsyncClient
    ) -> None:
        negative = [
            (account["customer_id"], account["balance"])
            for account in await self.accounts(built_in, "fields=customer_id")
            if account["balance"] < 0
        ]
        assert negative == [("cus_01K0A000000000000000000004", -20)]

    async def test_some_unclaimed_money_waits_behind_a_code(
        self, built_in: httpx.AsyncClient
    ) -> None:
        unclaimed = await self.accounts(built_in, "customer_id=null")
        assert all(account["code"].startswith("SC-") for account in unclaimed)
        assert any(account["balance"] == 40 for account in unclaimed)

    async def test_a_ledger_stands_in_order_of_time(self, built_in: httpx.AsyncClient) -> None:
        for account in await self.accounts(built_in, "fields=created_at,transactions.created_at"):
            times = [line["created_at"] for line in account["transactions"]]
            assert [account["created_at"], *times] == sorted([account["created_at"], *times])

    async def test_the_secret_key_works(self, built_in: httpx.AsyncClient) -> None:
        answer = await built_in.get(ACCOUNTS, headers=AS_KEY)
        assert (answer.status_code, answer.json()["count"]) == (200, 25)
