"""How large a document may be and how much it may ask."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]


class DocumentLimits(BaseModel):
    """
    Aliases, directives, root fields and deferred fragments are counted over all operations of a
    document, and as often as fragments repeat them.

    Attributes:
        characters: Of the document.
        variables_characters: Of the variables, as compact JSON.
        depth: Fields inside fields. Fragments add nothing, nor does the `ofType` of introspection.
        deferred_fragments: That bear `@defer`; with 0 there are none.
        page_items: The most that `first` may ask for.
        cost: Calls to providers that an operation may cause, as estimated from `@cost`.
        assumed_items: How many items the estimate takes a list to have that says no `first`.
        introspection: Whether the schema may be asked about.
        suggestions: Whether an error proposes names of the schema ("Did you mean ...?").
        kept_tokens: Size of all documents that are kept parsed and validated; a token takes
            between half a kilobyte and a whole one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    characters: Count = 15_000
    variables_characters: Count = 100_000
    tokens: Count = 2_000
    depth: Count = 12
    aliases: Count = 30
    directives: Count = 20
    root_fields: Count = 20
    deferred_fragments: Annotated[int, Field(ge=0)] = 10
    page_items: Count = 100
    cost: Count = 500
    assumed_items: Count = 10
    introspection: bool = False
    suggestions: bool = False
    kept_tokens: Count = 50_000
