"""Documents that hostile clients send, and a plain way to judge one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from graphql import GraphQLError, GraphQLSchema
from strawberry import Schema

from app.graphql.limits.documents import Documents
from app.graphql.limits.settings import DocumentLimits
from app.graphql.schema import build_schema

CUSTOMER: Final = '{ customer(by: { email: "shopper@example.com" }) { '


def fragments(count: int, on: str, body: str, last: str) -> str:
    """A chain: in each *body* NEXT stands for the name of the following one."""
    chain = (
        f"fragment F{n} on {on} {{ {body.replace('NEXT', f'F{n + 1}')} }}" for n in range(count)
    )
    return " ".join([*chain, f"fragment F{count} on {on} {{ {last} }}"])


HOSTILE: Final[Mapping[str, tuple[str, str]]] = {
    "a document without end": ("{ " + "id " * 100_000 + "}", "DOCUMENT_TOO_LONG"),
    "100,000 tokens": ("{" + "a," * 100_000 + "}", "DOCUMENT_TOO_LONG"),
    "7,000 tokens in few characters": ("{" + "a " * 7_000 + "}", "TOO_MANY_TOKENS"),
    "7,000 comments": ("#\n" * 7_000 + "{ __typename }", "TOO_MANY_TOKENS"),
    "a huge string": (f'{{ node(id: "{"x" * 20_000}") {{ id }} }}', "DOCUMENT_TOO_LONG"),
    "a huge number": (CUSTOMER + f"giftCards(first: {'9' * 9_000}) {{ totalCount }} }} }}", ""),
    "a page without end": (
        CUSTOMER + "giftCards(first: 2147483647) { nodes { id } } } }",
        "LIST_TOO_LONG",
    ),
    "aliases": (
        CUSTOMER + " ".join(f"a{n}: displayName" for n in range(31)) + " } }",
        "TOO_MANY_ALIASES",
    ),
    "aliases that fragments multiply": (
        "{ ...F0 } " + fragments(30, "Query", "a: __typename ...NEXT ...NEXT", "__typename"),
        "TOO_MANY_ALIASES",
    ),
    "root fields": ("{ " + "__typename " * 21 + "}", "TOO_MANY_ROOT_FIELDS"),
    "root fields of many operations": (
        " ".join(f"query Q{n} {{ __typename }}" for n in range(21)),
        "TOO_MANY_ROOT_FIELDS",
    ),
    "directives": ("{ __typename " + "@skip(if: false) " * 21 + "}", "TOO_MANY_DIRECTIVES"),
    "unknown directives": ("{ __typename " + "@aa " * 500 + "}", "TOO_MANY_DIRECTIVES"),
    "directives on variables": (
        "query (" + " ".join(f"$v{n}: Int @a" for n in range(21)) + ") { __typename }",
        "TOO_MANY_DIRECTIVES",
    ),
    "depth": (
        CUSTOMER
        + "invoices { nodes { account { invoices { nodes { account { invoices { nodes { account "
        "{ invoices { nodes { id } } } } } } } } } } } } }",
        "TOO_DEEP",
    ),
    "depth by fragments": (
        "{ node(id: 1) { ...F0 } } "
        + fragments(12, "Invoice", "account { invoices { nodes { ...NEXT } } }", "id"),
        "TOO_DEEP",
    ),
    "depth of inline fragments": ("{" + "...{" * 600 + "__typename" + "}" * 601, "SYNTAX_ERROR"),
    "depth by introspection": (
        "{ __schema { types " + "{ fields { type " * 6 + "{ name }" + " } }" * 6 + " } }",
        "TOO_DEEP",
    ),
    "a fragment in itself": (
        "{ ...A } fragment A on Query { __typename ...A }",
        "FRAGMENT_CYCLE",
    ),
    "fragments in a ring": (
        "{ ...F0 } " + fragments(100, "Query", "...NEXT", "...F0"),
        "FRAGMENT_CYCLE",
    ),
    "a chain of fragments": (
        "{ ...F0 } " + fragments(240, "Query", "...NEXT", "__typename"),
        "INVALID_DOCUMENT",
    ),
    "billion laughs": (
        "{ ...F0 } " + fragments(90, "Query", "...NEXT " * 3, "__typename"),
        "TOO_MANY_ROOT_FIELDS",
    ),
    "fields that have to be merged": (
        CUSTOMER + "links { nativeId } " * 490 + "} }",
        "INVALID_DOCUMENT",
    ),
    "unknown fields": (
        CUSTOMER + " ".join(f"f{n}" for n in range(1_900)) + " } }",
        "INVALID_DOCUMENT",
    ),
    "pages in pages": (
        CUSTOMER + "giftCards(first: 100) { nodes { ledger(first: 100) { nodes { id } } } } } }",
        "COST_TOO_HIGH",
    ),
}
"""What it does: the document, and the code it is refused with; any, where that is empty."""


@cache
def schema() -> Schema:
    return build_schema()


def executable() -> GraphQLSchema:
    return schema()._schema


def codes(document: str, **limits: int | bool) -> list[str]:
    """With which codes *document* is refused before it is costed."""
    try:
        judged = Documents(DocumentLimits.model_validate(limits)).read(document, executable())
    except GraphQLError as exc:
        return [code_of(exc)]
    return [code_of(error) for error in judged.errors]


def code_of(error: GraphQLError) -> str:
    code = (error.extensions or {})["code"]
    assert isinstance(code, str)
    return code
