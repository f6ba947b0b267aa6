"""Filters, order and pages over rows of one kind, as the database would give them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from sandbox.exact_json import dumps
from sandbox.medusa.errors import unknown_error
from sandbox.medusa.querystring import Condition, Query

LARGEST_NUMBER: Final = 2**63 - 1
DATES: Final = frozenset({"created_at", "updated_at", "deleted_at"})


class Row(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def deleted_at(self) -> datetime | None: ...


AnyRow = TypeVar("AnyRow", bound=Row)
Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Page(Generic[AnyRow]):
    rows: Sequence[AnyRow]
    count: int


@dataclass(frozen=True)
class Table:
    """*columns* can be ordered by, *searched* are those that `q` looks into."""

    columns: frozenset[str]
    searched: Sequence[str] = ()

    def page(self, rows: Iterable[AnyRow], query: Query) -> Page[AnyRow]:
        """
        Raises:
            Refusal: 500 for what only the database refuses.
        """
        if not (0 <= query.offset <= LARGEST_NUMBER and 0 <= query.limit <= LARGEST_NUMBER):
            raise unknown_error()
        tests = self._tests(query)
        found = [row for row in rows if all(test(row) for test in tests)]
        ordered = self._ordered(found, query.order)
        return Page(ordered[query.offset : query.offset + query.limit], len(found))

    def _tests(self, query: Query) -> list[Test]:
        tests = [
            _column_test(name, condition)
            for name, conditions in query.filters.items()
            for condition in conditions
        ]
        if query.q and self.searched:
            tests.append(_search_test(self.searched, query.q))
        if not query.with_deleted:
            tests.append(lambda row: row.deleted_at is None)
        return tests

    def _ordered(self, rows: list[AnyRow], order: str | None) -> list[AnyRow]:
        by_id = sorted(rows, key=lambda row: row.id)
        if order is None:
            return by_id
        column = order.removeprefix("-")
        if column not in self.columns:
            raise unknown_error()
        return sorted(by_id, key=_sort_key(column), reverse=order.startswith("-"))


ACCOUNTS: Final = Table(
    columns=frozenset({"id", "code", "currency_code", "customer_id", "metadata", *DATES}),
    searched=("currency_code",),
)
LEDGER: Final = Table(
    columns=frozenset(
        {"id", "type", "reference", "reference_id", "note", "account_id", "metadata", "amount"}
        | DATES
    )
)
GIFT_CARDS: Final = Table(
    columns=frozenset(
        {"id", "status", "code", "currency_code", "expires_at", "reference_id", "reference"}
        | {"line_item_id", "note", "metadata", "value"}
        | DATES
    ),
    searched=("code", "currency_code"),
)


def _sort_key(column: str) -> Callable[[object], tuple[bool, Any]]:
    def key(row: object) -> tuple[bool, Any]:
        value = getattr(row, column)
        comparable = dumps(value) if isinstance(value, Mapping) else value
        return (value is None, 0 if value is None else comparable)

    return key


def _search_test(columns: Sequence[str], words: str) -> Test:
    expression = _like_expression(f"%{words}%", re.IGNORECASE)
    return lambda row: any(expression.fullmatch(getattr(row, name)) for name in columns)


def _column_test(column: str, condition: Condition) -> Test:
    """Nothing holds for a missing value, "not equal" included: it is SQL."""
    if condition.operand is None:
        return lambda row: getattr(row, column) is None
    holds = _holds(column, condition.operator, condition.operand)

    def test(row: Row) -> bool:
        value = getattr(row, column)
        return value is not None and holds(value)

    return test


def _holds(column: str, operator: str, operand: str | list[str]) -> Callable[[Any], bool]:
    if operator in _COMPARISONS:
        compare = _COMPARISONS[operator]
        compared = _dates(operand) if column in DATES else operand
        return lambda value: compare(value, compared)
    if column in DATES or isinstance(operand, list):
        raise unknown_error()
    if operator == "$contains":
        return lambda value: operand in value
    expression = _expression(operator, operand)
    return lambda value: expression.search(value) is not None


def _expression(operator: str, operand: str) -> re.Pattern[str]:
    if operator == "$re":
        try:
            return re.compile(operand)
        except re.error as exc:
            raise unknown_error() from exc
    return _like_expression(operand, re.IGNORECASE if operator == "$ilike" else re.NOFLAG)


def _like_expression(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    wildcards = {"%": ".*", "_": "."}
    expression = "".join(wildcards.get(letter) or re.escape(letter) for letter in pattern)
    return re.compile(rf"\A{expression}\Z", flags | re.DOTALL)


def _is(value: Any, operand: Any) -> bool:
    return bool(value in operand if isinstance(operand, list) else value == operand)


_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "$eq": _is,
    "$ne": lambda value, operand: not _is(value, operand),
    "$in": _is,
    "$nin": lambda value, operand: not _is(value, operand),
    "$gt": lambda value, operand: bool(value > operand),
    "$gte": lambda value, operand: bool(value >= operand),
    "$lt": lambda value, operand: bool(value < operand),
    "$lte": lambda value, operand: bool(value <= operand),
}


def _dates(operand: str | list[str]) -> datetime | list[datetime]:
    if isinstance(operand, list):
        return [_date(text) for text in operand]
    return _date(operand)


def _date(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise unknown_error() from exc
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
