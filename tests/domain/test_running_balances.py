"""Balances that a provider does not keep, added up from the first entry."""

from __future__ import annotations

from app.domain.identifiers import ProviderEntryId
from app.domain.ledger import Direction, LedgerEntry, running_balances
from tests.doubles.samples import a_ledger_entry, money


def entry(entry_id: str, amount: str, direction: Direction) -> LedgerEntry:
    return a_ledger_entry(entry_id, amount=amount, direction=direction)


NEWEST_FIRST = [
    entry("third", "12.34", Direction.DEBIT),
    entry("second", "20.2", Direction.CREDIT),
    entry("first", "10.1", Direction.CREDIT),
]


def test_each_entry_has_the_sum_up_to_it() -> None:
    assert running_balances(NEWEST_FIRST) == {
        ProviderEntryId("first"): money("10.1"),
        ProviderEntryId("second"): money("30.3"),
        ProviderEntryId("third"): money("17.96"),
    }


def test_a_balance_may_fall_to_nothing_and_below() -> None:
    spent = [
        entry("more", "0.01", Direction.DEBIT),
        entry("all", "10.1", Direction.DEBIT),
        NEWEST_FIRST[-1],
    ]
    balances = running_balances(spent)

    assert balances[ProviderEntryId("all")] == money("0.0")
    assert balances[ProviderEntryId("more")] == money("-0.01")


def test_behind_an_entry_that_goes_neither_way_nothing_is_known() -> None:
    odd = [NEWEST_FIRST[0], entry("odd", "1", Direction.NEUTRAL), NEWEST_FIRST[-1]]

    assert running_balances(odd).keys() == {ProviderEntryId("first")}


def test_an_empty_ledger_has_none() -> None:
    assert running_balances([]) == {}
