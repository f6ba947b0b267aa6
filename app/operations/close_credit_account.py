"""Closing an account, which takes its invoices with it."""

from __future__ import annotations

from app.domain.instructions import CloseCreditAccount, Instruction
from app.domain.instruments import CreditAccount, Instrument
from app.domain.money import Money
from app.domain.refusals import PolicyViolation
from app.operations.carry_out import Order
from app.operations.desk import Desk
from app.operations.read_credit_accounts import outstanding


def order_to_close(
    desk: Desk,
    instruction: CloseCreditAccount,
    *,
    name: str,
    idempotency_key: str,
    asked: object,
    expected_version: str | None,
    require_zero_outstanding: bool,
) -> Order:
    """
    Args:
        require_zero_outstanding: Refuse while anything is owed or set aside.
    """

    async def instruct(observed: Instrument | None) -> Instruction:
        if require_zero_outstanding and isinstance(observed, CreditAccount):
            await _refuse_owing(desk, observed)
        return instruction

    return Order(
        name=name,
        idempotency_key=idempotency_key,
        asked=asked,
        subject=instruction.subject,
        instruct=instruct,
        expected_version=expected_version,
    )


async def _refuse_owing(desk: Desk, account: CreditAccount) -> None:
    """
    Raises:
        PolicyViolation: Something is owed or set aside.
    """
    nothing = Money.zero(account.currency)
    owed = await outstanding(desk.live(), account)
    if (owed or nothing) != nothing or (account.held or nothing) != nothing:
        raise PolicyViolation(policy="requireZeroOutstanding", limit=nothing)
