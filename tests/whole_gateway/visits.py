"""Requests of everybody, with marks in every part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from graphql import (
    FragmentDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    print_ast,
    separate_operations,
    validate,
    visit,
)

from app.authentication.api_keys import new_api_key
from app.graphql.schema import printed_schema
from tests.authentication.issuing import OTHER_RSA_KEY, claims, token
from tests.graphql.test_every_field import EVERYTHING, OPERATIONS
from tests.whole_gateway.configured import ADMIN, ANONYMOUS, SERVICE, SHOPPER, Who
from tests.whole_gateway.marks import (
    BAD_TOKEN,
    CLAIM,
    CLAIM_CODE,
    CODE,
    COOKIE,
    HEADER,
    LITERAL,
    METRICS_TOKEN,
    OTHER_DOCUMENT,
    OTHER_EMAIL,
    OWN_DOCUMENT,
    OWN_EMAIL,
    PERSISTED,
    QUERY_STRING,
    SAID_ID,
    SUBJECT,
    VARIABLE,
    Mark,
)
from tests.whole_gateway.planted import OWN_MEDUSA_ID
from tests.whole_gateway.reaching import need_of

SCHEMA: Final = build_schema(printed_schema())
JSON_TYPE: Final = {"Content-Type": "application/json"}
KEY: Final = new_api_key()
NOISE: Final = {
    "Cookie": f"session={COOKIE.text}; {COOKIE.text}=1",
    "User-Agent": HEADER.text,
    "Referer": f"https://shop.example/?{HEADER.text}",
    "X-Forwarded-For": HEADER.text,
    "X-Correlation-Id": OWN_EMAIL.planted,
    "X-Whatever": HEADER.text,
    "Traceparent": HEADER.text,
}
"""Sent with every request."""

_FRAGMENTS: Final = "\n".join(
    print_ast(one) for one in EVERYTHING.definitions if isinstance(one, FragmentDefinitionNode)
)


@dataclass(frozen=True, kw_only=True)
class Visit:
    who: Who
    headers: Mapping[str, str]
    content: bytes = b""
    method: str = "POST"
    target: str = "/graphql"

    def says(self, mark: Mark) -> bool:
        """Whether it is in the question itself, which a refusal may repeat to who asked it."""
        return mark.text.lower() in f"{self.target} {self.content.decode(errors='replace')}".lower()


@cache
def credentials(who: Who) -> Mapping[str, str]:
    return who.headers(
        OWN_EMAIL.planted,
        sub=SUBJECT.text,
        jti=CLAIM.text,
        name=CLAIM.text,
        document=OWN_DOCUMENT.text,
        medusa_id=OWN_MEDUSA_ID,
    )


def secret_parts() -> list[Mark]:
    """Of the credentials that are sent: what is worth something to who finds it."""
    sent = [credentials(who)["Authorization"] for who in (SHOPPER, SERVICE, ADMIN)]
    parts = [part for one in sent for part in one.removeprefix("Bearer ").split(".")[1:]]
    return [Mark(part) for part in [*parts, KEY.key.rpartition("_")[2]]]


def asking(who: Who, query: str, variables: object = None, **members: object) -> Visit:
    content = json.dumps({"query": query, "variables": variables, **members}).encode()
    return Visit(who=who, headers={**JSON_TYPE, **NOISE, **credentials(who)}, content=content)


class _Permitted(Visitor):
    """Leaves out what *who* may not ask for: many a refusal would leave nothing of the rest."""

    def __init__(self, types: TypeInfo, who: Who) -> None:
        super().__init__()
        self._types = types
        self._who = who

    def enter_field(self, *_: object) -> Any:
        field = self._types.get_field_def()
        need = need_of(field) if field else None
        may = need is None or need.is_met(self._who.level, self._who.scopes)
        return None if may else self.REMOVE


@cache
def _permitted(who: Who, operation: str) -> str | None:
    types = TypeInfo(SCHEMA)
    left = visit(parse(operation), TypeInfoVisitor(types, _Permitted(types, who)))
    (used,) = separate_operations(left).values()
    return None if validate(SCHEMA, used) else print_ast(used)


@cache
def _viewer() -> str:
    query = "{ viewer { level scopes customer { ...AllCustomer } } }"
    return print_ast(separate_operations(parse(query + _FRAGMENTS))[""])


def everything(who: Who, email: str) -> list[Visit]:
    return [
        asking(who, print_ast(OPERATIONS["Roots"]), {"email": email}),
        *_in_full_and_permitted(who, _viewer()),
    ]


def each(who: Who, ids: Mapping[str, str]) -> list[Visit]:
    """Everything of objects by their ids."""
    return [
        one
        for type_, id_ in ids.items()
        if type_ in OPERATIONS
        for one in _in_full_and_permitted(who, print_ast(OPERATIONS[type_]), {"id": id_})
    ]


def _in_full_and_permitted(who: Who, query: str, variables: object = None) -> list[Visit]:
    permitted = _permitted(who, query)
    less = [asking(who, permitted, variables)] if permitted not in (None, query) else []
    return [asking(who, query, variables), *less]


CUSTOMER: Final = "query ($by: CustomerRef!) { customer(by: $by) { id email displayName } }"
CARDS: Final = """query ($search: GiftCardSearch!) {
  searchGiftCards(search: $search) { nodes { id maskedCode redemptionCode } } }"""


def _refs() -> list[Mapping[str, object]]:
    return [
        {"email": VARIABLE.text + "@example.com"},
        {"document": OTHER_DOCUMENT.text},
        {"document": VARIABLE.text},
        {"id": SAID_ID.text},
        {"id": f"cus_{SAID_ID.text}"},
        {"externalId": {"source": "medusa", "nativeId": VARIABLE.text}},
        {"externalId": {"source": VARIABLE.text, "nativeId": CLAIM_CODE.planted}},
        {"email": {"text": VARIABLE.text}},
        {"emial": VARIABLE.text},
        {"email": OTHER_EMAIL.planted, "document": OTHER_DOCUMENT.text},
    ]


def _searches() -> list[Mapping[str, object]]:
    source = {"source": "vtex-giftcard"}
    return [
        {**source, "redemptionCode": CODE.planted},
        {**source, "redemptionCode": [CODE.planted]},
        {**source, "redemptionCode": CODE.planted + "\0"},
        {**source, "redemptionCode": CODE.planted * 100},
        {**source, "email": OTHER_EMAIL.planted, "document": OTHER_DOCUMENT.text},
        {"source": "adobe", "redemptionCode": CODE.planted},
        {"source": CODE.planted, "redemptionCode": CODE.planted},
    ]


def _documents() -> list[str]:
    text = LITERAL.text
    return [
        f'{{ customer(by: {{email: "{text}@example.com"}}) {{ id email }} }}',
        f"{{ customer(by: {{document: {OTHER_DOCUMENT.text}}}) {{ id }} }}",
        f"{{ customer(by: {{document: {text}}}) {{ id }} }}",
        f'{{ node(id: "{text}") {{ id }} creditAccount(id: "ca_{text}") {{ id }} }}',
        f'{{ node(id: "{text}" {{ id }} "{text}"',
        f'{{ invoices(source: "{text}") {{ totalCount }} }}',
        f'{{ creditAccounts(after: "{text}") {{ totalCount }} }}',
        f'{{ creditAccounts(filter: {{sources: ["{text}"], email: "{text}"}}) {{ totalCount }} }}',
        f'{{ storeCreditAccounts(filter: {{search: "{text}"}}) {{ totalCount }} }}',
        f'{{ storeCreditAccounts(filter: {{currency: "{text}"}}) {{ totalCount }} }}',
        f"{{ sources {{ {text}: key }} viewer {{ {text} }} }}",
        f"# {text}\n{{ sources {{ key @{text} }} }}",
    ]


def reading_metrics() -> list[Visit]:
    """With the token, and without."""
    token = {"Authorization": f"Bearer {METRICS_TOKEN.text}"}
    return [
        Visit(who=who, headers={**NOISE, **sent}, method="GET", target="/metrics")
        for who, sent in ((ANONYMOUS, token), (ADMIN, credentials(ADMIN)))
    ]


def odd(ids: Sequence[str]) -> list[Visit]:
    """Refused, strange and broken requests."""
    email = OWN_EMAIL.planted
    asked = [asking(SERVICE, CUSTOMER, {"by": by}) for by in _refs()]
    asked += [asking(ADMIN, CARDS, {"search": search}) for search in _searches()]
    asked += [asking(who, one) for one in _documents() for who in (SHOPPER, ADMIN, ANONYMOUS)]
    asked += [
        asking(SHOPPER, "query ($id: ID!) { node(id: $id) { id } }", {"id": one}) for one in ids
    ]
    asked += [
        asking(ADMIN, "{ __typename }", operationName=LITERAL.text),
        asking(ADMIN, "", documentId=PERSISTED.text),
        asking(ADMIN, "", extensions={"persistedQuery": {"sha256Hash": PERSISTED.text}}),
        asking(ADMIN, "{ a }", extensions={"persistedQuery": {"sha256Hash": PERSISTED.text}}),
        asking(ADMIN, "{ __typename }", {VARIABLE.text: VARIABLE.text * 20_000}),
        asking(ANONYMOUS, print_ast(OPERATIONS["Roots"]), {"email": email}),
    ]
    return [*asked, *_bodies(), *_ways(), *_bad_credentials()]


def _bodies() -> list[Visit]:
    sent = {**JSON_TYPE, **NOISE, **credentials(ADMIN)}
    code = CODE.planted.encode()
    bodies = (
        b'{"query": "%s' % code,
        b'[{"query": "%s"}]' % code,
        b'"%s"' % code,
        b'{"query": ["%s"]}' % code,
        b'{"query": "%s\xff"}' % code,
        b'{"query": "%s"}' % (code * 100_000),
    )
    plain = {**sent, "Content-Type": f"text/plain; name={HEADER.text}"}
    packed = {**sent, "Content-Encoding": HEADER.text}
    picky = {**sent, "Accept": f"text/{HEADER.text}"}
    return [
        *(Visit(who=ADMIN, headers=sent, content=one) for one in bodies),
        *(Visit(who=ADMIN, headers=one, content=bodies[0]) for one in (plain, packed, picky)),
    ]


def _ways() -> list[Visit]:
    sent = {**NOISE, **credentials(ADMIN)}
    page = {**NOISE, "Accept": "text/html"}
    asked = f"?query={{__typename}}&variables={QUERY_STRING.text}&{QUERY_STRING.text}=1"
    targets = ("/graphql" + asked, f"/nowhere?{QUERY_STRING.text}", f"/?{QUERY_STRING.text}")
    return [
        *(Visit(who=ADMIN, headers=sent, method="GET", target=one) for one in targets),
        *(Visit(who=ADMIN, headers=sent, method=one) for one in ("PUT", "DELETE", "OPTIONS")),
        Visit(who=ANONYMOUS, headers=page, method="GET"),
        Visit(who=ANONYMOUS, headers=page, method="GET", target=f"/graphql?{QUERY_STRING.text}"),
        Visit(who=ADMIN, headers={**sent, "Origin": f"https://{HEADER.text}.example"}),
    ]


def _bad_credentials() -> list[Visit]:
    forged = token(
        claims(sub=SUBJECT.text, email=OTHER_EMAIL.planted, document=OTHER_DOCUMENT.text),
        key=OTHER_RSA_KEY,
    )
    stranger = token(claims(iss=f"https://{BAD_TOKEN.text}.example"))
    shown: list[Mapping[str, str]] = [
        {"Authorization": f"Bearer {BAD_TOKEN.text}"},
        {"Authorization": f"Bearer {BAD_TOKEN.text}.{BAD_TOKEN.text}.{BAD_TOKEN.text}"},
        {"Authorization": f"Bearer {forged}"},
        {"Authorization": f"Bearer {stranger}"},
        {"Authorization": f"Bearer {token(claims(), kid=BAD_TOKEN.text)}"},
        {"Authorization": f"Basic {BAD_TOKEN.text}"},
        {"Authorization": f"Bearer cg_0_{BAD_TOKEN.text * 6}"},
        {"Authorization": f"Bearer {KEY.key}", "X-Api-Key": f"cg_{BAD_TOKEN.text}"},
        {"X-Api-Key": BAD_TOKEN.text},
        {"X-Api-Key": KEY.key},
    ]
    body = b'{"query": "{ viewer { level } }"}'
    return [
        Visit(who=ANONYMOUS, headers={**JSON_TYPE, **NOISE, **one}, content=body) for one in shown
    ]
