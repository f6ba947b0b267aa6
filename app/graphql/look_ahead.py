"""What a query selects: below a field, and anywhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

from strawberry.types.nodes import SelectedField, Selection

from app.domain.provider import StoreCreditFacts
from app.graphql.context import Context, Info

STANDS_ON: Final = {
    "maskedClaimCode": StoreCreditFacts.CLAIM_CODE,
    "metadata": StoreCreditFacts.METADATA,
    "transactionGroups": StoreCreditFacts.TRANSACTION_GROUPS,
    "version": StoreCreditFacts.EVERY,
}
"""By the name of a field; a version is a fingerprint of all there is to know."""

_NAMES: Final = re.compile(rf"\b(?:{'|'.join(STANDS_ON)})\b")
_DOCUMENTS: Final = 256


def look_ahead(document: str, context: Context) -> None:
    """Let a request know what its document wants, before anything is read."""
    context.desk.wanted.store_credit = store_credit_facts(document)


@lru_cache(maxsize=_DOCUMENTS)
def store_credit_facts(document: str) -> StoreCreditFacts:
    """
    What of store credit any field in *document* stands on.

    One answer for the whole document, so that two fields that lead to an account share its read. A
    name counts wherever it stands: asking for too much does no harm.
    """
    found = StoreCreditFacts.NONE
    for name in set(_NAMES.findall(document)):
        found |= STANDS_ON[name]
    return found


def selects(info: Info, names: Collection[str]) -> bool:
    """Whether any field of *names* is selected directly below the one being resolved."""
    return any(_any_of(field.selections, names) for field in info.selected_fields)


def _any_of(selections: Iterable[Selection], names: Collection[str]) -> bool:
    return any(
        one.name in names if isinstance(one, SelectedField) else _any_of(one.selections, names)
        for one in selections
    )
