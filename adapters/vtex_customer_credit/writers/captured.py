"""What became of a hold once it was captured: its invoices."""

from __future__ import annotations

from adapters.vtex_customer_credit.translate import same_id
from app.domain.instructions import (
    CaptureHoldOnCredit,
    RefundHoldOnCredit,
    ReleaseHoldOnCredit,
)
from app.domain.invoices import Invoice
from app.domain.money import Money, total
from app.domain.paging import Window
from app.domain.provider import ReadsInvoices

LARGEST_PAGE = 100

OfHold = CaptureHoldOnCredit | RefundHoldOnCredit | ReleaseHoldOnCredit


class CapturedAmounts:
    """Looks through all invoices of an account: the provider cannot be asked by hold."""

    def __init__(self, invoices: ReadsInvoices) -> None:
        self._invoices = invoices

    async def of(self, instruction: OfHold) -> Money:
        """The sum of what the invoices of a hold say; nothing where there are none."""
        amounts = [invoice.amount for invoice in await self.invoices_of(instruction)]
        return total(amounts, self._invoices.info.default_currency)

    async def invoices_of(self, instruction: OfHold) -> list[Invoice]:
        """
        Raises:
            AccountNotFound: There is no such account.
            ProviderFault: One of its invoices could not be read, or all.
        """
        found: dict[str, Invoice] = {}
        offset: int | None = 0
        while offset is not None:
            window = Window(offset, LARGEST_PAGE)
            page = await self._invoices.invoices_of_account(instruction.account_id, window)
            if page.faults:
                raise page.faults[0]
            known = len(found)
            found |= {invoice.provider_invoice_id: invoice for invoice in page.items}
            offset = page.next_offset if len(found) > known else None
        return [
            it for it in found.values() if same_id(it.provider_hold_id or "", instruction.hold_id)
        ]
