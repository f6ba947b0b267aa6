"""`creditgraph keys`: making API keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.domain.access import AccessLevel, Scope

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from app.authentication.settings import ApiKeySettings

keys = typer.Typer(name="keys", no_args_is_help=True, help="API keys for services.")


@keys.callback()
def _keys() -> None:
    """A group also while there is one command."""


@keys.command()
def new(
    *,
    name: Annotated[
        str, typer.Option(help="Who will use it; seen in the audit trail. Not unique.")
    ],
    level: Annotated[
        Literal["SHOPPER", "SERVICE", "ADMIN"], typer.Option(help="How far it opens the door.")
    ] = "SERVICE",
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it opens besides; may be given again.")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3650, help="How long it is good.", show_default="for ever"),
    ] = None,
    email: Annotated[
        str | None, typer.Option(help="Whose credit a key of level SHOPPER shows.")
    ] = None,
) -> None:
    """
    Make an API key, and print it with the lines for the configuration.

    The key itself is shown here and kept nowhere; the configuration holds a hash of it. To replace
    a key, add the new one, let the service change over, and remove the old one.
    """
    from pydantic import ValidationError

    from app.authentication.api_keys import new_api_key
    from app.authentication.settings import ApiKeySettings

    made = new_api_key()
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) if days else None
    try:
        entry = ApiKeySettings(
            name=name,
            hash=made.hash_line,
            level=AccessLevel[level],
            scopes=scope or (),
            expires_at=until,
            email=email,
        )
    except ValidationError as exc:
        raise typer.BadParameter("; ".join(map(_in_words, exc.errors()))) from None
    typer.echo(f"The key, shown only this once:\n\n{made.key}\n")
    typer.echo(f"For the configuration:\n\n{as_toml(entry)}")


def as_toml(key: ApiKeySettings) -> str:
    """JSON's texts and lists of them are TOML's as well."""
    lines = [
        "[[authentication.api_keys]]",
        f"name = {json.dumps(key.name)}",
        f"hash = {json.dumps(key.hash)}",
        f"level = {json.dumps(key.level.name)}",
    ]
    if key.scopes:
        lines.append(f"scopes = {json.dumps(list(key.scopes))}")
    if key.expires_at:
        lines.append(f"expires_at = {key.expires_at.isoformat()}")
    if key.email:
        lines.append(f"email = {json.dumps(key.email)}")
    return "\n".join(lines)


def _in_words(problem: ErrorDetails) -> str:
    place = ".".join(map(str, problem["loc"]))
    said = str(problem.get("ctx", {}).get("error", problem["msg"]))
    return f"{place}: {said}" if place else said
