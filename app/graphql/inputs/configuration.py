"""What mutations of a store's terms are given."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import strawberry

from app.domain.errors import InvalidQuestion
from app.domain.invoices import Reminder, StoreConfiguration
from app.graphql.declare import described, optional
from app.graphql.inputs.arguments import given
from app.graphql.inputs.writes import VERSION, MoneyInput


@strawberry.input(description="A reminder that the store sends about a due invoice.")
class ReminderInput:
    days: int = described("Days before or after the due date.")
    time_of_day: str = described("Local time of the store, as the provider writes it.")

    def to_domain(self) -> Reminder:
        return Reminder(days=self.days, time_of_day=self.time_of_day)


@strawberry.input(description="Changes to a store's terms. Absent members keep their value.")
class UpdateStoreConfigurationInput:
    source: str = described("Key of the source.")
    daily_interest_rate: Decimal | None = optional("Interest a day on overdue amounts.")
    tax_rate: Decimal | None = optional("Tax on interest, as a fraction.")
    default_limit: MoneyInput | None = optional("Limit of accounts that are opened automatically.")
    postponement_enabled: bool | None = optional("Whether invoices may be postponed.")
    max_postponements: int | None = optional("How often one invoice may be postponed.")
    max_postponement_days: int | None = optional("By how many days in all.")
    tolerance_enabled: bool | None = optional("Whether accounts may use their tolerance.")
    self_service_enabled: bool | None = optional("Whether customers see their credit in the shop.")
    automatic_accounts: bool | None = optional("Whether every customer gets an account.")
    max_hold_growth_rate: Decimal | None = optional("How far a hold may grow, as a fraction.")
    reminders_before: list[ReminderInput] | None = optional("Sent before the due date.")
    reminders_after: list[ReminderInput] | None = optional("Sent after the due date.")
    expected_version: str | None = optional(VERSION)

    def merged_into(self, terms: StoreConfiguration) -> StoreConfiguration:
        """
        *terms* with what is given here.

        Raises:
            InvalidQuestion: The limit is of another currency than the store's.
        """
        plain = (
            "daily_interest_rate",
            "tax_rate",
            "postponement_enabled",
            "max_postponements",
            "max_postponement_days",
            "tolerance_enabled",
            "self_service_enabled",
            "automatic_accounts",
            "max_hold_growth_rate",
        )
        changes = {
            name: value for name in plain if (value := given(getattr(self, name))) is not None
        }
        for name in ("reminders_before", "reminders_after"):
            if (reminders := given(getattr(self, name))) is not None:
                changes[name] = tuple(one.to_domain() for one in reminders)
        if (limit := given(self.default_limit)) is not None:
            changes["default_limit"] = limit.to_domain()
            if changes["default_limit"].currency != terms.default_limit.currency:
                raise InvalidQuestion(
                    f"The store's currency is {terms.default_limit.currency}.",
                    path=("defaultLimit", "currencyCode"),
                )
        return replace(terms, **changes)
