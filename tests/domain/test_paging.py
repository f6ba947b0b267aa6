"""Pages of lists."""

from __future__ import annotations

from app.domain.errors import ProviderContractBroken
from app.domain.identifiers import SourceKey
from app.domain.paging import Page


def test_changing_the_items_of_a_page_changes_nothing_else() -> None:
    fault = ProviderContractBroken(SourceKey("cards"))
    page = Page(items=(1, 2), next_offset=3, total=9, faults=(fault,))
    assert page.map(str) == Page(items=("1", "2"), next_offset=3, total=9, faults=(fault,))
