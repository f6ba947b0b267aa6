"""The configured sources, by what they can do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from app.domain.errors import InvalidQuestion
from app.domain.identifiers import SourceKey
from app.domain.instruments import InstrumentKind
from app.domain.provider import Provider, SourceInfo
from app.operations.abilities import able_to

P = TypeVar("P")


class Sources:
    """All enabled sources, in the order of the configuration."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self.all = tuple(providers)
        self._by_key = {provider.info.key: provider for provider in providers}

    def info(self, key: SourceKey) -> SourceInfo:
        return self._by_key[key].info

    def named(self, key: str) -> Provider:
        """
        The source an input names.

        Raises:
            InvalidQuestion: There is none of that key.
        """
        provider = self._by_key.get(SourceKey(key))
        if provider is None:
            raise InvalidQuestion(f"There is no source {key[:40]!r}.")
        return provider

    def find(self, key: str) -> Provider | None:
        return self._by_key.get(SourceKey(key))

    def able(self, ability: type[P], *, among: Collection[str] | None = None) -> tuple[P, ...]:
        """
        The sources with an ability, of those whose keys *among* lists when it is given.

        Raises:
            InvalidQuestion: *among* names a source that does not exist.
        """
        chosen = self.all if among is None else self.chosen(among)
        return tuple(provider for provider in chosen if able_to(provider, ability))

    def chosen(self, keys: Collection[str]) -> tuple[Provider, ...]:
        """The named sources, each once, in the order of the configuration."""
        wanted = {self.named(key).info.key for key in keys}
        return tuple(provider for provider in self.all if provider.info.key in wanted)

    def keeping(self, kind: InstrumentKind) -> tuple[Provider, ...]:
        return tuple(provider for provider in self.all if kind in provider.info.kinds)
