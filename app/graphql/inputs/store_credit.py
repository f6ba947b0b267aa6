"""What the making and the claiming of store credit is given."""

from __future__ import annotations

import json

import strawberry
from strawberry.scalars import JSON

from app.domain.errors import InvalidQuestion
from app.domain.identifiers import ProviderCustomerId
from app.domain.instructions import OpenStoreCreditAccount
from app.domain.instruments import Secret
from app.domain.money import Currency
from app.graphql.context import Context
from app.graphql.declare import described, optional
from app.graphql.inputs.arguments import given
from app.graphql.inputs.writes import KEY, named_source, required

LONGEST_METADATA = 10_000


@strawberry.input(description="A store-credit account that is to be opened.")
class OpenStoreCreditAccountInput:
    source: str = described("Key of the source.")
    currency_code: Currency = described("The currency of all its amounts.")
    customer_native_id: str | None = optional(
        "The owner's id at the source, which is not checked there; absent, whoever knows the "
        "account's code can claim what is on it."
    )
    metadata: JSON | None = optional("An object that is kept with it.")
    idempotency_key: str = described(KEY)

    def to_domain(self, context: Context) -> OpenStoreCreditAccount:
        owner = given(self.customer_native_id)
        return OpenStoreCreditAccount(
            source=named_source(self.source, context),
            currency=self.currency_code,
            customer_id=(
                None if owner is None else ProviderCustomerId(required(owner, "customerNativeId"))
            ),
            metadata=_object_text(given(self.metadata)),
        )


def _object_text(metadata: object) -> str | None:
    """
    Raises:
        InvalidQuestion: It is no object, or a huge one.
    """
    if metadata is None:
        return None
    try:
        text = json.dumps(metadata, allow_nan=False)
    except (ValueError, RecursionError):
        text = ""
    if not isinstance(metadata, dict) or not 0 < len(text) <= LONGEST_METADATA:
        why = f"`metadata` is one object of at most {LONGEST_METADATA} characters."
        raise InvalidQuestion(why, path=("metadata",))
    return text


@strawberry.input(description="Store credit that is the caller's from now on.")
class ClaimStoreCreditInput:
    source: str = described("Key of the source.")
    code: str = described("The code that opens it; never kept or logged.")
    idempotency_key: str = described(KEY)

    def secret(self) -> Secret:
        return Secret(required(self.code, "code").strip())
