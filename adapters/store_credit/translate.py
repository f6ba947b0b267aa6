"""
Between the admin API's documents and the domain.

Unit: major units, as JSON numbers with any number of decimals. Nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Final

from adapters.store_credit import wire
from adapters.store_credit.marks import unmarked, unmarked_metadata
from app.domain.identifiers import (
    ProviderCardId,
    ProviderCustomerId,
    ProviderEntryId,
    ProviderHoldId,
    ProviderStoreCreditId,
    SourceKey,
)
from app.domain.instruments import (
    GiftCard,
    InstrumentKind,
    InstrumentStatus,
    MedusaStoreCreditDetails,
    Secret,
    StoreCreditAccount,
    StoreCreditTransactionGroup,
)
from app.domain.ledger import (
    Actor,
    ActorKind,
    BalanceOperation,
    CardMovement,
    CardOperation,
    CardTransaction,
    Direction,
    EntryReference,
    LedgerEntry,
    LedgerEntryKind,
    LedgerQuestion,
    NativeEntry,
)
from app.domain.money import Currency, Money
from app.domain.provider import StoreCreditFacts, StoreCreditQuestion

Filters = list[tuple[str, str]]

LONGEST_FILTER = 512

_DIRECTIONS: Final = {"credit": Direction.CREDIT, "debit": Direction.DEBIT}

_CARD_OPERATIONS: Final = {"credit": CardOperation.CREDIT, "debit": CardOperation.DEBIT}

_CARD_STATUSES: Final = {
    "redeemed": InstrumentStatus.ACTIVE,
    "pending": InstrumentStatus.BLOCKED,
}
"""`redeemed` is what every new card is: its value has become an account. `pending` is set by hand
and so is taken for a wish that nobody pays with it (assumed)."""

_OPERATIONS: Final = {
    ("user", "credit"): BalanceOperation.MANUAL_CREDIT,
    ("user", "debit"): BalanceOperation.MANUAL_DEBIT,
    ("api-key", "credit"): BalanceOperation.MANUAL_CREDIT,
    ("api-key", "debit"): BalanceOperation.MANUAL_DEBIT,
    ("gift_card", "credit"): BalanceOperation.ISSUE,
    ("store-credit", "credit"): BalanceOperation.TRANSFER,
    ("store-credit", "debit"): BalanceOperation.TRANSFER,
    ("cart", "debit"): BalanceOperation.SPEND,
}
"""By `reference` and `type`. Any other pair but a refund's is OTHER."""

_REFUND: Final = ("order", "credit")

_ACTORS: Final = {
    "user": ActorKind.STAFF,
    "api-key": ActorKind.INTEGRATION,
    "gift_card": ActorKind.SYSTEM,
    "store-credit": ActorKind.CUSTOMER,
    "cart": ActorKind.CUSTOMER,
    "order": ActorKind.SYSTEM,
}
"""Who caused the entry, by `reference`."""

_KINDS: Final = frozenset({LedgerEntryKind.BALANCE_OPERATION, LedgerEntryKind.REFUND})


_MEMBER_OF_FACT: Final = {
    StoreCreditFacts.CLAIM_CODE: "code",
    StoreCreditFacts.METADATA: "metadata",
    StoreCreditFacts.TRANSACTION_GROUPS: "transaction_groups",
}


@cache
def members_for(facts: StoreCreditFacts) -> tuple[str, str]:
    """
    The `fields` of an account: the defaults less what nobody wants. The customer is never wanted:
    that is somebody's personal data.
    """
    unwanted = [name for fact, name in _MEMBER_OF_FACT.items() if fact not in facts]
    return "fields", ",".join(f"-{name}" for name in ("customer", *unwanted))


def to_store_credit_account(
    account: wire.StoreCreditAccount, *, source: SourceKey, observed_at: datetime
) -> StoreCreditAccount:
    currency = Currency.parse(account.currency_code)
    return StoreCreditAccount(
        source=source,
        provider_store_credit_id=ProviderStoreCreditId(account.id),
        currency=currency,
        status=_status(account),
        balance=Money(account.balance, currency),
        total_credited=Money(account.credits, currency),
        total_debited=Money(account.debits, currency),
        created_at=account.created_at,
        updated_at=account.updated_at,
        observed_at=observed_at,
        details=_details(account, currency),
    )


def _status(account: wire.StoreCreditAccount) -> InstrumentStatus:
    """The provider keeps no status. An empty `customer_id` is nobody's account, like null."""
    if not account.customer_id:
        return InstrumentStatus.UNCLAIMED
    return InstrumentStatus.ACTIVE if account.balance > 0 else InstrumentStatus.DEPLETED


def _details(account: wire.StoreCreditAccount, currency: Currency) -> MedusaStoreCreditDetails:
    return MedusaStoreCreditDetails(
        provider_customer_id=(
            ProviderCustomerId(account.customer_id) if account.customer_id else None
        ),
        masked_claim_code=(
            Secret(account.code.get_secret_value()).masked() if account.code else None
        ),
        metadata=unmarked_metadata(account.metadata),
        transaction_groups=(
            None
            if account.transaction_groups is None
            else tuple(
                _group(group, place, currency)
                for place, group in enumerate(account.transaction_groups)
            )
        ),
    )


def _group(
    group: wire.TransactionGroup, place: int, currency: Currency
) -> StoreCreditTransactionGroup:
    return StoreCreditTransactionGroup(
        provider_group_id=group.id or group.code or str(place),
        code=group.code,
        credits=Money(group.credits, currency),
        debits=Money(group.debits, currency),
        balance=Money(group.balance, currency),
    )


def to_gift_card(card: wire.GiftCard, *, source: SourceKey, observed_at: datetime) -> GiftCard:
    """Expiry and status are the card's own: the account behind it goes on without them."""
    currency = Currency.parse(card.currency_code)
    balance = card.store_credit_account.balance
    return GiftCard(
        source=source,
        provider_card_id=ProviderCardId(card.id),
        redemption_code=Secret(card.code.get_secret_value()),
        currency=currency,
        currency_assumed=False,
        status=_card_status(card, balance, observed_at),
        balance=Money(balance, currency),
        issued_at=card.created_at,
        expires_at=card.expires_at,
        backed_by=ProviderStoreCreditId(card.store_credit_account.id),
        observed_at=observed_at,
        details=None,
    )


def is_good(card: wire.CardInFront, *, at: datetime) -> bool:
    """Whether a card can be paid with, as long as there is money behind it."""
    return _status_of_card(card, at) is InstrumentStatus.ACTIVE


def _status_of_card(card: wire.CardInFront | wire.GiftCard, at: datetime) -> InstrumentStatus:
    if card.expires_at is not None and card.expires_at <= at:
        return InstrumentStatus.EXPIRED
    return _CARD_STATUSES.get(card.status, InstrumentStatus.UNKNOWN)


def _card_status(card: wire.GiftCard, balance: Decimal, observed_at: datetime) -> InstrumentStatus:
    status = _status_of_card(card, observed_at)
    if status is InstrumentStatus.ACTIVE and balance <= 0:
        return InstrumentStatus.DEPLETED
    return status


def to_card_transaction(entry: wire.Transaction, card: GiftCard) -> CardTransaction:
    return CardTransaction(
        source=card.source,
        provider_card_id=card.provider_card_id,
        provider_hold_id=ProviderHoldId(entry.id),
        operation=_CARD_OPERATIONS.get(entry.type, CardOperation.UNKNOWN),
        amount=Money(_amount(entry), card.currency),
        description=unmarked(entry.note),
        occurred_at=entry.created_at,
        raw_operation=entry.type,
    )


def to_settlements(entry: wire.Transaction, card: GiftCard) -> tuple[CardMovement, ...]:
    """A debit is settled by the very entry that books it."""
    if _CARD_OPERATIONS.get(entry.type) is not CardOperation.DEBIT:
        return ()
    return (
        CardMovement(
            provider_entry_id=ProviderEntryId(entry.id),
            amount=Money(_amount(entry), card.currency),
            occurred_at=entry.created_at,
        ),
    )


def to_ledger_entry(entry: wire.Transaction, account: StoreCreditAccount) -> LedgerEntry:
    """*entry* of the ledger of *account*, which alone knows the currency."""
    origin = (entry.reference, entry.type)
    refund = origin == _REFUND
    return LedgerEntry(
        source=account.source,
        instrument_kind=InstrumentKind.STORE_CREDIT,
        instrument_id=account.provider_id,
        kind=LedgerEntryKind.REFUND if refund else LedgerEntryKind.BALANCE_OPERATION,
        direction=_DIRECTIONS.get(entry.type, Direction.NEUTRAL),
        amount=Money(_amount(entry), account.currency),
        occurred_at=entry.created_at,
        native=NativeEntry(ProviderEntryId(entry.id), entry.type),
        reference=EntryReference(
            kind=entry.reference,
            value=entry.reference_id,
            order_id=entry.reference_id if entry.reference == "order" else None,
        ),
        actor=Actor(_ACTORS.get(entry.reference, ActorKind.UNKNOWN)),
        note=unmarked(entry.note),
        operation=None if refund else _OPERATIONS.get(origin, BalanceOperation.OTHER),
    )


def _amount(entry: wire.Transaction) -> Decimal:
    """
    What counted, with the digits it had before it went through a double.

    The provider counts an amount of 0.0001 or less as 0 and keeps the text in `raw_amount`. So the
    text is taken only where it is the same double as `amount`.
    """
    if entry.raw_amount and float(entry.raw_amount.value) == float(entry.amount):
        return entry.raw_amount.value
    return entry.amount


def can_be_held(text: str) -> bool:
    """
    Whether a row of the provider can hold *text*.

    Asking all the same would mislead: `null` finds rows without a value, NUL is a server error.
    """
    return text not in ("", "null") and len(text) <= LONGEST_FILTER and text.isprintable()


def can_match_accounts(question: StoreCreditQuestion) -> bool:
    asked = (question.provider_customer_id, question.search or None)
    return all(text is None or can_be_held(text) for text in asked)


def account_filters(question: StoreCreditQuestion) -> Filters:
    """
    The closed set of filters that the account list is asked with.

    `$ilike` without wildcards is equality in any case: `usd` and `USD` are two currencies there.
    """
    filters: Filters = []
    if question.provider_customer_id is not None:
        filters.append(("customer_id", question.provider_customer_id))
    if question.currency is not None:
        filters.append(("currency_code[$ilike]", question.currency.code.lower()))
    if question.search:
        filters.append(("q", question.search))
    return [*filters, *_created(question.created_from, question.created_to)]


def is_answer_to(question: StoreCreditQuestion, account: StoreCreditAccount) -> bool:
    """Whether *account* passes the filters of *question*: the provider drops some silently."""
    return question.currency in (None, account.currency) and (
        question.provider_customer_id in (None, account.details.provider_customer_id)
    )


def can_match_entries(question: LedgerQuestion) -> bool:
    """Whether a ledger here can have such entries at all; none names a purchase order."""
    return question.purchase_order is None and (
        question.kinds is None or not _KINDS.isdisjoint(question.kinds)
    )


def entry_filters(question: LedgerQuestion) -> Filters:
    """The provider filters by time only; the rest of *question* is matched after reading."""
    return list(_created(question.from_at, question.to_at))


def needs_matching(question: LedgerQuestion) -> bool:
    """Whether *question* asks for more than `entry_filters` can say."""
    return question.kinds is not None or question.direction is not None


def _created(from_at: datetime | None, to_at: datetime | None) -> Iterator[tuple[str, str]]:
    """Both ends included, cut to the milliseconds that the provider keeps."""
    for operator, at in (("$gte", from_at), ("$lte", to_at)):
        if at is not None:
            text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            yield f"created_at[{operator}]", text
