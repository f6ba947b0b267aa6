"""An account that nobody owns, found by its code."""

from __future__ import annotations

import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from app.domain.errors import (
    AccountNotFound,
    ProviderContractBroken,
)
from app.domain.instruments import Secret
from tests.adapters.store_credit.account_list import CODE, CUSTOMER, PATH, row, stage_list


def stage_account(router: respx.Router, made: dict[str, object]) -> None:
    router.get(path=f"{PATH}/{made['id']}").respond(200, json={"store_credit_account": made})


async def test_an_account_of_nobodys_is_found_by_its_code_however_old_it_is(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    others = [row(f"sc_acc_{n}", customer=None, code="SC-AAAA-AAAA-AAAA-AAAA") for n in range(250)]
    wanted = row(customer=None)
    listed = stage_list(router, *others, row("sc_acc_x", customer=None, code=None), wanted)
    stage_account(router, wanted)

    account = await client.find_by_code(Secret(CODE))

    assert account.provider_id == "sc_acc_new"
    assert account.details.provider_customer_id is None
    assert listed.call_count == 3
    sent = [it.request.url.raw_path.decode() for it in router.calls]
    assert sent[0] == (
        f"{PATH}?customer_id=null&limit=100&offset=0&order=-id"
        "&fields=customer_id%2Ccode%2Ccreated_at"
    )
    assert not any("4PHN" in path for path in sent)


async def test_reading_ends_where_the_code_is_found(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    wanted = row(customer=None)
    listed = stage_list(router, {"id": "broken"}, wanted, *[row(customer=None, code=None)] * 200)
    stage_account(router, wanted)

    assert (await client.find_by_code(Secret(CODE))).provider_id == "sc_acc_new"
    assert listed.call_count == 1


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(customer=None, code="SC-AAAA-AAAA-AAAA-AAAA")],
        [row(customer=CUSTOMER)],
    ],
    ids=["no accounts", "another code", "somebody's"],
)
async def test_a_code_that_opens_nothing_is_not_found(
    rows: list[object], client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage_list(router, *rows)

    with pytest.raises(AccountNotFound) as raised:
        await client.find_by_code(Secret(CODE))

    assert raised.value.kind == "store credit account"


@pytest.mark.parametrize(
    "text",
    [
        "",
        CODE.lower(),
        CODE[:-1],
        CODE + "\n",
        "GIFT-4PHN-WGXV-S64P-HNWG",
        "SC-IIII-OOOO-0000-1111",
    ],
)
async def test_a_text_that_is_no_code_is_not_looked_for(
    text: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    with pytest.raises(AccountNotFound):
        await client.find_by_code(Secret(text))

    assert not router.calls


async def test_an_account_that_cannot_be_read_may_have_the_code(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage_list(router, {"id": "sc_acc_9", "code": "SC-HIDD-ENHI-DDSC-HIDD"})

    with pytest.raises(ProviderContractBroken) as raised:
        await client.find_by_code(Secret(CODE))

    assert "HIDD" not in f"{raised.value} {raised.value.__cause__}"


@pytest.mark.parametrize(
    "card",
    [
        {"status": "redeemed", "expires_at": None},
        {"status": "redeemed", "expires_at": "2099-01-01T00:00:00.000Z"},
    ],
    ids=["without end", "not ended"],
)
async def test_an_account_behind_a_good_card_is_found(
    client: MedusaStoreCredit, router: respx.Router, card: dict[str, object]
) -> None:
    wanted = row(customer=None) | {"gift_cards": [card]}
    stage_list(router, wanted)
    stage_account(router, wanted)

    assert (await client.find_by_code(Secret(CODE))).provider_id == "sc_acc_new"


@pytest.mark.parametrize(
    "card",
    [
        {"status": "redeemed", "expires_at": "2020-01-01T00:00:00.000Z"},
        {"status": "pending", "expires_at": None},
        {"status": "a new word", "expires_at": None},
    ],
    ids=["ended", "taken out of use", "who knows"],
)
async def test_an_account_behind_a_card_that_is_no_good_is_not_found(
    client: MedusaStoreCredit, router: respx.Router, card: dict[str, object]
) -> None:
    wanted = row(customer=None) | {"gift_cards": [card]}
    stage_list(router, wanted)
    stage_account(router, wanted)

    with pytest.raises(AccountNotFound):
        await client.find_by_code(Secret(CODE))
