"""From a verb and a path to an operation, and what the operation is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox.adobe.access import Token
from sandbox.adobe.bodies import Body
from sandbox.adobe.criteria import integer
from sandbox.adobe.query import Query
from sandbox.adobe.state import Shop

ID = "{id}"


@dataclass(frozen=True)
class Question:
    """What a request asks, as far as it is read: neither path id nor body is known to be right."""

    shop: Shop
    caller: Token
    path_id: str
    query: Query
    media_type: str
    content: bytes

    @property
    def id(self) -> int:
        return integer(self.path_id)

    @property
    def body(self) -> Body:
        return Body.decoded(self.media_type, self.content)


@dataclass(frozen=True)
class Operation:
    """
    One that needs no `permission` is open to everybody. Between two awaits of `answer` no other
    request is served, so one that awaits nothing is a single step.
    """

    method: str
    path: tuple[str, ...]
    permission: str | None
    answer: Callable[[Question], Awaitable[object]]

    def matches(self, method: str, path: tuple[str, ...]) -> bool:
        return (
            method == self.method
            and len(path) == len(self.path)
            and all(
                wanted in (ID, segment) for wanted, segment in zip(self.path, path, strict=True)
            )
        )

    def path_id(self, path: tuple[str, ...]) -> str:
        return path[self.path.index(ID)] if ID in self.path else ""
