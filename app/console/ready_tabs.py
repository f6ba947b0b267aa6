"""The queries a first visit opens with: ``tabs/*.graphql``, in the order of their file names."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

TABS = Path(__file__).parent / "tabs"


@dataclass(frozen=True)
class ReadyTab:
    """
    A query to try, explained by the comment it starts with.

    The comment's first paragraph is the *title*, its second the *summary*. *variables* is JSON
    text, from the ``.json`` file of the same name.
    """

    title: str
    summary: str
    query: str
    variables: str | None


@cache
def ready_tabs() -> Sequence[ReadyTab]:
    return tuple(_read(path) for path in sorted(TABS.glob("*.graphql")))


def _read(path: Path) -> ReadyTab:
    query = path.read_text(encoding="utf-8")
    comment = takewhile(lambda line: line.startswith("#"), query.splitlines())
    title, summary, *_ = "\n".join(line[2:] for line in comment).split("\n\n")
    variables = path.with_suffix(".json")
    return ReadyTab(
        title=title,
        summary=summary.replace("\n", " "),
        query=query,
        variables=variables.read_text(encoding="utf-8") if variables.exists() else None,
    )
