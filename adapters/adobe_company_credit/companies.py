"""From a customer to companies, and whether a company may draw on its credit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import partial
from typing import Final

from adapters.adobe_company_credit.fan_out import read_all
from adapters.adobe_company_credit.record import read_record
from adapters.adobe_company_credit.search import (
    LARGEST_PAGE,
    Filter,
    Search,
    Searcher,
    equals,
    one_of,
)
from adapters.adobe_company_credit.translate import (
    UNKNOWN_OWNER,
    UNREADABLE_OWNER,
    Owner,
    to_owner,
)
from adapters.adobe_company_credit.wire import (
    COMPANY,
    COMPANY_MEMBERSHIP,
    CUSTOMER,
    CUSTOMER_LIST_ITEM,
)
from adapters.transport.listing import read_each
from adapters.transport.upstream import Answer, Upstream
from app.domain.customer import CustomerIdentity
from app.domain.errors import IdentityNotLinked, ProviderContractBroken, ProviderRefusedUs
from app.domain.paging import Page, Window

_LINK: Final = re.compile(r"(?:(customer|company):)?([1-9][0-9]{0,17})")
_ACTIVE_USER: Final = 1
_NO_COMPANY: Final = 0


class Companies:
    """Companies of one shop, as far as credit needs them: whose they are and their status."""

    def __init__(self, upstream: Upstream, searcher: Searcher, *, website_id: int | None) -> None:
        self._upstream = upstream
        self._searcher = searcher
        self._website_id = website_id

    async def of(self, customer: CustomerIdentity) -> Page[int]:
        """
        Ids of the companies that *customer* is an active user of.

        Raises:
            IdentityNotLinked: Neither an e-mail nor an id that could be one here.
        """
        linked = customer.id_at(self._upstream.source)
        if linked is not None:
            found = _LINK.fullmatch(linked)
            if found is None:
                raise IdentityNotLinked(self._upstream.source)
            known = Page(items=(int(found[2]),), next_offset=None)
            return known if found[1] == "company" else await self._of_customers(known)
        if customer.email is not None:
            return await self._of_customers(await self._customers_with(customer.email))
        raise IdentityNotLinked(self._upstream.source)

    async def owner(self, company_id: int) -> Owner:
        """A company that is gone is an unknown owner: its credit is shown, never spent."""
        try:
            company = await read_record(
                self._upstream,
                COMPANY,
                "adobe.credit/GetV1CompanyCompanyId",
                "company",
                str(company_id),
                fields="id,status",
            )
        except ProviderRefusedUs:
            return UNREADABLE_OWNER
        if company is None:
            return UNKNOWN_OWNER
        if company.content.id != company_id:
            raise self._contract_broken()
        return to_owner(company.content.status)

    async def owners(self, company_ids: Collection[int]) -> Mapping[int, Owner]:
        """Those of a page of credits in one call."""
        if not company_ids:
            return {}
        search = Search(
            operation="adobe.credit/GetV1Company",
            path=("company",),
            filters=(one_of("entity_id", company_ids),),
            fields="items[id,status],total_count",
        )
        try:
            listings = await self._searcher.first(search, most=len(company_ids))
        except ProviderRefusedUs:
            return dict.fromkeys(company_ids, UNREADABLE_OWNER)
        known = {
            company.id: to_owner(company.status)
            for listing in listings
            for company in read_each(listing.parts, partial(listing.answer.validate, COMPANY))[0]
        }
        return dict.fromkeys(company_ids, UNKNOWN_OWNER) | known

    async def _customers_with(self, email: str) -> Page[int]:
        """Ids of the customers with that address: one a website."""
        website = () if self._website_id is None else (equals("website_id", self._website_id),)
        search = Search(
            operation="adobe.credit/GetV1CustomersSearch",
            path=("customers", "search"),
            filters=(Filter("email", email), *website),
            fields="items[id,email,website_id],total_count",
        )
        listing = await self._searcher.listing(search, Window(limit=LARGEST_PAGE))
        if listing.total > len(listing.parts):
            raise self._contract_broken()
        ids, faults = read_each(listing.parts, partial(self._asked_for, listing.answer, email))
        return Page(items=ids, next_offset=None, faults=faults)

    def _asked_for(self, answer: Answer, email: str, part: object) -> int:
        customer = answer.validate(CUSTOMER_LIST_ITEM, part)
        if customer.email.casefold() != email.casefold() or (
            self._website_id not in (None, customer.website_id)
        ):
            raise self._contract_broken()
        return customer.id

    async def _of_customers(self, customers: Page[int]) -> Page[int]:
        pages = await read_all(self._of_customer, customers.items)
        return Page(
            items=tuple(dict.fromkeys(company for page in pages.results for company in page.items)),
            next_offset=None,
            faults=(
                *customers.faults,
                *pages.faults,
                *(fault for page in pages.results for fault in page.faults),
            ),
        )

    async def _of_customer(self, customer_id: int) -> Page[int]:
        customer = await read_record(
            self._upstream,
            CUSTOMER,
            "adobe.credit/GetV1CustomersCustomerId",
            "customers",
            str(customer_id),
            fields="id,extension_attributes[company_attributes,all_company_attributes]",
        )
        if customer is None:
            return Page(items=(), next_offset=None)
        if customer.content.id != customer_id:
            raise self._contract_broken()
        memberships, faults = read_each(
            customer.content.memberships, partial(customer.answer.validate, COMPANY_MEMBERSHIP)
        )
        return Page(
            items=tuple(
                membership.company_id
                for membership in memberships
                if membership.company_id != _NO_COMPANY and membership.status == _ACTIVE_USER
            ),
            next_offset=None,
            faults=faults,
        )

    def _contract_broken(self) -> ProviderContractBroken:
        return ProviderContractBroken(self._upstream.source)
