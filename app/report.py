"""What `check` found: readable on a terminal, plain stable lines in a pipe."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.check import Finding


def report_problems(problems: Sequence[str]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for problem in problems:
        if console.is_terminal:
            console.print(f"[red]✗[/] {escape(problem)}")
        else:
            typer.echo(f"problem {problem}")


def report_findings(findings: Sequence[Finding]) -> None:
    console = Console()
    if console.is_terminal:
        console.print(_table(findings))
        return
    for finding in findings:
        typer.echo(f"source {finding.source.key} {finding.state} {finding.says}".rstrip())


def _table(findings: Sequence[Finding]) -> Table:
    table = Table()
    for heading in ("source", "provider", "state"):
        table.add_column(heading, no_wrap=True)
    table.add_column("in words")
    for finding in findings:
        source, colour = finding.source, "red" if finding.is_problem else "green"
        table.add_row(
            source.key, source.provider, f"[{colour}]{finding.state}[/]", escape(finding.says)
        )
    return table
