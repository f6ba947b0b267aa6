"""Query strings with bracketed names: `a[b][0]=x` is `{"a": {"b": {"0": "x"}}}`."""

import re
from collections.abc import Sequence
from typing import TypeAlias
from urllib.parse import parse_qsl

Node: TypeAlias = "str | dict[str, Node]"
Query: TypeAlias = dict[str, Node]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


def parsed_query(query: str) -> Query:
    """The last of several equal names wins; empty brackets append."""
    tree: Query = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        _put(tree, _path(name), value)
    return tree


def _path(name: str) -> Sequence[str]:
    if (bracketed := _NAME.fullmatch(name)) is None:
        return [name]
    return [bracketed[1], *_KEY.findall(bracketed[2])]


def _put(node: Query, path: Sequence[str], value: str) -> None:
    for name in path[:-1]:
        inner = node.get(name)
        if not isinstance(inner, dict):
            inner = {}
            node[name or str(len(node))] = inner
        node = inner
    node[path[-1] or str(len(node))] = value
