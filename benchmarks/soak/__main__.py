"""`python -m benchmarks.soak`: run it, print the figures, and keep them as a page beside it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.soak.graph import MOST_INSTRUMENTS
from benchmarks.soak.report import Figures
from benchmarks.soak.run import POSTGRESQL, Plan, soak

PAGES: Final = {"sqlite": "SOAK.md", "postgresql": "SOAK-POSTGRESQL.md"}
"""By the journal, in this folder's parent."""


def main() -> int:
    arguments = _arguments()
    plan = Plan(
        mutations=arguments.mutations,
        callers=arguments.callers,
        kills=arguments.kills,
        seed=arguments.seed,
        replicas=arguments.replicas,
        instruments=arguments.instruments,
        postgresql=arguments.server if arguments.journal == "postgresql" else None,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that no gateway is left behind
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(soak(plan, Path(folder)))
    sys.stdout.write(figures.page())
    page = Path(__file__).parents[1] / PAGES[arguments.journal]
    (arguments.page or page).write_text(figures.page(), encoding="utf-8")
    return _verdict(figures)


def _verdict(figures: Figures) -> int:
    """1 when anything is wrong, with the first story."""
    for finding in figures.findings[:1]:
        sys.stderr.write(f"{len(figures.findings)} findings; the first:\n{finding}\n")
    return min(len(figures.findings), 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description="Whether money is moved once."
    )
    parser.add_argument("--mutations", type=int, default=10_000, metavar="N")
    parser.add_argument("--callers", type=int, default=20, metavar="N", help="at the same time")
    parser.add_argument("--kills", type=int, default=30, metavar="N", help="of gateways")
    parser.add_argument("--journal", choices=tuple(PAGES), default="sqlite")
    parser.add_argument("--replicas", type=int, choices=(1, 2), default=1)
    parser.add_argument("--instruments", type=int, default=24, metavar="N", help="a provider")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--server", default=POSTGRESQL, metavar="URL", help="PostgreSQL's")
    parser.add_argument("--page", type=Path, metavar="FILE", help="for the figures")
    arguments = parser.parse_args()
    if arguments.mutations < 1 or not 0 <= arguments.kills <= arguments.mutations * 4 // 5:
        parser.error("at least one mutation, and at most four kills in five of them")
    if arguments.callers < 1 or not 1 <= arguments.instruments <= MOST_INSTRUMENTS:
        parser.error(f"at least one caller, and 1 to {MOST_INSTRUMENTS} instruments")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
