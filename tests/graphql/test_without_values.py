"""Errors of documents and variables do not repeat what was sent."""

from __future__ import annotations

import pytest

from app.graphql.without_values import without_values


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Variable '$i' has invalid value: Expected value of type 'Search' to be an object, "
            "found: 'CODE'.",
            "Variable '$i' has invalid value: Expected value of type 'Search' to be an object.",
        ),
        (
            "Variable '$n' has invalid value at .n: Int cannot represent non-integer value: 'CODE'",
            "Variable '$n' has invalid value at .n: Int cannot represent non-integer value.",
        ),
        (
            "Expected value of type 'S' not to include field 'x', found: { a: \"CO\nDE\" }.",
            "Expected value of type 'S' not to include field 'x'.",
        ),
        (
            "A currency code is three upper-case letters.",
            "A currency code is three upper-case letters.",
        ),
    ],
)
def test_the_reason_stays_and_the_value_goes(said: str, told: str) -> None:
    assert without_values(said) == told
