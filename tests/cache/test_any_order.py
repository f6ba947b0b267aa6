"""Whatever happens in whatever order, nobody gets what is older than they allow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import ProviderFailed
from app.domain.freshness import Freshness
from tests.cache.asking import HOUSE, TAG, House, asked, credits_of
from tests.doubles.shared import lifetimes

FRESH, KEPT = 5.0, 60.0
AGES: Final = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 4.0, 10.0, 59.0, 100.0]))

ACTIONS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.5, 1.0, 2.0, 3.0, 5.0, 20.0, 61.0])),
    st.tuples(st.just("ask"), AGES),
    st.tuples(st.just("write"), st.none()),
    st.tuples(st.just("break"), st.none()),
    st.tuples(st.just("mend"), st.none()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTIONS, max_size=30), st.sampled_from([0.8, 0.9, 1.0]))
async def test_an_answer_keeps_its_promises(actions: list[tuple[str, Any]], share: float) -> None:
    house = House()
    shared = house.shared(lifetimes(balance=FRESH, kept=KEPT), share=share)
    for action, how_much in actions:
        match action:
            case "wait":
                house.clock.advance(how_much)
            case "write":
                await shared.drop((TAG,))
                house.credits += 1
                await shared.drop((TAG,))
            case "break":
                house.fault = ProviderFailed(HOUSE)
            case "mend":
                house.fault = None
            case "ask":
                await _ask_and_judge(shared, house, how_much)


async def _ask_and_judge(shared: Any, house: House, seconds: float | None) -> None:
    before = house.asked
    try:
        answer = await asked(shared, house, seconds=seconds)
    except ProviderFailed:
        assert house.fault is not None
        return
    age = house.clock() - answer.value.observed_at
    assert credits_of(answer) == house.credits, "a balance from before our own write"
    match answer.freshness:
        case Freshness.LIVE:
            assert house.asked == before + 1
            assert age == timedelta(0)
        case Freshness.CACHED:
            assert house.asked == before
            assert age < timedelta(seconds=FRESH)
        case Freshness.STALE:
            assert seconds
            assert house.asked == before + 1
            assert answer.fault is house.fault is not None
    if seconds is not None:
        assert age <= timedelta(seconds=min(seconds, KEPT))
    assert answer.value.freshness is answer.freshness
