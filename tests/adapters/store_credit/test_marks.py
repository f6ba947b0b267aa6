"""The gateway's mark in a caller's own words, and the words without it."""

from __future__ import annotations

import pytest

from adapters.store_credit.marks import bears, marked, unmarked

MARK = "cg-01m8t0aaaaaaaaaaaaaaaaaaaa-1"


@pytest.mark.parametrize(
    "note",
    [
        "Goodwill",
        " two  blanks ",
        " ",
        "line\nbreak\n",
        "ends in [brackets]",
        "[creditgraph:cg-other]",
        "[creditgraph:]",
        f"[creditgraph:{MARK}] [creditgraph:{MARK}]",
        "ção 🎁",
        "x" * 5000,
    ],
)
def test_a_note_comes_back_as_it_was_written(note: str) -> None:
    sent = marked(note, MARK)

    assert bears(sent, MARK)
    assert sent.startswith(note)
    assert unmarked(sent) == note


@pytest.mark.parametrize("note", [None, ""])
def test_where_nothing_was_written_nothing_comes_back(note: str | None) -> None:
    assert unmarked(marked(note, MARK)) is None


@pytest.mark.parametrize(
    "note",
    [
        "Goodwill",
        "[creditgraph:UPPER]",
        f"[creditgraph:{'x' * 41}]",
        f"Goodwill[creditgraph:{MARK}]",
        f"[creditgraph:{MARK}] ",
    ],
)
def test_what_is_no_mark_of_ours_stays(note: str) -> None:
    assert unmarked(note) == note
