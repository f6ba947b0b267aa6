"""The command line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.authentication.command import keys

if TYPE_CHECKING:
    from app.settings import Settings

PROBLEMS_FOUND = 1
WRONG_USAGE = 2

cli = typer.Typer(
    name="creditgraph",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="One GraphQL API over credit accounts, invoices, gift cards and store credit "
    "of four providers.",
    epilog="Without a configuration everything runs on the **sandbox**: stand-ins for the four "
    "providers with data of invented people.",
)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="CREDITGRAPH_CONFIG",
        metavar="FILE",
        help="TOML file with the sources. Without one: the sandbox.",
        show_default=False,
    ),
]
SandboxPortOption = Annotated[
    int,
    typer.Option(
        min=1, max=65_535, envvar="SANDBOX_PORT", help="Port of the sandbox, without a config."
    ),
]


@cli.command()
def serve(
    *,
    config: ConfigOption = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen on, instead of the configured one; loopback unless callers are "
            "authenticated.",
            show_default="127.0.0.1",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            help="Port, instead of the configured one; 0 takes any.",
            show_default="8000",
        ),
    ] = None,
    sandbox_port: SandboxPortOption = 8001,
) -> None:
    """
    Serve the graph and its playground.

    Without a config file the sandbox is started as well, and stopped with it.
    """
    from app.listen import PortTaken
    from app.logs import configure_logs
    from app.main import JournalNotOpened
    from app.run_sandbox import SandboxDidNotStart
    from app.serve import serve, serve_with_sandbox
    from app.welcome import welcome, welcome_to_sandbox

    settings = _settings(config, sandbox_port, host=host, port=port)
    configure_logs(settings.log_level, settings.log_format)
    try:
        if settings.demo:
            serve_with_sandbox(settings, sandbox_port, welcome_to_sandbox(sandbox_port))
        else:
            serve(settings, welcome(settings))
    except (PortTaken, SandboxDidNotStart, JournalNotOpened) as exc:
        _refuse([str(exc)])


@cli.command()
def sandbox(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, envvar="SANDBOX_PORT", help="Port; 0 takes any.")
    ] = 8001,
    seed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Your own data, a JSON file.", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Serve the stand-ins for the four providers alone."""
    from app.listen import PortTaken, listen
    from sandbox.seed import SeedError
    from sandbox.server import run

    try:
        listen(host, port).close()
        run(host, port, seed)
    except PortTaken as exc:
        _refuse([str(exc)])
    except SeedError as exc:
        _refuse([f"bad seed: {exc}"])


@cli.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from app.graphql.schema import printed_schema

    typer.echo(printed_schema(), nl=False)


cli.add_typer(keys)


@cli.command()
def check(*, config: ConfigOption = None, sandbox_port: SandboxPortOption = 8001) -> None:
    """
    Validate a configuration, ask every source one harmless thing, and fetch the issuers' keys.

    Names every problem at once. Ends with 0 when there is none and with 1 otherwise.
    Without a config file: the sandbox that already runs.
    """
    from app.check import probe_cache, probe_issuers, probe_journal, probe_sources
    from app.logs import configure_logs
    from app.report import report_findings, report_problems
    from app.settings import ConfigurationError

    try:
        settings = _read(config, sandbox_port)
    except ConfigurationError as exc:
        report_problems(exc.problems)
        raise typer.Exit(PROBLEMS_FOUND) from None
    configure_logs("error", settings.log_format)
    findings = asyncio.run(probe_sources(settings))
    problems = [
        *asyncio.run(probe_issuers(settings)),
        *asyncio.run(probe_journal(settings)),
        *asyncio.run(probe_cache(settings)),
    ]
    report_findings(findings)
    report_problems(problems)
    if problems or any(finding.is_problem for finding in findings):
        raise typer.Exit(PROBLEMS_FOUND)


@cli.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"creditgraph {installed_version('creditgraph')}")


def _settings(
    config: Path | None, sandbox_port: int, *, host: str | None, port: int | None
) -> Settings:
    from app.settings import ConfigurationError

    try:
        return _read(config, sandbox_port, host=host, port=port)
    except ConfigurationError as exc:
        _refuse(exc.problems)


def _read(
    config: Path | None, sandbox_port: int, *, host: str | None = None, port: int | None = None
) -> Settings:
    from app.settings import read_settings, sandbox_settings

    if config is None:
        return sandbox_settings(sandbox_port, host=host, port=port)
    return read_settings(config, host=host, port=port)


def _refuse(problems: Sequence[str]) -> NoReturn:
    for problem in problems:
        typer.secho(f"creditgraph: {problem}", fg=typer.colors.RED, err=True)
    raise typer.Exit(WRONG_USAGE)


def main() -> None:
    """The console script."""
    cli()


if __name__ == "__main__":
    main()
