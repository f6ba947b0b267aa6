"""The playground as somebody opening it in a browser meets it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Locator, expect

from app.console import ready_tabs

if TYPE_CHECKING:
    from tests.browser.conftest import Sandbox, Visit

pytestmark = pytest.mark.browser

TIDY = ".monaco-scrollable-element > .scrollbar { visibility: hidden; }"
TAB_STORE = "creditgraph:graphiql:tabState"
SCREENSHOT = Path(__file__).parents[2] / "docs" / "playground.png"


def editor(visit: "Visit") -> Locator:
    return visit.page.get_by_label("Operation Editor")


def result(visit: "Visit") -> Locator:
    return visit.page.get_by_label("Result Window")


async def open_tab(visit: "Visit", number: int) -> None:
    """GraphiQL goes on running the tab before until it has read the new one, and then saves it."""
    await visit.page.get_by_role("tab").nth(number).click()
    await expect(editor(visit)).to_contain_text(ready_tabs()[number].title)
    await visit.page.wait_for_function(
        "([key, number]) => JSON.parse(localStorage[key]).activeTabIndex === number",
        arg=[TAB_STORE, number],
    )


async def run_query(visit: "Visit") -> dict[str, Any]:
    """The whole answer; the window shows only the lines that fit."""
    async with visit.page.expect_response(visit.url) as answered:
        await visit.page.get_by_role("button", name="Execute query").click()
    response = await answered.value
    assert response.status == 200
    await expect(result(visit)).to_contain_text("data")
    answer: dict[str, Any] = await response.json()
    return answer


async def test_the_ready_tabs_greet_a_first_visitor(visit: "Visit") -> None:
    tabs = visit.page.get_by_role("tab")
    await expect(tabs).to_have_count(len(ready_tabs()))
    await expect(tabs.first).to_contain_text("TotalSpendableCredit")
    await expect(editor(visit)).to_contain_text("Total spendable credit")


async def test_a_returning_visitor_finds_the_tabs_as_they_were_left(visit: "Visit") -> None:
    tabs = visit.page.get_by_role("tab")
    await visit.page.get_by_role("button", name="Close Tab").click()
    await visit.page.wait_for_function(
        "([key, kept]) => JSON.parse(localStorage[key]).tabs.length === kept",
        arg=[TAB_STORE, len(ready_tabs()) - 1],
    )
    await visit.page.reload()
    await expect(tabs).to_have_count(len(ready_tabs()) - 1)


async def test_a_closed_ready_tab_comes_back_from_its_pane(visit: "Visit") -> None:
    tabs = visit.page.get_by_role("tab")
    await visit.page.get_by_role("button", name="Close Tab").click()
    await visit.page.get_by_role("button", name="Show Ready tabs").click()
    await expect(editor(visit)).not_to_contain_text(ready_tabs()[0].title)
    await visit.page.get_by_role("button", name=ready_tabs()[0].title, exact=True).click()
    await expect(tabs).to_have_count(len(ready_tabs()))
    await expect(editor(visit)).to_contain_text(ready_tabs()[0].title)


async def test_the_first_tab_runs_and_shows_the_total(visit: "Visit") -> None:
    await run_query(visit)
    await expect(result(visit)).to_contain_text("4752.35")
    await expect(result(visit)).to_contain_text("COMPLETE")


@pytest.mark.parametrize("number", range(len(ready_tabs())), ids=lambda n: ready_tabs()[n].title)
async def test_every_ready_tab_runs_without_an_error(visit: "Visit", number: int) -> None:
    await open_tab(visit, number)
    answer = await run_query(visit)
    assert "errors" not in answer
    assert all(answer["data"].values())


async def test_a_tab_shows_what_is_left_while_a_provider_hangs(
    visit: "Visit", sandbox: "Sandbox"
) -> None:
    await open_tab(visit, 1)
    sandbox.fault("adobe", "hang")
    await run_query(visit)
    await expect(result(visit)).to_contain_text("PARTIAL")
    await expect(result(visit)).to_contain_text("1002.85")
    await expect(result(visit)).to_contain_text("TIMEOUT")


async def test_the_documentation_pane_explains_a_type(visit: "Visit") -> None:
    await visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = visit.page.get_by_label("Documentation Explorer", exact=True)
    await docs.get_by_role("link", name="Query").first.click()
    await docs.get_by_role("link", name="Customer", exact=True).click()
    await expect(docs).to_contain_text("What they can spend in one currency, over all sources")


async def test_prettify_formats_the_query_and_keeps_its_comments(visit: "Visit") -> None:
    await expect(editor(visit)).to_contain_text("{ id kind source { key } }")
    await visit.page.get_by_role("button", name="Prettify query").click()
    await expect(editor(visit)).not_to_contain_text("{ id kind source { key } }")
    await expect(editor(visit)).to_contain_text("Total spendable credit")


async def test_history_records_what_was_run(visit: "Visit") -> None:
    await run_query(visit)
    await visit.page.get_by_role("button", name="Show History").click()
    history = visit.page.get_by_label("History", exact=True)
    await expect(history).to_contain_text("TotalSpendableCredit")


async def test_the_explorer_offers_the_fields_of_the_schema(visit: "Visit") -> None:
    await visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(visit.page.locator(".graphiql-explorer-root")).to_contain_text("spendableCredit")


async def test_the_policy_refuses_a_script_that_calls_home(visit: "Visit") -> None:
    outcome = await visit.page.evaluate(
        "fetch('https://elsewhere.example/').then(() => 'sent', () => 'refused')"
    )
    assert outcome == "refused"
    assert "Content Security Policy" in "".join(visit.complaints)
    assert visit.foreign_requests == []
    visit.complaints.clear()


async def test_the_readme_shows_the_first_tab_answered(visit: "Visit", tmp_path: Path) -> None:
    wanted = os.environ.get("CREDITGRAPH_SCREENSHOT") == "1"
    target = SCREENSHOT if wanted else tmp_path / SCREENSHOT.name
    await run_query(visit)
    await expect(result(visit)).to_contain_text("4752.35")
    uncoloured_text = result(visit).locator("span.mtk1", has_text='"')
    await expect(uncoloured_text).to_have_count(0)
    await visit.page.screenshot(path=target, animations="disabled", style=TIDY)
    assert target.read_bytes().startswith(b"\x89PNG")
