"""Writing a credit record: its limit, its currency, and whether checkout may exceed the limit."""

from dataclasses import dataclass, replace
from decimal import Decimal

from sandbox.adobe import faults
from sandbox.adobe.access import Token
from sandbox.adobe.amounts import stored_amount, times
from sandbox.adobe.bodies import Body
from sandbox.adobe.comments import written_comment
from sandbox.adobe.criteria import integer
from sandbox.adobe.state import Credit, Entry, Shop
from sandbox.adobe.switches import CreditComment

ALLOCATED = 1
UPDATED = 2

_CREDIT_LIMIT = "Magento\\CompanyCredit\\Api\\Data\\CreditLimitInterface"
_COMPUTED = ("balance", "available_limit")
_MEMBERS = (
    "id",
    "company_id",
    "credit_limit",
    "currency_code",
    "exceed_limit",
    "credit_comment",
    "extension_attributes",
    *_COMPUTED,
)


@dataclass(frozen=True)
class Change:
    """`credit_limit` and `exceed_limit` are None where they stay as they are."""

    credit_id: int
    company_id: int
    currency_code: str
    credit_limit: Decimal | None
    exceed_limit: bool | None


def read_change(body: Body, path_id: str, credit_comment: CreditComment) -> Change:
    """
    The id in the path wins over that in the body, which is not looked at. The order of the checks
    is that of a balance operation (assumed).

    Raises:
        Fault: A member is missing, has no writer, is of a wrong type or below zero.
    """
    body.require("creditLimit")
    sent = body.object("creditLimit", _CREDIT_LIMIT, _MEMBERS)
    sent.require("company_id", "currency_code")
    change = Change(
        credit_id=integer(path_id),
        company_id=sent.integer("company_id"),
        currency_code=sent.text("currency_code"),
        credit_limit=sent.number("credit_limit") if sent.has("credit_limit") else None,
        exceed_limit=sent.flag("exceed_limit") if sent.has("exceed_limit") else None,
    )
    _check_writers(sent, credit_comment)
    if change.credit_limit is not None and change.credit_limit < 0:
        raise faults.bad_value("credit_limit", change.credit_limit)
    return change


def change_settings(shop: Shop, change: Change, by: Token) -> Credit:
    """
    The record as the shop answers it: after a change of currency still with the old id and the
    balance of before, although both are others by then.

    Raises:
        Fault: The record is unknown or of another company, the currency is no website's, or a
            column cannot hold its value; nothing is written then.
    """
    old = shop.credit(change.credit_id)
    if change.company_id != old.company_id:
        raise faults.foreign_company(change.company_id)
    if change.currency_code not in shop.website_currencies.values():
        raise faults.bad_value("currency_code", change.currency_code)
    new = _changed(old, change)
    if new.currency_code != old.currency_code:
        rate = shop.rates.rate(old.currency_code, new.currency_code)
        converted = replace(new, balance=times(old.balance, rate))
        shop.replace_record(old, converted, _entry(old, new), by)
    elif new != old:
        shop.book(new, _entry(old, new), by)
    return new


def _changed(old: Credit, change: Change) -> Credit:
    """A limit of 0 leaves a record without a limit without one."""
    limit = old.credit_limit
    if change.credit_limit is not None:
        sent = stored_amount(change.credit_limit)
        limit = sent if sent or limit is not None else None
    exceed = old.exceed_limit if change.exceed_limit is None else change.exceed_limit
    return replace(old, credit_limit=limit, currency_code=change.currency_code, exceed_limit=exceed)


def _entry(old: Credit, new: Credit) -> Entry:
    """The members of the two objects are assumed."""
    system: dict[str, object] = {}
    if new.exceed_limit != old.exceed_limit:
        system["exceed_limit"] = {"value": new.exceed_limit}
    if new.currency_code != old.currency_code:
        system["update_currency"] = {
            "currency_from": old.currency_code,
            "currency_to": new.currency_code,
        }
    is_first = old.credit_limit is None and new.credit_limit is not None
    return Entry(
        type=ALLOCATED if is_first else UPDATED,
        currency_operation=new.currency_code,
        comment=written_comment(None, system),
    )


def _check_writers(sent: Body, credit_comment: CreditComment) -> None:
    unsupported = [name for name in _COMPUTED if sent.filled(name)]
    if sent.has("credit_comment"):
        sent.text("credit_comment")
        if credit_comment is CreditComment.REJECT:
            unsupported.append("credit_comment")
    if unsupported:
        raise faults.unsupported(unsupported[0])
