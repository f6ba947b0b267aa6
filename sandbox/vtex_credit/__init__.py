"""A stand-in for the VTEX Customer Credit API: the reading half of its operations."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from sandbox.clock import Clock
from sandbox.vtex import vtex_app
from sandbox.vtex_credit.routes import CreditRoutes
from sandbox.vtex_credit.seeding import read_section


def create_vtex_credit(section: Mapping[str, Any], clock: Clock) -> ASGIApp:
    """
    Raises:
        SeedError: The section is wrong; says where.
    """
    store, access = read_section(section, clock.now())
    return vtex_app(CreditRoutes(store, clock).all(), access)
