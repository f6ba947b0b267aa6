"""The request side of a list call: `searchCriteria` read, checked and echoed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.adobe import faults
from sandbox.adobe.query import Node, Query
from sandbox.adobe.switches import InputLimits

MAX_ITEMS = 20
MAX_PAGE_SIZE = 300
DEFAULT_PAGE_SIZE = 20

_API = "Magento\\Framework\\Api\\"
_CRITERIA = f"{_API}SearchCriteriaInterface"
_GROUP = f"{_API}Search\\FilterGroup"
_FILTER = f"{_API}Filter"
_SORT_ORDER = f"{_API}SortOrder"

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True)
class Filter:
    field: str
    value: str
    operator: str

    def echo(self) -> dict[str, str]:
        return {"field": self.field, "value": self.value, "condition_type": self.operator}


@dataclass(frozen=True)
class SortOrder:
    field: str
    direction: str

    def echo(self) -> dict[str, str]:
        return {"field": self.field, "direction": self.direction}


@dataclass(frozen=True)
class Criteria:
    """
    `limit` is the page size that applies, `page_size` the one that was asked for; below 1 it bounds
    nothing (assumed).
    """

    groups: tuple[tuple[Filter, ...], ...]
    sort_orders: tuple[SortOrder, ...]
    page_size: int | None
    current_page: int | None
    limit: int | None

    def echo(self) -> dict[str, Any]:
        """What was not sent is not echoed, except for the filter groups and their operators."""
        echoed: dict[str, Any] = {
            "filter_groups": [{"filters": [one.echo() for one in group]} for group in self.groups]
        }
        if self.sort_orders:
            echoed["sort_orders"] = [order.echo() for order in self.sort_orders]
        if self.page_size is not None:
            echoed["page_size"] = self.page_size
        if self.current_page is not None:
            echoed["current_page"] = self.current_page
        return echoed


def read_criteria(query: Query, limits: InputLimits) -> Criteria:
    """
    Raises:
        Fault: `searchCriteria` is absent, has a member of another name or type, or breaks *limits*.
    """
    if "searchCriteria" not in query:
        raise faults.required("searchCriteria")
    reader = _Reader(limits)
    sent = _members(
        query["searchCriteria"],
        _CRITERIA,
        {"filter_groups", "sort_orders", "page_size", "current_page"},
    )
    page_size = _optional_integer(sent.get("page_size"))
    return Criteria(
        groups=tuple(reader.group(node) for node in reader.items(sent, "filter_groups", _GROUP)),
        sort_orders=tuple(
            _sort_order(node) for node in reader.items(sent, "sort_orders", _SORT_ORDER)
        ),
        page_size=page_size,
        current_page=_optional_integer(sent.get("current_page")),
        limit=reader.limit(page_size),
    )


def integer(text: str) -> int:
    """
    Raises:
        Fault: *text* is not a whole number.
    """
    if _INTEGER.fullmatch(text) is None:
        raise faults.wrong_type(text, "int")
    return int(text)


@dataclass(frozen=True)
class _Reader:
    limits: InputLimits

    def items(self, sent: dict[str, Node], name: str, item_type: str) -> list[Node]:
        node = sent.get(name) or {}
        if isinstance(node, str):
            raise faults.wrong_type(node, f"{item_type}[]")
        if self.limits is InputLimits.ON and len(node) > MAX_ITEMS:
            raise faults.too_many_items(item_type, MAX_ITEMS)
        return list(node.values())

    def group(self, node: Node) -> tuple[Filter, ...]:
        sent = _members(node, _GROUP, {"filters"})
        return tuple(_filter(one) for one in self.items(sent, "filters", _FILTER))

    def limit(self, page_size: int | None) -> int | None:
        if self.limits is InputLimits.OFF:
            return page_size
        if page_size is None or page_size < 1:
            return DEFAULT_PAGE_SIZE
        if page_size > MAX_PAGE_SIZE:
            raise faults.page_too_large(MAX_PAGE_SIZE)
        return page_size


def _filter(node: Node) -> Filter:
    sent = _texts(_members(node, _FILTER, {"field", "value", "condition_type"}))
    _require(sent, ("field", "value"))
    return Filter(sent["field"], sent["value"], sent.get("condition_type") or "eq")


def _sort_order(node: Node) -> SortOrder:
    sent = _texts(_members(node, _SORT_ORDER, {"field", "direction"}))
    _require(sent, ("field",))
    direction = sent.get("direction", "DESC").upper()
    if direction not in ("ASC", "DESC"):
        raise faults.bad_sort_direction()
    return SortOrder(sent["field"], direction)


def _members(node: Node, type_name: str, known: set[str]) -> dict[str, Node]:
    """The members under their underscored names; an empty text stands for an empty object."""
    if isinstance(node, str):
        if node:
            raise faults.wrong_type(node, type_name)
        return {}
    members = {}
    for name, value in node.items():
        underscored = _HUMP.sub("_", name).lower()
        if underscored not in known:
            raise faults.unsupported(name)
        members[underscored] = value
    return members


def _texts(members: dict[str, Node]) -> dict[str, str]:
    texts = {}
    for name, node in members.items():
        if not isinstance(node, str):
            raise faults.wrong_type("Array", "string")
        texts[name] = node
    return texts


def _require(sent: dict[str, str], names: Iterable[str]) -> None:
    """Assumed: the published schema requires both members; a search without a value would tell."""
    if missing := [faults.required(name) for name in names if name not in sent]:
        raise faults.together(missing)


def _optional_integer(node: "Node | None") -> int | None:
    if isinstance(node, dict):
        raise faults.wrong_type("Array", "int")
    return None if node is None else integer(node)
