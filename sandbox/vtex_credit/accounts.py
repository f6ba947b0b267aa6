"""What a seller does to an account: open, update, close, grant, post, share."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from sandbox.vtex_credit.refusals import (
    already_open,
    not_found,
    published_failure,
    reused_statement_id,
)
from sandbox.vtex_credit.request_body import Members
from sandbox.vtex_credit.state import (
    Account,
    AccountStatus,
    Entry,
    Holder,
    Origin,
    Store,
)

DOCUMENT_TYPES = ("CPF", "CNPJ", "Other")


def open_account(store: Store, sent: Members, now: datetime) -> Account:
    """A closed account with the same document gives way to the new one."""
    document, document_type = sent.text("document"), sent.choice("documentType", DOCUMENT_TYPES)
    account = Account(
        id=f"{document}_{document_type}",
        email=sent.text("email"),
        document=document,
        document_type=document_type,
        credit_limit=sent.limit_as_either("creditLimit"),
        tolerance=sent.rate_as_either("tolerance"),
        status=AccountStatus.OPEN,
        created_at=now,
        updated_at=now,
    )
    sent.note("description")  # deprecated: only its type counts
    _refuse_second_opening(store, account)
    store.accounts.pop(account.id, None)
    store.accounts[account.id] = account
    return account


def _refuse_second_opening(store: Store, account: Account) -> None:
    if any(account.email == a.email or account.id == a.id for a in store.open_accounts()):
        raise already_open()
    if store.defects.first_opening_is_refused and _is_new(store, account.email):
        store.refused_openings.add(account.email)
        raise already_open()


def _is_new(store: Store, email: str) -> bool:
    return email not in store.refused_openings and all(
        account.email != email for account in store.accounts.values()
    )


def update(store: Store, account: Account, sent: Members, now: datetime) -> None:
    """
    Identity members left out are erased; the limit and the tolerance stay.

    Assumed: an erased e-mail is an empty text, because the file requires it in every answer.
    """
    email = sent.text_or_none("email") or ""
    document = sent.text_or_none("document")
    document_type = (
        sent.choice("documentType", DOCUMENT_TYPES) if sent.has("documentType") else None
    )
    limit = sent.limit("creditLimit") if sent.has("creditLimit") else account.credit_limit
    tolerance = sent.rate("tolerance") if sent.has("tolerance") else account.tolerance
    if sent.has("creditLimit"):
        change_limit(store, account, limit, now)
    change_tolerance(account, tolerance, now)
    account.email, account.document, account.document_type = email, document, document_type
    account.updated_at = now


def close(store: Store, account: Account, now: datetime) -> None:
    """For good. Live holds are not among what closing deletes: they fall off in their time."""
    if account.id in store.defects.closing_fails:
        raise published_failure()
    account.status = AccountStatus.CLOSED
    account.updated_at = now
    account.invoices.clear()
    account.entries.clear()
    account.manual_entries.clear()
    account.holders.clear()


def change_limit(store: Store, account: Account, limit: Decimal, now: datetime) -> None:
    """Documented by example: the entry is the difference, the tolerance on it included."""
    if account.id in store.defects.limit_changes_fail:
        raise published_failure()
    _post_credit(account, (limit - account.credit_limit) * (1 + account.tolerance), now)
    account.credit_limit = limit
    account.updated_at = now


def change_tolerance(account: Account, tolerance: Decimal, now: datetime) -> None:
    _post_credit(account, account.credit_limit * (tolerance - account.tolerance), now)
    account.tolerance = tolerance
    account.updated_at = now


def _post_credit(account: Account, value: Decimal, now: datetime) -> None:
    """Assumed: a change that changes nothing posts nothing."""
    if value:
        account.entries.append(Entry(Origin.CREDIT, value, now))


def post_manual_entry(
    store: Store, account: Account, statement_id: str, value: Decimal, now: datetime
) -> None:
    """Once for each *statement_id*; assumed, like the 409 for the same id with another value."""
    if (posted := account.manual_entries.get(statement_id)) is not None:
        if posted != value:
            raise reused_statement_id()
        return
    account.manual_entries[statement_id] = value
    account.entries.append(Entry(Origin.STATEMENT, value, now, done_by=store.operator))


def add_holder(account: Account, email: str, now: datetime) -> Holder:
    """The same e-mail again is another holder."""
    holder = Holder(uuid4().hex, email, now)
    account.holders[holder.id] = holder
    return holder


def remove_holder(account: Account, holder_id: str) -> None:
    if account.holders.pop(holder_id.lower(), None) is None:
        raise not_found("holder")
