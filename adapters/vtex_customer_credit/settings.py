"""One `[[sources]]` table of provider `vtex.customer-credit`."""

from __future__ import annotations

from typing import Literal

from adapters.transport.settings import SourceSettings
from adapters.transport.upstream import Upstream
from adapters.vtex_credentials import VtexCredentials
from adapters.vtex_customer_credit.client import VtexCustomerCredit
from app.domain.capability import Capability
from app.domain.instruments import InstrumentKind
from app.domain.provider import SourceInfo


class VtexCustomerCreditSettings(SourceSettings):
    """`base_url` is the store's host, `https://store.vtexcommercestable.com.br`."""

    provider: Literal["vtex.customer-credit"]
    credentials: VtexCredentials

    def request_headers(self) -> dict[str, str]:
        """The file demands Content-Type of calls without a body too."""
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            **self.credentials.headers(),
        }

    def source_info(self) -> SourceInfo:
        return self.info(
            kinds=frozenset({InstrumentKind.CREDIT_LINE}),
            capabilities=frozenset(
                {
                    Capability.READ,
                    Capability.SEARCH,
                    Capability.INVOICES,
                    Capability.LEDGER,
                    Capability.STORE_CONFIGURATION,
                    Capability.ACCOUNT_WRITE,
                    Capability.LIMIT_WRITE,
                    Capability.TOLERANCE,
                    Capability.BALANCE_DECREASE,
                    Capability.HOLDERS,
                    Capability.NATIVE_HOLDS,
                    Capability.PARTIAL_CAPTURE,
                    Capability.REFUND,
                }
            ),
        )


def connect(settings: VtexCustomerCreditSettings, upstream: Upstream) -> VtexCustomerCredit:
    return VtexCustomerCredit(upstream, settings.source_info())
