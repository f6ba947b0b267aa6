"""Looking accounts through for what the list cannot be asked for: a mark, a code."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.store_credit import newest_first, translate, wire
from adapters.store_credit.lists import answered, asked_for
from adapters.store_credit.marks import metadata_bears
from adapters.transport.upstream import Upstream
from app.domain.errors import ProviderContractBroken, ProviderFault
from app.domain.identifiers import ProviderCustomerId, ProviderStoreCreditId
from app.domain.instruments import Secret
from app.domain.money import Currency
from app.domain.paging import Page, Window
from app.domain.provider import StoreCreditQuestion

Row = TypeVar("Row", bound=wire.Dated)

_WINDOW: Final = Window(limit=100)
_CODE: Final = re.compile("SC(-[A-HJ-NP-Z2-9]{4}){4}")
_UNOWNED: Final = ("customer_id", "null")


class AccountRows:
    """Newest first, each with the members that are looked at and no others."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def newest_unowned(self) -> ProviderStoreCreditId | None:
        page = await self._origins([_UNOWNED], Window(limit=1))
        if page.faults:
            raise page.faults[0]
        return ProviderStoreCreditId(page.items[0].id) if page.items else None

    async def of_customer(
        self, customer_id: ProviderCustomerId, currency: Currency
    ) -> tuple[wire.AccountOrigin, ...]:
        """
        The accounts of one customer in one currency, however it is written.

        Raises:
            ProviderContractBroken: One of them cannot be read, or is somebody else's.
        """
        question = StoreCreditQuestion(currency=currency, provider_customer_id=customer_id)
        page = await self._origins(translate.account_filters(question), _WINDOW)
        if page.faults:
            raise page.faults[0]
        if any(row.customer_id != customer_id for row in page.items):
            raise ProviderContractBroken(self._upstream.source)
        return page.items

    async def unowned_of(
        self, mark: str, *, newest_before: str | None
    ) -> ProviderStoreCreditId | None:
        """
        The account that was opened by the call that *mark* names.

        Raises:
            ProviderContractBroken: There is none, but also an account that cannot be read.
        """
        page = await newest_first.since(
            newest_before, lambda window: self._origins([_UNOWNED], window)
        )
        found = [row.id for row in page.items if metadata_bears(row.metadata, mark)]
        if page.faults and not found:
            raise page.faults[0]
        return ProviderStoreCreditId(found[-1]) if found else None

    async def unowned_with(self, code: Secret) -> ProviderStoreCreditId | None:
        """
        The account that nobody owns and that *code* opens. The provider has no filter for codes, so
        the list is read until it is there, whole for a code that opens none.

        Raises:
            ProviderContractBroken: There is none, but also an account that cannot be read.
        """
        text = code.reveal()
        if _CODE.fullmatch(text) is None:
            return None
        faults: list[ProviderFault] = []
        offset: int | None = 0
        while offset is not None:
            page = await self._page(
                [_UNOWNED],
                replace(_WINDOW, offset=offset),
                "customer_id,code,created_at",
                wire.ACCOUNT_CODE,
            )
            for row in page.items:
                if not row.customer_id and row.code and row.code.get_secret_value() == text:
                    return ProviderStoreCreditId(row.id)
            faults += page.faults
            offset = page.next_offset
        if faults:
            raise faults[0]
        return None

    async def may_be_claimed(self, account_id: ProviderStoreCreditId) -> bool:
        """Whether no card is in front of it that nobody can pay with."""
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccountsId",
            "admin",
            "store-credit-accounts",
            account_id,
            query=[("fields", "*gift_cards")],
        )
        if answer.status == 404:
            return False
        cards = answer.read(wire.CARDS_IN_FRONT_RESPONSE).store_credit_account.gift_cards
        return all(translate.is_good(card, at=answer.observed_at) for card in cards)

    async def _origins(
        self, filters: translate.Filters, window: Window
    ) -> Page[wire.AccountOrigin]:
        wanted = "currency_code,customer_id,metadata,created_at"
        return await self._page(filters, window, wanted, wire.ACCOUNT_ORIGIN)

    async def _page(
        self, filters: translate.Filters, window: Window, wanted: str, shape: TypeAdapter[Row]
    ) -> Page[Row]:
        answer = await self._upstream.read(
            "medusa.sc/GetStoreCreditAccounts",
            "admin",
            "store-credit-accounts",
            query=[*filters, *asked_for(window, order="-id"), ("fields", wanted)],
            refusals=(),
        )
        return answered(
            answer, wire.ACCOUNT_LIST, window, lambda part: answer.validate(shape, part)
        )
