"""One request on its way to a stand-in, which can be stopped, delayed or robbed of its answer."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ABORT_EXTENSION = "sandbox.abort"
"""Under this key of `scope["extensions"]` the server offers to kill the connection."""

Answer = list[Message]


@dataclass(frozen=True)
class Exchange:
    """It keeps the stand-in it was meant for: a reset of the sandbox does not redirect it."""

    stand_in: ASGIApp
    scope: Scope
    receive: Receive
    send: Send

    async def body(self) -> bytes:
        """
        Raises:
            ClientDisconnect: The caller left before the end of its request.
        """
        return await Request(self.scope, self.receive).body()

    async def carried_out(self, body: bytes) -> Answer:
        """What the stand-in answers; a caller that has left makes no difference to it."""
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        answer: Answer = []

        async def receive() -> Message:
            return unread.pop() if unread else await self.receive()

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.stand_in(self.scope, receive, keep)
        return answer

    async def reply(self, app: ASGIApp) -> None:
        await app(self.scope, self.receive, self.send)

    async def deliver(self, answer: Answer) -> None:
        for message in answer:
            await self.send(message)

    async def caller_left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def require_abort(self) -> None:
        """Ask before carrying out what is to end so: afterwards it would be too late to refuse."""
        if ABORT_EXTENSION not in self.scope.get("extensions", {}):
            raise RuntimeError(
                "only the sandbox's own server (python -m sandbox) can reset connections"
            )

    async def abort(self) -> None:
        self.require_abort()
        self.scope["extensions"][ABORT_EXTENSION]()
        await self.caller_left()
