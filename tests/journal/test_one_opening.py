"""A process opens its journal once, before the application, and lends it to that."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.domain.clock import utc_now
from app.journal.journal import Journal
from app.journal.tables import REPLICAS
from app.main import JournalNotOpened, create_app, open_configured_journal
from app.settings import JournalSettings
from tests.graphql.graph import settings
from tests.journal.databases import Place

NOWHERE = JournalSettings(path=Path("/proc/nowhere/journal.db"))


async def test_an_application_that_is_lent_a_journal_opens_none(
    journal: Journal, place: Place
) -> None:
    app = create_app(settings(journal=NOWHERE), journal=lambda: nullcontext(journal))

    async with app.router.lifespan_context(app):
        assert app.state.journal is journal
        ((replicas,),) = await place.see(select(func.count()).select_from(REPLICAS))

    assert replicas == 1
    assert await journal.is_alive()


async def test_what_is_in_the_way_of_a_journal_is_told_in_words() -> None:
    with pytest.raises(JournalNotOpened, match=r"^journal: The journal's file cannot be written: "):
        async with open_configured_journal(settings(journal=NOWHERE), utc_now):
            pass
