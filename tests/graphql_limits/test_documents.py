"""What is kept of documents, and what a client is told of bad ones."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.console.ready_tabs import ReadyTab, ready_tabs
from app.graphql.limits.documents import MOST_ERRORS, Documents
from app.graphql.limits.settings import DocumentLimits
from tests.graphql_limits.documents import HOSTILE, codes, executable
from tests.graphql_limits.generate import valid_documents

LIMITS = DocumentLimits()
STOREFRONT = """
    query Storefront($email: String!, $first: Int = 20) {
      customer(by: { email: $email }) {
        displayName
        spendableCredit(currency: BRL) {
          total { amount currencyCode }
          completeness
          byInstrument {
            counted
            instrument { id kind ... on GiftCard { maskedCode } }
            spendable { amount { amount } reasons }
          }
          unavailable { kind message }
        }
        creditAccounts(first: 5) {
          nodes { limit { amount } available { amount } outstanding { amount } ...Recent }
        }
        giftCards(first: $first) {
          nodes { balance { amount } expiresAt }
          pageInfo { hasNextPage endCursor }
        }
        invoices(first: 10) {
          openAmount { amount }
          overdueAmount { amount }
          nodes { number amount { amount } dueAt }
        }
        storeCreditAccounts { nodes { balance { amount } ...Recent } }
        timeline(first: $first) { nodes { occurredAt kind amount { amount } } }
      }
    }
    fragment Recent on CreditInstrument {
      ledger(first: 10) { nodes { kind amount { amount } } }
    }
"""


@pytest.mark.parametrize("tab", ready_tabs(), ids=lambda tab: tab.title)
def test_a_ready_tab_costs_less_than_half_of_what_it_may(tab: ReadyTab) -> None:
    judged = Documents(LIMITS).read(tab.query, executable())
    variables = json.loads(tab.variables) if tab.variables else None
    assert judged.errors == ()
    assert sum(cost.of(variables) for cost in judged.costs.values()) < LIMITS.cost / 2


def test_a_storefronts_whole_page_fits_into_one_operation() -> None:
    judged = Documents(LIMITS).read(STOREFRONT, executable())
    assert judged.errors == ()
    assert judged.costs["Storefront"].of({"email": "shopper@example.com"}) <= LIMITS.cost


def test_a_good_document_is_read_once() -> None:
    documents = Documents(LIMITS)
    first = documents.read("{ __typename }", executable())
    assert documents.read("{ __typename }", executable()) is first


def test_a_bad_document_is_judged_once() -> None:
    documents = Documents(LIMITS)
    first = documents.read("{ nothing }", executable())
    assert [error.message for error in first.errors]
    assert documents.read("{ nothing }", executable()) is first


def test_bad_documents_drive_no_good_one_out() -> None:
    documents = Documents(DocumentLimits(kept_tokens=40))
    good = documents.read("{ __typename }", executable())
    first = documents.read("{ nothing }", executable())
    for number in range(20):
        assert documents.read(f"{{ nothing{number} }}", executable()).errors
    assert documents.read("{ __typename }", executable()) is good
    assert documents.read("{ nothing }", executable()) is not first


def test_the_documents_used_longest_ago_make_room() -> None:
    documents = Documents(DocumentLimits(kept_tokens=7))
    first, second, third = "{ __typename }", "{ a: __typename }", "{__typename}"
    kept = [documents.read(text, executable()) for text in (first, third)]
    documents.read(first, executable())
    documents.read(second, executable())
    assert documents.read(second, executable()) is documents.read(second, executable())
    assert documents.read(first, executable()) is not kept[0]
    assert documents.read(third, executable()) is not kept[1]


def test_introspection_is_refused_unless_it_is_allowed() -> None:
    assert codes('{ __type(name: "Query") { name } }') == ["INVALID_DOCUMENT"]
    assert codes('{ __type(name: "Query") { name } }', introspection=True) == []
    assert codes("{ __typename }") == []


@pytest.mark.parametrize(
    "document",
    [
        "{ viewr { level } }",
        "{ viewer { levl } }",
        "{ node(idd: 1) { id } }",
        "query ($a: CurencyCode) { node(id: $a) { id } }",
        '{ customer(by: { emil: "" }) { id } }',
        "{ customer(by: { email: 1 }) { giftCards { nodes { ... on GiftCrd { id } } } } }",
    ],
)
def test_names_of_the_schema_are_proposed_only_if_that_is_allowed(document: str) -> None:
    def messages(**limits: bool) -> str:
        documents = Documents(DocumentLimits.model_validate(limits))
        return " ".join(one.message for one in documents.read(document, executable()).errors)

    assert "Did you mean" not in messages()
    assert "Did you mean" in messages(suggestions=True)


def test_a_document_with_thousands_of_faults_is_told_of_some() -> None:
    document, _ = HOSTILE["unknown fields"]
    assert len(codes(document)) == MOST_ERRORS + 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.data())
def test_a_generated_document_of_the_schema_is_good_or_refused_for_its_size(
    data: some.DataObject,
) -> None:
    document = data.draw(valid_documents(executable()))
    too_large = {"TOO_DEEP", "TOO_MANY_ALIASES", "LIST_TOO_LONG", "TOO_MANY_ROOT_FIELDS"}
    assert set(codes(document)) <= too_large | {"INVALID_DOCUMENT"}
    assert codes(document, depth=1) == ["TOO_DEEP"] or "{ __typename }" in document
