"""Several accounts in one call, and what is not taken for an answer."""

from __future__ import annotations

from urllib.parse import unquote

import httpx
import pytest
import respx

from adapters.store_credit.client import MedusaStoreCredit
from app.domain.errors import ProviderContractBroken, ProviderFailed
from app.domain.identifiers import ProviderStoreCreditId
from app.domain.instruments import StoreCreditAccount
from app.domain.provider import ReadsManyStoreCreditAccounts, StoreCreditFacts
from tests.adapters.store_credit.account_list import PATH, row

FACTS = StoreCreditFacts.EVERY


def ids(*names: str) -> list[ProviderStoreCreditId]:
    return [ProviderStoreCreditId(name) for name in names]


ONE, TWO, THREE = ids("sc_acc_1", "sc_acc_2", "sc_acc_3")


def stage(router: respx.Router, *rows: object, count: int | None = None) -> None:
    body = {"store_credit_accounts": rows, "count": len(rows) if count is None else count}
    router.get(path=PATH).respond(json=body | {"offset": 0, "limit": 100})


def sent(router: respx.Router) -> list[str]:
    return [unquote(call.request.url.raw_path.decode()) for call in router.calls]


def test_it_reads_many(client: MedusaStoreCredit) -> None:
    assert isinstance(client, ReadsManyStoreCreditAccounts)


async def test_the_id_is_repeated_in_one_call(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, row("sc_acc_1"), row("sc_acc_2"))

    found = await client.store_credit_accounts([TWO, ONE], FACTS)

    assert sent(router) == [
        f"{PATH}?id=sc_acc_2&id=sc_acc_1&limit=2&offset=0&order=id&fields=-customer"
    ]
    assert {name: account_id_of(one) for name, one in found.items()} == {ONE: ONE, TWO: TWO}


def account_id_of(one: object) -> str | None:
    return one.provider_id if isinstance(one, StoreCreditAccount) else None


async def test_it_says_of_each_what_a_read_of_it_alone_says(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, row("sc_acc_1"), row("sc_acc_2", customer=None))
    router.get(path=f"{PATH}/sc_acc_1").respond(json={"store_credit_account": row("sc_acc_1")})

    found = await client.store_credit_accounts([ONE, TWO], FACTS)

    assert found[ONE] == await client.store_credit_account(ONE)


async def test_one_that_is_gone_is_left_out(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, row("sc_acc_1"))

    assert set(await client.store_credit_accounts([ONE, TWO], FACTS)) == {"sc_acc_1"}


@pytest.mark.parametrize("text", ["", "null", "a\x00b", "x" * 513])
async def test_what_no_account_can_be_called_is_left_out_and_not_asked_for(
    text: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, row("sc_acc_1"))

    assert await client.store_credit_accounts(ids(text), FACTS) == {}
    assert not router.calls
    assert set(await client.store_credit_accounts(ids(text, "sc_acc_1"), FACTS)) == {"sc_acc_1"}
    assert "?id=sc_acc_1&limit=1&" in sent(router)[0]


async def test_one_that_cannot_be_read_is_a_fault_of_its_own(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, row("sc_acc_1", currency="credits"), row("sc_acc_2"))

    found = await client.store_credit_accounts([ONE, TWO, THREE], FACTS)

    assert isinstance(found[ONE], ProviderContractBroken)
    assert account_id_of(found[TWO]) == TWO
    assert THREE not in found


async def test_one_without_an_id_may_be_any_of_those_that_are_not_there(
    client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, {"balance": 1}, row("sc_acc_2"))

    found = await client.store_credit_accounts([ONE, TWO], FACTS)

    assert isinstance(found[ONE], ProviderContractBroken)
    assert account_id_of(found[TWO]) == TWO


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ((row("sc_acc_1"), row("sc_acc_9")), None),
        ((row("sc_acc_9"),), None),
        ((row("sc_acc_1"), row("sc_acc_1")), None),
        ((row("sc_acc_1"), row("sc_acc_2")), 71),
        ((row("sc_acc_1"),), 2),
    ],
    ids=["a foreign one", "only a foreign one", "one twice", "a filter dropped", "one withheld"],
)
async def test_an_answer_to_another_question_is_not_taken(
    rows: tuple[object, ...], count: int | None, client: MedusaStoreCredit, router: respx.Router
) -> None:
    stage(router, *rows, count=count)

    with pytest.raises(ProviderContractBroken):
        await client.store_credit_accounts([ONE, TWO], FACTS)


async def test_a_failure_is_one_of_all(client: MedusaStoreCredit, router: respx.Router) -> None:
    router.get(path=PATH).respond(500, json={"type": "unknown_error"})

    with pytest.raises(ProviderFailed):
        await client.store_credit_accounts([ONE, TWO], FACTS)


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        ([f"sc_acc_{n}" for n in range(100)], [100]),
        ([f"sc_acc_{n}" for n in range(101)], [100, 1]),
        ([f"{n:03}" + "x" * 497 for n in range(20)], [11, 9]),
        ([f"{n:03}" + "é" * 200 for n in range(6)], [4, 2]),
    ],
    ids=["a hundred", "one more", "long", "long once escaped"],
)
async def test_there_are_never_more_ids_in_an_address_than_it_can_carry(
    names: list[str], calls: list[int], client: MedusaStoreCredit, router: respx.Router
) -> None:
    def all_asked_for(request: httpx.Request) -> httpx.Response:
        rows = [row(one) for one in request.url.params.get_list("id")]
        body = {"store_credit_accounts": rows, "count": len(rows), "offset": 0}
        return httpx.Response(200, json=body)

    router.get(path=PATH).mock(side_effect=all_asked_for)

    found = await client.store_credit_accounts(ids(*names), FACTS)

    assert list(found) == names
    assert [len(call.request.url.params.get_list("id")) for call in router.calls] == calls
    assert max(len(call.request.url.raw_path) for call in router.calls) < 6_200


@pytest.mark.parametrize(
    ("facts", "members"),
    [
        (StoreCreditFacts.NONE, "-customer,-code,-metadata,-transaction_groups"),
        (StoreCreditFacts.CLAIM_CODE, "-customer,-metadata,-transaction_groups"),
        (StoreCreditFacts.METADATA, "-customer,-code,-transaction_groups"),
        (StoreCreditFacts.TRANSACTION_GROUPS, "-customer,-code,-metadata"),
        (StoreCreditFacts.EVERY, "-customer"),
    ],
)
async def test_what_nobody_wants_to_know_is_not_asked_for(
    facts: StoreCreditFacts, members: str, client: MedusaStoreCredit, router: respx.Router
) -> None:
    bare = {
        name: value for name, value in row("sc_acc_1").items() if name not in ("code", "metadata")
    }
    stage(router, bare)

    found = await client.store_credit_accounts([ONE], facts)

    assert sent(router)[0].endswith(f"&fields={members}")
    account = found[ONE]
    assert isinstance(account, StoreCreditAccount)
    assert (account.details.masked_claim_code, account.details.metadata) == (None, None)
