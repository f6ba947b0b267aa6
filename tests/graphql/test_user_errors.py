"""Refusals of writes as clients meet them: each a type, a code and a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from graphql import (
    GraphQLInterfaceType,
    TypeInfo,
    TypeInfoVisitor,
    build_schema,
    parse,
    validate,
    visit,
)

import app.domain.errors as errors
import app.domain.refusals as refusals
from app.domain.access import AccessLevel
from app.domain.caller import Caller
from app.domain.capability import Capability
from app.domain.errors import CreditError, ProviderFault, RequestRefused, SourceProblemKind
from app.domain.identifiers import OperationId, SourceKey
from app.domain.instructions import CreditGiftCard, DebitGiftCard
from app.domain.instruments import InstrumentStatus
from app.domain.operation import Operation, OperationStatus
from app.domain.spendable import IneligibilityReason
from app.graphql.schema import printed_schema
from app.graphql.types.user_errors import (
    USER_ERROR_TYPES,
    ErrorCode,
    Refused,
    UserError,
    user_error,
)
from tests.doubles.patience import AT_ONCE
from tests.doubles.samples import NOW, money
from tests.doubles.writes_in_memory import CODE, Mishap
from tests.graphql.graph import JSON
from tests.graphql.ordering import ERRORS, Shop, a_shop, brl
from tests.graphql.test_every_field import Selected

HOUSE = SourceKey("house")
ABOUT_THE_CALLER = {errors.CredentialsNeeded, errors.Forbidden}
"""Who may do what is told at the top of an answer, whatever is asked."""

ONE_OF_EACH: dict[type[CreditError], CreditError] = {
    type(one): one
    for one in (
        errors.AccountNotFound("gift card"),
        errors.InvalidQuestion("An amount is more than nothing.", path=("amount",)),
        errors.CurrencyMismatch(expected="BRL", actual="USD"),
        errors.UnsupportedOperation(source="house", capability=Capability.CLAIM),
        errors.OutcomeUnknown(HOUSE, SourceProblemKind.TIMEOUT),
        errors.BookedTwice(HOUSE),
        errors.ProviderTimedOut(HOUSE),
        errors.ProviderUnreachable(HOUSE),
        errors.ProviderFailed(HOUSE),
        errors.CircuitOpen(HOUSE),
        errors.ProviderThrottled(HOUSE, retry_after_seconds=7),
        errors.ProviderRefusedUs(HOUSE),
        errors.ProviderContractBroken(HOUSE),
        errors.DeadlineExceeded(HOUSE),
        errors.IdentityNotLinked(HOUSE),
        refusals.InsufficientCredit(requested=money("2"), spendable=money("1")),
        refusals.InstrumentNotUsable((IneligibilityReason.EXPIRED,)),
        refusals.StaleVersion(expected="v1"),
        refusals.InvalidState(state="SETTLED", allowed=("HELD",)),
        refusals.InstrumentBusy(),
        refusals.Interrupted(),
        refusals.LeftNoTrace(source=HOUSE, kind=SourceProblemKind.TIMEOUT),
        refusals.PolicyViolation(policy="maxPostponements", limit=money("5")),
        refusals.ProviderRejected(source=HOUSE, provider_code="no"),
        refusals.IdempotencyKeyReused(original=OperationId("1")),
        refusals.OperationInProgress(original=OperationId("1")),
    )
}

NOT_TOLD_BY_A_WRITE = {ErrorCode.FORBIDDEN, ErrorCode.PLAN_EXPIRED}
"""The first is a top-level error; the second is of plans, which are not made yet."""


def family(root: type[CreditError]) -> Iterator[type[CreditError]]:
    """Every class below *root* that can be raised, the domain's own only."""
    for one in root.__subclasses__():
        if one.__module__.startswith("app.domain"):
            yield one
            yield from family(one)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with a_shop() as open_one:
        yield open_one


def told(
    shop: Shop, refusal: CreditError, status: OperationStatus = OperationStatus.REJECTED
) -> UserError:
    operation = Operation(
        operation_id=OperationId("1"),
        name="creditGiftCard",
        caller="key:shop",
        idempotency_key="key-1",
        correlation_id="request-1",
        status=status,
        started_at=NOW,
    )
    context = shop.doubles.new_context(Caller(level=AccessLevel.ADMIN, name="key:shop"))
    return user_error(refusal, Refused(operation, None, context))


def test_there_is_one_of_each_refusal_and_fault() -> None:
    raised = {*family(RequestRefused), *family(ProviderFault)} - {errors.ProviderUnavailable}
    others = {errors.OutcomeUnknown, errors.BookedTwice}
    assert ONE_OF_EACH.keys() == (raised - ABOUT_THE_CALLER) | others


@pytest.mark.parametrize("refusal", ONE_OF_EACH.values(), ids=lambda one: type(one).__name__)
async def test_every_refusal_has_a_type_a_code_and_a_sentence(
    shop: Shop, refusal: CreditError
) -> None:
    error = told(shop, refusal)
    assert isinstance(error, USER_ERROR_TYPES)
    assert error.message.endswith(".")
    assert error.code in ErrorCode


@pytest.mark.parametrize("refusal", [errors.CredentialsNeeded(), errors.Forbidden()])
async def test_what_is_about_the_caller_is_a_top_level_error(
    shop: Shop, refusal: RequestRefused
) -> None:
    with pytest.raises(type(refusal)):
        told(shop, refusal)


async def test_every_type_and_every_code_is_told_by_something(shop: Shop) -> None:
    found = [told(shop, one) for one in ONE_OF_EACH.values()]
    assert {type(one) for one in found} == set(USER_ERROR_TYPES)
    assert {one.code for one in found} == set(ErrorCode) - NOT_TOLD_BY_A_WRITE


@pytest.mark.parametrize(
    "fault", [one for one in ONE_OF_EACH.values() if isinstance(one, ProviderFault)]
)
async def test_a_fault_is_as_retryable_as_its_source_says(shop: Shop, fault: ProviderFault) -> None:
    error = told(shop, fault)
    assert error.retryable is fault.retryable
    assert error.message == fault.says


@pytest.mark.parametrize("refusal", ONE_OF_EACH.values(), ids=lambda one: type(one).__name__)
async def test_while_nobody_knows_that_is_what_is_told_whatever_is_in_the_way(
    shop: Shop, refusal: CreditError
) -> None:
    error = told(shop, refusal, OperationStatus.UNKNOWN)
    other_input = isinstance(refusal, refusals.IdempotencyKeyReused)
    expected = ErrorCode.IDEMPOTENCY_KEY_REUSED if other_input else ErrorCode.OUTCOME_UNKNOWN
    assert error.code is expected
    assert error.retryable is False


def test_clients_can_ask_for_every_field_of_every_refusal() -> None:
    schema = build_schema(printed_schema())
    asks = f"creditGiftCard(input: $input) {{ {ERRORS} }}"
    document = parse(f"mutation ($input: GiftCardAmountInput!) {{ {asks} }}")
    assert validate(schema, document) == []
    types = TypeInfo(schema)
    selected = Selected(types)
    visit(document, TypeInfoVisitor(types, selected))
    interface = schema.type_map["UserError"]
    assert isinstance(interface, GraphQLInterfaceType)
    for one in schema.get_possible_types(interface):
        own = {f"{one.name}.{name}" for name in one.fields.keys() - interface.fields.keys()}
        assert own - selected.fields == set()


async def test_an_input_that_makes_no_sense_names_its_member(shop: Shop) -> None:
    for changes, path in (
        ({"amount": brl("0")}, ["input", "amount", "amount"]),
        ({"amount": brl("-1.00")}, ["input", "amount", "amount"]),
        ({"idempotencyKey": "a\nb"}, ["input", "idempotencyKey"]),
        ({"idempotencyKey": "x" * 201}, ["input", "idempotencyKey"]),
        ({"description": " "}, ["input", "description"]),
    ):
        refusal = await shop.refusal("debitGiftCard", **changes)
        assert (refusal["__typename"], refusal["code"]) == ("InputError", "INVALID_INPUT")
        assert refusal["path"] == path
    assert shop.provider.moved == []


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "x" * 501},
        {"description": "a\x00b"},
        {"orderId": "x" * 501},
    ],
)
async def test_a_text_that_is_none_is_refused_as_data(shop: Shop, changes: JSON) -> None:
    assert (await shop.refusal("debitGiftCard", **changes))["code"] == "INVALID_INPUT"
    assert shop.provider.times_asked("send") == 0


@pytest.mark.parametrize("id_", ["", "x", "gc_nope", "gc_" + "a" * 5000])
async def test_an_id_of_nothing_is_told_back(shop: Shop, id_: str) -> None:
    refusal = await shop.refusal("debitGiftCard", id=id_)
    assert (refusal["__typename"], refusal["code"]) == ("NotFoundError", "NOT_FOUND")
    assert refusal["id"] == id_


async def test_the_id_of_another_kind_of_thing_is_an_id_of_nothing(shop: Shop) -> None:
    refusal = await shop.refusal("debitGiftCard", id=shop.ids["creditAccounts"])
    assert refusal["code"] == "NOT_FOUND"


async def test_a_card_that_is_gone_is_not_found(shop: Shop) -> None:
    shop.provider.cards.clear()
    assert (await shop.refusal("debitGiftCard"))["code"] == "NOT_FOUND"


async def test_too_little_shows_how_much_there_is_and_the_card(shop: Shop) -> None:
    refusal = await shop.refusal("debitGiftCard", amount=brl("40.01"))
    assert refusal["code"] == "INSUFFICIENT_CREDIT"
    assert refusal["requested"] == {"amount": "40.01"}
    assert refusal["spendable"] == {"amount": "40.00"}
    assert refusal["instrument"]["id"] == shop.ids["giftCards"]


async def test_another_currency_shows_both(shop: Shop) -> None:
    dollars = {"amount": "1.00", "currencyCode": "USD"}
    refusal = await shop.refusal("creditStoreCredit", amount=dollars)
    assert (refusal["expectedCurrency"], refusal["actual"]) == ("BRL", "USD")
    assert refusal["path"] == ["input", "amount", "currencyCode"]


async def test_an_unusable_card_shows_why(shop: Shop) -> None:
    (card,) = shop.provider.cards
    shop.provider.cards[0] = replace(card, status=InstrumentStatus.BLOCKED)
    refusal = await shop.refusal("debitGiftCard")
    assert (refusal["code"], refusal["reasons"]) == ("INSTRUMENT_NOT_USABLE", ["BLOCKED"])


async def test_a_stale_version_shows_it_as_it_is_now(shop: Shop) -> None:
    refusal = await shop.refusal("debitGiftCard", expectedVersion="old")
    assert (refusal["code"], refusal["expected"]) == ("STALE_VERSION", "old")
    assert refusal["current"] == {"id": shop.ids["giftCards"]}
    assert refusal["path"] == ["input", "expectedVersion"]


async def test_a_key_of_something_else_shows_what_that_was(shop: Shop) -> None:
    first = await shop.order("debitGiftCard")
    second = await shop.order("debitGiftCard", amount=brl("1.00"))
    (refusal,) = second["userErrors"]
    assert (refusal["code"], refusal["retryable"]) == ("IDEMPOTENCY_KEY_REUSED", False)
    assert refusal["original"] == {"id": first["operation"]["id"], "status": "SUCCEEDED"}
    assert second["giftCard"] is None
    assert not second["operation"]["replayed"]


async def test_a_key_of_something_that_nobody_knows_is_still_a_key_of_something_else(
    shop: Shop,
) -> None:
    shop.provider.befall(DebitGiftCard, Mishap.LOST_BEFORE_BOOKING)
    await shop.order("debitGiftCard")
    refusal = await shop.refusal("debitGiftCard", amount=brl("1.00"))
    assert refusal["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert refusal["original"]["status"] == "UNKNOWN"


async def test_a_card_that_is_busy_may_be_tried_again() -> None:
    async with a_shop(patience=replace(AT_ONCE, lock=timedelta(0))) as shop:
        shop.provider.hang("send")
        first = asyncio.create_task(shop.order("creditGiftCard"))
        await shop.provider.until_asked(1, "send")
        refusal = await shop.refusal("creditGiftCard", idempotencyKey="key-2")
        shop.provider.answer()
        await first
    assert (refusal["__typename"], refusal["state"]) == ("InvalidStateError", "BUSY")
    assert (refusal["retryable"], refusal["allowed"]) == (True, [])


async def test_what_the_provider_refuses_shows_its_code_and_none_of_its_words(shop: Shop) -> None:
    shop.provider.befall(CreditGiftCard, Mishap.REFUSED)
    refusal = await shop.refusal("creditGiftCard")
    assert (refusal["__typename"], refusal["code"]) == ("UpstreamError", "UPSTREAM_REJECTED")
    assert (refusal["upstreamCode"], refusal["retryable"]) == (CODE, False)
    assert refusal["problem"]["source"] == {"key": "house"}


async def test_what_was_not_sent_shows_when_to_come_back(shop: Shop) -> None:
    shop.provider.befall(CreditGiftCard, Mishap.THROTTLED)
    refusal = await shop.refusal("creditGiftCard")
    assert (refusal["code"], refusal["retryable"]) == ("UPSTREAM_UNAVAILABLE", True)
    assert refusal["problem"]["kind"] == "RATE_LIMITED"
    assert refusal["problem"]["retryAfterSeconds"] == 7


async def test_what_a_source_cannot_do_names_the_source_and_the_ability(shop: Shop) -> None:
    shop.provider.unlearn(CreditGiftCard)
    refusal = await shop.refusal("creditGiftCard")
    assert (refusal["code"], refusal["capability"]) == ("UNSUPPORTED", "BALANCE_INCREASE")
    assert refusal["source"] == {"key": "house"}


async def test_what_a_person_must_look_at_is_never_said_to_be_known_later(shop: Shop) -> None:
    error = told(shop, errors.BookedTwice(HOUSE), OperationStatus.NEEDS_ATTENTION)
    assert (error.code, getattr(error, "check_after_seconds", None)) == (
        ErrorCode.OUTCOME_UNKNOWN,
        0,
    )
