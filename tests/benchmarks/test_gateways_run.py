"""The benchmark as it is run: real processes, a short time, whole answers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="cores and /proc are Linux'")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.gateways", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_gateway_answers_the_stubs_totals_with_six_calls_each(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = bench("--quick", "--rounds=1", "--only=ours", "--question=total", f"--page={page}")
    assert done.returncode == 0, done.stdout + done.stderr
    row = re.search(r"^\| this gateway \|(.*)\|$", page.read_text(), re.M)
    assert row, page.read_text()
    cells = [cell.strip() for cell in row[1].split("|")]
    assert cells[5] == "6.00"
    assert int(cells[0].replace(",", "")) > 0


@pytest.mark.parametrize("option", ["--only=nobody", "--question=why"])
def test_what_is_not_known_is_refused_by_name(option: str) -> None:
    done = bench(option)
    assert done.returncode == 2
    assert f"not known: {option.partition('=')[2]}" in done.stderr
