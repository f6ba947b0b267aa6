"""
What a provider is to do, once: complete, and readable again after a crash.

Amounts are positive; the kind of an instruction carries the direction.
"""

from __future__ import annotations

from app.domain.instructions.base import (
    Instruction,
    Subject,
    created,
)
from app.domain.instructions.credit_accounts import (
    AddAccountHolder,
    AnnotateLedgerEntry,
    BalanceReason,
    CloseCreditAccount,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    OnCreditAccount,
    OpenCreditAccount,
    RemoveAccountHolder,
    SetCreditLimit,
    SetCreditTolerance,
    UpdateCreditAccount,
    UpdateStoreConfiguration,
    UpsertCreditAccount,
)
from app.domain.instructions.credit_holds import (
    CaptureHoldOnCredit,
    ChangeHoldOnCredit,
    HoldOnCredit,
    NoteOnHold,
    RefundHoldOnCredit,
    ReleaseHoldOnCredit,
)
from app.domain.instructions.gift_cards import (
    CancelOnGiftCard,
    CreditGiftCard,
    DebitGiftCard,
    HoldOnGiftCard,
    IssueGiftCard,
    OnGiftCard,
    SettleGiftCard,
)
from app.domain.instructions.invoices import (
    CancelInvoice,
    MarkInvoicePaid,
    OnInvoice,
    PostponeInvoice,
    UpdateInvoice,
)
from app.domain.instructions.store_credit import (
    CreditStoreCredit,
    DebitStoreCredit,
    OnStoreCredit,
    OpenStoreCreditAccount,
)

__all__ = [
    "AddAccountHolder",
    "AnnotateLedgerEntry",
    "BalanceReason",
    "CancelInvoice",
    "CancelOnGiftCard",
    "CaptureHoldOnCredit",
    "ChangeHoldOnCredit",
    "CloseCreditAccount",
    "CreditGiftCard",
    "CreditStoreCredit",
    "DebitGiftCard",
    "DebitStoreCredit",
    "DecreaseCreditBalance",
    "HoldOnCredit",
    "HoldOnGiftCard",
    "IncreaseCreditBalance",
    "Instruction",
    "IssueGiftCard",
    "MarkInvoicePaid",
    "NoteOnHold",
    "OnCreditAccount",
    "OnGiftCard",
    "OnInvoice",
    "OnStoreCredit",
    "OpenCreditAccount",
    "OpenStoreCreditAccount",
    "PostponeInvoice",
    "RefundHoldOnCredit",
    "ReleaseHoldOnCredit",
    "RemoveAccountHolder",
    "SetCreditLimit",
    "SetCreditTolerance",
    "SettleGiftCard",
    "Subject",
    "UpdateCreditAccount",
    "UpdateInvoice",
    "UpdateStoreConfiguration",
    "UpsertCreditAccount",
    "created",
]
