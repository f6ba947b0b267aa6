"""Partial answers: `fields=items[id,balance],total_count` cuts an answer to those members."""

import re
from collections.abc import Iterator
from typing import TypeAlias

Selection: TypeAlias = "dict[str, Selection]"
"""Member names; an empty selection below a name keeps the whole member."""

_READABLE = re.compile(r"[\w\[\],]*")
_TOKEN = re.compile(r"\w+|[\[\]]")


def cut(answer: object, fields: str) -> object:
    """A list is cut element by element; *fields* with other signs cut nothing (assumed)."""
    if _READABLE.fullmatch(fields) is None:
        return answer
    return _cut(answer, _selection(iter(_TOKEN.findall(fields))))


def _cut(answer: object, selection: Selection) -> object:
    if not selection:
        return answer
    if isinstance(answer, list):
        return [_cut(element, selection) for element in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        name: _cut(value, selection[name]) for name, value in answer.items() if name in selection
    }


def _selection(tokens: Iterator[str]) -> Selection:
    selection: Selection = {}
    last = ""
    for token in tokens:
        if token == "]":
            break
        if token == "[":
            selection[last] = _selection(tokens)
        else:
            selection[token] = {}
            last = token
    return selection
