"""
Tailcall, told of the providers in `tailcall/providers.graphql`.

It cannot add up: who asks gets the parts, and has to know the ids at each provider. Version 1.0.0
is the newest one whose binary runs where the C library is older than of 2024.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from benchmarks.gateways.contestants import Contestant, Place, Started
from benchmarks.gateways.node_packages import install
from benchmarks.gateways.parts import ids_of, wordings

TAILCALL: Final = Path(__file__).with_name("tailcall")
_BINARY: Final = TAILCALL / "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"

_TOTAL: Final = """
query Total($email: String!, $company: Int!, $medusa: String!) {
  creditAccounts(email: $email) { data { status availableCredit } }
  cards(email: $email) { items { card { balance expiringDate } } }
  companyCredit(company: $company) { available_limit }
  company(company: $company) { status }
  storeCredit(customer: $medusa) { store_credit_accounts { balance } }
}
"""
_HISTORY: Final = """
query History($email: String!) {
  creditAccounts(email: $email) {
    data { invoices { data { friendlyId status value dueDate } } }
  }
  cards(email: $email) {
    items {
      card {
        redemptionCode
        balance
        expiringDate
        transactions {
          told { operation value date }
          settlements { value }
          cancellations { value }
        }
      }
    }
  }
}
"""


def tailcall() -> Contestant:
    return Contestant(
        key="tailcall",
        name="Tailcall, parts only",
        start=_start,
        prepare=_prepare,
        wordings=wordings(total=_TOTAL, history=_HISTORY),
        variables=ids_of,
    )


def _prepare() -> str | None:
    if reason := install(TAILCALL):
        return reason
    said = subprocess.run([_BINARY, "--version"], capture_output=True, text=True, check=False)
    return None if said.returncode == 0 else said.stderr.strip()


def _start(place: Place) -> Started:
    told = (TAILCALL / "providers.graphql").read_text(encoding="utf-8")
    file = place.folder / "providers.graphql"
    told = told.replace("port: PORT", f"port: {place.port}").replace("PROVIDERS", place.stub)
    file.write_text(told, encoding="utf-8")
    return Started(
        [str(_BINARY), "start", str(file)],
        {"TAILCALL_TRACKER": "false", "TAILCALL_LOG_LEVEL": "error"},
    )
