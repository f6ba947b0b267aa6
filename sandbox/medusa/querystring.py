"""Query strings with brackets (`a[]=1`, `a[$gte]=1`), checked against a route's parameters."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from sandbox.medusa import javascript
from sandbox.medusa.errors import invalid_data

Parameter = str | list[Any] | dict[str, Any]
"""What a parameter arrives as: a text, several values, or operators with their operands."""

Check = Callable[[Parameter], Any]

DEFAULT_LIMIT: Final = 15
DEEPEST: Final = 5
"""Levels of brackets read; what is deeper is cut off (our choice)."""

LIST_OPERATORS: Final = frozenset({"$in", "$nin"})
LIST_OR_TEXT_OPERATORS: Final = frozenset({"$eq", "$ne"})
TEXT_OPERATORS: Final = frozenset(
    {"$like", "$ilike", "$re", "$contains", "$gt", "$gte", "$lt", "$lte"}
)

_NAME = re.compile(r"(?P<base>[^\[\]]+)(?P<brackets>(?:\[[^\[\]]*\])+)")
_WHOLE_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,40})")


@dataclass(frozen=True)
class Condition:
    """*operand* None stands for SQL's null."""

    operator: str
    operand: str | list[str] | None


@dataclass(frozen=True, kw_only=True)
class Query:
    fields: str | None = None
    offset: int = 0
    limit: int = DEFAULT_LIMIT
    order: str | None = None
    with_deleted: bool = False
    q: str | None = None
    filters: Mapping[str, list[Condition]] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameters:
    """The parameters a route takes, in the order in which it complains about them."""

    checks: Mapping[str, Check]
    filters: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()

    def read(self, query_string: str) -> Query:
        """
        Raises:
            Refusal: 400 with every fault, unknown parameters last.
        """
        given = _normalized(parsed(query_string))
        faults: list[str] = []
        values: dict[str, Any] = {}
        for name, check in self.checks.items():
            if name in given:
                try:
                    values[name] = check(given[name])
                except _WrongTypeError as wrong:
                    faults.append(
                        f"Expected type: '{wrong.expected}' for field '{name}',"
                        f" got: '{javascript.text(given[name])}'"
                    )
            elif name in self.required:
                faults.append(f"Field '{name}' is required")
        if unknown := [name for name in given if name not in self.checks]:
            faults.append(f"Unrecognized fields: '{', '.join(unknown)}'")
        if faults:
            raise invalid_data(f"Invalid request: {'; '.join(faults)}")
        filters = {name: values.pop(name) for name in self.filters if name in values}
        return Query(**values, filters=filters)


class _WrongTypeError(Exception):
    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def _text(value: Parameter) -> str:
    if not isinstance(value, str):
        raise _WrongTypeError("string")
    return value


def _number(value: Parameter) -> int:
    """A fraction is cut, as is anything else behind leading digits."""
    leading = _WHOLE_NUMBER.match(value) if isinstance(value, str) else None
    if leading is None:
        raise _WrongTypeError("number")
    return int(leading[1])


def _flag(value: Parameter) -> bool:
    if value not in ("true", "false"):
        raise _WrongTypeError("boolean")
    return value == "true"


def _exact_text(value: Parameter) -> list[Condition]:
    return [Condition("$eq", _text(value))]


def _conditions(value: Parameter) -> list[Condition]:
    """Operators nobody knows are dropped: a filter made of them alone lets everything through."""
    match value:
        case "null":
            return [Condition("$eq", None)]
        case str():
            return [Condition("$eq", value)]
        case list():
            return [Condition("$in", _texts(value))]
        case dict():
            return [
                Condition(operator, _operand(operator, operand))
                for operator, operand in value.items()
                if operator in LIST_OPERATORS | LIST_OR_TEXT_OPERATORS | TEXT_OPERATORS
            ]


def _operand(operator: str, operand: Parameter) -> str | list[str]:
    if isinstance(operand, str) and operator not in LIST_OPERATORS:
        return operand
    if isinstance(operand, list) and operator not in TEXT_OPERATORS:
        return _texts(operand)
    raise _WrongTypeError("string, array")


def _texts(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise _WrongTypeError("string, array")
    return values


def _filtered(*names: str) -> dict[str, Check]:
    return dict.fromkeys(names, _conditions)


_DATES: Final = ("updated_at", "created_at")
_FIND: Final[Mapping[str, Check]] = {
    "fields": _text,
    "offset": _number,
    "limit": _number,
    "order": _text,
    "with_deleted": _flag,
}

NO_PARAMETERS: Final = Parameters({})
FIELDS_ALONE: Final = Parameters({"fields": _text})
ACCOUNT_PARAMETERS: Final = Parameters(
    {**_FIND, "q": _text, **_filtered("id", "currency_code", "customer_id", *_DATES)},
    filters=frozenset({"id", "currency_code", "customer_id", *_DATES}),
)
LEDGER_PARAMETERS: Final = Parameters(
    {**_FIND, "q": _text, **_filtered("id", *_DATES)}, filters=frozenset({"id", *_DATES})
)
GIFT_CARD_PARAMETERS: Final = Parameters(
    {
        **_FIND,
        "q": _text,
        **_filtered("customer_id", "id", "reference_id", "reference", "status", *_DATES),
    },
    filters=frozenset({"customer_id", "id", "reference_id", "reference", "status", *_DATES}),
)
SHOPPERS_ACCOUNT_PARAMETERS: Final = Parameters(
    {**_FIND, "currency_code": _exact_text, **_filtered(*_DATES)},
    filters=frozenset({"currency_code", *_DATES}),
    required=frozenset({"currency_code"}),
)


def parsed(query_string: str) -> dict[str, Parameter]:
    tree: dict[str, Parameter] = {}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        base, path = _path(name)
        tree[base] = _with(tree.get(base), path, value)
    return tree


def _path(name: str) -> tuple[str, list[str]]:
    bracketed = _NAME.fullmatch(name)
    if bracketed is None:
        return name, []
    path = bracketed["brackets"][1:-1].split("][")
    return bracketed["base"], [
        *path[:DEEPEST],
        *(["".join(path[DEEPEST:])] * (len(path) > DEEPEST)),
    ]


def _with(present: Parameter | None, path: list[str], value: str) -> Parameter:
    if path and path[0] and not path[0].isdigit():
        members = present if isinstance(present, dict) else {}
        members[path[0]] = _with(members.get(path[0]), path[1:], value)
        return members
    if not path and present is None:
        return value
    several = present if isinstance(present, list) else [] if present is None else [present]
    several.append(_with(None, path[1:], value))
    return several


def _normalized(tree: dict[str, Parameter]) -> dict[str, Parameter]:
    """A single bracketed value is a list written with commas: `x[]=a,b`."""
    return {name: _split(value) for name, value in tree.items()}


def _split(value: Parameter) -> Parameter:
    match value:
        case [str() as commas]:
            return commas.split(",")
        case _:
            return value
