"""The terms of the store."""

from __future__ import annotations

from dataclasses import replace

from adapters.transport.upstream import Upstream
from adapters.vtex_customer_credit import bodies, checks, wire
from adapters.vtex_customer_credit.answers import REFUSALS, read_written, refusal
from adapters.vtex_customer_credit.routes import ROOT
from app.domain.instructions import UpdateStoreConfiguration
from app.domain.instruments import Instrument
from app.domain.operation import NO_EVIDENCE, Booking, Evidence
from app.domain.provider import Call, ReadsStoreConfiguration


class UpdatesTerms:
    """
    Sets all terms at once.

    Means of proof: the terms themselves, read again. The answer shows terms too, but in the file's
    own sample others than were sent (documented), so it is not compared.
    """

    def __init__(self, upstream: Upstream, terms: ReadsStoreConfiguration) -> None:
        self._upstream = upstream
        self._terms = terms

    async def prepare(
        self, instruction: UpdateStoreConfiguration, observed: Instrument | None
    ) -> Evidence:
        terms = instruction.terms
        checks.check_limit(terms.default_limit, self._terms.info.default_currency, "defaultLimit")
        checks.check_rate(terms.daily_interest_rate, "dailyInterestRate")
        checks.check_rate(terms.tax_rate, "taxRate")
        checks.check_rate(terms.max_hold_growth_rate, "maxHoldGrowthRate")
        return NO_EVIDENCE

    async def send(self, call: Call[UpdateStoreConfiguration]) -> Booking:
        answer = await self._upstream.write(
            "vtex.cc/Createorchangestoreconfiguration",
            "PUT",
            *ROOT,
            "storeconfig",
            body=bodies.store_configuration_body(call.instruction.terms),
            refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise refusal(answer, None)
        read_written(answer, wire.STORE_CONFIGURATION)
        return Booking()

    async def find(self, call: Call[UpdateStoreConfiguration]) -> Booking | None:
        terms = await self._terms.store_configuration()
        wanted = replace(call.instruction.terms, source=terms.source)
        return Booking() if terms == wanted else None
