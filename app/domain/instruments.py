"""What a customer can pay with: credit accounts, gift cards and store credit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from app.domain.freshness import Freshness
from app.domain.identifiers import (
    ProviderAccountId,
    ProviderCardId,
    ProviderCustomerId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.money import Currency, Money

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class InstrumentKind(StrEnum):
    CREDIT_LINE = "CREDIT_LINE"
    GIFT_CARD = "GIFT_CARD"
    STORE_CREDIT = "STORE_CREDIT"


class InstrumentStatus(StrEnum):
    """A provider's word that is not in its table becomes UNKNOWN, which is never spendable."""

    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    CLOSED = "CLOSED"
    EXPIRED = "EXPIRED"
    DEPLETED = "DEPLETED"
    UNCLAIMED = "UNCLAIMED"
    UNKNOWN = "UNKNOWN"


class VtexDocumentType(StrEnum):
    CPF = "CPF"
    CNPJ = "CNPJ"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class VtexCreditAccountDetails:
    """VTEX's own figures; `balance` is its ledger of manual operations, not a debt."""

    account_id: ProviderAccountId
    email: str | None
    document: str | None
    document_type: VtexDocumentType | None
    balance: Money
    available_credit: Money
    available_balance: Money
    pre_authorized_credit: Money
    raw_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdobeCompanyCreditDetails:
    """Adobe's own figures; `balance` below zero is owed, above zero prepaid."""

    credit_id: int
    company_id: int
    exceed_limit: bool
    balance: Money
    raw_available_limit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class VtexGiftCardDetails:
    relation_name: str | None
    caption: str | None
    discount: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCreditTransactionGroup:
    """A sub-ledger in the API's generation of early 2025."""

    provider_group_id: str
    code: str | None
    credits: Money
    debits: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MedusaStoreCreditDetails:
    provider_customer_id: ProviderCustomerId | None
    masked_claim_code: str | None
    metadata: Mapping[str, object] | None
    transaction_groups: tuple[StoreCreditTransactionGroup, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAccount:
    """
    A credit line that a seller granted.

    Attributes:
        limit: Ceiling granted; None when none was ever set.
        available: The provider's own figure; negative past the limit, tolerance not included.
        available_other: A second figure of the provider's for the same thing, where it has two.
        outstanding: Owed by the holder, positive; None where it takes another call to learn.
        held: Set aside by live pre-authorizations.
        tolerance: Leave to exceed the limit, as a fraction of it; only if the store enables it.
        exceed_allowed: The provider lets the holder go past `available` without a bound.
        owner_status_known: Whether `status` also tells of the company or person behind the account.
        holder_email: As the provider keeps it; personal data.
    """

    source: SourceKey
    provider_account_id: ProviderAccountId
    currency: Currency
    status: InstrumentStatus
    limit: Money | None
    available: Money
    available_other: Money | None = None
    outstanding: Money | None = None
    held: Money | None = None
    tolerance: Decimal | None = None
    exceed_allowed: bool = False
    owner_status_known: bool = True
    holder_email: str | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    observed_at: datetime
    freshness: Freshness = field(default=Freshness.LIVE, compare=False)
    details: VtexCreditAccountDetails | AdobeCompanyCreditDetails

    @property
    def kind(self) -> InstrumentKind:
        return InstrumentKind.CREDIT_LINE

    @property
    def provider_id(self) -> str:
        return self.provider_account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCard:
    """
    A prepaid card.

    Attributes:
        provider_card_id: May embed an e-mail address.
        redemption_code: Bearer secret: whoever has it can spend the card. Left out of repr.
        currency_assumed: The provider named no currency; it is the source's default one.
        restricted_to_owner, reloadable, reusable: None where the provider does not return the rule.
        expires_at: The card ends at this instant.
        backed_by: The store-credit account that keeps the card's money, where there is one.
        owner: E-mail, or the customer's id at the source, where the provider tells; personal data.
    """

    source: SourceKey
    provider_card_id: ProviderCardId
    redemption_code: Secret
    currency: Currency
    currency_assumed: bool
    status: InstrumentStatus
    balance: Money
    issued_at: datetime | None
    expires_at: datetime | None
    restricted_to_owner: bool | None = None
    reloadable: bool | None = None
    reusable: bool | None = None
    backed_by: ProviderStoreCreditId | None = None
    owner: str | None = None
    observed_at: datetime
    freshness: Freshness = field(default=Freshness.LIVE, compare=False)
    details: VtexGiftCardDetails | None

    @property
    def kind(self) -> InstrumentKind:
        return InstrumentKind.GIFT_CARD

    @property
    def provider_id(self) -> str:
        return self.provider_card_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCreditAccount:
    """Money the store owes the customer, with a ledger."""

    source: SourceKey
    provider_store_credit_id: ProviderStoreCreditId
    currency: Currency
    status: InstrumentStatus
    balance: Money
    total_credited: Money
    total_debited: Money
    created_at: datetime | None
    updated_at: datetime | None
    observed_at: datetime
    freshness: Freshness = field(default=Freshness.LIVE, compare=False)
    details: MedusaStoreCreditDetails

    @property
    def kind(self) -> InstrumentKind:
        return InstrumentKind.STORE_CREDIT

    @property
    def provider_id(self) -> str:
        return self.provider_store_credit_id


Instrument = CreditAccount | GiftCard | StoreCreditAccount


class Secret:
    """
    A text that prints as stars. `reveal` is the only way to it; of a withheld one, what was kept
    is the masked text alone.
    """

    __slots__ = ("_text", "_withheld")

    def __init__(self, text: str) -> None:
        self._text = text
        self._withheld = False

    @classmethod
    def withheld(cls, masked: str) -> Self:
        """A secret of which only what `masked` said is known."""
        secret = cls(masked)
        secret._withheld = True
        return secret

    @property
    def is_withheld(self) -> bool:
        return self._withheld

    def reveal(self) -> str:
        """
        Raises:
            ValueError: It is withheld.
        """
        if self._withheld:
            raise ValueError("this secret is withheld")
        return self._text

    def masked(self) -> str:
        """Stars and the last four characters; stars alone where four would be half of it."""
        if self._withheld:
            return self._text
        return "****" + (self._text[-4:] if len(self._text) > 8 else "")

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Secret)
            and self._text == other._text
            and self._withheld == other._withheld
        )

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__


def version_of(observed: DataclassInstance) -> str:
    """A fingerprint of an observed state: equal while nothing but the time of looking changed."""
    state = [
        f"{member.name}={getattr(observed, member.name)!r}"
        for member in fields(observed)
        if member.name not in ("observed_at", "freshness")
    ]
    return hashlib.sha256("\x1f".join(state).encode()).hexdigest()[:20]
