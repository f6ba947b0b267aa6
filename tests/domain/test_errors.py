"""The error tree is the one that is drawn, and its messages give nothing away."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import TypeVar

import pytest

from app.domain import errors, refusals
from app.domain.errors import (
    AccountNotFound,
    CreditError,
    CurrencyMismatch,
    InvalidQuestion,
    ProviderFault,
    ProviderThrottled,
    ProviderTimedOut,
    SourceProblemKind,
    UnsupportedOperation,
    fault_of_kind,
)
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.source_problem import SourceProblem

T = TypeVar("T", bound=CreditError)

SECRET = "sk_5a5a5a5a"


def drawn_tree() -> dict[str, str]:
    """Child to parent, as the docstring of the module draws it."""
    parents: dict[int, str] = {}
    tree: dict[str, str] = {}
    for line in (inspect.getdoc(errors) or "").splitlines():
        match = re.match(r"^([\s│├└─]*)([A-Z]\w+)", line)
        if match is None or not (match[1] or match[2] == "CreditError"):
            continue
        depth = len(match[1])
        parents[depth] = match[2]
        above = [level for level in parents if level < depth]
        if above:
            tree[match[2]] = parents[max(above)]
    return tree


def classes_below(root: type[T]) -> Iterator[type[T]]:
    for one in root.__subclasses__():
        if one.__module__ in (errors.__name__, refusals.__name__):
            yield one
            yield from classes_below(one)


FAULTS = [one for one in classes_below(ProviderFault) if not list(classes_below(one))]


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    assert drawn_tree() == {
        one.__name__: one.__bases__[0].__name__ for one in classes_below(CreditError)
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)
def test_a_fault_says_which_source_and_a_sentence_and_no_more(fault: type[ProviderFault]) -> None:
    with pytest.raises(ProviderFault) as caught:
        raise fault(SourceKey("adobe")) from OSError(f"HTTP 500 {SECRET}")
    assert str(caught.value) == f"adobe: {fault.says}"
    assert SECRET not in repr(caught.value)
    assert not re.search(r"\d", fault.says)
    assert fault.says.endswith(".")


def test_every_fault_has_a_kind_of_its_own() -> None:
    kinds = [fault.kind for fault in FAULTS]
    assert len(set(kinds)) == len(kinds)
    assert set(SourceProblemKind) - set(kinds) == {SourceProblemKind.DISABLED}


def test_a_fault_that_time_does_not_cure_is_not_retryable() -> None:
    assert {fault.kind for fault in FAULTS if not fault.retryable} == {
        SourceProblemKind.CREDENTIALS_REJECTED,
        SourceProblemKind.BAD_RESPONSE,
        SourceProblemKind.IDENTITY_NOT_LINKED,
    }


def test_a_throttled_provider_may_say_how_long() -> None:
    patient = ProviderThrottled(SourceKey("cards"), retry_after_seconds=7)
    problem = SourceProblem.of(patient, {InstrumentKind.GIFT_CARD})
    assert problem.retry_after_seconds == 7
    assert ProviderThrottled(SourceKey("cards")).retry_after_seconds is None
    assert ProviderTimedOut(SourceKey("cards")).retry_after_seconds is None


def test_refusals_write_their_own_sentences() -> None:
    assert str(AccountNotFound("gift card")) == "No such gift card."
    assert AccountNotFound("gift card").kind == "gift card"
    assert str(InvalidQuestion("Not like this.")) == "Not like this."
    assert InvalidQuestion("Not like this.").why == "Not like this."
    assert str(CurrencyMismatch(expected="BRL", actual="USD")) == "Expected BRL, got USD."
    refused = UnsupportedOperation(source="adobe", capability="INVOICES")
    assert str(refused) == "Source adobe does not support INVOICES."
    assert (refused.source, refused.capability) == ("adobe", "INVOICES")


def test_a_fault_can_be_made_again_of_its_kind() -> None:
    class OfAnAdapter(ProviderTimedOut):
        def __init__(self, source: SourceKey, *, largest: int) -> None:
            super().__init__(source)
            self.largest = largest

    made = {
        kind: fault_of_kind(kind, SourceKey("cards"))
        for kind in SourceProblemKind
        if kind in {one.kind for one in FAULTS}
    }

    assert {kind: type(fault) for kind, fault in made.items()} == {one.kind: one for one in FAULTS}
