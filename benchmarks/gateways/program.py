"""What is run: who against whom, in which races and scenes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.gateways.contestants import Contestant
from benchmarks.gateways.hand_written import yoga
from benchmarks.gateways.hive_gateway import hive_gateway
from benchmarks.gateways.questions import Question
from benchmarks.gateways.rounds import Plan, Race
from benchmarks.gateways.tailcall_binary import tailcall
from benchmarks.gateways.this_gateway import this_gateway
from benchmarks.gateways.tutorial import tutorial

OURS: Final = "ours"
OURS_WARM: Final = "ours-warm"
WARM_SECONDS: Final = 5
"""As long as this gateway remembers by default."""

WARM_CUSTOMERS: Final = 40
HOT_SECONDS: Final = 1

FULL: Final = Plan(rounds=5, seconds=2, warm_up_seconds=2, minutes=1)
QUICK: Final = Plan(rounds=1, seconds=0.5, warm_up_seconds=0.3, minutes=0.05)

CONTESTANTS: Final[Sequence[Contestant]] = (
    this_gateway(),
    this_gateway("ours-warm", "this gateway, that remembers", fresh_seconds=WARM_SECONDS),
    yoga("yoga", "graphql-yoga + fetch, by hand"),
    yoga("undici", "graphql-yoga + undici, by hand", client="undici"),
    yoga(
        "yoga-warm",
        f"graphql-yoga + its response cache, {WARM_SECONDS} s",
        cache_seconds=WARM_SECONDS,
    ),
    yoga(
        "yoga-hot", f"graphql-yoga + its response cache, {HOT_SECONDS} s", cache_seconds=HOT_SECONDS
    ),
    hive_gateway(),
    tailcall(),
    tutorial(),
)

_COLD: Final = (OURS, "yoga", "undici", "hive", "tailcall", "tutorial")

RACES: Final = (
    Race("total", "Total, cold", Question.TOTAL, _COLD, "yoga", connections=16),
    Race(
        "warm",
        f"Total, warm: {WARM_CUSTOMERS} customers, answers may be {WARM_SECONDS} s old",
        Question.TOTAL,
        (OURS_WARM, "yoga-warm"),
        "yoga-warm",
        connections=16,
        age=WARM_SECONDS,
        customers=WARM_CUSTOMERS,
    ),
    Race(
        "hot",
        f"One hot customer: answers may be {HOT_SECONDS} s old",
        Question.TOTAL,
        (OURS_WARM, "yoga-hot"),
        "yoga-hot",
        connections=16,
        age=HOT_SECONDS,
        customers=1,
    ),
    Race(
        "history",
        "History, cold: 253 calls",
        Question.HISTORY,
        _COLD,
        "yoga",
        connections=2,
        rounds=3,
    ),
    Race(
        "quiet-history",
        "History of cards nothing happened to, cold: 103 calls",
        Question.QUIET_HISTORY,
        _COLD,
        "yoga",
        connections=2,
        rounds=3,
    ),
)

SCENES: Final = ("identical", "latency", "hanging", "memory")

EVERYTHING: Final = (*(race.key for race in RACES), *SCENES)
