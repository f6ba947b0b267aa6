"""
Where the time of the two main questions goes: `python -m benchmarks.gateways.profiles`.

py-spy looks at the gateway 200 times a second while it is asked without a pause, and writes whole
stacks; here they are added up, by part of the house and by function.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.gateways.field import Entrant, at_the_start
from benchmarks.gateways.load import NO_GOOD_ANSWER, Load, ask_for
from benchmarks.gateways.machine import machine
from benchmarks.gateways.processes import Cores, DidNotStart
from benchmarks.gateways.questions import Question
from benchmarks.gateways.stub_control import running_stub
from benchmarks.gateways.this_gateway import this_gateway

FOLDER: Final = Path(__file__).parents[1] / "profiles"
SECONDS: Final = 10
_WARM_UP_SECONDS: Final = 3
_LOOKS_A_SECOND: Final = 200
_MOST_FUNCTIONS: Final = 25
_QUESTIONS: Final = {Question.TOTAL: 4, Question.HISTORY: 1}
"""With so many at the same time: few, since being looked at takes time of its own."""

_FRAME: Final = re.compile(r"(?P<function>.+) \((?P<file>.+?)(?::\d+)?\)")
_PARTS: Final = (
    ("adapters/transport", "the way to a provider"),
    ("adapters/", "the four rooms: wire models, translation"),
    ("app/cache", "what is remembered of reads"),
    ("app/operations", "operations"),
    ("app/domain", "domain"),
    ("app/graphql", "the graph: types, ids, limits, endpoint"),
    ("app/authentication", "who asks"),
    ("app/door", "the door"),
    ("app/", "the rest of the gateway"),
    ("strawberry/", "Strawberry"),
    ("graphql/", "graphql-core"),
    ("uvicorn/", "uvicorn"),
    ("starlette/", "Starlette"),
    ("structlog/", "logs"),
    ("logging/", "logs"),
    ("asyncio/", "asyncio"),
)
"""By where the code lies; the first that fits. What lies elsewhere is of the one who called it."""

_MAIN: Final = "app/__main__.py"
_ELSEWHERE: Final = "the event loop itself"


@dataclass(frozen=True)
class Stack:
    """From the outermost function to the one that ran, and how often it was seen."""

    frames: Sequence[str]
    looks: int


@dataclass(frozen=True)
class Profile:
    question: Question
    load: Load
    cpu_us: float
    stacks: Sequence[Stack]

    @property
    def looks(self) -> int:
        return sum(stack.looks for stack in self.stacks)

    def by_part(self) -> Counter[str]:
        """Each look to the innermost part that it was in."""
        looks: Counter[str] = Counter()
        for stack in self.stacks:
            looks[part_of(stack.frames)] += stack.looks
        return looks

    def by_function(self) -> Counter[str]:
        """Each look to the one function that ran."""
        looks: Counter[str] = Counter()
        for stack in self.stacks:
            looks[stack.frames[-1]] += stack.looks
        return looks

    def by_function_and_below(self) -> Counter[str]:
        """Each look to every function of the house that was on the stack."""
        looks: Counter[str] = Counter()
        for stack in self.stacks:
            for frame in set(stack.frames):
                if _file_of(frame).startswith(("app/", "adapters/")):
                    looks[frame] += stack.looks
        return looks


def part_of(frames: Sequence[str]) -> str:
    for frame in reversed(frames):
        file = _file_of(frame)
        for beginning, part in _PARTS:
            if file.startswith(beginning):
                return part
    return _ELSEWHERE


def read_stacks(raw: str) -> Iterator[Stack]:
    """
    As py-spy writes them: frames with semicolons between, a space, and how often. Those of threads
    beside the main one are left out: they wait, and not everywhere can py-spy tell.
    """
    for line in raw.splitlines():
        written, _, looks = line.rpartition(" ")
        frames = [_short(frame) for frame in written.split(";")]
        if any(_file_of(frame) == _MAIN for frame in frames):
            yield Stack(frames, int(looks))


def _short(frame: str) -> str:
    """Without the way to the library, and without the line."""
    found = _FRAME.fullmatch(frame)
    if not found:
        return frame
    file = re.sub(r"^.*(site-packages|python3\.\d+)/", "", found["file"])
    return f"{found['function']} ({file})"


def _file_of(frame: str) -> str:
    return frame.rpartition("(")[2].rstrip(")")


async def _profile(question: Question, entrant: Entrant, raw: Path) -> Profile:
    """
    Raises:
        DidNotStart: py-spy may not look at other processes here.
    """
    asks, connections = entrant.contestant.asks(question), _QUESTIONS[question]
    port = entrant.port
    await ask_for(port, asks, connections=connections, seconds=_WARM_UP_SECONDS)
    spy = await asyncio.create_subprocess_exec(
        _py_spy(),
        *("record", "--pid", str(entrant.process.process.pid), "--format", "raw"),
        *("--rate", str(_LOOKS_A_SECOND), "--duration", str(SECONDS), "--output", str(raw)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    cpu = entrant.process.cpu_seconds()
    load = await ask_for(port, asks, connections=connections, seconds=SECONDS)
    cpu = entrant.process.cpu_seconds() - cpu
    _, said = await spy.communicate()
    if spy.returncode:
        raise DidNotStart(f"py-spy: {said.decode(errors='replace')[-300:]}")
    stacks = await asyncio.to_thread(raw.read_text, encoding="utf-8")
    return Profile(question, load, cpu / load.answers * 1e6, list(read_stacks(stacks)))


def _py_spy() -> str:
    """Beside this Python, or wherever else it is installed."""
    return shutil.which("py-spy", path=sysconfig.get_path("scripts")) or "py-spy"


def page(profile: Profile) -> str:
    parts = profile.by_part()
    lines = [
        f"# Where the time of `{profile.question}` goes",
        "",
        "Written by `make profiles`: py-spy beside the running gateway, cold, the stub answering",
        f"at once. {profile.load.answers:,} answers, {profile.cpu_us:,.0f} µs of CPU each"
        f" (a little of it is being looked at); {profile.looks:,} looks.",
        "",
        "## What it says",
        "",
        *(
            f"- {looks / profile.looks:.0%}, about {_us(looks, profile)} µs an answer: {part}"
            for part, looks in parts.most_common()
            if looks / profile.looks >= 0.005
        ),
        "",
        "A look counts for the innermost of these parts on the stack: what a library does is the",
        "part's that called it, but for those named here.",
        "",
        "## Functions that ran",
        "",
        *_table(profile.by_function(), profile),
        "",
        "## Functions of the gateway, with what they called",
        "",
        *_table(profile.by_function_and_below(), profile),
        "",
        *(f"- {line}" for line in machine()),
    ]
    return "\n".join(lines) + "\n"


def _table(looks: Counter[str], profile: Profile) -> Iterator[str]:
    yield "| | of all | µs an answer |"
    yield "| --- | ---: | ---: |"
    for function, seen in looks.most_common(_MOST_FUNCTIONS):
        yield f"| `{function}` | {seen / profile.looks:.1%} | {_us(seen, profile)} |"


def _us(looks: int, profile: Profile) -> str:
    return f"{looks / profile.looks * profile.cpu_us:,.0f}"


async def _write_all(folder: Path) -> None:
    cores = Cores.of_this_machine()
    cores.pin_this_process()
    async with (
        running_stub(folder, core=cores.stub) as stub,
        at_the_start(this_gateway(), stub, folder, cores) as entrant,
    ):
        for question in _QUESTIONS:
            profile = await _profile(question, entrant, folder / f"{question}.raw")
            file = FOLDER / f"{question}.md"
            await asyncio.to_thread(file.write_text, page(profile), encoding="utf-8")


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            uvloop.run(_write_all(Path(folder)))
        except (DidNotStart, *NO_GOOD_ANSWER) as exc:
            sys.stderr.write(f"{exc}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
