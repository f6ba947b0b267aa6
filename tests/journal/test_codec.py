"""Whatever the domain has is written and read again, exactly."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.at_rest.codec import Codec, Unreadable
from app.domain import refusals
from app.domain.errors import CreditError, CurrencyMismatch, InvalidQuestion
from app.domain.identifiers import ProviderCardId, SourceKey
from app.domain.instructions import Instruction, Subject
from app.domain.instruments import GiftCard, Instrument, InstrumentKind, Secret
from app.domain.money import Currency, Money
from app.domain.operation import Booking, Evidence
from tests.doubles.samples import (
    a_company_credit,
    a_credit_account,
    a_gift_card,
    a_store_credit,
    money,
)
from tests.journal.scenes import a_debit

Root = TypeVar("Root")

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False)
CURRENCIES = st.sampled_from(["BRL", "USD", "JPY", "KWD"]).map(Currency)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | AMOUNTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)

st.register_type_strategy(Decimal, AMOUNTS)
st.register_type_strategy(Currency, CURRENCIES)
st.register_type_strategy(Money, st.builds(Money, AMOUNTS, CURRENCIES))
st.register_type_strategy(
    datetime, st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0))
)
st.register_type_strategy(
    Secret, st.text().map(lambda text: Secret.withheld(Secret(text).masked()))
)


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec()


def below(root: type[Root]) -> Iterator[type[Root]]:
    children: list[type[Root]] = root.__subclasses__()
    for child in children:
        if child.__module__.split(".")[0] in ("app", "adapters"):
            yield child
        yield from below(child)


def current(root: type[Root]) -> list[type[Root]]:
    """By name, since a dataclass with slots leaves its first form behind until it is collected."""
    return list({child.__name__: child for child in below(root)}.values())


def members_of(form: type) -> Mapping[str, st.SearchStrategy[Any]]:
    """What its constructor takes; each class of a family reads its types in its own module."""
    if dataclasses.is_dataclass(form):
        hints, names = get_type_hints(form), [field.name for field in dataclasses.fields(form)]
    else:
        hints = get_type_hints(form.__init__)  # type: ignore[misc]
        names = [name for name in hints if name != "return"]
    return {name: strategy_of(hints[name]) for name in names}


def strategy_of(hint: Any) -> st.SearchStrategy[Any]:
    if object in get_args(hint) or any(object in get_args(part) for part in get_args(hint)):
        return st.none() | st.dictionaries(st.text(), JSON)
    return st.from_type(hint)


def any_of(form: type) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: st.builds(form, **members_of(form)))


INSTRUCTIONS = [form for form in current(Instruction) if not inspect.isabstract(form)]
BRANCHES = ("RequestRefused", "ProviderFault", "ProviderUnavailable")
"""Of the tree of errors; never raised themselves."""

ERRORS = [form for form in current(CreditError) if form.__name__ not in BRANCHES]
INSTRUMENTS = get_args(Instrument)
DETAILS = {
    detail
    for form in INSTRUMENTS
    for detail in (get_args(get_type_hints(form)["details"]) or [get_type_hints(form)["details"]])
}
for detail in DETAILS:
    st.register_type_strategy(detail, any_of(detail))


@pytest.mark.parametrize("form", INSTRUCTIONS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_instruction_comes_back_as_it_was(
    form: type[Instruction], data: st.DataObject, codec: Codec
) -> None:
    instruction = data.draw(any_of(form))
    text = codec.encode(instruction, Instruction)
    assert repr(codec.decode(text, Instruction)) == repr(instruction)


@pytest.mark.parametrize("form", INSTRUMENTS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_instrument_comes_back_as_it_was(
    form: type, data: st.DataObject, codec: Codec
) -> None:
    instrument = data.draw(any_of(form))
    back = codec.decode(codec.encode(instrument, Instrument), Instrument)
    assert repr(back) == repr(instrument)
    assert back == instrument


@pytest.mark.parametrize("form", [Evidence, Booking])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_known_of_a_call_comes_back_as_it_was(
    form: type, data: st.DataObject, codec: Codec
) -> None:
    known = data.draw(any_of(form))
    assert repr(codec.decode(codec.encode(known, form), form)) == repr(known)


@pytest.mark.parametrize("form", ERRORS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_error_comes_back_as_it_was(
    form: type[CreditError], data: st.DataObject, codec: Codec
) -> None:
    error = data.draw(any_of(form))
    back = codec.decode(codec.encode(error, CreditError), CreditError)
    assert type(back) is form
    assert repr(vars(back)) == repr(vars(error))
    assert str(back) == str(error)


@pytest.mark.parametrize("root", [Instruction, CreditError])
def test_no_two_classes_of_a_family_have_one_name(root: type) -> None:
    named: dict[str, set[str]] = {}
    each: type
    for each in below(root):
        named.setdefault(each.__name__, set()).add(each.__module__)
    assert [name for name, modules in named.items() if len(modules) > 1] == []


@pytest.mark.parametrize(
    "instrument", [a_credit_account(), a_company_credit(), a_store_credit()], ids=lambda i: i.source
)
def test_believable_instruments_come_back(instrument: Instrument, codec: Codec) -> None:
    assert codec.decode(codec.encode(instrument, Instrument), Instrument) == instrument


def test_a_redemption_code_comes_back_withheld(codec: Codec) -> None:
    text = codec.encode(a_gift_card(code="BEARER-SECRET-7QX4"), Instrument)
    assert "BEARER" not in text
    card = codec.decode(text, Instrument)
    assert isinstance(card, GiftCard)
    assert card.redemption_code.is_withheld
    assert card.redemption_code.masked() == "****7QX4"
    assert codec.encode(card, Instrument) == text
    with pytest.raises(ValueError, match="withheld"):
        card.redemption_code.reveal()


def test_a_withheld_secret_is_not_the_one_that_it_masks() -> None:
    assert Secret.withheld("****") != Secret("****")
    assert not Secret("1234").is_withheld
    assert "1234" not in repr(Secret.withheld("****1234"))


@pytest.mark.parametrize("digits", ["0", "-0", "1.500", "1E+3", "0.0000001", "9" * 500, "-12.30"])
def test_an_amount_keeps_its_digits(digits: str, codec: Codec) -> None:
    evidence = Evidence(figure=money(digits))
    back = codec.decode(codec.encode(evidence, Evidence), Evidence)
    assert str(back.figure.amount) == str(Decimal(digits))


def test_open_json_keeps_what_looks_like_its_own_marks(codec: Codec) -> None:
    odd: dict[str, object] = {
        "number": "1",
        "object": {"number": Decimal("1.50")},
        "": [None, {"object": {}}, True],
    }
    account = a_store_credit()
    account = dataclasses.replace(
        account, details=dataclasses.replace(account.details, metadata=odd)
    )
    assert codec.decode(codec.encode(account, Instrument), Instrument) == account


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerDetail:
    due_on: date
    notes: tuple[str, ...]
    inner: Instruction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerInstruction(Instruction):
    """As a later release may have it."""

    card_id: ProviderCardId
    detail: NewerDetail
    cards: Mapping[ProviderCardId, Money]
    kinds: frozenset[InstrumentKind]
    share: Decimal | None = None

    @property
    def subject(self) -> Subject:
        return Subject(self.source, InstrumentKind.GIFT_CARD, self.card_id)


class NewerRefusal(refusals.PolicyViolation):
    def __init__(self, *, policy: str, until: datetime, by: SourceKey | None = None) -> None:
        super().__init__(policy=policy)
        self.until = until
        self.by = by


def test_an_instruction_of_a_later_release_needs_nothing_here(codec: Codec) -> None:
    card_id = ProviderCardId("card-1")
    instruction = NewerInstruction(
        source=SourceKey("cards"),
        card_id=card_id,
        detail=NewerDetail(due_on=date(2026, 11, 22), notes=("a", "b"), inner=a_debit()),
        cards={card_id: money("1.50")},
        kinds=frozenset([InstrumentKind.GIFT_CARD]),
    )
    assert codec.decode(codec.encode(instruction, Instruction), Instruction) == instruction


def test_an_error_of_a_later_release_needs_nothing_here(codec: Codec) -> None:
    until = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(-timedelta(hours=3)))
    error = NewerRefusal(policy="maxPostponementDays", until=until)
    back = codec.decode(codec.encode(error, CreditError), CreditError)
    assert isinstance(back, NewerRefusal)
    assert (back.policy, back.until, back.by) == ("maxPostponementDays", until, None)


def test_an_error_of_an_earlier_release_has_the_default_of_what_that_did_not_know(
    codec: Codec,
) -> None:
    earlier = '["CurrencyMismatch", {"expected": "BRL", "actual": "USD"}]'
    back = codec.decode(earlier, CreditError)
    assert isinstance(back, CurrencyMismatch)
    assert (back.expected, back.actual, back.path) == ("BRL", "USD", ("amount",))


def test_an_error_that_lacks_what_it_needs_is_unreadable(codec: Codec) -> None:
    with pytest.raises(Unreadable):
        codec.decode('["CurrencyMismatch", {"expected": "BRL"}]', CreditError)


def test_the_cause_of_an_error_is_not_kept(codec: Codec) -> None:
    error = InvalidQuestion("a sentence")
    error.__cause__ = ValueError("BEARER-SECRET")
    text = codec.encode(error, CreditError)
    assert "BEARER" not in text
    assert codec.decode(text, CreditError).__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '"DebitGiftCard"',
        '["Instruction",{"source":"cards"}]',
        '["OfANewerRelease",{"source":"cards"}]',
        '["DebitGiftCard",{"source":"cards"}]',
        '["object",{}]',
    ],
)
def test_what_is_no_instruction_is_unreadable(text: str, codec: Codec) -> None:
    with pytest.raises(Unreadable):
        codec.decode(text, Instruction)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "twelve", "", None, {}])
def test_what_is_no_amount_is_unreadable(amount: object, codec: Codec) -> None:
    text = json.dumps({"figure": {"amount": amount, "currency": {"code": "BRL"}}})
    with pytest.raises(Unreadable):
        codec.decode(text, Evidence)


def test_an_instruction_with_a_member_of_a_newer_release_is_unreadable(codec: Codec) -> None:
    name, members = json.loads(codec.encode(a_debit(), Instruction))
    with pytest.raises(Unreadable):
        codec.decode(json.dumps([name, {**members, "partial": True}]), Instruction)


def test_a_moment_without_a_zone_is_not_written(codec: Codec) -> None:
    naive = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="zone"):
        codec.encode(NewerRefusal(policy="", until=naive), CreditError)


def test_what_is_no_json_is_not_written(codec: Codec) -> None:
    account = a_store_credit()
    details = dataclasses.replace(account.details, metadata={"when": datetime.now(UTC)})
    with pytest.raises(TypeError):
        codec.encode(dataclasses.replace(account, details=details), Instrument)
