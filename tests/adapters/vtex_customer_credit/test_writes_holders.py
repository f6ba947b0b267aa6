"""Holders beside the owner: nobody can list them."""

from __future__ import annotations

import httpx
import pytest
import respx

from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.errors import InvalidQuestion, SourceProblemKind
from app.domain.instructions import AddAccountHolder, RemoveAccountHolder
from app.domain.operation import NO_EVIDENCE, Booking
from app.domain.provider import Writer
from tests.adapters.vtex_customer_credit.scenes import ADD_HOLDER, HOLDER, OF_ACCOUNT, REMOVE_HOLDER
from tests.adapters.vtex_customer_credit.writing import (
    ACCOUNT_PATH,
    Outcome,
    account,
    answering,
    assert_lost,
    call,
    every_lost_answer,
    written,
)

HOLDER_PATH = f"{ACCOUNT_PATH}/holders/{HOLDER}"


@pytest.fixture
def adding(client: VtexCustomerCredit) -> Writer[AddAccountHolder]:
    return client.writers[AddAccountHolder]


@pytest.fixture
def removing(client: VtexCustomerCredit) -> Writer[RemoveAccountHolder]:
    return client.writers[RemoveAccountHolder]


async def test_nothing_has_to_be_known_before(
    adding: Writer[AddAccountHolder],
    removing: Writer[RemoveAccountHolder],
    router: respx.Router,
) -> None:
    assert await adding.prepare(ADD_HOLDER, account()) == NO_EVIDENCE
    assert await removing.prepare(REMOVE_HOLDER, account()) == NO_EVIDENCE
    assert not router.calls


@pytest.mark.parametrize("email", ["", " ", "a\0"])
async def test_an_address_that_is_none_is_refused(
    adding: Writer[AddAccountHolder], email: str
) -> None:
    with pytest.raises(InvalidQuestion):
        await adding.prepare(AddAccountHolder(**OF_ACCOUNT, email=email), account())


@pytest.mark.parametrize(
    "said",
    [
        {"id": HOLDER, "claims": {"email": "other@example.com"}},
        {"id": "", "claims": {"email": "holder@example.com"}},
        {"id": HOLDER},
    ],
)
async def test_another_holder_in_the_answer_is_no_success(
    adding: Writer[AddAccountHolder], router: respx.Router, said: dict[str, object]
) -> None:
    router.post(path=f"{ACCOUNT_PATH}/holders").respond(json=said)

    await assert_lost(adding.send(call(ADD_HOLDER, account())), SourceProblemKind.BAD_RESPONSE)


async def test_a_holder_whose_answer_was_lost_cannot_be_found(
    adding: Writer[AddAccountHolder], router: respx.Router
) -> None:
    await assert_lost(adding.find(call(ADD_HOLDER, account())), SourceProblemKind.TIMEOUT)

    assert not router.calls


async def test_another_holder_in_the_answer_to_a_removal_is_no_success(
    removing: Writer[RemoveAccountHolder], router: respx.Router
) -> None:
    router.delete(path=HOLDER_PATH).respond(json={"id": HOLDER[::-1]})

    await assert_lost(removing.send(call(REMOVE_HOLDER, account())), SourceProblemKind.BAD_RESPONSE)


@pytest.mark.parametrize(
    "answer", [httpx.Response(200, json={"id": HOLDER.upper()}), httpx.Response(404)]
)
async def test_a_holder_that_can_be_removed_or_is_gone_is_removed(
    removing: Writer[RemoveAccountHolder], router: respx.Router, answer: httpx.Response
) -> None:
    answering(router.delete(path=HOLDER_PATH), answer)

    assert await removing.find(call(REMOVE_HOLDER)) == Booking()
    assert len(written(router)) == 1


async def test_a_refused_second_removal_tells_nothing(
    removing: Writer[RemoveAccountHolder], router: respx.Router
) -> None:
    router.delete(path=HOLDER_PATH).respond(400)

    await assert_lost(removing.find(call(REMOVE_HOLDER)), SourceProblemKind.TIMEOUT)


@every_lost_answer
async def test_a_second_removal_whose_answer_is_lost_too_tells_nothing(
    removing: Writer[RemoveAccountHolder], router: respx.Router, lost: Outcome
) -> None:
    answer, kind = lost
    answering(router.delete(path=HOLDER_PATH), answer)

    await assert_lost(removing.find(call(REMOVE_HOLDER)), kind)
