"""
What goes out.

Amounts and rates are written with their own digits, without an exponent; two requests want them as
text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self, TypeVar

from adapters.vtex_customer_credit.translate import (
    DOCUMENT_WORDS,
    INVOICE_WORDS,
    identity_in,
    instant_text,
)
from app.domain.errors import InvalidQuestion
from app.domain.instructions import (
    ChangeHoldOnCredit,
    HoldOnCredit,
    OpenCreditAccount,
    UpdateCreditAccount,
    UpsertCreditAccount,
)
from app.domain.instruments import VtexCreditAccountDetails, VtexDocumentType
from app.domain.invoices import InvoiceStatus, Reminder, StoreConfiguration
from app.domain.money import Money

T = TypeVar("T")

Body = dict[str, object]


def value_body(number: Decimal) -> Body:
    return {"value": _number(number)}


def debit_body(amount: Money) -> Body:
    """A text in the file, and negative."""
    return {"value": _text((-amount).amount)}


def opening_body(account: OpenCreditAccount) -> Body:
    """The description is deprecated, but demanded."""
    return {
        "document": account.document,
        "documentType": DOCUMENT_WORDS[account.document_type],
        "email": account.email,
        "creditLimit": _text(account.limit.amount),
        "tolerance": _text(account.tolerance),
        "description": "",
    }


def opening_of(account: UpsertCreditAccount) -> OpenCreditAccount:
    """
    The account that is opened where there is none: without tolerance.

    Raises:
        InvalidQuestion: Its id does not tell for which document.
    """
    if (identity := identity_in(account.account_id)) is None:
        raise InvalidQuestion(
            "A new account's id is made of a document and its type: 11144477735_CPF.", ("nativeId",)
        )
    document, document_type = identity
    return OpenCreditAccount(
        source=account.source,
        email=account.email,
        document=document,
        document_type=document_type,
        limit=account.limit,
        tolerance=Decimal(0),
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """What every update must name whole: members that are left out are erased (guide)."""

    email: str
    document: str
    document_type: VtexDocumentType

    @classmethod
    def after(
        cls, change: UpdateCreditAccount | UpsertCreditAccount, kept: VtexCreditAccountDetails
    ) -> Self:
        """
        Raises:
            InvalidQuestion: A member is neither given nor known of the account.
        """
        document, document_type = kept.document, kept.document_type
        if isinstance(change, UpdateCreditAccount):
            document = change.document or document
            document_type = change.document_type or document_type
        return cls(
            _known(change.email or kept.email, "email"),
            _known(document, "document"),
            _known(document_type, "documentType"),
        )


def _known(member: T | None, name: str) -> T:
    if member is None:
        raise InvalidQuestion("The account has none of its own to be kept.", (name,))
    return member


def update_body(
    change: UpdateCreditAccount | UpsertCreditAccount, kept: VtexCreditAccountDetails
) -> Body:
    """
    Limit and tolerance stay as they are where they are left out (guide).

    Raises:
        InvalidQuestion: It would erase a part of the identity.
    """
    identity = Identity.after(change, kept)
    figures: dict[str, Decimal | None] = {
        "creditLimit": change.limit.amount if change.limit else None,
        "tolerance": change.tolerance if isinstance(change, UpdateCreditAccount) else None,
    }
    return {
        "email": identity.email,
        "document": identity.document,
        "documentType": DOCUMENT_WORDS[identity.document_type],
        **{name: _number(figure) for name, figure in figures.items() if figure is not None},
    }


def holder_body(email: str) -> Body:
    return {"claims": {"email": email}}


def hold_body(hold: HoldOnCredit) -> Body:
    """Never one that settles itself: such a hold could not be released."""
    expiry = {"expirationDate": instant_text(hold.expires_at)} if hold.expires_at else {}
    return {**_held(hold.amount, hold.installments), **expiry}


def changed_hold_body(hold: ChangeHoldOnCredit) -> Body:
    return _held(hold.amount, hold.installments)


def _held(amount: Money, installments: int) -> Body:
    return {"value": _number(amount.amount), "settle": False, "installments": installments}


def invoice_body(status: InvoiceStatus, *, note: str | None, payment_link: str | None) -> Body:
    """
    Whole: whether members that are left out keep their value is not said.

    Raises:
        KeyError: *status* is none of the provider's.
    """
    return {
        "status": INVOICE_WORDS[status],
        "observation": note,
        "paymentLink": payment_link,
    }


def postponement_body(days: int) -> Body:
    return {"dueDays": days}


def store_configuration_body(terms: StoreConfiguration) -> Body:
    """All ten members that the file demands, and the reminders."""
    return {
        "dailyInterestRate": _number(terms.daily_interest_rate),
        "invoicePostponementLimit": terms.max_postponements,
        "taxRate": _number(terms.tax_rate),
        "maxPostponementDays": terms.max_postponement_days,
        "defaultCreditValue": _number(terms.default_limit.amount),
        "maxPreAuthorizationGrowthRate": _number(terms.max_hold_growth_rate),
        "myCreditsEnabled": terms.self_service_enabled,
        "toleranceEnabled": terms.tolerance_enabled,
        "automaticCheckingAccountCreationEnabled": terms.automatic_accounts,
        "postponementEnabled": terms.postponement_enabled,
        "notificationsSettings": {
            "daysPrior": _reminders(terms.reminders_before),
            "daysAfter": _reminders(terms.reminders_after),
        },
    }


def _reminders(reminders: Iterable[Reminder]) -> list[Body]:
    return [{"days": it.days, "timeOfDay": it.time_of_day} for it in reminders]


def _number(number: Decimal) -> Decimal:
    """As many zeros as it takes, instead of an exponent."""
    return Decimal(_text(number))


def _text(number: Decimal) -> str:
    return format(number, "f")
