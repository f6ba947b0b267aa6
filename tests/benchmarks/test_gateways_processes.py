"""That CPU is counted for everything a contestant starts, on the one core it was given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.gateways.processes import Cores, running, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="cores and /proc are Linux'")

WORKS = "import time\nwhile time.process_time() < 0.3: pass\ntime.sleep(60)"
LETS_WORK = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORKS!r}])"


async def test_the_work_of_a_child_is_counted_and_stays_on_the_core(tmp_path: Path) -> None:
    core = Cores.of_this_machine().contestant
    mine = os.sched_getaffinity(0)
    command = [sys.executable, "-c", LETS_WORK]
    async with running(command, port=0, core=core, log=tmp_path / "log") as process:

        async def has_worked() -> bool:
            return process.cpu_seconds() >= 0.3

        assert await until(has_worked, process), process.last_words()
        assert os.sched_getaffinity(process.process.pid) == {core}
        assert process.memory_megabytes() > 5
    assert process.has_ended
    assert os.sched_getaffinity(0) == mine


async def test_a_process_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such option'); raise SystemExit(2)"]
    core = Cores.of_this_machine().contestant
    async with running(command, port=0, core=core, log=tmp_path / "log") as process:

        async def never() -> bool:
            return False

        assert not await until(never, process)
        assert process.last_words() == "no such option"
