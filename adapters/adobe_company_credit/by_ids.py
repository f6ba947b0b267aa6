"""Several credits by their ids: one search of them, and one of the companies they belong to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from adapters.adobe_company_credit.companies import Companies
from adapters.adobe_company_credit.credits import Credits, numbers_among
from adapters.adobe_company_credit.record import Record
from adapters.adobe_company_credit.search import LARGEST_PAGE
from adapters.adobe_company_credit.translate import to_credit_account
from adapters.adobe_company_credit.wire import CREDIT, IDENTIFIED, CreditResponse
from adapters.transport.by_id import by_id
from adapters.transport.upstream import Answer
from app.domain.errors import ProviderFault
from app.domain.identifiers import ProviderAccountId, SourceKey
from app.domain.instruments import CreditAccount
from app.domain.provider import Each

Found = Each[ProviderAccountId, CreditAccount]


class AccountsByIds:
    """A credit's owner decides whether it may be drawn on, so both lists are needed."""

    def __init__(self, source: SourceKey, credits: Credits, companies: Companies) -> None:
        self._source = source
        self._credits = credits
        self._companies = companies

    async def read(self, account_ids: Collection[ProviderAccountId]) -> Found:
        """
        Raises:
            ProviderContractBroken: The answer is to another question.
        """
        numbers = numbers_among(account_ids)
        found: Found = {}
        for start in range(0, len(numbers), LARGEST_PAGE):
            found = {**found, **await self._some(numbers[start : start + LARGEST_PAGE])}
        return found

    async def _some(self, credit_ids: Sequence[int]) -> Found:
        listings = await self._credits.with_ids(credit_ids)
        credits = by_id(
            self._source,
            {ProviderAccountId(str(number)) for number in credit_ids},
            [_Row(listing.answer, part) for listing in listings for part in listing.parts],
            read=_Row.credit,
            id_of=_Row.account_id,
        )
        return await self._owned(credits)

    async def _owned(self, credits: Each[ProviderAccountId, Record[CreditResponse]]) -> Found:
        companies = {one.content.company_id for one in credits.values() if isinstance(one, Record)}
        owners = await self._companies.owners(companies)
        return {
            account_id: one
            if isinstance(one, ProviderFault)
            else to_credit_account(
                one.content,
                owner=owners[one.content.company_id],
                source=self._source,
                observed_at=one.answer.observed_at,
            )
            for account_id, one in credits.items()
        }


class _Row(NamedTuple):
    answer: Answer
    part: object

    def credit(self) -> Record[CreditResponse]:
        return Record(self.answer.validate(CREDIT, self.part), self.answer)

    def account_id(self) -> ProviderAccountId:
        return ProviderAccountId(str(self.answer.validate(IDENTIFIED, self.part).id))
