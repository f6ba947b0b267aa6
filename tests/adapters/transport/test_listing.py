"""Lists are read item by item."""

from __future__ import annotations

import pytest

from adapters.transport.listing import page_of, read_each
from app.domain.errors import ProviderContractBroken
from app.domain.identifiers import SourceKey
from app.domain.paging import Window


def whole_number(part: object) -> int:
    if not isinstance(part, int):
        raise ProviderContractBroken(SourceKey("vtex-br"))
    return part


def test_a_broken_item_costs_one_fault_and_no_other_item() -> None:
    items, faults = read_each([1, "two", 3, None], whole_number)

    assert items == (1, 3)
    assert [fault.source for fault in faults] == ["vtex-br", "vtex-br"]


def test_another_error_than_a_broken_contract_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        read_each([0], lambda part: 1 // whole_number(part))


@pytest.mark.parametrize(
    ("offset", "parts", "total", "next_offset"),
    [
        (0, [1, 2, 3], None, 3),
        (0, [1, 2], None, None),
        (6, [1, 2, 3], None, 9),
        (6, [], None, None),
        (0, [1, 2, 3], 3, None),
        (0, [1, 2, 3], 4, 3),
        (0, [1, 2], 9, 2),
        (6, [], 9, None),
        (0, ["broken", 2, 3], None, 3),
    ],
)
def test_the_next_window_begins_behind_what_was_shown(
    offset: int, parts: list[object], total: int | None, next_offset: int | None
) -> None:
    page = page_of(Window(offset, 3), parts, whole_number, total=total)

    assert page.next_offset == next_offset
    assert page.total == total
    assert len(page.items) + len(page.faults) == len(parts)
