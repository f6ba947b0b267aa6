"""What is counted of requests since the process began."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from app.domain.durations import Durations


class Route(StrEnum):
    GRAPHQL = "graphql"
    OTHER = "other"
    """Probes, the playground's files, and whatever is asked for that is not there."""


class Tally:
    """
    Requests, whatever becomes of them.

    Attributes:
        ended: By their HTTP status; 499 where nobody waited for the answer.
        refused: What the door and the endpoint refused, by the code that they said.
    """

    def __init__(self, *, endpoint: str) -> None:
        self._endpoint = {endpoint, f"{endpoint}/"}
        self.in_flight = 0
        self.ended: Counter[tuple[Route, int]] = Counter()
        self.refused: Counter[str] = Counter()
        self.took = {each: Durations() for each in Route}

    def begin(self) -> None:
        self.in_flight += 1

    def end(self, path: str, status: int, *, refused: str | None, seconds: float) -> None:
        """
        Args:
            refused: The code, where it was.
        """
        route = Route.GRAPHQL if path in self._endpoint else Route.OTHER
        self.in_flight -= 1
        self.ended[route, status] += 1
        self.took[route].add(seconds)
        if refused is not None:
            self.refused[refused] += 1
