"""`python -m benchmarks.gateways`: run it, print the page, and keep it beside this folder."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.gateways.program import CONTESTANTS, EVERYTHING, FULL, QUICK
from benchmarks.gateways.report import page
from benchmarks.gateways.run import Choice, compare

PAGE: Final = Path(__file__).parents[1] / "RESULTS.md"


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that no contestant is left behind
    with tempfile.TemporaryDirectory() as folder:
        outcome = uvloop.run(compare(_choice(arguments), Path(folder)))
    text = page(outcome)
    sys.stdout.write(text)
    if arguments.page or _is_everything(arguments):
        (arguments.page or PAGE).write_text(text, encoding="utf-8")
    return 0 if outcome.everything_was_right else 1


def _is_everything(arguments: argparse.Namespace) -> bool:
    """A part of it would not be worth keeping."""
    return not (arguments.quick or arguments.only or arguments.question)


def _choice(arguments: argparse.Namespace) -> Choice:
    plan = QUICK if arguments.quick else FULL
    return Choice(
        contestants=[one for one in CONTESTANTS if one.key in (arguments.only or [one.key])],
        questions=arguments.question or EVERYTHING,
        plan=replace(
            plan,
            rounds=arguments.rounds or plan.rounds,
            minutes=arguments.minutes or plan.minutes,
        ),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateways", description="What a query costs, here and elsewhere."
    )
    keys = [one.key for one in CONTESTANTS]
    parser.add_argument("--quick", action="store_true", help="rough figures within a minute")
    parser.add_argument("--only", type=_among(keys), metavar="A,B", help=", ".join(keys))
    parser.add_argument(
        "--question", type=_among(EVERYTHING), metavar="A,B", help=", ".join(EVERYTHING)
    )
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("--minutes", type=float, metavar="N", help="of load, for the memory")
    parser.add_argument("--page", type=Path, metavar="FILE", help="for the figures")
    if sys.platform != "linux":
        parser.error("this needs Linux: cores are taken by name, and CPU is read from /proc")
    return parser.parse_args()


def _among(known: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"not known: {', '.join(sorted(unknown))}")
        return chosen

    return read


if __name__ == "__main__":
    sys.exit(main())
