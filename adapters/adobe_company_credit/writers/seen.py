"""What was seen before a call."""

from __future__ import annotations

from adapters.adobe_company_credit.credits import ACCOUNT
from adapters.adobe_company_credit.search import Filter
from app.domain.errors import AccountNotFound, CurrencyMismatch
from app.domain.instruments import AdobeCompanyCreditDetails, CreditAccount, Instrument
from app.domain.money import Currency, Money
from app.domain.operation import Evidence


def account_of(observed: Instrument | None) -> CreditAccount:
    """
    Raises:
        AccountNotFound: There was none.
    """
    if not isinstance(observed, CreditAccount):
        raise AccountNotFound(ACCOUNT)
    return observed


def company_of(account: CreditAccount) -> int:
    """
    Raises:
        AccountNotFound: It is no account of Adobe's.
    """
    match account.details:
        case AdobeCompanyCreditDetails(company_id=company_id):
            return company_id
    raise AccountNotFound(ACCOUNT)


def refuse_foreign(money: Money, currency: Currency, *, member: str) -> None:
    """
    Adobe would convert it, or book it as it is where the shop has no rate (assumed).

    Args:
        member: Of the input that holds it.

    Raises:
        CurrencyMismatch: It is in another currency than *currency*.
    """
    if money.currency != currency:
        raise CurrencyMismatch(expected=currency.code, actual=money.currency.code, path=(member,))


def written_since(evidence: Evidence) -> Filter:
    """Rows that were not there when *evidence* was taken: their numbers only grow."""
    return Filter("entity_id", evidence.newest_entry_id or "0", "gt")
