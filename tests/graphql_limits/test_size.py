"""Depth, aliases, directives, root and deferred fields, however they are spread over fragments."""

import pytest
from graphql import DocumentNode, get_introspection_query, parse
from hypothesis import given

from app.graphql.limits.documents import Documents
from app.graphql.limits.outline import Outline, fragments_in_order, outline
from app.graphql.limits.settings import DocumentLimits
from tests.graphql_limits.documents import codes, executable, fragments
from tests.graphql_limits.generate import any_documents, without_fragments


def measured(document: DocumentNode) -> Outline:
    return outline(document, fragments_in_order(document))


def test_fields_are_counted_in_depth_and_fragments_are_not() -> None:
    assert measured(parse("{ a { b { c } } d }")).depth == 3
    assert measured(parse("{ a { ... on A { b } ...F } } fragment F on A { b { c } }")).depth == 3


def test_every_kind_of_place_is_searched_for_directives() -> None:
    document = "query ($v: Int @a) @a { a @a ... @a { b } ...F @a } fragment F on A @a { c @a }"
    assert measured(parse(document)).directives == 7


def test_root_fields_are_those_that_fragments_bring_too() -> None:
    document = (
        "{ a { b } ... { c } ...F } fragment F on Query { d { e } ...G } fragment G on Q { f }"
    )
    assert measured(parse(document)).root_fields == 4


def test_all_operations_of_a_document_count() -> None:
    outline = measured(parse("query A { a: b { c } } query B { a: b }"))
    assert outline == Outline(depth=2, aliases=2, directives=0, root_fields=2)


@given(any_documents())
def test_fragments_count_as_if_they_were_written_out(document: DocumentNode) -> None:
    assert measured(document) == measured(without_fragments(document))


def test_a_fragment_is_measured_once_however_often_it_is_spread() -> None:
    document = "{ ...F0 } " + fragments(200, "Query", "a: b ...NEXT ...NEXT", "c")
    assert measured(parse(document)).aliases == 2**200 - 1


@pytest.mark.parametrize(
    ("limit", "document", "code"),
    [
        ("depth", "{ viewer { level } }", "TOO_DEEP"),
        ("aliases", "{ a: __typename b: __typename }", "TOO_MANY_ALIASES"),
        ("directives", "{ __typename @skip(if: true) @include(if: true) }", "TOO_MANY_DIRECTIVES"),
        ("root_fields", "{ __typename viewer { level } }", "TOO_MANY_ROOT_FIELDS"),
        (
            "deferred_fragments",
            "{ ...A ... @defer { __typename } } fragment A on Query { ... @defer { __typename } }",
            "TOO_MANY_DEFERRED_FRAGMENTS",
        ),
    ],
)
def test_what_reaches_a_limit_passes_and_what_exceeds_it_is_told_both_numbers(
    limit: str, document: str, code: str
) -> None:
    assert codes(document, **{limit: 2}) == []
    documents = Documents(DocumentLimits.model_validate({limit: 1}))
    (error,) = documents.read(document, executable()).errors
    assert error.extensions == {"code": code, "limit": 1, "found": 2}


def test_everything_that_is_too_much_is_told_at_once() -> None:
    document = "{ a: __typename b: viewer { level } }"
    assert codes(document, depth=1, aliases=1, root_fields=1) == [
        "TOO_DEEP",
        "TOO_MANY_ALIASES",
        "TOO_MANY_ROOT_FIELDS",
    ]


def test_the_introspection_that_tools_send_passes() -> None:
    assert codes(get_introspection_query(), introspection=True) == []


def test_introspection_counts_in_depth() -> None:
    deep = "{ __schema { types " + "{ fields { type " * 6 + "{ name }" + " } }" * 6 + " } }"
    assert codes(deep, introspection=True) == ["TOO_DEEP"]


def test_a_fragment_that_nobody_defined_is_left_to_validation() -> None:
    assert codes("{ ...A }") == ["INVALID_DOCUMENT"]
