"""What is deferred, and for whom."""

import pytest
from graphql import print_ast

from app.graphql.limits.documents import Documents, Judged
from app.graphql.limits.settings import DocumentLimits
from tests.graphql_limits.documents import codes, executable

WHOLE = """query Cards($id: ID!) { node(id: $id) { ...Cards ...Names } }
fragment Cards on Customer {
  giftCards(first: 3) { nodes { id ... { ledger { nodes { id } } } } }
}
fragment Names on Customer { displayName @include(if: true) }
"""
DEFERRED = WHOLE.replace("...Cards", '...Cards @defer(if: true, label: "cards")').replace(
    "... {", "... @defer {"
)


def judged(document: str) -> Judged:
    return Documents(DocumentLimits()).read(document, executable())


def test_a_document_is_kept_as_it_is_and_without_what_defers() -> None:
    found, whole = judged(DEFERRED), judged(WHOLE)
    assert not found.errors
    assert found.in_parts is not None
    assert print_ast(found.in_parts).count("@defer") == 2
    assert print_ast(found.document) == print_ast(whole.document)


def test_what_is_deferred_costs_as_much_and_lives_as_long() -> None:
    found, whole = judged(DEFERRED), judged(WHOLE)
    assert found.costs["Cards"].of({}) == whole.costs["Cards"].of({}) > 0
    assert found.ages == whole.ages == {"Cards": 5}


@pytest.mark.parametrize(
    "document",
    [
        WHOLE,
        "{ defer: __typename }",
        """mutation { claimStoreCredit(input: {
          source: "medusa", code: "c", idempotencyKey: "k"
        }) { ... @defer { userErrors { message } } } }""",
    ],
)
def test_where_nothing_may_be_deferred_there_is_one_document(document: str) -> None:
    found = judged(document)
    assert (found.errors, found.in_parts) == ((), None)
    assert "@defer" not in print_ast(found.document)


def test_deferring_can_be_forbidden() -> None:
    assert codes("{ ... @defer { __typename } }", deferred_fragments=0) == [
        "TOO_MANY_DEFERRED_FRAGMENTS"
    ]
    assert codes("{ __typename }", deferred_fragments=0) == []


@pytest.mark.parametrize(
    "document",
    [
        "{ sources @stream { key } }",
        "mutation { ... @defer { __typename } }",
        '{ ... @defer(label: "a") { __typename } ... @defer(label: "a") { viewer { level } } }',
        "{ __typename @defer }",
    ],
)
def test_what_cannot_come_later_is_refused(document: str) -> None:
    assert set(codes(document)) == {"INVALID_DOCUMENT"}


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        ("{ viewer { level } }", float("inf")),
        ("{ sources { storeConfiguration { __typename } } }", 300),
        ('{ node(id: "a") { id } }', 5),
        ('{ node(id: "a") { ... on Invoice { id } } }', 5),
        ('{ node(id: "a") { ...Code } } fragment Code on GiftCard { redemptionCode }', 0),
        ('query A { giftCard(id: "a") { code: redemptionCode @skip(if: true) } }', 0),
        ("mutation { __typename }", 0),
    ],
)
def test_the_shortest_declared_age_counts(document: str, seconds: float) -> None:
    found = judged(document)
    assert not found.errors
    assert list(found.ages.values()) == [seconds]
