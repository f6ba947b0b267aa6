"""That wrong answers are found, and that figures become the right words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.gateways.hand_written import yoga
from benchmarks.gateways.load import Ask, Load
from benchmarks.gateways.node_packages import install
from benchmarks.gateways.outcome import Outcome
from benchmarks.gateways.people import SAVERS, SHOPPERS
from benchmarks.gateways.profiles import Profile, read_stacks
from benchmarks.gateways.profiles import page as page_of_profile
from benchmarks.gateways.program import QUICK, RACES
from benchmarks.gateways.questions import SICK, Question, WrongAnswer
from benchmarks.gateways.report import page
from benchmarks.gateways.rounds import Result, Sample
from benchmarks.gateways.scenes import Memory
from benchmarks.gateways.tailcall_binary import tailcall
from benchmarks.gateways.targets import verdicts
from benchmarks.gateways.this_gateway import this_gateway

SHOPPER = SHOPPERS[0]
SOURCES = {
    "vtex.customer-credit": "vtex-credit",
    "vtex.giftcard": "vtex-giftcard",
    "adobe.company-credit": "adobe",
    "medusa.store-credit": "medusa",
}


def total_answer(
    *, more: str = "0", without: str | None = None, unavailable: tuple[str, ...] = ()
) -> bytes:
    lines = [
        {
            "instrument": {"source": {"key": SOURCES[provider]}},
            "spendable": {"amount": {"amount": str(amount)}},
        }
        for provider, amount in SHOPPER.parts
        if provider != without
    ]
    found = {
        "total": {"amount": str(SHOPPER.spendable(without=without)) + more},
        "byInstrument": lines,
        "unavailable": [{"source": {"key": key}} for key in unavailable],
    }
    return json.dumps({"data": {"customer": {"spendableCredit": found}}}).encode()


def test_the_right_total_is_right_however_its_zeros_are_written() -> None:
    ask = this_gateway().ask(Question.TOTAL, SHOPPER)
    ask.look_at(200, total_answer())
    ask.look_at(200, total_answer(more="00"))


@pytest.mark.parametrize(
    "answer",
    [
        total_answer(more="1"),
        total_answer(without=SICK),
        total_answer(without=SICK, unavailable=("adobe",)),
        total_answer(unavailable=("adobe",)),
        b'{"data": null, "errors": [{"message": "no"}]}',
        total_answer()[:-1] + b', "errors": [{"message": "no"}]}',
        b"nonsense",
    ],
)
def test_any_other_answer_is_wrong(answer: bytes) -> None:
    with pytest.raises(WrongAnswer):
        this_gateway().ask(Question.TOTAL, SHOPPER).look_at(200, answer)


def test_a_total_without_the_sick_provider_is_right_when_it_names_it() -> None:
    ask = this_gateway().ask(Question.TOTAL, SHOPPER, without=SICK)
    ask.look_at(200, total_answer(without=SICK, unavailable=("adobe",)))
    with pytest.raises(WrongAnswer):
        ask.look_at(200, total_answer(without=SICK))


def test_a_refusal_is_wrong_whatever_it_says() -> None:
    with pytest.raises(WrongAnswer, match="503"):
        this_gateway().ask(Question.TOTAL, SHOPPER).look_at(503, total_answer())


def test_a_history_that_lacks_a_card_is_wrong() -> None:
    ask = yoga("yoga", "yoga").ask(Question.QUIET_HISTORY, SAVERS[0])
    with pytest.raises(WrongAnswer):
        ask.look_at(200, b'{"data": {"customer": {"invoices": [], "giftCards": []}}}')


def test_what_was_right_once_is_not_read_again() -> None:
    seen: list[bytes] = []
    ask = Ask(b"", seen.append)
    for answer in (b"one", b"one", b"two"):
        ask.look_at(200, answer)
    assert seen == [b"one", b"two"]


def sample(cpu_us: float) -> Sample:
    return Sample(cpu_us=cpu_us, per_second=1, p50_ms=1, p99_ms=1, calls=6, memory_mb=1)


def outcome_of(*results: Result) -> Outcome:
    return Outcome(
        plan=QUICK,
        names={"ours": "this gateway", "yoga": "yoga", "undici": "undici"},
        started={"ours": 1.0},
        left_out={"Tailcall": "its binary does not run here"},
        results=list(results),
    )


def result_of(ours: list[float], yoga: list[float]) -> Result:
    samples = {"ours": [sample(one) for one in ours], "yoga": [sample(one) for one in yoga]}
    return Result(RACES[0], samples, {})


def test_the_ratio_is_the_median_of_the_rounds_own() -> None:
    result = result_of([100, 200, 100], [300, 500, 1000])
    assert result.ratio("ours") == 3.0


@pytest.mark.parametrize(
    ("cpu_us", "word"), [(1000, "**missed**"), (300, "reached"), (100, "reached, stretch too")]
)
def test_a_target_is_told_as_it_was_met(cpu_us: float, word: str) -> None:
    (verdict,) = verdicts(outcome_of(result_of([cpu_us], [1000])))
    assert verdict.word == word


def test_memory_that_goes_on_growing_is_not_flat() -> None:
    outcome = outcome_of()
    outcome.memory = Memory([80, 90, 100, 100, 100, 101, 101, 102, 103, 110], answers=1)
    (verdict,) = verdicts(outcome)
    assert verdict.found == "+10.0 % in the second half"
    assert verdict.word == "**missed**"


def test_the_page_has_the_figures_and_names_who_is_missing() -> None:
    text = page(outcome_of(result_of([1500], [3000])))
    assert "| this gateway | 1,500 | 2.00 |" in text
    assert "- Tailcall: its binary does not run here" in text


def test_a_wrong_answer_of_ours_is_told_and_fails_the_run() -> None:
    outcome = outcome_of(Result(RACES[0], {}, {"ours": "200 nonsense"}))
    assert "Not in the table: this gateway. It answered: `200 nonsense`" in page(outcome)
    assert not outcome.everything_was_right


def test_a_percentile_is_one_of_the_latencies() -> None:
    load = Load(seconds=2.0, latencies=[0.001, 0.002, 0.003, 0.004])
    assert (load.percentile(0.5), load.percentile(0.99), load.per_second) == (3.0, 4.0, 2.0)


def test_without_node_its_contestants_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "")
    assert install(tmp_path) == "Node.js 20.18 or later is needed; here is none"


RAW = """\
<module> (app/__main__.py:9);run (uvicorn/server.py:5);read (adapters/transport/upstream.py:7) 6
<module> (app/__main__.py:9);read (app/operations/x.py:5);loads (/x/python3.11/json/__init__.py:3) 3
<module> (app/__main__.py:9);run (/lib/site-packages/uvicorn/server.py:5) 1
_worker (concurrent/futures/thread.py:8) 90
"""


def test_a_look_counts_for_the_innermost_part_of_the_main_thread() -> None:
    profile = Profile(Question.TOTAL, Load(1.0, [0.1]), 1000.0, list(read_stacks(RAW)))
    assert profile.by_part() == {"the way to a provider": 6, "operations": 3, "uvicorn": 1}
    assert profile.by_function()["loads (json/__init__.py)"] == 3
    assert profile.by_function_and_below()["read (app/operations/x.py)"] == 3
    assert "- 60%, about 600 µs an answer: the way to a provider" in page_of_profile(profile)


def test_who_passes_on_parts_is_right_when_they_add_up() -> None:
    limit = str(SHOPPER.available_limit)
    answer = f"""{{"data": {{
      "creditAccounts": {{"data": [{{"status": "Open", "availableCredit": 1000.37}}]}},
      "cards": {{"items": [{{"card": {{"balance": 40.03}}}}]}},
      "companyCredit": {{"available_limit": {limit}}}, "company": {{"status": 1}},
      "storeCredit": {{"store_credit_accounts": [{{"balance": 12.37}}]}}
    }}}}"""
    ask = tailcall().ask(Question.TOTAL, SHOPPER)
    ask.look_at(200, answer.encode())
    with pytest.raises(WrongAnswer):
        ask.look_at(200, answer.replace('"status": 1', '"status": 3').encode())
