"""What is checked of a request before its document is parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from graphql import Lexer, Source, TokenKind

from app.graphql.limits.refusal import refused
from app.graphql.limits.settings import DocumentLimits


def check_characters(text: str, limits: DocumentLimits) -> None:
    """
    Raises:
        GraphQLError: *text* is too long.
    """
    if len(text) > limits.characters:
        raise refused(
            "DOCUMENT_TOO_LONG",
            f"A document has at most {limits.characters} characters.",
            limit=limits.characters,
        )


def check_tokens(text: str, limits: DocumentLimits) -> int:
    """
    How many tokens *text* has, comments among them. Too many are read no further than the limit.

    Raises:
        GraphQLError: It has too many, or before that many something that is no token.
    """
    lexer = Lexer(Source(text))
    token = lexer.token
    count = 0
    while (token := lexer.read_next_token(token.end)).kind is not TokenKind.EOF:
        count += 1
        if count > limits.tokens:
            raise refused(
                "TOO_MANY_TOKENS",
                f"A document has at most {limits.tokens} tokens.",
                limit=limits.tokens,
            )
    return count


def check_variables(variables: Mapping[str, Any] | None, limits: DocumentLimits) -> None:
    """
    Raises:
        GraphQLError: Written as JSON, *variables* are too long, or nested too deeply to be written.
    """
    if variables and not _fits(variables, limits.variables_characters):
        raise refused(
            "VARIABLES_TOO_LONG",
            f"Variables have at most {limits.variables_characters} characters as JSON.",
            limit=limits.variables_characters,
        )


def _fits(variables: Mapping[str, Any], characters: int) -> bool:
    try:
        written = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    except RecursionError:
        return False
    return len(written) <= characters
