"""Pre-authorizations before their settlement: create, change, cancel."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sandbox.vtex_credit.configuration import StoreConfiguration
from sandbox.vtex_credit.refusals import refused
from sandbox.vtex_credit.request_body import Members
from sandbox.vtex_credit.state import Account, Hold, HoldStage

LONGEST = timedelta(days=30)
"""Documented for holds with `settle`; the other ones are assumed to have no such limit."""

UNASKED = timedelta(days=1)
"""From older versions of the reference."""

MOST_INSTALLMENTS = 360
"""Assumed."""


@dataclass(frozen=True)
class Wish:
    """What a caller wants to have set aside."""

    value: Decimal
    settle: bool
    installments: int
    expires_at: datetime | None = None


def wish_to_create(sent: Members, now: datetime) -> Wish:
    """
    Only `value` is required (seen in a production client; the rest from older versions).

    Assumed: an `expirationDate` with `settle` is refused, although the file's own sample has both.
    """
    wish = Wish(
        value=sent.positive_amount("value"),
        settle=sent.has("settle") and sent.flag("settle"),
        installments=_installments(sent) if sent.has("installments") else 1,
        expires_at=_expiry(sent, now) if sent.has("expirationDate") else None,
    )
    if wish.settle and wish.expires_at:
        raise refused("'expirationDate' is only for holds with 'settle' false.")
    return wish


def wish_to_change(sent: Members) -> Wish:
    return Wish(sent.positive_amount("value"), sent.flag("settle"), _installments(sent))


def _installments(sent: Members) -> int:
    return sent.whole("installments", least=1, most=MOST_INSTALLMENTS)


def _expiry(sent: Members, now: datetime) -> datetime:
    """Read as UTC; one that has passed is refused (assumed)."""
    try:
        expiry = datetime.fromisoformat(sent.text("expirationDate"))
        expiry = expiry.astimezone(UTC) if expiry.tzinfo else expiry.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as exc:
        raise refused("'expirationDate' must be an ISO 8601 date.") from exc
    if expiry <= now:
        raise refused("'expirationDate' must be in the future.")
    return expiry


def create(
    account: Account,
    transaction_id: str,
    wish: Wish,
    now: datetime,
    configuration: StoreConfiguration,
) -> Hold:
    require_room(account, wish.value, now, configuration)
    hold = Hold(
        transaction_id=transaction_id.lower(),
        value=wish.value,
        first_value=wish.value,
        installments=wish.installments,
        settle=wish.settle,
        expires_at=wish.expires_at or now + _lifetime(wish),
    )
    account.holds[hold.transaction_id] = hold
    return hold


def change(
    account: Account, hold: Hold, wish: Wish, now: datetime, configuration: StoreConfiguration
) -> None:
    """Assumed: its time only starts anew when `settle` changes."""
    require_live(hold, now)
    require_growth(hold, wish.value, configuration)
    require_room(account, wish.value - hold.value, now, configuration)
    if wish.settle != hold.settle:
        hold.expires_at = now + _lifetime(wish)
    hold.value, hold.settle, hold.installments = wish.value, wish.settle, wish.installments


def cancel(hold: Hold, now: datetime) -> None:
    require_live(hold, now)
    if hold.settle:
        raise refused("A pre-authorization with 'settle' cannot be deleted.")
    hold.stage = HoldStage.CANCELLED


def require_live(hold: Hold, now: datetime) -> None:
    if not hold.is_live(now):
        raise refused("The pre-authorization has been settled or cancelled, or has expired.")


def require_growth(hold: Hold, value: Decimal, configuration: StoreConfiguration) -> None:
    """Assumed: what the growth rate of the store allows counts from the first value."""
    if value > hold.first_value * (1 + configuration.growth_rate):
        raise refused("The pre-authorization cannot grow so much.")


def require_room(
    account: Account, increase: Decimal, now: datetime, configuration: StoreConfiguration
) -> None:
    """What takes nothing more passes, even on an account over its limit."""
    if increase > 0 and increase > account.spending_room(now, configuration):
        raise refused("The credit limit was exceeded.")


def _lifetime(wish: Wish) -> timedelta:
    return LONGEST if wish.settle else UNASKED
