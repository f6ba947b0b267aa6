"""Which instruction is carried out by what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from adapters.transport.upstream import Upstream
from adapters.vtex_customer_credit.writers.accounts import (
    ClosesAccount,
    OpensAccount,
    UpsertsAccount,
)
from adapters.vtex_customer_credit.writers.balance import DecreasesBalance
from adapters.vtex_customer_credit.writers.captured import CapturedAmounts
from adapters.vtex_customer_credit.writers.changes import LIMIT, TOLERANCE, UPDATE, ChangesAccount
from adapters.vtex_customer_credit.writers.holders import AddsHolder, RemovesHolder
from adapters.vtex_customer_credit.writers.holds import ChangesHold, PlacesHold, ReleasesHold
from adapters.vtex_customer_credit.writers.invoices import (
    CANCELLATION,
    PAYMENT,
    PostponesInvoice,
    ResolvesInvoice,
    UpdatesInvoice,
)
from adapters.vtex_customer_credit.writers.settlements import CapturesHold, RefundsHold
from adapters.vtex_customer_credit.writers.terms import UpdatesTerms
from app.domain.instructions import (
    AddAccountHolder,
    CancelInvoice,
    CaptureHoldOnCredit,
    ChangeHoldOnCredit,
    CloseCreditAccount,
    DecreaseCreditBalance,
    HoldOnCredit,
    Instruction,
    MarkInvoicePaid,
    OpenCreditAccount,
    PostponeInvoice,
    RefundHoldOnCredit,
    ReleaseHoldOnCredit,
    RemoveAccountHolder,
    SetCreditLimit,
    SetCreditTolerance,
    UpdateCreditAccount,
    UpdateInvoice,
    UpdateStoreConfiguration,
    UpsertCreditAccount,
)
from app.domain.provider import (
    ReadsCreditAccounts,
    ReadsCreditLedger,
    ReadsInvoices,
    ReadsStoreConfiguration,
    Writer,
)


class Reads(
    ReadsCreditAccounts, ReadsCreditLedger, ReadsInvoices, ReadsStoreConfiguration, Protocol
):
    """What writers look at, before and after."""


def every_writer(upstream: Upstream, reads: Reads) -> Mapping[type[Instruction], Writer[Any]]:
    captured = CapturedAmounts(reads)
    return {
        OpenCreditAccount: OpensAccount(upstream, reads),
        UpsertCreditAccount: UpsertsAccount(upstream, reads),
        UpdateCreditAccount: ChangesAccount(upstream, reads, UPDATE),
        CloseCreditAccount: ClosesAccount(upstream, reads),
        SetCreditLimit: ChangesAccount(upstream, reads, LIMIT),
        SetCreditTolerance: ChangesAccount(upstream, reads, TOLERANCE),
        DecreaseCreditBalance: DecreasesBalance(upstream, reads),
        AddAccountHolder: AddsHolder(upstream),
        RemoveAccountHolder: RemovesHolder(upstream),
        HoldOnCredit: PlacesHold(upstream, reads),
        ChangeHoldOnCredit: ChangesHold(upstream, reads),
        CaptureHoldOnCredit: CapturesHold(upstream, captured),
        RefundHoldOnCredit: RefundsHold(upstream, captured, reads),
        ReleaseHoldOnCredit: ReleasesHold(upstream, reads, captured),
        UpdateInvoice: UpdatesInvoice(upstream, reads),
        MarkInvoicePaid: ResolvesInvoice(upstream, reads, PAYMENT),
        PostponeInvoice: PostponesInvoice(upstream, reads, reads),
        CancelInvoice: ResolvesInvoice(upstream, reads, CANCELLATION),
        UpdateStoreConfiguration: UpdatesTerms(upstream, reads),
    }
