"""What is refused unread, or after a glance."""

import pytest
from graphql import GraphQLError, Lexer

from app.graphql.limits.settings import DocumentLimits
from app.graphql.limits.text import check_tokens, check_variables
from tests.graphql_limits.documents import code_of, codes

LIMITS = DocumentLimits()


def test_a_document_of_15000_characters_is_read_and_one_more_is_refused() -> None:
    document = "{ __typename }".ljust(15_000)
    assert codes(document) == []
    assert codes(document + " ") == ["DOCUMENT_TOO_LONG"]


def test_a_document_of_2000_tokens_is_read_and_one_more_is_refused() -> None:
    few = DocumentLimits(tokens=4)
    assert check_tokens("{ a b }", few) == 4
    with pytest.raises(GraphQLError) as refused:
        check_tokens("{ a b c }", few)
    assert code_of(refused.value) == "TOO_MANY_TOKENS"
    assert LIMITS.tokens == 2_000


def test_comments_count_as_tokens() -> None:
    assert check_tokens("# one\n{ a } # two\n", LIMITS) == 5


def test_tokens_beyond_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    read_next = Lexer.read_next_token

    def counting(self: Lexer, start: int) -> object:
        nonlocal read
        read += 1
        return read_next(self, start)

    monkeypatch.setattr(Lexer, "read_next_token", counting)
    with pytest.raises(GraphQLError):
        check_tokens("{" + "a " * 100_000 + "}", LIMITS)
    assert read == LIMITS.tokens + 1


def test_what_is_no_graphql_is_a_syntax_error() -> None:
    assert codes("{") == ["SYNTAX_ERROR"]
    assert codes('{ a(b: "\ud800") }') == ["SYNTAX_ERROR"]
    assert codes("\0") == ["SYNTAX_ERROR"]


def test_variables_are_measured_as_json() -> None:
    few = DocumentLimits(variables_characters=9)
    check_variables({"a": "é"}, few)
    check_variables(None, few)
    with pytest.raises(GraphQLError) as refused:
        check_variables({"a": "éé"}, few)
    assert code_of(refused.value) == "VARIABLES_TOO_LONG"


def test_variables_that_are_nested_too_deeply_are_refused() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(GraphQLError) as refused:
        check_variables({"a": nested}, LIMITS)
    assert code_of(refused.value) == "VARIABLES_TOO_LONG"
