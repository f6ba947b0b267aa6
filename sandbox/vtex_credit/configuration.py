"""The terms of a store: all as they are served, some as the other operations need them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.vtex_credit.refusals import refused
from sandbox.vtex_credit.request_body import Members

RATES = ("dailyInterestRate", "taxRate", "maxPreAuthorizationGrowthRate")
AMOUNTS = ("defaultCreditValue",)
COUNTS = ("invoicePostponementLimit", "maxPostponementDays")
FLAGS = (
    "postponementEnabled",
    "automaticCheckingAccountCreationEnabled",
    "toleranceEnabled",
    "myCreditsEnabled",
)
NOTIFICATIONS = "notificationsSettings"
SIDES = ("daysPrior", "daysAfter")

LARGEST_COUNT = 1_000
MOST_NOTIFICATIONS = 3
FARTHEST_NOTIFICATION_DAYS = 10
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3])(:[0-5][0-9]){2}")


@dataclass(frozen=True)
class StoreConfiguration:
    members: Mapping[str, Any]

    @property
    def tolerance_enabled(self) -> bool:
        return self.members["toleranceEnabled"] is True

    @property
    def growth_rate(self) -> Decimal:
        return Decimal(self.members["maxPreAuthorizationGrowthRate"])

    @property
    def postponements(self) -> int:
        """How often an invoice may be postponed."""
        allowed = self.members["postponementEnabled"] is True
        return int(self.members["invoicePostponementLimit"]) if allowed else 0

    @property
    def postponement_days(self) -> int:
        """By how many days in total an invoice may be postponed."""
        return int(self.members["maxPostponementDays"])

    def merged_with(self, sent: Members) -> "StoreConfiguration":
        members = {**self.members}
        readers: list[tuple[tuple[str, ...], Callable[[str], object]]] = [
            (RATES, sent.rate),
            (AMOUNTS, sent.limit),
            (COUNTS, lambda name: sent.whole(name, least=0, most=LARGEST_COUNT)),
            (FLAGS, sent.flag),
        ]
        for names, read in readers:
            members |= {name: read(name) for name in names if sent.has(name)}
        if sent.has(NOTIFICATIONS):
            sides = _sides(sent.object(NOTIFICATIONS))
            members[NOTIFICATIONS] = {**members.get(NOTIFICATIONS, {}), **sides}
        return StoreConfiguration(members)


def _sides(sent: Members) -> dict[str, object]:
    return {side: _notifications(sent, side) for side in SIDES if sent.has(side)}


def _notifications(sent: Members, side: str) -> list[object]:
    listed = sent.objects(side)
    if len(listed) > MOST_NOTIFICATIONS:
        raise refused(f"'{side}' must have at most {MOST_NOTIFICATIONS} notifications.")
    return [_notification(one) for one in listed]


def _notification(sent: Members) -> Mapping[str, object]:
    time_of_day = sent.text("timeOfDay")
    if not _TIME_OF_DAY.fullmatch(time_of_day):
        raise refused("'timeOfDay' must be like 16:00:00.")
    days = sent.whole("days", least=0, most=FARTHEST_NOTIFICATION_DAYS)
    return {"days": days, "timeOfDay": time_of_day}
