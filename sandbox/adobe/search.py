"""
The answering side of a list call: filters, sort and page over rows in memory.

Numbers compare as numbers, a text that is none counting 0; texts
compare without regard to case; a time that cannot be read is a fault (assumed: what the shop's
database does; a live search with a capital letter and with a bad date would tell).
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeAlias

from sandbox.adobe import faults
from sandbox.adobe.columns import Columns, Row, Stored
from sandbox.adobe.criteria import Criteria, Filter
from sandbox.adobe.rendering import timestamp
from sandbox.adobe.switches import GroupedFilters, PagePastEnd

Test: TypeAlias = Callable[[Stored, str], bool]

_LEADING_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))")


@dataclass(frozen=True)
class Found(Generic[Row]):
    items: list[Row]
    total: int


def search(
    rows: Iterable[Row],
    columns: Columns[Row],
    criteria: Criteria,
    *,
    grouped: GroupedFilters,
    past_end: PagePastEnd,
) -> Found[Row]:
    """
    Raises:
        Fault: A filter or sort order names no column, or the operator is unknown; masked.
    """
    groups = [[_predicate(one, columns) for one in group] for group in criteria.groups]
    in_group = any if grouped is GroupedFilters.OR else all
    found = [
        row
        for row in rows
        if all(in_group(holds(row) for holds in group) for group in groups if group)
    ]
    for order in reversed(criteria.sort_orders):
        found.sort(key=_sort_key(_column(columns, order.field)), reverse=order.direction == "DESC")
    return Found(_page(found, criteria, past_end), len(found))


def _predicate(condition: Filter, columns: Columns[Row]) -> Callable[[Row], bool]:
    read = _column(columns, condition.field)
    if condition.operator == "null":
        return lambda row: read(row) is None
    if condition.operator not in _TESTS:
        raise faults.internal_error()
    test = _TESTS[condition.operator]

    def holds(row: Row) -> bool:
        stored = read(row)
        return stored is not None and test(stored, condition.value)

    return holds


def _column(columns: Columns[Row], name: str) -> Callable[[Row], Stored | None]:
    if name not in columns:
        raise faults.internal_error()
    return columns[name]


def _sort_key(read: Callable[[Row], Stored | None]) -> Callable[[Row], Any]:
    """Missing values come before all others."""

    def key(row: Row) -> tuple[object, ...]:
        stored = read(row)
        if stored is None:
            return (False,)
        return (True, stored.casefold() if isinstance(stored, str) else stored)

    return key


def _page(found: list[Row], criteria: Criteria, past_end: PagePastEnd) -> list[Row]:
    size = criteria.limit or 0
    if size <= 0:
        return found
    page = max(1, criteria.current_page or 1)
    if past_end is PagePastEnd.REPEAT_LAST:
        page = min(page, max(1, -(-len(found) // size)))
    return found[(page - 1) * size : page * size]


def _comparing(compare: Callable[[Any, Any], bool]) -> Test:
    return lambda stored, value: compare(*_comparable(stored, value))


def _comparable(stored: Stored, value: str) -> tuple[object, object]:
    match stored:
        case str():
            return stored.casefold(), value.casefold()
        case datetime():
            return stored, _moment(value)
        case _:
            number = _LEADING_NUMBER.match(value)
            return stored, Decimal(number[1]) if number else Decimal(0)


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as exc:
        raise faults.internal_error() from exc
    if moment.tzinfo is not None:
        raise faults.internal_error()
    return moment.replace(tzinfo=UTC)


def _text(stored: Stored) -> str:
    return timestamp(stored) if isinstance(stored, datetime) else str(stored)


def _like(stored: Stored, pattern: str) -> bool:
    wildcards = {"%": ".*", "_": "."}
    expression = "".join(wildcards.get(sign) or re.escape(sign) for sign in pattern)
    return re.fullmatch(expression, _text(stored), re.DOTALL | re.IGNORECASE) is not None


def _in_list(stored: Stored, values: str) -> bool:
    return any(operator.eq(*_comparable(stored, value)) for value in values.split(","))


def _holds_element(stored: Stored, value: str) -> bool:
    return value.casefold() in _text(stored).casefold().split(",")


_TESTS: Mapping[str, Test] = {
    "eq": _comparing(operator.eq),
    "neq": _comparing(operator.ne),
    "gt": _comparing(operator.gt),
    "gteq": _comparing(operator.ge),
    "moreq": _comparing(operator.ge),
    "from": _comparing(operator.ge),
    "lt": _comparing(operator.lt),
    "lteq": _comparing(operator.le),
    "to": _comparing(operator.le),
    "like": _like,
    "nlike": lambda stored, pattern: not _like(stored, pattern),
    "in": _in_list,
    "nin": lambda stored, values: not _in_list(stored, values),
    "finset": _holds_element,
    "nfinset": lambda stored, value: not _holds_element(stored, value),
    "notnull": lambda stored, value: True,
}
