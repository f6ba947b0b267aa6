"""The search grammar itself."""

from __future__ import annotations

import pytest

from adapters.adobe_company_credit.search import Pages, none_of, one_of
from app.domain.paging import Window


def test_a_list_to_choose_from_is_sorted() -> None:
    assert one_of("type", {5, 1}).value == "1,5"
    assert none_of("type", [6]).value == "6"


def test_an_empty_list_to_choose_from_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        one_of("entity_id", [])


@pytest.mark.parametrize("largest", [1, 30, 100])
def test_pages_cover_their_window_with_two_at_most(largest: int) -> None:
    for offset in range(0, 250, 3):
        for limit in range(1, 110, 4):
            pages = Pages.covering(Window(offset, limit), largest=largest)

            assert 1 <= pages.size <= largest
            assert pages.first <= pages.last <= pages.first + 1
            assert (pages.first - 1) * pages.size <= offset
            assert pages.last * pages.size >= offset + min(limit, largest)
