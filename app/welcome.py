"""What a person reads when the server is up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.console import Console

from app.authentication.demo_keys import demo_keys
from app.settings import Settings

_QUERY: Final = (
    r"{ customer(by: { email: \"shopper@example.com\" }) { spendableCredit(currency: BRL) "
    r"{ total { amount currencyCode } completeness unavailable { source { key } kind } } } }"
)


def welcome(settings: Settings) -> Callable[[str], None]:
    keys = ", ".join(source.key for source in settings.sources if source.enabled)

    def say(address: str) -> None:
        _say(
            f"[bold]Creditgraph[/] serves {keys} at [cyan]{address}/graphql[/]\n\nCtrl-C stops it."
        )

    return say


def welcome_to_sandbox(sandbox_port: int) -> Callable[[str], None]:
    faults = f"http://127.0.0.1:{sandbox_port}/_sandbox/faults"

    def say(address: str) -> None:
        _say(
            f"""\
[bold]Creditgraph[/] runs on its sandbox: four providers, invented people.

  Playground  [cyan]{address}/graphql[/]

{_demo_keys()}

What can a customer spend?
  [green]curl -s {address}/graphql -H 'authorization: Bearer {_service_key()}' \
-H 'content-type: application/json' \
-d '{{"query": "{_QUERY}"}}'[/]

Break a provider, ask again, and mend it:
  [green]curl -X PUT {faults}/adobe -d '{{"mode": "hang"}}'[/]
  [green]curl -X PUT {faults}/adobe -d '{{"mode": "none"}}'[/]

Ctrl-C stops both."""
        )

    return say


def _demo_keys() -> str:
    """One a line; the shopper is shopper@example.com, the playground starts as the service."""
    return "\n".join(f"demo key {one.name}: {one.key}" for one in demo_keys())


def _service_key() -> str:
    return next(one.key for one in demo_keys() if one.name == "service")


def _say(text: str) -> None:
    Console(soft_wrap=True, highlight=False).print(text)
