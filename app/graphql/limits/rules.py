"""Validation rules, as classes that are made once and serve every request."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from graphql import (
    BREAK,
    ASTValidationRule,
    DocumentNode,
    NoSchemaIntrospectionCustomRule,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValidationRule,
    VisitorAction,
    specified_rules,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from app.graphql.limits.outline import FragmentCycle, Outline, fragments_in_order, outline
from app.graphql.limits.refusal import refused
from app.graphql.limits.settings import DocumentLimits

Rules = tuple[type[ASTValidationRule], ...]

OVERLAP_BUDGET: Final = 5_000
"""
Comparisons of fields that might have to be merged. They grow with the square of the fields that
share a name: graphql-core's own budget lets 2,000 tokens cost 0.7 s. Real documents need tens.
"""

_KINDS: Final = (
    ("depth", "TOO_DEEP", "Fields are nested {found} deep; {limit} is the most."),
    ("aliases", "TOO_MANY_ALIASES", "There are {found} aliases; {limit} is the most."),
    ("directives", "TOO_MANY_DIRECTIVES", "There are {found} directives; {limit} is the most."),
    ("root_fields", "TOO_MANY_ROOT_FIELDS", "There are {found} root fields; {limit} is the most."),
    (
        "deferred_fragments",
        "TOO_MANY_DEFERRED_FRAGMENTS",
        "There are {found} deferred fragments; {limit} is the most.",
    ),
)
_MOST_TOLD: Final = 2**31 - 1
"""A count that fragments made astronomical is told as this."""


class SizeRule(ValidationRule):
    """Depth, aliases, directives, root fields and deferred fragments."""

    limits: ClassVar[DocumentLimits]

    def enter_document(self, node: DocumentNode, *_: Any) -> VisitorAction:
        try:
            found = outline(node, fragments_in_order(node))
        except FragmentCycle:
            self.report_error(refused("FRAGMENT_CYCLE", "A fragment contains itself."))
        else:
            self._compare(found)
        return BREAK

    def _compare(self, outline: Outline) -> None:
        for name, code, message in _KINDS:
            limit: int = getattr(self.limits, name)
            found = min(getattr(outline, name), _MOST_TOLD)
            if found > limit:
                text = message.format(found=found, limit=limit)
                self.report_error(refused(code, text, limit=limit, found=found))


class OverlapRule(OverlappingFieldsCanBeMergedRule):
    """The specified rule, with less work allowed."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = OVERLAP_BUDGET


def size_rules(limits: DocumentLimits) -> Rules:
    """What a document must pass before it is worth validating."""
    return (type("SizeRule", (SizeRule,), {"limits": limits}),)


def validity_rules(limits: DocumentLimits) -> Rules:
    """The specified rules and Strawberry's own."""
    return (
        *(
            OverlapRule if rule is OverlappingFieldsCanBeMergedRule else rule
            for rule in specified_rules
        ),
        MaybeNullValidationRule,
        OneOfInputValidationRule,
        *(() if limits.introspection else (NoSchemaIntrospectionCustomRule,)),
    )
