"""Mutations of a store's terms."""

from __future__ import annotations

from typing import Annotated

import strawberry

from app.domain.access import AccessLevel, Scope
from app.graphql.context import Info
from app.graphql.declare import access, entrance
from app.graphql.inputs.arguments import given
from app.graphql.inputs.configuration import UpdateStoreConfigurationInput
from app.graphql.inputs.writes import named_source
from app.graphql.mutations.carry_out import CALLS, carry_out_order, what
from app.graphql.types.payloads import StoreConfigurationPayload
from app.operations.carry_out import Order
from app.operations.change_store_configuration import order_on_terms, store_with_terms

Terms = Annotated[UpdateStoreConfigurationInput, what("What is to change.")]


@strawberry.type
class ConfigurationMutations:
    @entrance(
        "Change what is given of the terms a store sets for all its credit accounts.",
        may=access(AccessLevel.ADMIN, Scope.CONFIG_WRITE),
        upstream=["vtex.cc/Createorchangestoreconfiguration"],
        cost=CALLS,
    )
    async def update_store_configuration(
        self, info: Info, input: Terms
    ) -> StoreConfigurationPayload | None:
        def order(name: str, key: str) -> Order:
            sources = info.context.desk.sources
            return order_on_terms(
                store_with_terms(sources, named_source(input.source, info.context)),
                input.merged_into,
                name=name,
                idempotency_key=key,
                asked=input,
                expected_version=given(input.expected_version),
            )

        return await carry_out_order(info, input, order, StoreConfigurationPayload)
