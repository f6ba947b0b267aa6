"""GraphQL Hive Gateway, over the providers as Mesh composes them from OpenAPI files in `hive/`."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.gateways.contestants import Contestant, Place, Started
from benchmarks.gateways.node_packages import install
from benchmarks.gateways.parts import ids_of, wordings
from benchmarks.gateways.processes import DidNotStart

HIVE: Final = Path(__file__).with_name("hive")
_BINARIES: Final = HIVE / "node_modules/.bin"
_COMPOSES_WITHIN_SECONDS: Final = 120

_NO_CART: Final = """{
  grandTotal: 0, redemptionCode: "", discounts: 0, shipping: 0, taxes: 0, itemsTotal: 0, items: []
}"""
_CARDS: Final = f"""cards(
    input: {{cart: {_NO_CART}, client: {{id: "", email: $email, document: ""}}}}
  )"""
_TOTAL: Final = f"""
query Total($email: String!, $company: Int!, $medusa: String!) {{
  creditAccounts(from: 1, to: 20, email: $email) {{ data {{ status availableCredit }} }}
  {_CARDS} {{ items {{ card {{ balance expiringDate }} }} }}
  companyCredit(companyId: $company) {{ available_limit }}
  company(companyId: $company) {{ status }}
  storeCredit(customer_id: $medusa) {{ store_credit_accounts {{ balance }} }}
}}
"""
_HISTORY: Final = f"""
query History($email: String!) {{
  creditAccounts(from: 1, to: 20, email: $email) {{
    data {{ invoices {{ data {{ friendlyId status value dueDate }} }} }}
  }}
  {_CARDS} {{
    items {{
      card {{
        redemptionCode
        balance
        expiringDate
        transactions {{
          told {{ operation value date }}
          settlements {{ value }}
          cancellations {{ value }}
        }}
      }}
    }}
  }}
}}
"""


def hive_gateway() -> Contestant:
    return Contestant(
        key="hive",
        name="GraphQL Hive Gateway, parts only",
        start=_start,
        prepare=partial(install, HIVE),
        wordings=wordings(total=_TOTAL, history=_HISTORY),
        variables=ids_of,
    )


def _start(place: Place) -> Started:
    supergraph = place.folder / "supergraph.graphql"
    _compose(place.stub, supergraph)
    listening = ("--host", "127.0.0.1", "--port", str(place.port))
    return Started(
        [str(_BINARIES / "hive-gateway"), "supergraph", str(supergraph), *listening],
        {"NODE_ENV": "production"},
    )


def _compose(providers: str, supergraph: Path) -> None:
    """
    Raises:
        DidNotStart
    """
    done = subprocess.run(
        [_BINARIES / "mesh-compose", "-c", "compose.mjs", "-o", supergraph],
        cwd=HIVE,
        env={**os.environ, "PROVIDERS": providers},
        capture_output=True,
        text=True,
        timeout=_COMPOSES_WITHIN_SECONDS,
        check=False,
    )
    if done.returncode:
        raise DidNotStart(f"it was not composed: {done.stderr[-300:]}")
