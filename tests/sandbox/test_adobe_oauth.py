"""Requests signed by OAuth 1.0a, as the Adobe Commerce stand-in checks them."""

import hmac
from base64 import b64encode
from datetime import timedelta
from itertools import count
from urllib.parse import quote

import httpx
import pytest

from sandbox import exact_json
from tests.sandbox.adobe_shop import GRANTED, NOW, ShopClient, refusal

TIMESTAMP = str(int(NOW.timestamp()))
ADDRESS = "http://shop.example/rest/default"
CREDIT = f"/V1/companyCredits/{GRANTED}"
SECRETS = "cs%261&as%2F2"

_nonces = count(1)


def digest(text: str, key: str = SECRETS) -> str:
    return b64encode(hmac.new(key.encode(), text.encode(), "sha256").digest()).decode()


def header(parameters: dict[str, str]) -> str:
    pairs = (f'{quote(name)}="{quote(value, safe="")}"' for name, value in parameters.items())
    return f"OAuth {', '.join(pairs)}"


def protocol(**changed: str | None) -> dict[str, str]:
    """The parameters but for the signature; None leaves one out."""
    parameters = {
        "oauth_consumer_key": "ck",
        "oauth_token": "at",
        "oauth_nonce": f"nonce{next(_nonces)}",
        "oauth_timestamp": TIMESTAMP,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_version": "1.0",
        **changed,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def signed(
    method: str = "GET",
    path: str = CREDIT,
    query: dict[str, str] | None = None,
    key: str = SECRETS,
    **changed: str | None,
) -> str:
    parameters = protocol(**changed)
    pairs = sorted(
        (quote(name, safe=""), quote(value, safe=""))
        for name, value in {**parameters, **(query or {})}.items()
    )
    text = "&".join(
        quote(part, safe="")
        for part in (method, f"{ADDRESS}{path}", "&".join(f"{n}={v}" for n, v in pairs))
    )
    return header({**parameters, "oauth_signature": digest(text, key)})


async def ask(
    shop: ShopClient, authorization: str, path: str = CREDIT, query: dict[str, str] | None = None
) -> httpx.Response:
    return await shop.http.get(path, params=query, headers={"Authorization": authorization})


def problem(status: int, name: str) -> tuple[int, dict[str, str]]:
    return status, {"message": f"oauth_problem={name}"}


async def test_the_text_to_sign_is_verb_address_and_sorted_parameters() -> None:
    text = (
        "GET&http%3A%2F%2Fshop.example%2Frest%2Fdefault%2FV1%2FcompanyCredits&"
        "fields%3Dtotal_count%26oauth_consumer_key%3Dck%26oauth_nonce%3Dn-1"
        "%26oauth_signature_method%3DHMAC-SHA256"
        f"%26oauth_timestamp%3D{TIMESTAMP}%26oauth_token%3Dat%26oauth_version%3D1.0"
        "%26searchCriteria%255BfilterGroups%255D%255B0%255D%255Bfilters%255D%255B0%255D%255Bfield"
        "%255D%3Dcurrency_code"
        "%26searchCriteria%255BfilterGroups%255D%255B0%255D%255Bfilters%255D%255B0%255D%255Bvalue"
        "%255D%3DU%252520D%2520%252B%25C3%25A9"
    )
    authorization = header({**protocol(oauth_nonce="n-1"), "oauth_signature": digest(text)})
    place = "searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D"
    answer = await ShopClient().http.get(
        f"/V1/companyCredits?{place}%5Bvalue%5D=U%2520D+%2B%C3%A9&{place}%5Bfield%5D=currency_code"
        "&fields=total_count",
        headers={"Authorization": authorization},
    )
    assert refusal(answer) == (200, {"total_count": 0})


async def test_a_signed_read_is_answered() -> None:
    assert (await ask(ShopClient(), signed())).json()["id"] == GRANTED


async def test_bracketed_names_may_be_sent_as_they_are() -> None:
    query = {"searchCriteria[pageSize]": "2", "fields": "items[id]"}
    shop = ShopClient()
    authorization = signed(path="/V1/companyCredits", query=query)
    answer = await shop.http.get(
        "/V1/companyCredits?searchCriteria[pageSize]=2&fields=items[id]",
        headers={"Authorization": authorization},
    )
    assert len(answer.json()["items"]) == 2


async def test_a_json_body_is_not_signed_and_the_row_names_the_integration() -> None:
    shop = ShopClient()
    path = f"{CREDIT}/increaseBalance"
    answer = await shop.http.post(
        path,
        content=exact_json.dumps({"value": 5, "currency": "USD", "operationType": 4}),
        headers={"Authorization": signed("POST", path), "Content-Type": "application/json"},
    )
    assert refusal(answer) == (200, True)
    row = await shop.last_row(GRANTED)
    assert (row["user_type"], row["user_id"]) == (1, 5)


async def test_the_scheme_and_a_realm_do_not_matter() -> None:
    authorization = signed().replace("OAuth ", 'oauth realm="Shop", ')
    assert (await ask(ShopClient(), authorization)).status_code == 200


async def test_a_port_that_goes_without_saying_is_not_signed() -> None:
    shop = ShopClient()
    answer = await shop.http.get(
        CREDIT, headers={"Authorization": signed(), "Host": "Shop.Example:80"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "oauth_consumer_key",
        "oauth_token",
        "oauth_nonce",
        "oauth_timestamp",
        "oauth_signature_method",
        "oauth_version",
    ],
)
@pytest.mark.parametrize("value", [None, ""])
async def test_an_absent_parameter_is_named(name: str, value: str | None) -> None:
    answer = await ask(ShopClient(), signed(**{name: value}))  # type: ignore[arg-type]
    expected = f"parameter_absent&oauth_parameters_absent={name}"
    assert refusal(answer) == problem(400, expected)


@pytest.mark.parametrize(
    "authorization", ["OAuth ", "OAuth token", "OAuth a=b", 'OAuth a="1", a="2"']
)
async def test_a_header_of_another_form_is_rejected(authorization: str) -> None:
    assert refusal(await ask(ShopClient(), authorization)) == problem(400, "parameter_rejected")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"oauth_version": "2.0"}, problem(400, "version_rejected")),
        ({"oauth_signature_method": "HMAC-SHA1"}, problem(400, "signature_method_rejected")),
        ({"oauth_signature_method": "PLAINTEXT"}, problem(400, "signature_method_rejected")),
        ({"oauth_timestamp": "soon"}, problem(400, "timestamp_refused")),
        ({"oauth_timestamp": "-1"}, problem(400, "timestamp_refused")),
        ({"oauth_timestamp": "9" * 400}, problem(400, "timestamp_refused")),
        ({"oauth_consumer_key": "other"}, problem(401, "consumer_key_rejected")),
        ({"oauth_token": "other"}, problem(401, "token_rejected")),
        ({"oauth_token": "tökèn"}, problem(401, "token_rejected")),
        (
            {"oauth_consumer_key": "revoked", "oauth_token": "revoked-token"},
            problem(401, "token_revoked"),
        ),
        ({"key": "cs%261&other"}, problem(401, "signature_invalid")),
        ({"key": "cs&1&as/2"}, problem(401, "signature_invalid")),
        ({"method": "POST"}, problem(401, "signature_invalid")),
        ({"path": "/V1/companyCredits/2"}, problem(401, "signature_invalid")),
        ({"query": {"fields": "id"}}, problem(401, "signature_invalid")),
    ],
)
async def test_a_wrong_signature_or_parameter_has_its_own_problem(
    changed: dict[str, str], expected: object
) -> None:
    assert refusal(await ask(ShopClient(), signed(**changed))) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "status"), [(-601, 400), (-600, 200), (600, 200), (601, 400)])
async def test_a_timestamp_may_be_ten_minutes_off(seconds: int, status: int) -> None:
    timestamp = str(int((NOW + timedelta(seconds=seconds)).timestamp()))
    assert (await ask(ShopClient(), signed(oauth_timestamp=timestamp))).status_code == status


async def test_a_nonce_is_good_for_one_request() -> None:
    shop = ShopClient()
    authorization = signed()
    assert (await ask(shop, authorization)).status_code == 200
    assert refusal(await ask(shop, authorization)) == problem(401, "nonce_used")
    assert (await ask(shop, signed())).status_code == 200


async def test_a_forged_request_uses_no_nonce_up() -> None:
    shop = ShopClient()
    forged = await ask(shop, signed(key="guess", oauth_nonce="mine"))
    assert refusal(forged) == problem(401, "signature_invalid")
    assert (await ask(shop, signed(oauth_nonce="mine"))).status_code == 200


async def test_a_nonce_is_remembered_as_long_as_its_timestamp_is_good() -> None:
    shop = ShopClient()
    late = str(int((NOW + timedelta(minutes=10)).timestamp()))
    authorization = signed(oauth_timestamp=late)
    assert (await ask(shop, authorization)).status_code == 200
    shop.clock.advance(timedelta(minutes=20))
    assert refusal(await ask(shop, authorization)) == problem(401, "nonce_used")


async def test_a_signer_without_the_permission_is_refused_as_everybody() -> None:
    path = "/V1/company/101"
    status, refused = refusal(await ask(ShopClient(), signed(path=path), path))
    assert (status, refused["parameters"]) == (401, {"resources": "Magento_Company::index"})
