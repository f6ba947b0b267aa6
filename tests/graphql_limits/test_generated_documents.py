"""Documents that a machine made up, sent to the whole application."""

from hypothesis import HealthCheck, given, settings

from app.graphql.limits import DocumentLimits
from tests.graphql.graph import Graph
from tests.graphql_limits.documents import executable
from tests.graphql_limits.generate import valid_documents

REFUSALS = {"INVALID_DOCUMENT", "TOO_DEEP", "TOO_MANY_ALIASES", "LIST_TOO_LONG", "COST_TOO_HIGH"}
OF_FIELDS = {"INVALID_INPUT", "NOT_FOUND", "UNSUPPORTED", "CURRENCY_MISMATCH"}


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=valid_documents(executable()))
async def test_an_answer_is_whole_or_says_why_not_and_stays_within_its_cost(
    served: Graph, document: str
) -> None:
    served.wire.forget()
    answer = await served.answer(document)
    codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", ())}
    assert codes <= (OF_FIELDS if "data" in answer else REFUSALS)
    if "data" in answer:
        assert answer["extensions"]["cost"]["requested"] <= DocumentLimits().cost
    else:
        assert served.wire.asked == []
