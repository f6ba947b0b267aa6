"""The four stand-ins, each behind its fault, over one clock and one seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from sandbox.adobe import create_adobe
from sandbox.clock import Clock
from sandbox.faults import Fault, Faulty, Refusals
from sandbox.medusa import create_medusa
from sandbox.refusals import AdobeRefusals, MedusaRefusals, VtexRefusals
from sandbox.vtex_credit import create_vtex_credit
from sandbox.vtex_giftcard import create_vtex_giftcard


@dataclass(frozen=True)
class Provider:
    section: str
    create: Callable[[Mapping[str, Any], Clock], ASGIApp]
    refusals: Refusals


PROVIDERS: Mapping[str, Provider] = {
    "vtex-credit": Provider("vtex_credit", create_vtex_credit, VtexRefusals()),
    "vtex-giftcard": Provider("vtex_giftcard", create_vtex_giftcard, VtexRefusals()),
    "adobe": Provider("adobe", create_adobe, AdobeRefusals()),
    "medusa": Provider("medusa", create_medusa, MedusaRefusals()),
}


class StandIns:
    def __init__(self, seed: Mapping[str, Any], clock: Clock) -> None:
        self.clock = clock
        self._seed = seed
        self.by_name = {
            name: Faulty(self._fresh(provider), provider.refusals)
            for name, provider in PROVIDERS.items()
        }

    def reset(self) -> None:
        self.clock.reset()
        for name, provider in PROVIDERS.items():
            self.by_name[name].app = self._fresh(provider)
            self.by_name[name].fault = Fault()

    def _fresh(self, provider: Provider) -> ASGIApp:
        return provider.create(self._seed[provider.section], self.clock)
