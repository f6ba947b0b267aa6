"""The way to the cards of one source, in the words of its dialect."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from adapters.transport.upstream import Answer, Upstream
from adapters.vtex_giftcard.dialect import Dialect
from app.domain.source_health import SourceHealth


class GiftcardApi:
    def __init__(self, upstream: Upstream, dialect: Dialect) -> None:
        self._upstream = upstream
        self.dialect = dialect

    def now(self) -> datetime:
        return self._upstream.clock()

    async def read(self, operation: str, *segments: str) -> Answer:
        return await self._upstream.read(operation, *self.dialect.root, *segments)

    async def search(self, question: object, *, resources: str) -> Answer:
        return await self._upstream.read(
            "vtex.gc/SearchGiftCardsfromcartdata",
            *self.dialect.root,
            "_search",
            question=question,
            headers={"Content-Type": self.dialect.media_type, "REST-Range": resources},
            refusals=(),
        )

    async def issue(self, body: object) -> Answer:
        return await self.write(
            "vtex.gc/CreateGiftCard",
            body=body,
            media_type=self.dialect.creation_media_type,
            refusals=(400,),
        )

    async def write(
        self,
        operation: str,
        *segments: str,
        body: object,
        media_type: str | None = None,
        refusals: Collection[int] = (400, 404),
    ) -> Answer:
        """
        Args:
            media_type: Of the body, where it is not that of the dialect.
        """
        return await self._upstream.write(
            operation,
            "POST",
            *self.dialect.root,
            *segments,
            body=body,
            headers={"Content-Type": media_type or self.dialect.media_type},
            refusals=refusals,
        )

    async def health(self) -> SourceHealth | None:
        return await self._upstream.health()

    async def aclose(self) -> None:
        await self._upstream.aclose()
