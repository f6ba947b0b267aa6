"""
A stand-in for VTEX's gift cards: its native Giftcard API, its hub and the provider protocol.

All three lead to the same cards. The native API and the hub are paths of the VTEX host; the
protocol, which a third party serves, lies below `/protocol`.
"""

from collections.abc import Mapping
from typing import Any

from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from sandbox.clock import Clock
from sandbox.vtex import vtex_app
from sandbox.vtex_giftcard.dialect import NATIVE
from sandbox.vtex_giftcard.hub import hub_routes
from sandbox.vtex_giftcard.limits import Limited
from sandbox.vtex_giftcard.protocol import protocol_app
from sandbox.vtex_giftcard.routes import GiftcardRoutes
from sandbox.vtex_giftcard.seeding import read_section


def create_vtex_giftcard(section: Mapping[str, Any], clock: Clock) -> ASGIApp:
    """
    Raises:
        SeedError: The section is wrong; says where.
    """
    seeded = read_section(section, clock.now())
    native = GiftcardRoutes(seeded.store, clock, NATIVE).all()
    vtex: ASGIApp = vtex_app([*native, *hub_routes(seeded.store, clock)], seeded.access)
    if seeded.limits:
        vtex = Limited(vtex, seeded.limits, clock)
    protocol = protocol_app(seeded.store, clock, seeded.provider_keys)
    return Router([Mount("/protocol", protocol), Mount("", vtex)])
