"""
The table of `README.md`: every operation of the four backends, and the fields it hangs on.

``python -m tests.coverage.table`` writes it anew, where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tests.coverage.code import ROOT, callers_of, fields_on
from tests.coverage.contracts import CONTRACTS, ContractOperation

README: Final = ROOT / "README.md"

_PLACE: Final = re.compile(
    r"(?<=<!-- operations: `make operations` writes them -->\n)[\s\S]*?(?=<!-- /operations -->)"
)


def table() -> str:
    fields, callers = fields_on(), callers_of()
    parts = [
        _part(provider, operations, fields, callers) for provider, operations in CONTRACTS.items()
    ]
    return "\n" + "\n".join(parts) + "\n"


def table_in(page: str) -> str:
    """The one that stands there."""
    (found,) = _PLACE.findall(page)
    return str(found)


def with_table(page: str) -> str:
    return _PLACE.sub(lambda _: table(), page, count=1)


def _part(
    provider: str,
    operations: Sequence[ContractOperation],
    fields: Mapping[str, Sequence[str]],
    callers: Mapping[str, Sequence[str]],
) -> str:
    rows = [
        f"| `{one.name}` | {one.verb} `{one.path}` | {_callers(one, callers)} "
        f"| {_listed(map(_short, fields[one.name]))} |"
        for one in operations
    ]
    head = f"| {provider}: {len(operations)} | Verb and path | Called in `adapters/` | Field |"
    return "\n".join([head, "| --- | --- | --- | --- |", *rows, ""])


def _callers(one: ContractOperation, callers: Mapping[str, Sequence[str]]) -> str:
    if one.instead:
        return f"not called; instead {_listed(one.instead)}"
    return _listed(path.removeprefix("adapters/") for path in callers[one.name])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _short(field: str) -> str:
    """Fields of the roots by their name alone."""
    return field.removeprefix("Query.").removeprefix("Mutation.")


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
