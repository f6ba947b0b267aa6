"""How callers of the Adobe Commerce stand-in are given tokens, and how long these last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.adobe import create_adobe
from sandbox.clock import Clock
from sandbox.seed import SeedError
from tests.sandbox.adobe_shop import GRANTED, SECTION, ShopClient, refusal, required, wrong_type

CREDIT = f"/V1/companyCredits/{GRANTED}"
ADMIN = {"username": "clerk", "password": "s3cret"}
SCOPES = (
    "openid,AdobeID,email,profile,additional_info.roles,"
    "additional_info.projectedProductContext,commerce.accs"
)
CLIENT = {
    "grant_type": "client_credentials",
    "client_id": "client",
    "client_secret": "hush",
    "scope": SCOPES,
}


async def sign_in(shop: ShopClient, body: object) -> httpx.Response:
    del shop.http.headers["Authorization"]
    return await shop.send("POST", "/V1/integration/admin/token", body)


async def ims(shop: ShopClient, form: Mapping[str, str]) -> httpx.Response:
    return await shop.http.post("http://shop.example/ims/token/v3", data=dict(form))


async def read(shop: ShopClient, token: str, **headers: str) -> int:
    headers = {"Authorization": f"Bearer {token}", **headers}
    return (await shop.http.get(CREDIT, headers=headers)).status_code


async def test_a_password_is_exchanged_for_a_bare_text() -> None:
    shop = ShopClient()
    answer = await sign_in(shop, ADMIN)
    assert answer.status_code == 200
    assert isinstance(answer.json(), str)
    assert await read(shop, answer.json()) == 200


async def test_an_admin_token_lasts_four_hours() -> None:
    shop = ShopClient()
    token = (await sign_in(shop, ADMIN)).json()
    shop.clock.advance(timedelta(hours=4) - timedelta(seconds=1))
    assert await read(shop, token) == 200
    shop.clock.advance(timedelta(seconds=1))
    assert await read(shop, token) == 401


async def test_a_new_token_leaves_the_older_ones_good() -> None:
    shop = ShopClient()
    first = (await sign_in(shop, ADMIN)).json()
    second = (await shop.send("POST", "/V1/integration/admin/token", ADMIN)).json()
    assert first != second
    assert await read(shop, first) == await read(shop, second) == 200


async def test_moves_with_an_admin_token_carry_the_admins_number() -> None:
    shop = ShopClient()
    token = (await sign_in(shop, ADMIN)).json()
    shop.http.headers["Authorization"] = f"Bearer {token}"
    await shop.moved("increase", GRANTED, value=1, operationType=4)
    row = await shop.last_row(GRANTED)
    assert (row["user_type"], row["user_id"]) == (2, 8)


@pytest.mark.parametrize("body", [{**ADMIN, "password": "S3CRET"}, {**ADMIN, "username": "nobody"}])
async def test_a_wrong_password_is_refused(body: dict[str, str]) -> None:
    assert refusal(await sign_in(ShopClient(), body)) == (
        401,
        {
            "message": "The account sign-in was incorrect or your account is disabled temporarily. "
            "Please wait and try again later."
        },
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"password": "s3cret"}, required("username")),
        ({"username": "clerk"}, required("password")),
        (
            {},
            {
                "message": "One or more input exceptions have occurred.",
                "errors": [required("username"), required("password")],
            },
        ),
        ({**ADMIN, "password": 5}, wrong_type("5", "string")),
    ],
)
async def test_both_members_are_needed(body: object, expected: Mapping[str, Any]) -> None:
    assert refusal(await sign_in(ShopClient(), body)) == (400, expected)


async def test_with_two_factors_a_password_is_not_enough() -> None:
    shop = ShopClient(two_factor="on")
    assert (await sign_in(shop, ADMIN)).status_code == 400
    wrong = await shop.send("POST", "/V1/integration/admin/token", {**ADMIN, "password": "x"})
    assert wrong.status_code == 401
    assert await read(shop, "admin") == 200


async def test_the_token_of_an_integration_is_a_bearer_token_where_the_shop_allows_it() -> None:
    assert await read(ShopClient(), "at") == 401
    shop = ShopClient(integration_bearer="allowed")
    assert await read(shop, "at") == 200
    assert await read(shop, "revoked-token") == 401


async def test_a_client_is_given_a_token_for_a_day() -> None:
    shop = ShopClient()
    answer = await ims(shop, CLIENT)
    assert answer.status_code == 200
    given = answer.json()
    token = given.pop("access_token")
    assert given == {"token_type": "bearer", "expires_in": 86_399}
    shop.clock.advance(timedelta(seconds=86_398))
    assert await read(shop, token) == 200
    shop.clock.advance(timedelta(seconds=1))
    assert await read(shop, token) == 401


async def test_moves_with_a_clients_token_look_like_an_admins() -> None:
    shop = ShopClient()
    token = (await ims(shop, CLIENT)).json()["access_token"]
    shop.http.headers["Authorization"] = f"Bearer {token}"
    await shop.moved("increase", GRANTED, value=1, operationType=4)
    row = await shop.last_row(GRANTED)
    assert row["user_type"] == 2
    assert "user_id" not in row


async def test_a_gateway_refuses_another_organization() -> None:
    shop = ShopClient()
    token = (await ims(shop, CLIENT)).json()["access_token"]
    assert await read(shop, token, **{"x-gw-ims-org-id": "ORG@AdobeOrg"}) == 200
    assert await read(shop, token, **{"x-gw-ims-org-id": "OTHER@AdobeOrg"}) == 403


@pytest.mark.parametrize("separator", [",", " ", ", "])
async def test_scopes_may_be_separated_in_either_way(separator: str) -> None:
    answer = await ims(ShopClient(), {**CLIENT, "scope": SCOPES.replace(",", separator)})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**CLIENT, "client_secret": "x"}, "invalid_client"),
        ({**CLIENT, "client_id": "x"}, "invalid_client"),
        ({**CLIENT, "grant_type": "password"}, "unsupported_grant_type"),
        ({**CLIENT, "scope": "openid,AdobeID"}, "invalid_scope"),
        ({"grant_type": "client_credentials"}, "invalid_request"),
        ({}, "invalid_request"),
    ],
)
async def test_a_wrong_form_is_refused(form: dict[str, str], error: str) -> None:
    assert refusal(await ims(ShopClient(), form)) == (400, {"error": error})


async def test_the_form_must_be_a_form() -> None:
    answer = await ShopClient().http.post("http://shop.example/ims/token/v3", json=CLIENT)
    assert refusal(answer) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize(
    ("section", "index", "members", "message"),
    [
        ("admins", 0, {"id": 0}, r"adobe\.admins\[0\]\.id: 0 is not an id"),
        ("admins", 0, {"password": None}, r"adobe\.admins\[0\]\.password: missing"),
        ("admins", 0, {"role": "clerk"}, r"adobe\.admins\[0\]\.role: no such member"),
        ("integrations", 1, {"consumer_key": "ck"}, r"integrations\[1\]\.consumer_key: ck is"),
        ("integrations", 0, {"revoked": "yes"}, r"integrations\[0\]\.revoked: .* true or false"),
        ("ims_clients", 0, {"permissions": "all"}, r"ims_clients\[0\]\.permissions: "),
        ("credentials", 0, {"user_id": -1}, r"credentials\[0\]\.user_id: -1 is not an id"),
        ("rates", 0, {"rate": 0}, r"rates\[0\]\.rate: not above zero"),
        ("rates", 0, {"rate": -1}, r"rates\[0\]\.rate: not above zero"),
        ("rates", 0, {"to": "USD"}, r"rates\[0\]: USD to USD needs no rate or has one"),
        ("rates", 1, {"from": "USD", "to": "EUR"}, r"rates\[1\]: USD to EUR needs no rate"),
    ],
)
def test_a_wrong_seed_is_refused_with_its_place(
    section: str, index: int, members: dict[str, Any], message: str
) -> None:
    objects = list(SECTION[section])
    objects[index] = {**objects[index], **members}
    with pytest.raises(SeedError, match=message):
        create_adobe({**SECTION, section: objects}, Clock())
