"""A stand-in for Medusa's store credit (the loyalty plugin): the reading half of its routes."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from sandbox.clock import Clock
from sandbox.medusa.app import Medusa
from sandbox.medusa.seeding import read_section


def create_medusa(section: Mapping[str, Any], clock: Clock) -> ASGIApp:
    """
    Raises:
        SeedError: The section is wrong; says where.
    """
    return Medusa(*read_section(section, clock))
