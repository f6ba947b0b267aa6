"""A stand-in for the VTEX Customer Credit API, all of its operations."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp

from sandbox.clock import Clock
from sandbox.vtex import vtex_app
from sandbox.vtex_credit.account_routes import AccountRoutes
from sandbox.vtex_credit.invoice_routes import InvoiceRoutes
from sandbox.vtex_credit.read_routes import ReadRoutes
from sandbox.vtex_credit.seeding import read_section
from sandbox.vtex_credit.transaction_routes import TransactionRoutes

ROUTES = (ReadRoutes, AccountRoutes, TransactionRoutes, InvoiceRoutes)


def create_vtex_credit(section: Mapping[str, Any], clock: Clock) -> ASGIApp:
    """
    Raises:
        SeedError: The section is wrong; says where.
    """
    store, access = read_section(section, clock.now())
    routes = [route for part in ROUTES for route in part(store, clock).all()]
    return vtex_app(routes, access)
