"""A stand-in for Medusa's store credit (the loyalty plugin): all its routes but those of carts."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from sandbox.clock import Clock
from sandbox.medusa.app import Medusa
from sandbox.medusa.books import Books
from sandbox.medusa.outage import Database
from sandbox.medusa.seeding import read_section


def create_medusa(section: Mapping[str, Any], clock: Clock) -> ASGIApp:
    """
    Raises:
        SeedError: The section is wrong; says where.
    """
    state, credentials = read_section(section, clock)
    return Medusa(Books(state, clock), credentials, Database(state.defects.outage, clock))
