"""Marks that are planted everywhere, and every form in which one could come out again."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from app.domain.access import AccessLevel as Level
from tests.whole_gateway.configured import Who


@dataclass(frozen=True)
class Mark:
    """
    Attributes:
        text: In no other text of the whole house.
        planted: What it is part of, where that alone could be a known value.
        fields: In which fields of an answer it may stand, and from which level on; `*` is any.
    """

    text: str
    planted: str = ""
    fields: Mapping[str, Level] = field(default_factory=dict)

    def may_be_shown(self, field_name: str, who: Who) -> bool:
        needed = self.fields.get(field_name, self.fields.get("*"))
        return needed is not None and who.level >= needed

    @cached_property
    def plain_forms(self) -> frozenset[str]:
        """Compared without regard to case."""
        text = self.text.lower()
        values = {self.planted or self.text, self.text}
        digests = (
            algorithm(value.encode()).hexdigest()
            for algorithm in (hashlib.md5, hashlib.sha1, hashlib.sha256)
            for value in values
        )
        return frozenset({text, text.encode().hex(), text.upper().encode().hex(), *digests})

    @cached_property
    def encoded_forms(self) -> frozenset[str]:
        """What base64 makes of it, wherever in the encoded text it stands."""
        return frozenset(
            inner
            for text in {self.text, self.text.lower(), self.text.upper()}
            for inner in _inside_base64(text.encode())
        )


def _inside_base64(data: bytes) -> Iterator[str]:
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        yield encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


def found(marks: Iterable[Mark], text: str) -> list[Mark]:
    """Those of *marks* that stand in *text* in any form."""
    plain = f"{text}\n{unquote(text)}".lower()
    encoded = text.replace("-", "+").replace("_", "/")
    return [
        one
        for one in marks
        if any(form in plain for form in one.plain_forms)
        or any(form in encoded for form in one.encoded_forms)
    ]


OWN_EMAIL: Final = Mark(
    "zqown-mail", "zqown-mail@example.com", {"email": Level.SHOPPER, "nativeId": Level.SERVICE}
)
OTHER_EMAIL: Final = Mark(
    "zqother-mail", "zqother-mail@example.com", {"email": Level.SERVICE, "nativeId": Level.SERVICE}
)
_OF_DOCUMENT: Final = {
    "document": Level.ADMIN,
    "accountId": Level.SERVICE,
    "nativeId": Level.SERVICE,
}
OWN_DOCUMENT: Final = Mark("73519468202", fields=_OF_DOCUMENT)
OTHER_DOCUMENT: Final = Mark("86420735193", fields=_OF_DOCUMENT)
CODE: Final = Mark("ZQGC-ODEM-ARKX", "ZQGC-ODEM-ARKX-7K21", {"redemptionCode": Level.SHOPPER})
CLAIM_CODE: Final = Mark("SC-ZQCL-AIMM-ARKX", "SC-ZQCL-AIMM-ARKX-4PHN")
GARBLED: Final = Mark("zqgarbled", fields={"*": Level.SHOPPER})

VTEX_KEY: Final = Mark("zqvtexappkey")
VTEX_TOKEN: Final = Mark("zqvtextoken")
ADOBE_TOKEN: Final = Mark("zqadobetoken")
MEDUSA_KEY: Final = Mark("sk_zqmedusakey")
METRICS_TOKEN: Final = Mark("zqmetricstokenoflength")

SUBJECT: Final = Mark("zqsubject")
CLAIM: Final = Mark("zqclaim")
BAD_TOKEN: Final = Mark("zqbadtoken")
COOKIE: Final = Mark("zqcookie")
HEADER: Final = Mark("zqheader")
LITERAL: Final = Mark("zqliteral", fields={"email": Level.SERVICE})
VARIABLE: Final = Mark("zqvariable", fields={"email": Level.SERVICE})
PERSISTED: Final = Mark("zqpersisted")
SAID_ID: Final = Mark("zqsaidid")
QUERY_STRING: Final = Mark("zqquerystring")

ANSWER_HEADER: Final = Mark("zqanswerheader")
ANSWER_ERROR: Final = Mark("zqanswererror")
ANSWER_BROKEN: Final = Mark("zqanswerbroken")
EXTRA_MEMBER: Final = Mark("zqextramember", fields={"metadata": Level.SERVICE})

PLANTED: Final = tuple(one for one in globals().values() if isinstance(one, Mark))
