"""Errors of documents and variables do not repeat what was sent."""

from __future__ import annotations

import pytest

from app.graphql.without_values import without_values
from tests.graphql.graph import Graph


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
            "Expected value of type 'S' not to include unknown field 'cod'. Did you mean 'code'? "
            "Found: {'cod': 'CO? Found: DE'}.",
            "Expected value of type 'S' not to include unknown field 'cod'. Did you mean 'code'?",
        ),
        (
            "Expected value of type 'S', but encountered error 'no number'; found: 'CODE'.",
            "Expected value of type 'S', but encountered error 'no number'.",
        ),
        (
            "A currency code is three upper-case letters.",
            "A currency code is three upper-case letters.",
        ),
    ],
)
def test_the_reason_stays_and_the_value_goes(said: str, told: str) -> None:
    assert without_values(said) == told


async def test_a_secret_beside_a_misspelt_member_is_not_repeated(graph: Graph) -> None:
    answer = await graph.answer(
        "mutation ($i: ClaimStoreCreditInput!)"
        " { claimStoreCredit(input: $i) { operation { id } } }",
        i={"sourc": "medusa", "code": "SC-AAAA-BBBB-CCCC-DDDD", "idempotencyKey": "key"},
    )

    assert {one["extensions"]["code"] for one in answer["errors"]} == {"INVALID_INPUT"}
    assert "Did you mean 'source'?" in str(answer)
    assert "SC-AAAA" not in str(answer)
