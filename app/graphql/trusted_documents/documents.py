"""From a hash to a document."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from app.graphql.limits.refusal import refused
from app.graphql.trusted_documents.manifest import HASHED, hash_of
from app.graphql.trusted_documents.settings import TrustedDocumentsSettings


class TrustedDocuments:
    """
    Args:
        longest: Characters of a document that a client may add.
    """

    def __init__(self, settings: TrustedDocumentsSettings, *, longest: int) -> None:
        self._settings = settings
        self._known = settings.manifest or {}
        self._texts = frozenset(self._known.values())
        self._longest = longest
        self._added: OrderedDict[str, str] = OrderedDict()

    def text_of(
        self,
        query: str | None,
        *,
        document_id: str | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> str | None:
        """
        The document that a request means; None when it names none.

        Args:
            document_id: By the appendix on persisted documents of GraphQL over HTTP; not looked at
                beside a query.
            extensions: Apollo's clients give a hash in `persistedQuery`.

        Raises:
            GraphQLError: It is unknown, or not among those that are taken.
        """
        sent_hash = _sent_hash(extensions)
        if query:
            return self._sent(query, sent_hash)
        wanted = document_id or sent_hash
        return self._find(wanted.removeprefix(HASHED)) if wanted else None

    def is_named(
        self,
        query: str | None,
        *,
        document_id: str | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> bool:
        """
        Whether a request names a document that is trusted, instead of bringing one; the arguments
        are those of `text_of`. What clients have added is not trusted.
        """
        wanted = None if query else document_id or _sent_hash(extensions)
        return wanted is not None and wanted.removeprefix(HASHED) in self._known

    def _sent(self, query: str, sent_hash: str | None) -> str:
        if self._settings.mode == "only" and query not in self._texts:
            raise refused("PERSISTED_QUERY_ONLY", "Only documents that are known here are taken.")
        if sent_hash and self._settings.automatic:
            self._add(sent_hash, query)
        return query

    def _find(self, wanted: str) -> str:
        if self._settings.mode == "off":
            raise refused("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        if wanted in self._added:
            self._added.move_to_end(wanted)
            return self._added[wanted]
        if wanted not in self._known:
            raise refused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        return self._known[wanted]

    def _add(self, sent_hash: str, query: str) -> None:
        if len(query) > self._longest:
            return
        if hash_of(query) != sent_hash:
            raise refused("PERSISTED_QUERY_MISMATCH", "The hash is not that of the document.")
        self._added[sent_hash] = query
        self._added.move_to_end(sent_hash)
        if len(self._added) > self._settings.automatic_documents:
            self._added.popitem(last=False)


def _sent_hash(extensions: Mapping[str, Any] | None) -> str | None:
    match (extensions or {}).get("persistedQuery"):
        case {"sha256Hash": str() as sent}:
            return sent
    return None
