"""Who is compared: how each is started, how it is asked, and how its answers are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.gateways.load import Ask, request
from benchmarks.gateways.people import Customer
from benchmarks.gateways.questions import Question, Told, WrongAnswer, agrees, expected

Read = Callable[[Any], Told]
"""From `data` of an answer to what it says."""


@dataclass(frozen=True)
class Place:
    """
    Where a contestant is started.

    Attributes:
        stub: URL of the providers.
        folder: For whatever it has to be told in files.
    """

    port: int
    stub: str
    folder: Path


@dataclass(frozen=True)
class Started:
    """How to start it: a command, and its environment."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wording:
    """A question as one contestant is asked it."""

    document: str
    read: Read


@dataclass(frozen=True)
class Contestant:
    """
    Attributes:
        key: For the command line.
        start: Writes the files it needs and says how to start it; may raise DidNotStart.
        variables: Of a question about a customer; the age is how old an answer may be, in seconds.
        prepare: Fetches what it needs; tells why it cannot take part on this machine, if so.
    """

    key: str
    name: str
    start: Callable[[Place], Started]
    wordings: Mapping[Question, Wording]
    variables: Callable[[Customer, int], Mapping[str, Any]]
    headers: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], str | None] = lambda: None

    def ask(
        self, question: Question, customer: Customer, *, age: int = 0, without: str | None = None
    ) -> Ask:
        wording = self.wordings[question]
        body = {"query": wording.document, "variables": self.variables(customer, age)}
        right = expected(question, customer, without=without)
        return Ask(
            request("/graphql", json.dumps(body).encode(), dict(self.headers)),
            lambda answer: _look(wording.read, answer, right),
        )

    def asks(self, question: Question, *, age: int = 0) -> list[Ask]:
        """One about each customer the question is about."""
        return [self.ask(question, customer, age=age) for customer in question.people]


def _look(read: Read, answer: bytes, right: Told) -> None:
    try:
        whole = json.loads(answer)
        told = read(whole["data"])
    except (ValueError, LookupError, TypeError, ArithmeticError) as exc:
        raise WrongAnswer(f"cannot be read: {answer[:600]!r}") from exc
    if whole.get("errors") or not agrees(told, right):
        raise WrongAnswer(f"{answer[:600]!r}, where {right} was expected")
