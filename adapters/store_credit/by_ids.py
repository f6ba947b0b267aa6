"""Several accounts by their ids, in one call of the list."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Final
from urllib.parse import quote

from adapters.store_credit import translate, wire
from adapters.store_credit.lists import asked_for, listed_account
from adapters.transport.by_id import by_id
from adapters.transport.upstream import Upstream
from app.domain.errors import ProviderContractBroken
from app.domain.identifiers import ProviderStoreCreditId
from app.domain.instruments import StoreCreditAccount
from app.domain.paging import Window
from app.domain.provider import Each, StoreCreditFacts

_MOST_IDS: Final = 100
_MOST_CHARACTERS: Final = 6_000
"""Of ids in one address; servers and what stands before them take addresses of 8,000 or more."""

Found = Each[ProviderStoreCreditId, StoreCreditAccount]


class AccountsByIds:
    """
    The list takes `id` repeated. It may drop a filter silently, so that what it answers is compared
    with what was asked.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def read(
        self, account_ids: Collection[ProviderStoreCreditId], facts: StoreCreditFacts
    ) -> Found:
        """
        Raises:
            ProviderContractBroken: The answer is to another question.
        """
        found: Found = {}
        for some in _calls(filter(translate.can_be_held, account_ids)):
            found = {**found, **await self._some(some, facts)}
        return found

    async def _some(
        self, account_ids: Collection[ProviderStoreCreditId], facts: StoreCreditFacts
    ) -> Found:
        window = Window(limit=len(account_ids))
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccounts",
            "admin",
            "store-credit-accounts",
            query=[
                *(("id", one) for one in account_ids),
                *asked_for(window, order="id"),
                translate.members_for(facts),
            ],
            refusals=(),
        )
        listed = answer.read(wire.ACCOUNT_LIST)
        if listed.offset != 0 or listed.count != len(listed.rows):
            raise ProviderContractBroken(answer.source)
        return by_id(
            answer.source,
            account_ids,
            listed.rows,
            read=partial(listed_account, answer),
            id_of=lambda row: ProviderStoreCreditId(answer.validate(wire.IDENTIFIED, row).id),
        )


def _calls(
    account_ids: Iterator[ProviderStoreCreditId],
) -> Iterator[list[ProviderStoreCreditId]]:
    """As many ids at a time as one address can carry."""
    some: list[ProviderStoreCreditId] = []
    characters = 0
    for one in account_ids:
        length = len("&id=") + len(quote(one, safe=""))
        if some and (len(some) == _MOST_IDS or characters + length > _MOST_CHARACTERS):
            yield some
            some, characters = [], 0
        some.append(one)
        characters += length
    if some:
        yield some
