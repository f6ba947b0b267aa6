"""How far a caller may go: a level, and scopes for what its level alone does not open."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class AccessLevel(IntEnum):
    """Each level may do what the ones before it may."""

    PUBLIC = 0
    SHOPPER = 1
    SERVICE = 2
    ADMIN = 3


class Scope(StrEnum):
    """Every scope that a field of the schema asks for."""

    AUDIT_READ = "audit:read"
    CONFIG_WRITE = "config:write"
    CREDIT_BALANCE = "credit:balance"
    CREDIT_LIMIT = "credit:limit"
    CREDIT_READ = "credit:read"
    CREDIT_REFUND = "credit:refund"
    CREDIT_RISK = "credit:risk"
    CREDIT_SPEND = "credit:spend"
    CREDIT_WRITE = "credit:write"
    GIFTCARD_READ = "giftcard:read"
    GIFTCARD_REVEAL = "giftcard:reveal"
    GIFTCARD_SPEND = "giftcard:spend"
    GIFTCARD_WRITE = "giftcard:write"
    INVOICE_POSTPONE = "invoice:postpone"
    INVOICE_READ = "invoice:read"
    INVOICE_WRITE = "invoice:write"
    STORECREDIT_READ = "storecredit:read"
    STORECREDIT_SPEND = "storecredit:spend"
    STORECREDIT_WRITE = "storecredit:write"
