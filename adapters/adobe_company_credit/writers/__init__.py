"""How each kind of instruction is carried out, and found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.adobe_company_credit.credits import Credits
from adapters.adobe_company_credit.writers.balance import BalanceWriter
from adapters.adobe_company_credit.writers.notes import NoteWriter
from adapters.adobe_company_credit.writers.terms import TermsWriter
from adapters.transport.upstream import Upstream
from app.domain.instructions import (
    AnnotateLedgerEntry,
    DecreaseCreditBalance,
    IncreaseCreditBalance,
    Instruction,
    SetCreditLimit,
    UpdateCreditAccount,
)
from app.domain.provider import Writer


def writers(upstream: Upstream, credits: Credits) -> Mapping[type[Instruction], Writer[Any]]:
    balance, terms = BalanceWriter(upstream, credits), TermsWriter(upstream, credits)
    return {
        IncreaseCreditBalance: balance,
        DecreaseCreditBalance: balance,
        SetCreditLimit: terms,
        UpdateCreditAccount: terms,
        AnnotateLedgerEntry: NoteWriter(upstream, credits),
    }
