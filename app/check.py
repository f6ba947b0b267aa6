"""Whether every source answers to this configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.clock import utc_now
from app.domain.errors import CreditError, ProviderFault, ProviderTimedOut
from app.domain.identifiers import SourceKey
from app.domain.provider import Provider
from app.main import (
    JournalNotOpened,
    open_authenticator,
    open_configured_journal,
    open_sources,
)
from app.remember import cache_answers
from app.settings import Settings, Source


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What became of one source's probe.

    Attributes:
        state: `ok`, `disabled`, or the kind of fault: `TIMEOUT`.
        says: The fault in words.
    """

    source: Source
    state: str
    says: str = ""

    @property
    def is_problem(self) -> bool:
        return bool(self.says)


async def probe_sources(settings: Settings) -> list[Finding]:
    """Ask every enabled source one harmless thing, all at once; in the order of the settings."""
    async with open_sources(settings) as connected:
        by_key = {provider.info.key: provider for provider in connected.providers}
        return await asyncio.gather(
            *(_finding(source, by_key.get(SourceKey(source.key))) for source in settings.sources)
        )


async def probe_issuers(settings: Settings) -> Sequence[str]:
    """What is in the way of checking callers' tokens: key sets that cannot be had."""
    async with open_authenticator(settings, utc_now) as authenticator:
        return await authenticator.check()


async def probe_journal(settings: Settings) -> Sequence[str]:
    """What is in the way of keeping a journal."""
    try:
        async with open_configured_journal(settings, utc_now):
            return []
    except JournalNotOpened as exc:
        return [str(exc)]


async def probe_cache(settings: Settings) -> Sequence[str]:
    """What is in the way of remembering together with other replicas."""
    answers = await cache_answers(settings)
    return [] if answers else ["cache: Redis does not answer at cache.redis_url"]


async def _finding(source: Source, provider: Provider | None) -> Finding:
    if provider is None:
        return Finding(source, "disabled")
    try:
        async with asyncio.timeout(source.timeout_seconds):
            await provider.probe()
    except TimeoutError:
        return Finding(source, ProviderTimedOut.kind, ProviderTimedOut.says)
    except ProviderFault as fault:
        return Finding(source, fault.kind, fault.says)
    except CreditError as refusal:
        return Finding(source, "REFUSED", str(refusal))
    return Finding(source, "ok")
