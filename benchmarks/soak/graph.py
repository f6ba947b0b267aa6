"""The gateways as a client sees them: an answer, or none."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

import aiohttp

from benchmarks.soak.instruments import OWNER, Instrument, Known, Provider
from benchmarks.soak.mutations import RECEIPT, Mutation

_ANSWERS_WITHIN: Final = aiohttp.ClientTimeout(total=15)
_ASKED_AT_ONCE: Final = 20

MOST_INSTRUMENTS: Final = 50
"""Of each provider: the credit accounts of two come in one page of 100."""

_FIND: Final = f"""{{
  creditAccounts(first: 100) {{ nodes {{ id nativeId source {{ key }} }} }}
  searchGiftCards(search: {{source: "vtex-giftcard", email: "{OWNER}"}}, first: 100) {{
    nodes {{ id nativeId source {{ key }} }}
  }}
  storeCreditAccounts(first: 100) {{ nodes {{ id nativeId source {{ key }} }} }}
}}"""


class Status(StrEnum):
    """How far an operation has come, in the words of the graph."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    COMPENSATED = "COMPENSATED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"

    @property
    def is_open(self) -> bool:
        return self in (Status.IN_PROGRESS, Status.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """
    What a client was told.

    Attributes:
        code: Why it was not done, or is not known to be.
        retryable: Whether the very same may succeed a little later.
    """

    id: str
    status: Status
    replayed: bool
    code: str | None = None
    retryable: bool = False

    @classmethod
    def of(cls, operation: Mapping[str, Any], errors: Sequence[Mapping[str, Any]] = ()) -> Self:
        return cls(
            id=operation["id"],
            status=Status(operation["status"]),
            replayed=operation["replayed"],
            code=next((one["code"] for one in errors), None),
            retryable=any(one["retryable"] for one in errors),
        )

    def __str__(self) -> str:
        said = [str(self.status), *([self.code] if self.code else [])]
        return " ".join([*said, *(["retryable"] if self.retryable else []), self.id[-8:]])


class NoAnswer(Exception):
    """Nobody knows whether the gateway has heard the question."""


class Graph:
    """
    Args:
        urls: Of the replicas; each question goes to any of them.
    """

    def __init__(
        self, session: aiohttp.ClientSession, urls: Sequence[str], dice: random.Random
    ) -> None:
        self._session = session
        self._urls = urls
        self._dice = dice

    async def instruments(self) -> Sequence[Known]:
        """Those of every source, with their ids."""
        found = await self._ask(_FIND, {})
        return [
            Known(Instrument(Provider(node["source"]["key"]), node["nativeId"]), node["id"])
            for connection in found.values()
            for node in connection["nodes"]
        ]

    async def mutate(self, mutation: Mutation, variables: Mapping[str, Any]) -> Receipt:
        """
        Raises:
            NoAnswer
        """
        done = (await self._ask(mutation.kind.document, variables))["done"]
        return Receipt.of(done["operation"], done["userErrors"])

    async def outcomes(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        """
        What the keys stand for now; one that stands for nothing is left out.

        Raises:
            NoAnswer
        """
        known: dict[str, Receipt] = {}
        for some in _parts(keys):
            fields = " ".join(
                f'k{number}: operation(by: {{idempotencyKey: "{key}"}}) {{ {RECEIPT} }}'
                for number, key in enumerate(some)
            )
            found = await self._ask(f"{{ {fields} }}", {})
            known |= {
                key: Receipt.of(operation)
                for number, key in enumerate(some)
                if (operation := found[f"k{number}"])
            }
        return known

    async def _ask(self, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        url = f"{self._dice.choice(self._urls)}/graphql"
        question = {"query": document, "variables": variables}
        try:
            async with self._session.post(url, json=question, timeout=_ANSWERS_WITHIN) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as exc:
            raise NoAnswer(type(exc).__name__) from exc
        if not isinstance(answer, dict) or answer.get("errors") or not answer.get("data"):
            raise NoAnswer(f"{response.status} {answer}"[:400])
        data: Mapping[str, Any] = answer["data"]
        return data


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _ASKED_AT_ONCE):
        yield keys[start : start + _ASKED_AT_ONCE]
