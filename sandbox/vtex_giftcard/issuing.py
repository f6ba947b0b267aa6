"""New cards: their ids, codes and dates."""

import re
import secrets
from datetime import datetime, timedelta
from string import ascii_uppercase

from sandbox.clock import Clock
from sandbox.vtex import Refused
from sandbox.vtex_giftcard.requests import CardRequest
from sandbox.vtex_giftcard.state import Card, Store

RELATION_TAKEN = 2003

LIFETIME = timedelta(days=365)
"""Assumed, for the one API that does not require an end."""

_FITS_IN_AN_ID = re.compile(r"[\w.@+-]{1,100}", re.ASCII)


class CardIssuer:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(self, request: CardRequest) -> Card:
        """
        A card with nothing on it.

        Documented: relationName is unique for each card. Assumed: taken, it is refused with 400.
        """
        if self._store.has_relation(request.relation_name):
            raise Refused(400, RELATION_TAKEN, "body.relationName is taken by another gift card.")
        card = self._new_card(request, self._clock.now())
        self._store.add(card)
        return card

    def _new_card(self, request: CardRequest, now: datetime) -> Card:
        code = self._new_code()
        return Card(
            id=self._new_id(request.profile_id),
            code=code,
            token=code,
            emitted_at=request.emitted_at or now,
            expires_at=request.expires_at or now + LIFETIME,
            profile_id=request.profile_id,
            document=self._store.document_of(request.profile_id),
            currency=request.currency,
            relation_name=request.relation_name,
            caption=request.caption,
            restricted_to_owner=request.restricted_to_owner,
            multiple_credits=request.multiple_credits,
            multiple_redemptions=request.multiple_redemptions,
        )

    def _new_id(self, profile_id: str) -> str:
        """Recorded: a number, or the profile and a number; the number alone is unique here."""
        number = self._store.next_number()
        return f"{profile_id}_{number}" if _FITS_IN_AN_ID.fullmatch(profile_id) else f"{number}"

    def _new_code(self) -> str:
        """Recorded: four groups of four letters."""
        while self._store.by_code(code := "-".join(_four_letters() for _ in range(4))):
            pass
        return code


def _four_letters() -> str:
    return "".join(secrets.choice(ascii_uppercase) for _ in range(4))
