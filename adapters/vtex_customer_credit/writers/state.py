"""How an account is before a call, and how it is to be after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.transport.upstream import Answer
from adapters.vtex_customer_credit import translate, wire
from adapters.vtex_customer_credit.answers import read_written, unreadable
from app.domain.errors import AccountNotFound, OutcomeUnknown, SourceProblemKind
from app.domain.identifiers import ProviderAccountId, SourceKey
from app.domain.instruments import (
    CreditAccount,
    Instrument,
    VtexCreditAccountDetails,
    VtexDocumentType,
)
from app.domain.money import Money
from app.domain.provider import SourceInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an account is to be like; None is no matter."""

    email: str | None = None
    document: str | None = None
    document_type: VtexDocumentType | None = None
    limit: Money | None = None
    tolerance: Decimal | None = None

    @property
    def but_for_documents(self) -> Wanted:
        """Answers to changes may show none."""
        return replace(self, document=None, document_type=None)

    def is_met_by(self, account: CreditAccount) -> bool:
        kept = details_of(account)
        return (
            (self.email is None or translate.is_held_by(account, self.email))
            and self.document in (None, kept.document)
            and self.document_type in (None, kept.document_type)
            and self.limit in (None, account.limit)
            and self.tolerance in (None, account.tolerance)
        )


def account_of(observed: Instrument | None) -> CreditAccount:
    """
    Raises:
        AccountNotFound: There is none.
    """
    if not isinstance(observed, CreditAccount):
        raise AccountNotFound("credit account")
    return observed


def details_of(account: CreditAccount) -> VtexCreditAccountDetails:
    """
    Raises:
        AccountNotFound: It is another provider's.
    """
    if not isinstance(account.details, VtexCreditAccountDetails):
        raise AccountNotFound("credit account")
    return account.details


def held_on(account: CreditAccount) -> Money:
    return details_of(account).pre_authorized_credit


def written_account(
    answer: Answer, info: SourceInfo, account_id: ProviderAccountId | None = None
) -> CreditAccount:
    """
    The account that an answer to a write shows.

    Raises:
        OutcomeUnknown: It is none, or not the one with *account_id*.
    """
    document = read_written(answer, wire.ACCOUNT)
    if account_id is not None and not translate.same_id(account_id, document.id):
        raise unreadable(answer)
    return translate.to_credit_account(document, info=info, observed_at=answer.observed_at)


def cannot_tell(source: SourceKey) -> OutcomeUnknown:
    """For what was seen at the provider, if it fits with both outcomes."""
    return OutcomeUnknown(source, SourceProblemKind.TIMEOUT)
